"""A WAV file of each audio stream, decoded from Opus (RFC 6716, RFC 7587) by libopus in PyAV."""

from __future__ import annotations

import heapq
import os
import re
import wave
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from .needed import needed
from .result import Kind, PlainPacket

RATE = 48000
"""Samples in a second, whatever the encoder's rate: Opus is decoded so."""
WINDOW = 64
"""Packets that one may be late by."""
_CLOCKS = (48000, 24000, 16000, 12000, 8000)
"""Rates of the RTP timestamps. RFC 7587 has 48000; WhatsApp's streams name 16000 and 8000 too."""
_LEARNT = 16
"""Steps of the timestamps from which the clock is learnt. Packets wait for it."""
_MOST_SILENCE = 600 * RATE
"""Samples. A timestamp further ahead is no pause: the sender's clock began anew."""
_MOST_BYTES = (1 << 32) - (1 << 20)
"""A WAV file has 32-bit sizes."""
_MOST_FILES = 64
_BYTES = 2
"""Of a sample."""
_CHANNELS = 1


@dataclass(frozen=True)
class Sound:
    """One WAV file: 48,000 samples of 16 bits in a second, one channel, into which two are mixed.

    name: in the folder. ssrc, sender: of its stream.
    seconds: its length. silent: seconds of it for which no packet is there: lost packets and pauses.
    packets: decoded. undecoded: packets that are not Opus. late: packets that came after their place was written.
    full: the stream is longer than a WAV file can be, which ends with it.
    """

    name: str
    ssrc: int
    sender: str
    seconds: float
    silent: float
    packets: int
    undecoded: int
    late: int
    full: bool


class Sounds:
    """The WAV files of a capture, in a folder that is made if it is not there.

    Streams of the kind audio are written, the first 64 of them; ``left_out`` counts the others. Their order is that of
    the packets' indexes, their time that of the RTP timestamps, and where packets are missing there is silence. Only
    the owner can read the files. The constructor raises MissingPackageError without PyAV, and each call OSError for a
    file that exists or can't be written.
    """

    def __init__(self, folder: str) -> None:
        needed("av", "a WAV file")
        os.makedirs(folder, mode=0o700, exist_ok=True)
        self.folder = folder
        self._made: dict[int, _Voice] = {}
        self._others: set[int] = set()

    def write(self, packet: PlainPacket) -> None:
        if packet.rtcp or packet.kind is not Kind.AUDIO:
            return
        voice = self._made.get(packet.ssrc)
        if voice is None:
            if len(self._made) == _MOST_FILES:
                self._others.add(packet.ssrc)
                return
            voice = self._made[packet.ssrc] = _Voice(self.folder, packet)
        voice.write(packet)

    def close(self) -> None:
        with ExitStack() as ending:  # all of them, also after one that can't be written
            for voice in self._made.values():
                ending.callback(voice.close)

    @property
    def left_out(self) -> int:
        """Streams without a file."""
        return len(self._others)

    def told(self) -> tuple[Sound, ...]:
        """The files, complete after close()."""
        return tuple(voice.told() for voice in self._made.values())

    def __enter__(self) -> Sounds:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def name_of(sender: str, ssrc: int) -> str:
    """The file of a stream: ``audio-222222222222222.2-0x1a2b3c4d.wav``. The sender may be any text."""
    user = re.sub(r"[^0-9A-Za-z]+", ".", sender.partition("@")[0]).strip(".")[:32]
    return f"audio-{user or 'unknown'}-{ssrc:#010x}.wav"


class _Voice:
    """One stream on its way into a file."""

    def __init__(self, folder: str, first: PlainPacket) -> None:
        self._sender, self._ssrc = first.sender, first.ssrc
        self.name = name_of(first.sender, first.ssrc)
        place = os.path.join(folder, self.name)
        file = os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb", 1 << 16)
        self._file = file
        self._wave = wave.open(file, "wb")  # noqa: SIM115
        self._wave.setnchannels(_CHANNELS)
        self._wave.setsampwidth(_BYTES)
        self._wave.setframerate(RATE)
        self._decoder = _Decoder()
        self._clock = _Clock()
        self._waiting: list[tuple[int, bytes]] = []
        self._next = -1
        """The first index that is not in the file."""
        self._learning: list[tuple[int, bytes]] = []
        self._start = 0
        """The timestamp of the file's first sample, in the same count as _Clock's."""
        self._written = self._silent = self._packets = self._undecoded = self._late = 0
        self._full = False

    def write(self, packet: PlainPacket) -> None:
        if packet.index < self._next:
            self._late += 1
            return
        heapq.heappush(self._waiting, (packet.index, packet.data))
        if len(self._waiting) > WINDOW:
            self._take(*heapq.heappop(self._waiting))

    def close(self) -> None:
        if self._file.closed:
            return
        with self._file, closing(self._wave):
            while self._waiting:
                self._take(*heapq.heappop(self._waiting))
            self._settle()

    def told(self) -> Sound:
        return Sound(
            name=self.name,
            ssrc=self._ssrc,
            sender=self._sender,
            seconds=self._written / RATE,
            silent=self._silent / RATE,
            packets=self._packets,
            undecoded=self._undecoded,
            late=self._late,
            full=self._full,
        )

    def _take(self, index: int, data: bytes) -> None:
        """The packets in their order. The first ones wait until the clock is known."""
        self._next = index + 1
        if self._clock.rate == 0:
            self._learning.append((index, data))
            self._clock.learn(index, data)
            if self._clock.rate == 0:
                return
            self._settle()
            return
        self._play(data)

    def _settle(self) -> None:
        self._clock.settle()
        for _, data in self._learning:
            self._play(data)
        self._learning.clear()

    def _play(self, data: bytes) -> None:
        samples = self._decoder.samples(payload_of(data))
        if samples is None:
            self._undecoded += 1
            return
        place = self._clock.place(data)
        if self._packets == 0:
            self._start = place
        self._packets += 1
        ahead = place - self._start - self._written
        if ahead > _MOST_SILENCE or ahead < -RATE:
            # Another start of its clock: it goes on without a gap.
            self._start = place - self._written
        elif ahead > 0:
            self._put(bytes(_BYTES * ahead))
            self._silent += ahead
        self._put(samples)

    def _put(self, samples: bytes) -> None:
        room = _MOST_BYTES - _BYTES * self._written
        if len(samples) > room:
            self._full = True
            samples = samples[:room]
        self._wave.writeframesraw(samples)
        self._written += len(samples) // _BYTES


