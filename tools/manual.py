"""The man pages of the callkey command, one for each subcommand, from its parsers."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator

SECTION = 1
_SPECIAL = {"\\": "\\e", "-": "\\-", "^": "\\(ha", "~": "\\(ti", "`": "\\(ga"}
"""What roff would print as another character, or take for a request's escape."""


def pages(parser: argparse.ArgumentParser, version: str) -> dict[str, str]:
    """The pages of a parser and of its subcommands, by file name."""
    made: dict[str, str] = {}
    _add(made, parser, "", [], version)
    return made


def _add(made: dict[str, str], parser: argparse.ArgumentParser, about: str, above: list[str], version: str) -> None:
    name = parser.prog.replace(" ", "-")
    commands = list(_commands(parser))
    below = [f"{name}-{each}" for each, _, _ in commands]
    page = _Page(name, version)
    page.section("NAME")
    page.text(f"{name} \\- {_escaped(about or (parser.description or '').rstrip('.'))}", escaped=True)
    page.section("SYNOPSIS")
    page.text(_synopsis(parser), escaped=True)
    page.section("DESCRIPTION")
    page.paragraphs(parser.description or "")
    for title, actions in _groups(parser):
        page.section(title)
        for action in actions:
            page.item(_invocation(action), action.help or "")
    if commands:
        page.section("COMMANDS")
        for each, (_, help_line, _) in zip(below, commands):
            page.item(f"\\fB{_escaped(each)}\\fR({SECTION})", help_line)
    page.epilog(parser.epilog or "")
    page.section("SEE ALSO")
    page.text(",\n".join(f"\\fB{_escaped(each)}\\fR({SECTION})" for each in above + below), escaped=True)
    made[f"{name}.{SECTION}"] = page.finished()
    for _, help_line, subparser in commands:
        _add(made, subparser, help_line, [*above, name], version)


def _commands(parser: argparse.ArgumentParser) -> Iterator[tuple[str, str, argparse.ArgumentParser]]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for each in action._choices_actions:
                yield each.dest, each.help or "", action.choices[each.dest]


def _groups(parser: argparse.ArgumentParser) -> Iterator[tuple[str, list[argparse.Action]]]:
    actions = [action for action in parser._actions if not isinstance(action, argparse._SubParsersAction)]
    for title, chosen in (
        ("ARGUMENTS", [action for action in actions if not action.option_strings]),
        ("OPTIONS", [action for action in actions if action.option_strings]),
    ):
        if chosen:
            yield title, chosen


def _synopsis(parser: argparse.ArgumentParser) -> str:
    rest = (parser.usage or "")[len(parser.prog) :]
    return f"\\fB{_escaped(parser.prog)}\\fR" + re.sub(r"[A-Z]{2,}", r"\\fI\g<0>\\fR", _escaped(rest))


def _invocation(action: argparse.Action) -> str:
    values = "|".join(map(str, action.choices)) if action.choices else action.metavar or action.dest
    value = f"\\fI{_escaped(str(values))}\\fR"
    if not action.option_strings:
        return value
    names = ", ".join(f"\\fB{_escaped(name)}\\fR" for name in action.option_strings)
    return names if action.nargs == 0 else f"{names} {value}"


class _Page:
    """A page in the making."""

    def __init__(self, name: str, version: str) -> None:
        self._lines = [
            '.\\" Made by tools/terminal.py. DO NOT EDIT.',
            f'.TH {name.upper()} {SECTION} "" "callkey {version}" "callkey"',
            ".ad l",  # no stretched blanks, which examples and JIDs suffer from
        ]

    def finished(self) -> str:
        return "\n".join(self._lines) + "\n"

    def section(self, title: str) -> None:
        self._lines.append(f".SH {title}")

    def text(self, text: str, *, escaped: bool = False) -> None:
        for line in (text if escaped else _escaped(text)).split("\n"):
            self._lines.append(f"\\&{line}" if line[:1] in (".", "'") else line)

    def item(self, head: str, text: str) -> None:
        self._lines += [".TP", head]
        self.text(text)

    def literal(self, lines: list[str]) -> None:
        self._lines.append(".EX")
        self.text("\n".join(line[2:] for line in lines))
        self._lines.append(".EE")

    def paragraphs(self, text: str) -> None:
        for number, paragraph in enumerate(_split(text)):
            if number:
                self._lines.append(".PP")
            self.text("\n".join(line.strip() for line in paragraph))

    def epilog(self, text: str) -> None:
        """Its examples and exit statuses have sections of their own, the rest is notes."""
        notes, statuses, examples = [], [], []
        for paragraph in _split(text):
            head = paragraph[0]
            kind = examples if head.startswith("example") else statuses if head.startswith("exit status") else notes
            kind.append(paragraph)
        if notes:
            self.section("NOTES")
            self.paragraphs("\n\n".join("\n".join(paragraph) for paragraph in notes))
        for paragraph in statuses:
            self.section("EXIT STATUS")
            if paragraph[1:] and paragraph[1].startswith("  "):
                for line in paragraph[1:]:
                    self.item(*line.split(maxsplit=1))
            else:
                self.text("\n".join(paragraph).replace("exit status ", "", 1))
        for paragraph in examples:
            self.section("EXAMPLES")
            self.literal(paragraph[1:])


def _split(text: str) -> list[list[str]]:
    return [paragraph.split("\n") for paragraph in text.strip("\n").split("\n\n") if paragraph]


def _escaped(text: str) -> str:
    text = "".join(_SPECIAL.get(sign, sign) for sign in text.replace("…", "..."))
    return re.sub(r"[^\x00-\x7f]", lambda found: f"\\[u{ord(found[0]):04X}]", text)
