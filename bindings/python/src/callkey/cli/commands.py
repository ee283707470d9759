"""The commands of a parser, by name, and the answer to a line that names none of them."""

from __future__ import annotations

import argparse
import difflib
from collections.abc import Sequence

from .exits import UsageError

_NOUNS = ("command", "action")
"""What the words that choose a parser are called, in their order."""


def of(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """Its subcommands, by name; none for a parser without."""
    return {name: each for action in _groups(parser) for name, each in action.choices.items()}


def about(parser: argparse.ArgumentParser) -> dict[str, str]:
    """What each subcommand is for, in one line, in the order of the help."""
    return {each.dest: each.help or "" for action in _groups(parser) for each in action._choices_actions}


def check(parser: argparse.ArgumentParser, arguments: Sequence[str]) -> None:
    """Raises UsageError, with a list of what there is, for a line without a command or with an unknown one.

    argparse would list nothing but the names, and not the nearest.
    """
    words = [word for word in arguments if word != "--"]
    for noun, word in zip(_NOUNS, (*words, "")):
        known = of(parser)
        if not known or word.startswith("-"):
            return
        if word not in known:
            raise UsageError(_missing(noun, word, list(known)), _listing(parser, noun))
        parser = known[word]


def _missing(noun: str, word: str, known: list[str]) -> str:
    if not word:
        return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun.upper()} is needed"
    near = difflib.get_close_matches(word.lower(), known, 1)
    return f'there is no {noun} "{word}"' + (f"; did you mean {near[0]}?" if near else "")


def _listing(parser: argparse.ArgumentParser, noun: str) -> tuple[str, ...]:
    lines = about(parser)
    width = max(map(len, lines))
    rows = (f"  {name:{width}}  {line}" for name, line in lines.items())
    return ("", f"{noun}s:", *rows, "", f'"{parser.prog} {noun.upper()} --help" explains one')


def _groups(parser: argparse.ArgumentParser) -> list[argparse._SubParsersAction[argparse.ArgumentParser]]:
    return [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
