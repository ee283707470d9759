"""A program that drives an engine, over standard input and output: one line a request, one line an answer.

Requests, with packets and the 130 bytes of callkey_srtp_keys in hexadecimal:

    sender KEYS SSRC ROC          receiver KEYS SSRC ROC        a new stream, at this roll-over counter
    rekey-sender KEYS             rekey-receiver KEYS           other keys for it, at the counter where it is
    protect rtp|rtcp PACKET       unprotect rtp|rtcp PACKET

The answer is ``ok``, with the packet if there is one, or ``error TEXT``.
"""

from __future__ import annotations

import queue
import subprocess
import threading
from pathlib import Path
from types import TracebackType
from typing import Optional

import tests.engines.stream as ours
from tools.script import BUILD, ROOT, Failed, Word, ending, expect, words

WORK = BUILD / "engines"
HERE = Path(__file__).resolve().parent


class Refused(Exception):
    """The engine's own error for a packet."""


class Engine:
    """A running driver; use it in ``with``. Its stderr is in build/engines/NAME.log."""

    def __init__(self, name: str, *command: Word, limit: float = 20) -> None:
        """``limit`` is for one answer, in seconds."""
        self.name, self.limit = name, limit
        self.log = WORK / f"{name}.log"
        self._answers: queue.Queue[Optional[str]] = queue.Queue()
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                words(*command), cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
            )
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            self._answers.put(line)
        self._answers.put(None)

    def ask(self, *request: object) -> bytes:
        """The packet in the answer. Raises Refused."""
        assert self._process.stdin
        text = " ".join(part.hex() if isinstance(part, bytes) else str(part) for part in request)
        try:
            self._process.stdin.write(text + "\n")
            self._process.stdin.flush()
            line = self._answers.get(timeout=self.limit)
        except queue.Empty:
            raise Failed(f"{self.name}: no answer to {request[0]} within {self.limit:.0f} s") from None
        except BrokenPipeError:
            line = None
        if line is None:
            self._process.wait(self.limit)
            said = self.log.read_text(encoding="utf-8", errors="replace")[-2000:]
            raise Failed(f"{self.name}: {ending(self._process.returncode)} at {request[0]}\n{said}")
        result, _, rest = line.strip().partition(" ")
        if result == "error":
            raise Refused(rest)
        expect(result == "ok", f"{self.name}: neither ok nor error in the answer to {request[0]}: {line!r}")
        return bytes.fromhex(rest)

    def begin(self, side: str, keys: ours.callkey.SRTPKeys, roc: int = 0) -> None:
        """A new sender or receiver."""
        self.ask(side, ours.whole(keys), ours.SSRC, roc)

    def rekey(self, side: str, keys: ours.callkey.SRTPKeys) -> None:
        self.ask(f"rekey-{side}", ours.whole(keys))

    def __enter__(self) -> Engine:
        return self

    def __exit__(
        self, kind: Optional[type[BaseException]], value: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        assert self._process.stdin
        if self._process.poll() is None:
            self._process.stdin.close()
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
