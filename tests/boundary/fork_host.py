"""Forks in Python, by os.fork and by multiprocessing: ForkedError at once, and the parent keeps working.

fork_host.py LIBRARY
"""

import multiprocessing
import os
import pathlib
import sys
import threading
import time
import warnings

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "bindings" / "python" / "src"))

import callkey

warnings.simplefilter("ignore", DeprecationWarning)  # Python's own, about fork and threads
callkey.load(sys.argv[1])

store = callkey.Store.open()
key = callkey.CallKey.generate()
USES = {
    "generate": callkey.CallKey.generate,
    "derive": lambda: key.e2e_keys("1@lid"),
    "identity": lambda: store.identity,
    "prekeys": lambda: store.add_prekeys(1),
    "open": callkey.Store.open,
    "selftest": callkey.selftest,
}


def in_child(_: object = None) -> float:
    """The seconds for all calls; raises unless every call fails with ForkedError."""
    before = time.monotonic()
    for name, use in USES.items():
        try:
            use()
        except callkey.ForkedError:
            continue
        raise AssertionError(f"{name} works in a child")
    return time.monotonic() - before


def by_hand() -> float:
    receive, send = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(send, repr(in_child()).encode())
        finally:
            os._exit(0)
    os.close(send)
    with os.fdopen(receive) as answer:
        took = answer.read()
    os.waitpid(child, 0)
    return float(took)  # empty when the child failed


def main() -> None:
    stop = threading.Event()

    def busy() -> None:
        while not stop.is_set():
            callkey.CallKey.generate().e2e_keys("2@lid").wipe()

    threads = [threading.Thread(target=busy) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        longest = max(by_hand() for _ in range(10))
        with multiprocessing.get_context("fork").Pool(2) as pool:
            longest = max(longest, *pool.map_async(in_child, range(10)).get(timeout=30))
    finally:
        stop.set()
    for thread in threads:
        thread.join()
    with multiprocessing.get_context("spawn").Pool(1) as pool:  # the documented way out
        pool.apply_async(callkey.selftest).get(timeout=60)
    for use in USES.values():
        use()
    print(f"os.fork and multiprocessing in Python within {longest * 1e6:.0f} us")


if __name__ == "__main__":
    main()
