"""A Python program's signals while the library works (hardening rows 36 to 38), each in a new process.

Python 3.9 installs its handlers without SA_ONSTACK. If one ran on a stack of Go's, it would write over what is beside
it.
"""

from __future__ import annotations

import contextlib
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable

import pytest
from test_process import run

import callkey
from callkey import CallKey, Store
from callkey._memory import PYPY

pytestmark = pytest.mark.slow

WORKING = """
import faulthandler, os, signal, threading
import callkey
faulthandler.enable()
JIDS = [f"{n}:{n % 9}@lid" for n in range(1, 200)]
key = callkey.CallKey.from_bytes(bytes(range(32)))
right = [keys.reveal() for keys in key.e2e_keys_batch(JIDS)]
stop = threading.Event()

def derive():
    return [keys.reveal() for keys in key.e2e_keys_batch(JIDS)] == right

class Worker(threading.Thread):
    wrong = 0

    def run(self):
        while not stop.is_set():
            self.wrong += not derive()

def work(n):
    workers = [Worker(daemon=True) for _ in range(n)]
    for worker in workers:
        worker.start()
    return workers

def end(workers):
    stop.set()
    for worker in workers:
        worker.join(60)
        assert not worker.is_alive() and not worker.wrong
    print("right")
"""


def right(done: subprocess.CompletedProcess[str]) -> None:
    assert (done.returncode, done.stdout, done.stderr) == (0, "right\n", "")


# Newer CPythons install their handlers with SA_ONSTACK.
ON_STACK = sys.implementation.name == "cpython" and sys.version_info >= (3, 10)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "turn" in metafunc.fixturenames:
        # PyPy's stand on the same stack as those of CPython 3.9, which has all turns, and it starts slowly.
        turns = 2 if ON_STACK else 17 if sys.implementation.name == "cpython" else 6
        metafunc.parametrize("turn", range(17 if metafunc.config.getoption("--full") else turns))


@pytest.mark.parametrize("timer", ["PROF", "REAL", "VIRTUAL"])
def test_fault_38_timers(timer: str, turn: int) -> None:
    # A script with a profiler or an alarm would abort within seconds, or derive wrong keys. Up to 51 runs where it can:
    # on a library that does not guard its stacks about every fifth one of Python 3.9 fails.
    done = run(
        WORKING
        + """
import sys
timer = getattr(signal, "ITIMER_" + sys.argv[1])
number = {"PROF": signal.SIGPROF, "REAL": signal.SIGALRM, "VIRTUAL": signal.SIGVTALRM}[sys.argv[1]]
ticks = 0

def tick(*_):
    global ticks
    ticks += 1

signal.signal(number, tick)
signal.setitimer(timer, 0.001, 0.001)
mask = signal.pthread_sigmask(signal.SIG_BLOCK, ())
workers = work(int(sys.argv[2]) % 2)
while ticks < 50:
    assert derive()
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == mask
signal.setitimer(timer, 0)
end(workers)
""",
        timer,
        str(turn),
    )
    right(done)


def test_fault_38_interrupted_fan_out() -> None:
    # Ctrl-C during an offer to many devices would leave the store half done, or sessions that go on differently.
    done = run(
        """
        import faulthandler, gc, os, signal, threading
        import callkey
        faulthandler.enable()
        faulthandler.dump_traceback_later(50, exit=True)
        # A shell ignores Ctrl-C in a program that it starts in the background, and so does Python there.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        options = callkey.OfferOptions(
            to="222222222222222@lid", call_id="AB12", call_creator="1:1@lid", stanza_id="1", device_identity=b"x"
        )
        devices = [f"222222222222222:{n}@lid" for n in range(1, 61)]
        with callkey.Store.open() as caller, callkey.Store.open() as phone:
            for device in devices:
                caller.session(device).begin(phone.take_bundle())
            mask = signal.pthread_sigmask(signal.SIG_BLOCK, ())
            for turn in range(10):
                inside = threading.Event()

                def interrupt(inside=inside):
                    inside.wait()
                    os.kill(os.getpid(), signal.SIGINT)

                other = threading.Thread(target=interrupt)
                other.start()
                sealed = []
                try:
                    with callkey.CallKey.generate() as key:
                        inside.set()
                        while True:
                            sealed.append(caller.seal_offer(key, devices, options))
                except KeyboardInterrupt:
                    other.join()
                gc.collect()
                assert key.wiped and not key._uses - {0}
                assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == mask
                for offer in sealed:
                    assert [result.status for result in offer.results] == [0] * len(devices)
                with callkey.CallKey.generate() as key:
                    offer = caller.seal_offer(key, devices, options)
                    assert [result.status for result in offer.results] == [0] * len(devices)
                    own = devices[turn]
                    assert phone.open_offer(offer.wire, own=[own], sender=f"1:{turn}@lid")[0] == key
        print("right")
        """
    )
    # PyPy's ctypes is in Python. An interrupt inside the constructor of an argument leaves one without a buffer, and
    # its end says so.
    unmade = r"Exception ignored in: <function CArgObject\.__del__ .*>\n(?:.+\n)*?AttributeError: .*'_buffer'\n"
    if PYPY:
        done.stderr = re.sub(unmade, "", done.stderr)
    right(done)


