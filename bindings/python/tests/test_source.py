"""The command's input: how it detects the form, and that it wipes secrets."""

from __future__ import annotations

import base64
import os
from pathlib import Path

import pytest
from command import KEY_HEX, Command, captured
from conftest import COUNTING, PHONE

from callkey.cli import source
from callkey.cli.exits import UsageError


@pytest.mark.parametrize(
    "contents, form, data",
    [
        (b"00ff", "hex", b"\x00\xff"),
        (b" 00 FF\r\n0a\t", "hex", b"\x00\xff\x0a"),
        (b"00f", "binary", b"00f"),
        (b"AAEC", "hex", b"\xaa\xec"),
        (b"AAECAw==", "base64", b"\x00\x01\x02\x03"),
        (b"AAECAw", "base64", b"\x00\x01\x02\x03"),
        (b"AAEC\nAw==\n", "base64", b"\x00\x01\x02\x03"),
        (b"-_-_", "base64", b"\xfb\xff\xbf"),
        (b"+/+/", "base64", b"\xfb\xff\xbf"),
        (b"AAECAx==", "binary", b"AAECAx=="),  # bits behind the end
        (b"AAECAw=", "binary", b"AAECAw="),
        (b"AAECA", "binary", b"AAECA"),
        (b"AA=C", "binary", b"AA=C"),
        (b"\x00\xf8", "binary", b"\x00\xf8"),
        (b"\n", "binary", b"\n"),
    ],
)
def test_found_out(tmp_path: Path, contents: bytes, form: str, data: bytes) -> None:
    # A message would be read as other bytes than were captured.
    (tmp_path / "x").write_bytes(contents)
    read = source.read(str(tmp_path / "x"))
    assert (read.form, bytes(read.data)) == (form, data)


def test_all_bytes(tmp_path: Path) -> None:
    # One byte in 256 would be decoded wrongly.
    everything = bytes(range(256)) * 3
    for text in (everything.hex().encode(), base64.b64encode(everything), base64.urlsafe_b64encode(everything)):
        (tmp_path / "x").write_bytes(text)
        assert source.read(str(tmp_path / "x")).data == everything


def test_bounded(tmp_path: Path) -> None:
    # A wrong file, or /dev/zero, would fill the memory.
    big = tmp_path / "big"
    with big.open("wb") as file:
        file.truncate(source.MOST)
    assert len(source.read(str(big), "binary").data) == source.MOST
    os.truncate(big, source.MOST + 1)
    for path in (str(big), "/dev/zero"):
        with pytest.raises(UsageError, match="larger than 4 MiB"):
            source.read(path, "binary")


def test_wiped(monkeypatch: pytest.MonkeyPatch, command: Command) -> None:
    # Secrets would stay in the memory of a running command, or in its core dump.
    drained: list[bytearray] = []
    handed: list[bytearray] = []
    drain, secret = source._drain, source.secret

    def draining(*arguments: object) -> bytearray:
        drained.append(drain(*arguments))  # type: ignore[arg-type]
        return drained[-1]

    def handing(*arguments: object, **named: object) -> source.Source:
        read = secret(*arguments, **named)  # type: ignore[arg-type]
        handed.append(read.data)
        return read

    monkeypatch.setattr(source, "_drain", draining)
    monkeypatch.setattr(source, "secret", handing)
    call = captured()
    command.file("again", call.again)
    command.file("session", call.session)
    command.file("identity", call.identity.hex())
    for contents in (COUNTING, KEY_HEX, base64.b64encode(COUNTING)):
        key, short = command.file("call.key", contents), command.file("relay", COUNTING[:30])
        assert command("derive", "--key", key, "--hbh-key", short, PHONE).status == 0
        assert command("derive", "--key", key, "--raw-e2e", short, PHONE).status == 2  # also after a failure
        assert command("derive", "--key", command.file("long.key", COUNTING + b"!"), PHONE).status == 2
    assert command("open", "again", "--own", PHONE, "--session", "session", "--identity", "identity").status in (0, 1)
    with_a_stanza = {bytes(data) for data in drained if any(data)}
    assert with_a_stanza == {call.again}  # what is no secret
    assert len(handed) == 14 and not any(map(any, handed))
