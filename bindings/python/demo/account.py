"""The process of one account: `account.py caller` or `account.py callee`.

It takes its setup, with the storage keys, as one message on standard input, so
that they appear neither on a disk nor in a list of processes, and reports what
it does as messages on standard output.
"""

from __future__ import annotations

import signal
import sys
from typing import Any

import frame
from callee import Callee
from caller import Caller
from package import callkey


def main() -> int:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the director too, and it ends us

    def report(event: str, **fields: Any) -> None:
        frame.write(sys.stdout.buffer, {"event": event, **fields})

    setup = frame.read(sys.stdin.buffer)
    if setup is None:
        return 1
    account = Caller(setup, report) if sys.argv[1] == "caller" else Callee(setup, report)
    try:
        account.run()
    except BrokenPipeError:
        return 1  # the director has gone, or the other account; either way nobody waits for a report
    except (callkey.CallKeyError, OSError, EOFError) as error:
        name = getattr(error, "name", type(error).__name__)
        report("failed", text=f"{name}: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