def test_fault_38_a_handler_that_calls() -> None:
    # A handler that uses the library while its thread is inside it would crash the process.
    done = run(
        WORKING
        + """
told, busy = [], False

def tick(*_):
    global busy
    if not busy and len(told) < 40:  # else one handler would begin in the other, or right after it
        busy = True
        told.append(derive())
        busy = False

signal.signal(signal.SIGALRM, tick)
signal.setitimer(signal.ITIMER_REAL, 0.002, 0.002)
workers = work(1)
while len(told) < 40:
    assert derive()
signal.setitimer(signal.ITIMER_REAL, 0)
assert all(told)
end(workers)
"""
    )
    right(done)


def test_fault_37_every_signal_arrives() -> None:
    # A signal that the host waits for, on a file descriptor or by sigwait, would end in a thread of the library's: it
    # would be lost, or end the process.
    done = run(
        WORKING
        + """
kinds = {signal.SIGUSR2, signal.SIGTERM, signal.SIGCHLD, signal.SIGPROF, signal.SIGRTMIN, signal.SIGRTMIN + 5}
before = signal.pthread_sigmask(signal.SIG_BLOCK, kinds)
workers = work(2)
for kind in sorted(kinds):
    for _ in range(100):
        key.e2e_keys("1:1@lid")
        os.kill(os.getpid(), kind)
        assert signal.sigwait(kinds) == kind
assert signal.pthread_sigmask(signal.SIG_SETMASK, before) == before | kinds
end(workers)
"""
    )
    right(done)


def test_fault_36_wakeup_fd_and_children() -> None:
    # An event loop would sleep through a signal, or never hear that a child has ended.
    done = run(
        WORKING
        + """
import asyncio, socket, subprocess, sys

workers = work(2)
here, there = socket.socketpair()
for end_ in (here, there):
    end_.setblocking(False)
signal.signal(signal.SIGUSR1, lambda *_: None)
signal.set_wakeup_fd(there.fileno())
here.settimeout(60)
for _ in range(200):
    key.e2e_keys("1:1@lid")
    os.kill(os.getpid(), signal.SIGUSR1)
    assert here.recv(1) == bytes([signal.SIGUSR1])
signal.set_wakeup_fd(-1)
here.close()
there.close()

async def children():
    loop, heard = asyncio.get_running_loop(), asyncio.Event()
    loop.slow_callback_duration = 1e9  # nothing is too slow to be right
    loop.add_signal_handler(signal.SIGCHLD, heard.set)
    for number in range(10):
        heard.clear()
        child = subprocess.Popen(["sh", "-c", f"exit {number}"])
        assert await loop.run_in_executor(None, derive)
        await asyncio.wait_for(heard.wait(), 60)
        assert child.wait() == number
    loop.remove_signal_handler(signal.SIGCHLD)
    if sys.version_info < (3, 12):  # later ones have no watcher that relies on the signal
        watcher = asyncio.SafeChildWatcher()
        watcher.attach_loop(loop)
        asyncio.set_child_watcher(watcher)
    for number in range(10):
        child = await asyncio.create_subprocess_exec("/bin/sh", "-c", f"exit {number}")
        assert await loop.run_in_executor(None, derive)
        assert await asyncio.wait_for(child.wait(), 60) == number

asyncio.run(children())
end(workers)
"""
    )
    right(done)


@pytest.mark.parametrize(
    "blocked", [set(), {signal.SIGINT, signal.SIGUSR1}, signal.valid_signals()], ids=["none", "two", "all"]
)
def test_fault_36_masks(blocked: set[signal.Signals]) -> None:
    # The first call of a thread, or any, would leave another mask, and the host would lose signals or be killed by one.
    changed: list[int] = []

    def calls() -> None:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
        uses: list[Callable[[], object]] = [
            CallKey.generate,
            lambda: CallKey.generate().e2e_keys_batch(["1:1@lid"] * 100),
            lambda: Store.open().close(),
            lambda: callkey.participant_id("1@lid"),
            lambda: CallKey.from_bytes(bytes(31)),
        ]
        for number, use in enumerate(uses):
            with contextlib.suppress(callkey.KeyLengthError):
                use()
            if signal.pthread_sigmask(signal.SIG_BLOCK, ()) != before:
                changed.append(number)

    for _ in range(20):
        thread = threading.Thread(target=calls)
        thread.start()
        thread.join(60)
        assert not thread.is_alive()
    assert changed == []
