"""The audio of a solved capture: WAV files with the right sound at the right time."""

from __future__ import annotations

import gc
import math
import stat
import sys
import wave
from array import array
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from command import Command
from conftest import CALLER, PHONE, TREE
from rtp import needed

from callkey.capture.result import Kind, PlainPacket
from callkey.capture.wav import Sound, Sounds, duration_of, name_of, payload_of

av = needed("av")

EXAMPLE = TREE / "testdata" / "captures"
SECRETS = ("--identity", "identity.key", "--signed-prekey", "1=signed-prekey.key", "--prekey", "9=prekey.key")
SOLVED = ("capture", "call.pcap", "--log", "call.jsonl", "--own", PHONE, *SECRETS)
SSRC = 0x1A2B3C4D


def opus(hertz: float, packets: int, *, layout: str = "mono", milliseconds: int = 20) -> list[bytes]:
    """A tone."""
    encoder: Any = av.CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.format, encoder.layout = 48000, "s16", layout
    encoder.options = {"frame_duration": str(milliseconds)}
    channels, size = (2 if layout == "stereo" else 1), 48 * milliseconds
    made: list[bytes] = []
    for number in range(packets + 5):
        samples = array("h")
        for n in range(size):
            samples.extend([round(9000 * math.sin(2 * math.pi * hertz * (number * size + n) / 48000))] * channels)
        frame: Any = av.AudioFrame(format="s16", layout=layout, samples=size)
        frame.planes[0].update(samples.tobytes().ljust(frame.planes[0].buffer_size, b"\0"))
        frame.sample_rate, frame.pts = 48000, number * size
        made += [bytes(packet) for packet in encoder.encode(frame)]
    return made[:packets]


def packet(index: int, timestamp: int, payload: bytes, *, first: int = 0x80, ssrc: int = SSRC) -> PlainPacket:
    head = bytes([first, 120]) + (index & 0xFFFF).to_bytes(2, "big")
    head += (timestamp & 0xFFFFFFFF).to_bytes(4, "big") + ssrc.to_bytes(4, "big")
    return PlainPacket(1700000000.0 + index * 0.02, ssrc, False, Kind.AUDIO, CALLER, index, head + payload)


def heard(folder: Path, packets: Sequence[PlainPacket]) -> tuple[Sound, array[int]]:
    """What is told of the one WAV file, and its samples."""
    with Sounds(str(folder)) as sounds:
        for each in packets:
            sounds.write(each)
    (told,) = sounds.told()
    return told, samples(folder / told.name)


def samples(path: Path) -> array[int]:
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 48000)
        read = array("h")
        read.frombytes(file.readframes(file.getnframes()))
    return read


def pitch(part: Sequence[int]) -> float:
    """By counting how often it rises through zero."""
    return sum(before < 0 <= after for before, after in zip(part, part[1:])) * 48000 / len(part)


@pytest.mark.parametrize("layout", ["mono", "stereo"])
@pytest.mark.parametrize(("clock", "milliseconds"), [(48000, 20), (16000, 20), (16000, 60), (8000, 40)])
def test_tone(tmp_path: Path, clock: int, milliseconds: int, layout: str) -> None:
    # A researcher would hear noise, or a call at another speed than it had.
    step, count = clock * milliseconds // 1000, 2000 // milliseconds
    made = opus(440, count, layout=layout, milliseconds=milliseconds)
    begin = (1 << 32) - 5 * step  # the timestamps begin anywhere, and wrap
    told, sound = heard(tmp_path, [packet(7 + n, begin + n * step, each) for n, each in enumerate(made)])
    assert len(sound) == 48 * milliseconds * count
    assert told.seconds == len(sound) / 48000
    assert (told.silent, told.packets, told.undecoded, told.late, told.full) == (0, count, 0, 0, False)
    assert abs(pitch(sound[24000:72000]) - 440) <= 2


