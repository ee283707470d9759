"""A program that drives another implementation, over standard input and output.

One JSON object a line. A request is ``{"do": NAME, …}``; the answer is ``{"ok": {…}}`` or ``{"error": "text"}``.
Bytes are hexadecimal in lower case. The program ends with its input.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import threading
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Optional

from tools.script import BUILD, ROOT, Failed, Word, ending, expect, words

WORK = BUILD / "peers"


class Refused(Exception):
    """The peer's own error for an input."""


class Peer:
    """A running driver; use it in ``with``. Its stderr is in build/peers/NAME.log."""

    def __init__(
        self,
        name: str,
        *command: Word,
        limit: float = 30,
        env: Optional[Mapping[str, str]] = None,
        cwd: Path = ROOT,
    ) -> None:
        """``limit`` is for one answer, in seconds; ``env`` is added to this process's variables."""
        self.name = name
        self.limit = limit
        WORK.mkdir(parents=True, exist_ok=True)
        self.log = WORK / f"{name}.log"
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                words(*command),
                env={**os.environ, **(env or {})},
                cwd=cwd,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
            )
        self._answers: queue.Queue[Optional[bytes]] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            self._answers.put(line)
        self._answers.put(None)

    def ask(self, do: str, **fields: Any) -> Any:
        """The content of the answer. Bytes among the fields may be bytes. Raises Refused."""
        answer = self.exchange(do, {"do": do, **fields})
        if "error" in answer:
            raise Refused(answer["error"])
        expect("ok" in answer, f"{self.name}: neither ok nor error in the answer to {do}: {answer}")
        return answer["ok"]

    def exchange(self, do: str, request: dict[str, Any]) -> dict[str, Any]:
        """The answer to a request, both as they are."""
        assert self._process.stdin
        try:
            self._process.stdin.write(json.dumps(request, default=_hex).encode() + b"\n")
            self._process.stdin.flush()
            line = self._answers.get(timeout=self.limit)
        except queue.Empty:
            raise Failed(f"{self.name}: no answer to {do} within {self.limit:.0f} s") from None
        except BrokenPipeError:
            line = None
        if line is None:
            self._process.wait(self.limit)
            raise Failed(f"{self.name}: {ending(self._process.returncode)} at {do}\n{self._last_words()}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def refuses(self, do: str, **fields: Any) -> Optional[str]:
        """The peer's error for a request; None if it answers it."""
        try:
            self.ask(do, **fields)
        except Refused as refusal:
            return str(refusal)
        return None

    def _last_words(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")[-2000:]

    def close(self) -> None:
        assert self._process.stdin
        if self._process.poll() is None:
            self._process.stdin.close()
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def __enter__(self) -> Peer:
        return self

    def __exit__(
        self,
        kind: Optional[type[BaseException]],
        value: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        self.close()


def _hex(value: object) -> str:
    if isinstance(value, (bytes, bytearray)):
        return value.hex()
    raise TypeError(f"no JSON for {type(value).__name__}")
