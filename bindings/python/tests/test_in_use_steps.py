"""A secret that is wiped, or a Ctrl-C, between any two steps of the code that holds it (hardening row 45).

If one of these failed, a key would go out as zeros, or stay in memory after its wipe(); or wipe() would hang.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest
from conftest import COUNTING, Zeroed, collect
from uses import READS
from wiping import Wiping, in_thread

import callkey
from callkey import CallKey, _call, _memory

pytestmark = pytest.mark.slow
STEPPED = {_memory.__file__, _call.__file__, callkey._secret.__file__}


def at_step(step: int, work: Callable[[], object], happens: Callable[[], object]) -> tuple[bool, object]:
    """Runs ``work``, and ``happens`` before the ``step``-th bytecode of the code that holds secrets.

    Says whether there were so many.
    """
    steps = 0

    def trace(frame: FrameType, event: str, argument: object) -> Any:
        nonlocal steps
        if frame.f_code.co_filename not in STEPPED:
            return None
        frame.f_trace_opcodes = True
        if event == "opcode":
            steps += 1
            if steps == step:
                happens()
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        result = work()
    finally:
        sys.settrace(before)
    return steps >= step, result


@pytest.mark.parametrize("place", ["here", "in another thread"])
@pytest.mark.parametrize("use", READS)
def test_fault_45_wiped_at_every_step(use: str, place: str, monkeypatch: pytest.MonkeyPatch, full: bool) -> None:
    # Between two steps of ours a wipe() would give zeros out, hang, or leave the secret in memory. One from here is as
    # a signal handler's, or that of __del__ in the garbage collector.
    right = READS[use](CallKey.from_bytes(COUNTING))
    short = use in ("Epoch.e2e_keys", "Secret.reveal", "warp_tag by a view")
    stride = 1 if short else 7  # the long ones take the same steps many times
    if sys.implementation.name != "cpython" and not full:
        stride *= 3  # PyPy is slow to trace
    for step in range(1, 100_000, stride):
        secret = CallKey.from_bytes(COUNTING)
        host = Wiping(secret, 0)
        in_use = False

        def wipe(secret: CallKey = secret) -> None:
            nonlocal in_use
            in_use = bool(secret._uses)
            secret.wipe()

        happens = wipe if place == "here" else lambda: in_thread(wipe)
        try:
            happened, result = at_step(step, lambda: host.run(lambda: READS[use](secret), monkeypatch), happens)  # noqa: B023
            assert result == right and not in_use
        except callkey.WipedError as error:
            happened = True
            assert str(error).startswith("the call key was wiped")
        assert host.intact
        if not happened:
            break
        assert not any(secret._buffer) and secret._uses == {0}, step
    assert step > 20


def test_fault_45_interrupted_at_every_step(monkeypatch: pytest.MonkeyPatch, full: bool) -> None:
    # A Ctrl-C in the wrong place would leave a secret in use forever, and wipe() would not clear it.
    class Interrupt(BaseException):
        pass

    def interrupt() -> None:
        raise Interrupt

    monkeypatch.setattr(sys, "unraisablehook", lambda told: None)  # in __del__ it goes nowhere
    stride = 1 if sys.implementation.name == "cpython" else 5 if full else 13  # PyPy is slow to trace
    for use in ("Epoch.e2e_keys", "Secret.reveal", "warp_tag by a view"):
        for step in range(1, 100_000, stride):
            secret = CallKey.from_bytes(COUNTING)
            try:
                happened, _ = at_step(step, lambda: READS[use](secret), interrupt)  # noqa: B023
            except Interrupt:
                happened = True
            gc.collect(0)
            secret.wipe()
            assert not any(secret._buffer), (use, step)
            if not happened:
                break
        assert step > 20


def test_fault_45_the_end_zeroes(zeroed: Zeroed) -> None:
    # A use that was interrupted twice would keep an unreachable secret in memory.
    secret = CallKey.from_bytes(COUNTING)
    place = zeroed.place(secret)
    secret._uses.add(1)
    secret.wipe()
    assert any(secret._buffer) and place not in zeroed.places
    del secret
    collect()
    assert place in zeroed.places
