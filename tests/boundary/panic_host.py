"""A bug inside the library under Python: InternalError from then on, and the interpreter survives.

panic_host.py LIBRARY (one whose selftest panics)
"""

import pathlib
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "bindings" / "python" / "src"))

import callkey

callkey.load(sys.argv[1])
store = callkey.Store.open()
key = callkey.CallKey.generate()
refused = 0


def refuse(use: object) -> None:
    global refused
    try:
        use()
    except callkey.InternalError as error:
        assert "index out of range" in str(error), error
        refused += 1
    else:
        raise AssertionError(f"{use} works after an internal error")


def everything() -> None:
    refuse(callkey.selftest)
    refuse(callkey.CallKey.generate)
    refuse(callkey.Store.open)
    refuse(lambda: key.e2e_keys("1@lid"))
    refuse(lambda: store.identity)


everything()
thread = threading.Thread(target=everything)
thread.start()
thread.join()
assert refused == 10, refused
key.wipe()
assert key.wiped
print(f"{refused} calls refused in Python")
