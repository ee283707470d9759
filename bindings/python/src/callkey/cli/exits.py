"""The command's exit statuses, and what ends it early."""

from __future__ import annotations

from .. import errors

OK = 0
FAILED = 1
"""What was looked at is wrong, or what was asked for can't be had."""
USAGE = 2
"""The command line, or a file that it names, is not what the command takes."""
NOT_GENUINE = 3
"""It parses, but it was not made by whom it should be from."""
DUPLICATE = 4
"""Opened before: a server's redelivery."""
NO_LIBRARY = 5
"""The shared library is missing or can't be loaded here."""
INTERRUPTED = 130
READER_GONE = 141
"""As a program that SIGPIPE ended, e.g. under ``| head``."""

EXPLAINED = """\
exit status:
  0  done, and nothing is wrong
  1  what was looked at is wrong, or what was asked for can't be had
  2  the command line, or a file that it names, is not what is needed
  3  not genuine: nobody with these keys made it, or the identity changed
  4  a duplicate: opened before
  5  the shared library is missing or can't be loaded here
"""

_BY_ERROR: dict[type[Exception], int] = {
    errors.AuthenticationError: NOT_GENUINE,
    errors.UntrustedIdentityError: NOT_GENUINE,
    errors.DuplicateError: DUPLICATE,
    errors.ArgumentError: USAGE,
    errors.ParticipantError: USAGE,
}


class UsageError(Exception):
    """What the user gave can't be used. The text says why, and never quotes what may be a secret."""


def status_of(error: Exception) -> int:
    return _BY_ERROR.get(type(error), FAILED)
