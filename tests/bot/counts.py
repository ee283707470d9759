"""The counts of a run, which many threads add to."""

from __future__ import annotations

import threading
from collections import Counter


class Counts(Counter[str]):
    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()

    def add(self, name: str, n: int = 1) -> None:
        with self._lock:
            self[name] += n
