"""Whole processes: fork, output, loading the library, the end."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import callkey
from callkey import _library
from callkey._declarations import ABI_MAJOR, ABI_MINOR

pytestmark = pytest.mark.slow

SRC = Path(callkey.__file__).parents[1]


def run(program: str, *arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    preface = f"import sys; sys.path.insert(0, {str(SRC)!r})\n"
    return subprocess.run(
        [sys.executable, "-X", "dev", "-c", preface + textwrap.dedent(program), *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=cwd,
    )


def test_fault_45_exit() -> None:
    # A program that ends while threads use a secret, or frees its secrets last, would hang, crash or print.
    done = run(
        """
        import gc, threading
        import callkey
        key, other = callkey.CallKey.generate(), callkey.CallKey.generate()
        view = other.e2e_keys("1:1@lid").srtp_auth_key
        circle = [callkey.CallKey.generate(), other.sframe_key("1:1@lid").aes_key]
        circle.append(circle)
        busy = threading.Semaphore(0)

        def derive():
            while True:
                key.e2e_keys("1:1@lid")
                callkey.warp_tag(view, b"packet")
                busy.release()

        for _ in range(4):
            threading.Thread(target=derive, daemon=True).start()
        for _ in range(100):
            busy.acquire()
        """
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_fault_45_fork() -> None:
    # A child that is forked while another thread has a secret would hang when it wipes it, or when it ends.
    done = run(
        """
        import os, threading, warnings
        warnings.simplefilter("ignore", DeprecationWarning)  # Python's own about fork and threads
        import callkey
        key = callkey.CallKey.generate()
        stop = False

        def derive():
            while not stop:
                key.e2e_keys("1:1@lid")
                callkey.warp_tag(key.warp_auth_key(), b"packet")

        threads = [threading.Thread(target=derive) for _ in range(4)]
        for thread in threads:
            thread.start()
        for _ in range(50):
            child = os.fork()
            if child == 0:
                key.wipe()
                os._exit(0 if key.wiped else 1)
            _, status = os.waitpid(child, 0)
            assert status == 0, status
        stop = True
        for thread in threads:
            thread.join()
        """
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_fork() -> None:
    # A child would hang at its first call, because Go's runtime does not survive a fork.
    done = run(
        """
        import os, warnings
        warnings.simplefilter("ignore", DeprecationWarning)  # Python's own about fork and threads
        import callkey
        store = callkey.Store.open()
        key = callkey.CallKey.generate()
        child = os.fork()
        if child == 0:
            status = 1
            try:
                for use in (callkey.CallKey.generate, lambda: store.identity, lambda: key.e2e_keys("1@lid"),
                            callkey.Store.open, callkey.selftest):
                    try:
                        use()
                    except callkey.ForkedError as error:
                        assert isinstance(error, RuntimeError) and "fork()" in str(error), error
                    else:
                        raise AssertionError(use)
                key.wipe()
                store.close()
                status = 0
            finally:
                os._exit(status)
        _, status = os.waitpid(child, 0)
        assert os.WEXITSTATUS(status) == 0
        assert store.identity.registration_id > 0
        store.close()
        """
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_selftest() -> None:
    # A library with wrong primitives would be trusted. (In a new process: a failure ends all work in it.)
    done = run("import callkey; callkey.selftest()")
    assert (done.returncode, done.stderr) == (0, "")


def test_quiet() -> None:
    # The library would write into its host's output, where a secret may follow one day.
    done = run(
        """
        import callkey
        caller, phone = callkey.Store.open(), callkey.Store.open()
        phone.rotate_signed_prekey()
        caller.session("2:0@lid").begin(phone.take_bundle())
        with callkey.CallKey.generate() as key:
            offer = caller.seal_offer(key, ["2:0@lid", "2:9@lid"])
            broken = offer.wire[:-1] + b"?"
            for wire in (broken, offer.wire, offer.wire):
                try:
                    phone.open_offer(wire, own=["2:0@lid"], sender="1:0@lid")
                except callkey.CallKeyError:
                    pass
        caller.close()
        phone.close()
        """
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_unclosed_at_the_end() -> None:
    # A store left open would crash the interpreter on its way out.
    done = run("import callkey; store = callkey.Store.open(); key = callkey.CallKey.generate()")
    assert done.returncode == 0
    # PyPy does not end what is there when the process ends, and so it has nothing to say of it.
    warned = "ResourceWarning: unclosed <callkey.Store: in memory>" in done.stderr
    assert warned == (sys.implementation.name == "cpython")


def test_lazy() -> None:
    # Importing the package would start a Go runtime in programs that only look at it.
    done = run(
        """
        import callkey
        assert callkey._library._library is None
        callkey.participant_id("1@lid")
        assert callkey._library._library is not None
        """
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_no_environment() -> None:
    # An environment variable would decide which code is loaded.
    for path in sorted((SRC / "callkey").glob("*.py")):
        assert not re.search(r"environ|getenv", path.read_text().replace("no environment variable", "")), path.name


def test_load() -> None:
    # A second Go runtime would be loaded into one process.
    assert os.path.isfile(callkey.load())
    assert callkey.load() == callkey.load(callkey.load())
    with pytest.raises(RuntimeError, match="already loaded"):
        callkey.load("/nowhere/libcallkey.so.0")


def test_load_explicitly(tmp_path: Path) -> None:
    # A library at a place of one's own could not be used.
    link = tmp_path / "libmine.so"
    link.symlink_to(callkey.load())
    done = run("import callkey; print(callkey.load(sys.argv[1])); print(callkey.version())", str(link))
    assert done.stdout.split() == [os.path.realpath(link), callkey.version()]
    absent = run("import callkey; callkey.load(sys.argv[1])", str(tmp_path / "absent.so"))
    assert "LibraryError: callkey can't load" in absent.stderr


def test_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    # A person without the library would not learn how to get it.
    monkeypatch.setattr(_library, "_library", None)
    monkeypatch.setattr(_library, "_PACKAGE", tmp_path)
    monkeypatch.setattr(_library, "NAME", "libcallkey-absent.so.0")
    with pytest.raises(callkey.LibraryError, match="install libcallkey, or call callkey.load") as caught:
        callkey.load()
    assert isinstance(caught.value, ImportError)


def test_missing_in_the_tree(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    # In a fresh clone the error would not mention `make lib`.
    (tmp_path / "include").mkdir()
    (tmp_path / "include" / "callkey.h").touch()
    monkeypatch.setattr(_library, "_library", None)
    monkeypatch.setattr(_library, "_PACKAGE", tmp_path / "bindings" / "python" / "src" / "callkey")
    monkeypatch.setattr(_library, "NAME", "libcallkey-absent.so.0")
    with pytest.raises(callkey.LibraryError, match="run `make lib` in "):
        callkey.load()


def test_inside_the_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    # A wheel that carries the library would load another one.
    (tmp_path / _library.NAME).write_bytes(b"")
    monkeypatch.setattr(_library, "_PACKAGE", tmp_path)
    assert _library._find() == str(tmp_path / _library.NAME)


def test_musl(monkeypatch: pytest.MonkeyPatch) -> None:
    # Python would crash on Alpine instead of saying why it can't work there.
    def confstr(name: str) -> str:
        raise ValueError("unrecognized configuration name")

    monkeypatch.setattr(os, "confstr", confstr)
    monkeypatch.setattr(sys, "platform", "linux")
    with pytest.raises(ImportError, match="musl"):
        _library._dlopen("libcallkey.so.0")


def test_other_library() -> None:
    # A library that is not ours, or of another ABI, would be called with our arguments.
    class Foreign:
        pass

    class Function:
        def __init__(self, number: int) -> None:
            self.number = number

        def __call__(self) -> int:
            return self.number

    class Other:
        def __init__(self, abi: int) -> None:
            self.callkey_abi_version = Function(abi)

    with pytest.raises(callkey.LibraryError, match="is not libcallkey"):
        _library._declare(Foreign(), "x.so")  # type: ignore[arg-type]
    needed = f"this package needs {ABI_MAJOR}.{ABI_MINOR} "
    for abi, told in ((1 << 16 | 1, "1.1"), (0, "0.0")):
        with pytest.raises(callkey.LibraryError, match=f"has ABI version {told}; {needed}"):
            _library._declare(Other(abi), "x.so")  # type: ignore[arg-type]
    with pytest.raises(callkey.LibraryError, match="has no callkey_key_bytes"):
        _library._declare(Other(9), "x.so")  # type: ignore[arg-type]


def test_about() -> None:
    # A program could not say which library it runs on.
    assert re.fullmatch(r"\d+\.\d+\.\d+", callkey.version())
    assert callkey.abi_version() >= (0, 1)
    assert callkey.__version__ == callkey.version()
