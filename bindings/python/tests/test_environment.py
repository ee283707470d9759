"""The environment of the host says nothing to the library (hardening row 43).

A host that is a Go program too, or is started by one, has variables in it that are meant for another runtime. Under
GODEBUG=fips140=only every call was INTERNAL.
"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from conftest import TREE
from test_process import SRC, run

pytestmark = pytest.mark.slow

VECTORS = sorted(str(path) for path in (TREE / "testdata" / "vectors").glob("*.json"))

ENVIRONMENTS = [
    "GODEBUG=fips140=only",
    "GODEBUG=fips140=on",
    "GODEBUG=fips140=debug",
    "GODEBUG=gctrace=1,schedtrace=1,scheddetail=1,inittrace=1",
    "GODEBUG=asyncpreemptoff=1,gcstoptheworld=2,cpu.all=off,dontfreezetheworld=1,invalidptr=0",
    "GODEBUG=nonsense=1,=,,fips140=maybe",
    "GOGC=off",
    "GOGC=1",
    "GOGC=nonsense",
    "GOMEMLIMIT=1",
    "GOMEMLIMIT=nonsense",
    "GOMAXPROCS=1",
    "GOMAXPROCS=-1",
    "GOTRACEBACK=crash",
    "GOTRACEBACK=wer",
    "GORACE=halt_on_error=1",
    "SQLITE_TMPDIR=/nowhere",
    "TZ=nowhere/at all",
]


def answers(*variables: str) -> subprocess.CompletedProcess[str]:
    """All known answers, and a call between two stores in files."""
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, *VECTORS],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "PYTHONPATH": str(SRC), **dict(variable.split("=", 1) for variable in variables)},
    )


PROGRAM = """
import sys, tempfile
import callkey
from callkey.cli import main

callkey.selftest()
with tempfile.TemporaryDirectory() as folder:
    stores = [callkey.Store.open(f"{folder}/{n}.db", storage_key=b"k" * 32) for n in range(2)]
    caller, phone = stores
    caller.session("2:0@lid").begin(phone.take_bundle())
    with callkey.CallKey.from_bytes(bytes(range(32))) as key:
        offer = caller.seal_offer(key, ["2:0@lid"])
        assert phone.open_offer(offer.wire, own=["2:0@lid"], sender="1:0@lid")[0] == key
        print(key.e2e_keys("1:0@lid").reveal().hex(), key.sframe_key("1:0@lid").reveal().hex())
    for store in stores:
        store.close()
sys.exit(main(["vectors", *sys.argv[1:]]))
"""


@pytest.fixture(scope="module")
def plain() -> str:
    done = answers()
    assert (done.returncode, done.stderr) == (0, "")
    assert "vectors" in done.stdout or done.stdout.count("\n") > 3
    return done.stdout


@pytest.mark.parametrize("variable", ENVIRONMENTS)
def test_fault_43_variables(variable: str, plain: str) -> None:
    # A call would fail, give other keys, or write what the runtime does to the host's standard error.
    done = answers(variable)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == plain


def test_fault_43_set_by_the_host() -> None:
    # The same of a variable that the program sets itself, before it loads the library and later.
    done = run(
        """
        import os
        os.environ["GODEBUG"] = "fips140=only,gctrace=1"
        import callkey
        with callkey.CallKey.generate() as key:
            keys = key.e2e_keys("1:1@lid")
            os.environ["GODEBUG"] = "fips140=on,gctrace=1"
            os.environ["GOGC"] = "off"
            callkey.selftest()
            assert key.e2e_keys("1:1@lid") == keys
            assert callkey.SFrameKey.from_bytes(key.reveal()).seal(b"payload", counter=1)
        assert os.environ["GODEBUG"] == "fips140=on,gctrace=1" and os.environ["GOGC"] == "off"
        """
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