def payload_of(packet: bytes) -> bytes:
    """The payload of an authentic RTP packet, without padding (RFC 3550 §5.1)."""
    start = 12 + 4 * (packet[0] & 0x0F)
    if packet[0] & 0x10:
        start += 4 + 4 * int.from_bytes(packet[start + 2 : start + 4], "big")
    padding = packet[-1] if packet[0] & 0x20 else 0
    return packet[start : max(start, len(packet) - padding)]


class _Clock:
    """The rate of a stream's timestamps, and where in the file a packet belongs."""

    def __init__(self) -> None:
        self.rate = 0
        """0: not known yet."""
        self._steps: Counter[int] = Counter()
        self._before: tuple[int, int, int] | None = None
        self._timestamp = 0
        """Of the last packet, counted on beyond 32 bits."""
        self._begun = False

    def learn(self, index: int, packet: bytes) -> None:
        """A step of the timestamps takes as long as the packet before it plays."""
        now = (index, _timestamp(packet), duration_of(payload_of(packet)))
        if self._before is not None and index == self._before[0] + 1 and self._before[2]:
            step = (now[1] - self._before[1]) & 0xFFFFFFFF
            for clock in _CLOCKS:
                if step * RATE == self._before[2] * clock:
                    self._steps[clock] += 1
        self._before = now
        if sum(self._steps.values()) >= _LEARNT:
            self.settle()

    def settle(self) -> None:
        if self.rate == 0:
            self.rate = max(_CLOCKS, key=lambda clock: self._steps[clock])

    def place(self, packet: bytes) -> int:
        """In samples."""
        told = _timestamp(packet)
        if not self._begun:
            self._timestamp, self._begun = told, True
        else:
            step = (told - self._timestamp) & 0xFFFFFFFF
            self._timestamp += step - (1 << 32) if step >= 1 << 31 else step
        return self._timestamp * RATE // self.rate


def _timestamp(packet: bytes) -> int:
    return int.from_bytes(packet[4:8], "big")


def duration_of(payload: bytes) -> int:
    """The samples of an Opus packet at 48 kHz by its first bytes; 0 for what is not one (RFC 6716 §3.1, §3.2)."""
    if not payload:
        return 0
    configuration, code = payload[0] >> 3, payload[0] & 3
    if configuration < 12:
        each = (480, 960, 1920, 2880)[configuration & 3]
    elif configuration < 16:
        each = (480, 960)[configuration & 1]
    else:
        each = (120, 240, 480, 960)[configuration & 3]
    frames = (1, 2, 2, payload[1] & 0x3F if len(payload) > 1 else 0)[code]
    return each * frames if each * frames <= 5760 else 0


class _Decoder:
    """Opus to samples of 16 bits, one channel, as bytes."""

    def __init__(self) -> None:
        av: Any = needed("av", "a WAV file")
        self._av = av
        self._codec = av.CodecContext.create("libopus", "r")
        self._codec.sample_rate = RATE
        self._codec.layout = "mono"

    def samples(self, payload: bytes) -> bytes | None:
        """None for what is no Opus."""
        expected = duration_of(payload)
        if not expected:
            return None
        try:
            made = b"".join(self._decoded(payload))
        except (self._av.FFmpegError, ValueError):
            return None
        # What the decoder holds back at the beginning is silence; the time must stay right.
        return made.rjust(_BYTES * expected, b"\0")[-_BYTES * expected :]

    def _decoded(self, payload: bytes) -> Iterator[bytes]:
        for frame in self._codec.decode(self._av.Packet(payload)):
            yield bytes(frame.planes[0])[: _BYTES * frame.samples]
