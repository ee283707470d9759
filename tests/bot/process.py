"""A device's process as the bot sees it: commands and answers, and a kill at any time."""

from __future__ import annotations

import contextlib
import json
import select
import signal
import subprocess
import threading
from pathlib import Path
from typing import Any, Callable, Optional

from tools.script import PYTHON, ROOT, Failed, ending

PATIENCE = 120
"""Seconds for one answer. The tests beside us may have the processors."""


class Died(Exception):
    """The process was killed. What it was doing may have happened or not, and it sent nothing."""


class Process:
    """Use it from one thread at a time, but for kill(), stop() and go_on()."""

    def __init__(self, setup: dict[str, Any], log: Path, serve: Callable[[dict[str, str]], Any]) -> None:
        """``serve`` answers the questions to the server."""
        self.name = setup["jid"]
        self._serve = serve
        self._log = log
        with log.open("ab") as errors:
            self._child = subprocess.Popen(
                [PYTHON, "-m", "tests.bot.device.app"],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                bufsize=0,
                start_new_session=True,  # Ctrl-C is for the bot, which then ends us
            )
        self._rest = b""
        self._tell(setup)
        self._answer()

    def ask(self, do: str, kill_after: Optional[float] = None, **fields: Any) -> dict[str, Any]:
        """The answer to a command. ``kill_after``: the process is killed so many seconds from now. Raises Died."""
        timer = threading.Timer(kill_after, self.kill) if kill_after is not None else None
        if timer is not None:
            timer.start()
        try:
            self._tell({"do": do, **fields})
            return self._answer()
        finally:
            if timer is not None:
                timer.join()

    def kill(self) -> None:
        self._child.kill()

    def stop(self) -> None:
        self._child.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._child.send_signal(signal.SIGCONT)

    def close(self) -> None:
        """Ends it at once: its store is made for that."""
        self.kill()
        self._child.wait()
        for stream in (self._child.stdin, self._child.stdout):
            if stream is not None:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()

    def _tell(self, message: dict[str, Any]) -> None:
        assert self._child.stdin is not None
        data = json.dumps(message).encode() + b"\n"
        try:
            while data:
                data = data[self._child.stdin.write(data) :]
        except BrokenPipeError:
            self._died()

    def _answer(self) -> dict[str, Any]:
        while True:
            message: dict[str, Any] = json.loads(self._line())
            if "fetch" not in message:
                return message
            self._tell({"answer": self._serve(message["fetch"])})

    def _line(self) -> bytes:
        assert self._child.stdout is not None
        while b"\n" not in self._rest:
            ready, _, _ = select.select([self._child.stdout], [], [], PATIENCE)
            if not ready:
                raise Failed(f"{self.name}: no answer within {PATIENCE} s")
            more = self._child.stdout.read(1 << 16)
            if not more:
                self._died()
            self._rest += more
        line, _, self._rest = self._rest.partition(b"\n")
        return line

    def _died(self) -> None:
        status = self._child.wait()
        if status != -signal.SIGKILL:
            said = self._log.read_text(encoding="utf-8", errors="replace")[-2000:]
            raise Failed(f"{self.name}: its process ended by itself, {ending(status)}\n{said}")
        raise Died(self.name)
