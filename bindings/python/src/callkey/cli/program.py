"""The command line: its subcommands, and the handling of failures."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn, TextIO

import callkey

from . import (
    capture,
    commands,
    complaint,
    derive,
    exits,
    frame,
    inspect,
    open,
    select,
    selftest,
    session,
    tree,
    vectors,
)
from .exits import UsageError
from .exposed import refuse_secrets
from .page import Page

_DESCRIPTION = "Call keys for end-to-end encrypted WhatsApp calls, at a terminal."
_EPILOG = f"""\
Secrets are read from files or from standard input, never from the command line.
A file may have bytes, hex or base64; the command detects and reports which.

examples:
  callkey derive --key call.key 222222222222222:0@lid
  callkey inspect offer.bin
  callkey open offer.bin --own 222222222222222:0@lid --session session.bin
  callkey session list --store calls.db --storage-key storage.key
  callkey tree --svg keys.svg

{exits.EXPLAINED}"""


class Parser(argparse.ArgumentParser):
    """argparse with the same look in every version of Python, and errors as exceptions."""

    def __init__(self, **options: object) -> None:
        options.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        super().__init__(allow_abbrev=False, **options)  # type: ignore[arg-type]
        self._optionals.title = "options"  # 3.9 says "optional arguments"

    def print_help(self, file: Any = None) -> None:
        (file or sys.stdout).write(self.format_help())  # argparse's own hides write errors

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}; see {self.prog} --help")


def parser() -> argparse.ArgumentParser:
    top = Parser(prog="callkey", usage="callkey COMMAND …", description=_DESCRIPTION, epilog=_EPILOG)
    top.add_argument("--version", action="version", version=f"callkey {callkey.__version__}")
    parsers = top.add_subparsers(title="commands", metavar="", prog="callkey", parser_class=Parser)
    for command in (derive, inspect, open, capture, session, select, frame, vectors, selftest, tree):
        command.add(parsers)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command and returns its exit status."""
    arguments = sys.argv[1:] if arguments is None else arguments
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # instead of failing at a character that can't be encoded
    try:
        try:
            return _run(arguments)
        finally:
            if sys.stdout is not None:
                sys.stdout.flush()
    except BrokenPipeError:
        _let_go(sys.stdout)
        return exits.READER_GONE
    except OSError as problem:  # e.g. the disk is full
        _let_go(sys.stdout)
        return _complain(f"can't write the output: {problem.strerror}", exits.FAILED)
    except KeyboardInterrupt:
        return exits.INTERRUPTED


def _run(arguments: Sequence[str]) -> int:
    try:
        refuse_secrets(arguments)
        if sys.stdout is None:
            raise UsageError("there is no standard output")
        whole = parser()
        commands.check(whole, arguments)
        chosen = whole.parse_args(arguments)
        page = Page(sys.stdout, ascii=getattr(chosen, "ascii", False), width=getattr(chosen, "width", None))
        status: int = chosen.run(chosen, page)
        return status
    except UsageError as problem:
        complaint.error(str(problem), problem.listing)
        return exits.USAGE
    except callkey.CallKeyError as problem:
        return _complain(f"{problem} ({problem.name})", exits.status_of(problem))
    except callkey.LibraryError as problem:
        return _complain(str(problem), exits.NO_LIBRARY)
    except SystemExit as ended:  # --help and --version
        return int(ended.code or 0)


def _complain(text: str, status: int) -> int:
    complaint.error(text)
    return status


def _let_go(stream: TextIO) -> None:
    """Python flushes once more at exit; that must not fail again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