@pytest.mark.parametrize("clock", [48000, 16000])
def test_lost_packets_are_silence(tmp_path: Path, clock: int) -> None:
    # After each loss the two sides of a call would be further apart.
    step, made = clock // 50, opus(440, 100)
    lost = range(40, 60)
    told, sound = heard(tmp_path, [packet(n, n * step, made[n]) for n in range(100) if n not in lost])
    assert len(sound) == 100 * 960
    assert abs(told.silent - 0.4) < 1e-9
    assert not any(sound[40 * 960 : 60 * 960])
    assert abs(pitch(sound[65 * 960 : 95 * 960]) - 440) <= 4


def test_pause(tmp_path: Path) -> None:
    # A device that sends nothing in pauses counts on in its timestamps only.
    made = opus(440, 60)
    packets = [packet(n, (n + (n >= 30) * 200) * 960, made[n]) for n in range(60)]
    told, sound = heard(tmp_path, packets)
    assert (len(sound), told.silent) == (260 * 960, 4.0)
    assert not any(sound[30 * 960 : 230 * 960]) and any(sound[232 * 960 :])


@pytest.mark.parametrize("jump", [1 << 30, -(1 << 30), -100 * 48000])
def test_timestamps_begin_anew(tmp_path: Path, jump: int) -> None:
    # A WAV file of hours would be made of a call of minutes.
    made = opus(440, 60)
    packets = [packet(n, n * 960 + (n >= 30) * jump, made[n]) for n in range(60) if n != 50]
    told, sound = heard(tmp_path, packets)
    assert (len(sound), told.silent) == (60 * 960, 0.02)


def test_order(tmp_path: Path) -> None:
    # Packets overtake each other, also around a roll-over.
    made = opus(440, 200)
    packets = [packet(65500 + n, n * 960, made[n]) for n in range(200)]
    _, in_order = heard(tmp_path / "a", packets)
    packets[20:60] = packets[20:60][::-1]
    told, sound = heard(tmp_path / "b", packets)
    assert (told.late, sound) == (0, in_order)
    late = packets.pop(5)
    told, sound = heard(tmp_path / "c", [*packets, late])
    assert (told.late, told.packets, len(sound)) == (1, 199, len(in_order))


def test_not_opus(tmp_path: Path) -> None:
    # One damaged packet would end the file, or move what follows.
    made = opus(440, 60)
    for place, payload in ((10, b""), (11, b"\x03"), (12, b"\x03\x3f"), (30, b"\xff\xff\xff"), (31, b"\x09\0")):
        made[place] = payload
    told, sound = heard(tmp_path, [packet(n, n * 960, each) for n, each in enumerate(made)])
    assert (told.undecoded, told.packets, len(sound)) == (5, 55, 60 * 960)
    assert not any(sound[10 * 960 : 13 * 960])


def test_payload() -> None:
    # Header extensions, CSRCs and padding would be played.
    plain = bytes(10) + b"\1\2"
    assert payload_of(b"\x80" + bytes(11) + plain) == plain
    assert payload_of(b"\x82" + bytes(11) + bytes(8) + plain) == plain
    assert payload_of(b"\x91" + bytes(11) + bytes(4) + b"\xbe\xde\0\1" + bytes(4) + plain) == plain
    assert payload_of(b"\xa0" + bytes(11) + plain + b"\0\0\3") == plain
    assert payload_of(b"\xa0" + bytes(11) + b"\xff") == b""


def test_duration() -> None:
    # RFC 6716 §3.1: 32 configurations, and four ways to say how many frames follow.
    lengths = [duration_of(bytes([each << 3])) for each in range(32)]
    assert lengths[:12] == [480, 960, 1920, 2880] * 3
    assert lengths[12:16] == [480, 960] * 2
    assert lengths[16:] == [120, 240, 480, 960] * 4
    assert [duration_of(bytes([8 | code, 3])) for code in range(4)] == [960, 1920, 1920, 2880]
    assert [duration_of(each) for each in (b"", b"\x0b", b"\x0b\x3f")] == [0, 0, 0]


