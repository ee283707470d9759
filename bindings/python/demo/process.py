"""An account's process as the director sees it: started, listened to, and surely ended."""

from __future__ import annotations

import queue
import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType

import frame
from frame import Message


class Failure(Exception):
    """The demo can't go on; the text says why."""


class Process:
    """One `account.py`. No wait on it lasts longer than ``patience`` seconds."""

    def __init__(self, role: str, setup: Message, patience: float) -> None:
        self.role = role
        self.patience = patience
        self._events: queue.Queue[Message | None] = queue.Queue()
        self._child = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("account.py")), role],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._child.stdin is not None and self._child.stdout is not None
        self._out = self._child.stdout
        self._ear = threading.Thread(target=self._listen, daemon=True)
        self._ear.start()
        with self._child.stdin as stdin:
            frame.write(stdin, setup)

    @property
    def pid(self) -> int:
        return self._child.pid

    def expect(self, *events: str) -> Message:
        """The process's next report, which must be one of these."""
        try:
            message = self._events.get(timeout=self.patience)
        except queue.Empty:
            raise Failure(f"the {self.role} said nothing for {self.patience:.0f} seconds") from None
        if message is None:
            raise Failure(f"the {self.role}'s process ended early")
        if message["event"] == "failed":
            raise Failure(f"the {self.role} failed: {message['text']}")
        if message["event"] not in events:
            raise Failure(f"the {self.role} reported {message['event']!r} instead of {' or '.join(events)}")
        return message

    def finish(self) -> None:
        """Waits for the process to end by itself, well."""
        try:
            status = self._child.wait(self.patience)
        except subprocess.TimeoutExpired:
            raise Failure(f"the {self.role}'s process did not end") from None
        if status != 0:
            raise Failure(f"the {self.role}'s process ended with status {status}")

    def _listen(self) -> None:
        try:
            while (message := frame.read(self._out)) is not None:
                self._events.put(message)
        except (EOFError, ValueError, OSError):
            pass  # what it was saying when it was ended
        self._events.put(None)

    def __enter__(self) -> Process:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._child.poll() is None:
            self._child.terminate()
            try:
                self._child.wait(5)
            except subprocess.TimeoutExpired:
                self._child.kill()
                self._child.wait()
        self._ear.join(5)
        self._out.close()
