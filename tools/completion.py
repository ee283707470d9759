"""The completion of the callkey command in bash, zsh and fish, which shtab writes from its parsers."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from typing import Any

import shtab

_FILES = ("FILE", "PATH", "STANZA", "FRAME")
_FOLDERS = ("DIR",)


def scripts(parser: argparse.ArgumentParser, shells: Iterable[str]) -> dict[str, str]:
    """The scripts, by their shell. The parser is changed: it can't be used afterwards."""
    _prepare(parser, parser.description or "")
    return {shell: shtab.complete(parser, shell=shell) for shell in shells}


def _prepare(parser: argparse.ArgumentParser, about: str) -> None:
    """Says which values are files, and gives each subcommand its one line: shtab would cut the description's first."""
    parser.description = about
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for each in action._choices_actions:
                _prepare(action.choices[each.dest], each.help or "")
        elif action.metavar in (*_FILES, *_FOLDERS):
            completed: Any = action
            completed.complete = shtab.FILE if action.metavar in _FILES else shtab.DIRECTORY