def test_names() -> None:
    # A name in a log would choose another folder.
    assert name_of("222222222222222:2@lid", 0x1A2B3C4D) == "audio-222222222222222.2-0x1a2b3c4d.wav"
    assert name_of("../../etc/passwd@lid", 1) == "audio-etc.passwd-0x00000001.wav"
    assert name_of("\0\n<b>@x", 1) == "audio-b-0x00000001.wav"
    assert name_of("", 1) == "audio-unknown-0x00000001.wav"
    assert len(name_of("1" * 5000, 1)) < 64


def test_many_streams(tmp_path: Path) -> None:
    # A hostile log would use up the descriptors.
    made = opus(440, 1)[0]
    with Sounds(str(tmp_path)) as sounds:
        for ssrc in range(100):
            sounds.write(packet(0, 0, made, ssrc=ssrc))
    assert (len(sounds.told()), sounds.left_out) == (64, 36)


def test_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The file's sizes have 32 bits: a longer one would not play.
    monkeypatch.setattr("callkey.capture.wav._MOST_BYTES", 100_000)
    told, sound = heard(tmp_path, [packet(n, n * 960, each) for n, each in enumerate(opus(440, 60))])
    assert (told.full, len(sound)) == (True, 50_000)


@pytest.mark.skipif(sys.platform == "win32", reason="no limit for the sizes of files")
@pytest.mark.parametrize("output", ["--wav", "--report"])
def test_full_disk(command: Command, output: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # Half of the sound would stay, below a traceback.
    import resource

    monkeypatch.chdir(EXAMPLE)
    folder = command.folder / "made"
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, limits[1]))
    try:
        done = command(*SOLVED, output, str(folder))
        gc.collect()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith(f"callkey: error: can't write {folder}") and "File too large" in done.err
    assert done.err.count("\n") == 1 and list(folder.iterdir()) == []


def test_example(command: Command) -> None:
    # One command, from the capture to audio: the tones that make.py put into it.
    for file in EXAMPLE.iterdir():
        if file.suffix in (".pcap", ".jsonl", ".key"):
            command.file(file.name, file.read_bytes())
    done = command(*SOLVED, "--wav", "sound")
    assert (done.status, done.err) == (0, "")
    assert "3 WAV files in sound" in done.out
    files = sorted((command.folder / "sound").iterdir())
    assert [stat.S_IMODE(file.stat().st_mode) for file in files] == [0o600] * 3
    assert [len(samples(file)) / 48000 for file in files] == [8.0, 6.0, 3.2]
    found = [pitch(samples(file)[960 * 25 : 960 * 75]) for file in files]
    assert [round(each / 10) * 10 for each in found] == [300, 440, 580]
    command.file("mine", "mine")
    done = command(*SOLVED, "--wav", "mine")
    assert done.status == 2 and "can't write mine: " in done.err
    again = command(*SOLVED, "--wav", "sound")
    assert again.status == 2 and "File exists" in again.err
    assert [len(samples(file)) / 48000 for file in files] == [8.0, 6.0, 3.2]


def test_without_the_package(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    # The sentence must say what to install, and everything else must work.
    monkeypatch.setitem(__import__("sys").modules, "av", None)
    for file in EXAMPLE.iterdir():
        if file.suffix in (".pcap", ".jsonl", ".key"):
            command.file(file.name, file.read_bytes())
    done = command(*SOLVED, "--wav", "sound")
    assert (done.status, done.out) == (2, "")
    assert "a WAV file needs av: pip install 'callkey[capture]'" in done.err
    done = command(*SOLVED, "--report", "report")
    assert done.status == 0 and "it has no audio" in done.out
    assert not list((command.folder / "report").glob("*.wav"))
    assert (command.folder / "report" / "index.html").is_file()
