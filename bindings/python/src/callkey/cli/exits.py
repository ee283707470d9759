"""The command's exit statuses, and the error that ends it early."""

from __future__ import annotations

from .. import errors

OK = 0
FAILED = 1
"""The input has a fault, or the request can't be met."""
USAGE = 2
"""The command line, or a file that it names, can't be used."""
NOT_GENUINE = 3
"""It parses, but it is not from the stated sender."""
DUPLICATE = 4
"""Opened before: a server's redelivery."""
NO_LIBRARY = 5
"""The shared library is missing or can't be loaded here."""
INTERRUPTED = 130
READER_GONE = 141
"""Like a program ended by SIGPIPE, e.g. under ``| head``."""

EXPLAINED = """\
exit status:
  0  success, no fault found
  1  the input has a fault, or the request can't be met
  2  the command line, or a file that it names, can't be used
  3  not authentic: not made with these keys, or the identity changed
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
    """The user's input can't be used. The text says why, and never quotes a possible secret.

    listing: lines that follow it, e.g. the commands that there are.
    """

    def __init__(self, text: str, listing: tuple[str, ...] = ()) -> None:
        super().__init__(text)
        self.listing = listing


def status_of(error: Exception) -> int:
    return _BY_ERROR.get(type(error), FAILED)
