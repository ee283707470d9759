"""Runs the callkey command: in this process if that shows everything, else as a new process."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from conftest import CALLER, COUNTING, DESKTOP, OFFER, PHONE

import callkey
from callkey import CallKey, Store
from callkey.cli import main

KEY_HEX = COUNTING.hex()
FINGERPRINT = "27e3b30bd599c3d3"
SRC = Path(callkey.__file__).parents[1]


@dataclass
class Done:
    status: int
    out: str
    err: str


def run(*arguments: str | os.PathLike[str], stdin: bytes = b"", **environment: str) -> Done:
    """As a process: with its own standard input, environment and end."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "SYSTEMROOT") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-m", "callkey", *arguments],
        input=stdin,
        capture_output=True,
        timeout=60,
        env={**kept, "PYTHONPATH": str(SRC), "PYTHONUTF8": "1", **environment},
    )
    return Done(done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8"))


class Command:
    """The command in this process, in a folder of files to name."""

    def __init__(self, capture: object, folder: Path) -> None:
        self._capture = capture
        self.folder = folder

    def __call__(self, *arguments: str | os.PathLike[str]) -> Done:
        status = main([os.fspath(argument) for argument in arguments])
        out, err = self._capture.readouterr()  # type: ignore[attr-defined]
        return Done(status, out, err)

    def file(self, name: str, contents: bytes | str) -> Path:
        path = self.folder / name
        path.write_bytes(contents.encode() if isinstance(contents, str) else contents)
        return path


@dataclass
class Captured:
    """A captured call: the stanzas, and the files that open them."""

    wire: bytes
    """To the phone and the desktop, each in a pkmsg; the phone's names signed prekey 1 and prekey 9."""
    again: bytes
    """To the phone, in a msg."""
    session: bytes
    """The phone's with the caller, before ``again``."""
    identity: bytes
    signed_prekey: bytes
    prekey: bytes


def captured() -> Captured:
    identity, signed, prekey = (bytes(range(n, n + 32)) for n in (64, 96, 128))
    with Store.open() as caller, Store.open(identity=False) as phone, Store.open() as desktop:
        phone.import_identity(identity, 4711)
        phone.import_signed_prekey(1, signed)
        phone.import_prekey(9, prekey)
        caller.session(PHONE).begin(replace(phone.take_bundle(), prekey_id=9, prekey=_public(prekey)))
        caller.session(DESKTOP).begin(desktop.take_bundle())
        with CallKey.from_bytes(COUNTING) as key:
            wire = caller.seal_offer(key, [PHONE, DESKTOP], replace(OFFER, device_identity=b"\x0a\x01x")).wire
            phone.open_offer(wire, own=[PHONE])[0].wipe()
            back = phone.seal_enc(CALLER, key)
            caller.open_enc(PHONE, back.enc_type, back.ciphertext).wipe()
            session = phone.session(CALLER).export().reveal()
            again = caller.seal_offer(key, [PHONE], replace(OFFER, multi_device=True)).wire
    return Captured(wire, again, session, identity, signed, prekey)


def _public(private: bytes) -> bytes:
    with Store.open(identity=False) as store:
        store.import_identity(private, 1)
        return store.identity.public_key
