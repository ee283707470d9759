"""The command line as a whole: its subcommands, and how each failure ends."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence
from typing import NoReturn, TextIO

import callkey

from . import derive, exits, inspect, open, select, selftest, tree, vectors
from .exits import UsageError
from .exposed import refuse_secrets
from .page import Page, printable

_DESCRIPTION = "Call keys for end-to-end encrypted WhatsApp calls, at a terminal."
_EPILOG = f"""\
Secrets are read from files or from standard input, never from the command line.
A file may hold bytes, hex or base64; the command finds out and says which.

examples:
  callkey derive --key call.key 222222222222222:0@lid
  callkey inspect offer.bin
  callkey open offer.bin --own 222222222222222:0@lid --session session.bin
  callkey tree --svg keys.svg

{exits.EXPLAINED}"""


class Parser(argparse.ArgumentParser):
    """argparse with one look in every version of Python, and errors as exceptions."""

    def __init__(self, **options: object) -> None:
        options.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        super().__init__(allow_abbrev=False, **options)  # type: ignore[arg-type]
        self._optionals.title = "options"  # 3.9 says "optional arguments"

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}; see {self.prog} --help")


def parser() -> argparse.ArgumentParser:
    top = Parser(prog="callkey", usage="callkey COMMAND …", description=_DESCRIPTION, epilog=_EPILOG)
    top.add_argument("--version", action="version", version=f"callkey {callkey.__version__}")
    commands = top.add_subparsers(title="commands", metavar="", dest="command", required=True, parser_class=Parser)
    for command in (derive, inspect, open, select, vectors, selftest, tree):
        command.add(commands)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command and returns its exit status."""
    arguments = sys.argv[1:] if arguments is None else arguments
    _forgiving(sys.stdout)
    _forgiving(sys.stderr)
    try:
        refuse_secrets(arguments)
        chosen = parser().parse_args(arguments)
        page = Page(sys.stdout, ascii=getattr(chosen, "ascii", False), width=getattr(chosen, "width", None))
        status: int = chosen.run(chosen, page)
        sys.stdout.flush()
        return status
    except UsageError as problem:
        return _complain(str(problem), exits.USAGE)
    except (callkey.CallKeyError, callkey.LibraryError) as problem:
        name = f" ({problem.name})" if isinstance(problem, callkey.CallKeyError) else ""
        return _complain(f"{problem}{name}", exits.status_of(problem))
    except BrokenPipeError:
        # Python flushes once more at its end; let that go nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return exits.READER_GONE
    except KeyboardInterrupt:
        return exits.INTERRUPTED


def _complain(text: str, status: int) -> int:
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    page = Page(sys.stderr)
    page.line(f"callkey: {page.style('error', 'red', 'bold')}: {printable(text)}")
    return status


def _forgiving(stream: TextIO) -> None:
    """What an output can't encode is written as \\xNN instead of ending the command."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")
