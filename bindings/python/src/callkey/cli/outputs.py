"""The files that callkey capture makes."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from types import TracebackType
from typing import TYPE_CHECKING

from .exits import UsageError
from .page import Page, printable

if TYPE_CHECKING:
    from ..capture.datagram import Datagram
    from ..capture.plain import PlainCapture
    from ..capture.result import PlainPacket, Result
    from ..capture.wav import Sounds

_PAGE, _PICTURE, _JSON, _PCAP = "index.html", "timeline.svg", "call.json", "plain.pcap"
"""The files of a report, beside the WAV files."""


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--write-pcap", metavar="FILE", help="write the packets in the clear to a new pcap file")
    parser.add_argument("--wav", metavar="DIR", help="write each audio stream to a new WAV file there")
    parser.add_argument("--timeline", metavar="FILE", help="draw the call to a new SVG file")
    parser.add_argument(
        "--report", metavar="DIR", help="write all of it and an HTML page to a folder, which is new or empty"
    )


class Outputs:
    """The files that were asked for. Everything that fails is a UsageError, and each file is new, its owner's only.

    If ``ending`` ends with an error, they are removed: half a call in the clear helps nobody.
    """

    def __init__(self, arguments: argparse.Namespace, ending: ExitStack) -> None:
        self._report: str | None = arguments.report
        self._timeline: str | None = arguments.timeline
        self._pcap_path, self._wav_path = arguments.write_pcap, arguments.wav
        self._plain: list[PlainCapture] = []
        self._sounds: list[Sounds] = []
        self._silent = ""
        self._told: list[tuple[bool, str]] = []
        self._texts: list[str] = []
        ending.push(self._remove_after_an_error)
        if self._report is not None:
            _new_folder(self._report)
        pcaps = [self._pcap_path] if self._pcap_path else []
        wavs = [self._wav_path] if self._wav_path else []
        if pcaps or self._report is not None:
            from ..capture.plain import PlainCapture

            for path in [*pcaps, *([os.path.join(self._report, _PCAP)] if self._report is not None else [])]:
                with _writing(path):
                    self._plain.append(PlainCapture(path))
        for path in wavs:
            self._add_sounds(path)
        if self._report is not None:
            self._add_sounds(self._report, must=False)

    def _add_sounds(self, folder: str, *, must: bool = True) -> None:
        from ..capture.needed import MissingPackageError
        from ..capture.wav import Sounds

        try:
            with _writing(folder):
                self._sounds.append(Sounds(folder))
        except MissingPackageError as problem:
            if must:
                raise
            self._silent = str(problem)

    @property
    def decrypt(self) -> bool:
        """Whether packets in the clear are wanted at all."""
        return bool(self._plain or self._sounds)

    def write(self, packet: PlainPacket, carrier: Datagram) -> None:
        for plain in self._plain:
            with _writing(plain.path):
                plain.write(packet.data, carrier)
        for sounds in self._sounds:
            with _writing(sounds.folder):
                sounds.write(packet)

    def finish(self, result: Result) -> None:
        """When every packet was written."""
        for plain in self._plain:
            with _writing(plain.path):
                plain.close()
        for sounds in self._sounds:
            with _writing(sounds.folder):
                sounds.close()
        if self._pcap_path:
            self._told.append((True, f"plain packets in {printable(self._pcap_path)}"))
        if self._plain and self._plain[0].left_out:
            self._told.append((False, f"{self._plain[0].left_out} packets of another link type are not in it"))
        if self._wav_path:
            self._told += _heard(self._sounds[0], self._wav_path)
        if self._timeline is not None:
            from ..capture.timeline import draw

            self._new_text(self._timeline, draw(result))
            self._told.append((True, f"timeline in {printable(self._timeline)}"))
        if self._report is not None:
            self._write_report(self._report, result)

    def _write_report(self, folder: str, result: Result) -> None:
        from ..capture.jsontext import as_json
        from ..capture.report import page
        from ..capture.timeline import draw

        sounds = () if self._silent else self._sounds[-1].told()
        links = ((_JSON, "JSON"), (_PICTURE, "timeline"), (_PCAP, "plain packets for Wireshark"))
        texts = ((_PICTURE, draw(result)), (_JSON, as_json(result)), (_PAGE, page(result, sounds, links)))
        for name, text in texts:
            self._new_text(os.path.join(folder, name), text)
        self._told.append((True, f"report in {printable(os.path.join(folder, _PAGE))}"))
        if self._silent:
            self._told.append((False, f"it has no audio: {self._silent}"))
        elif not self._wav_path:
            self._told += [each for each in _heard(self._sounds[-1], folder) if not each[0]]

    def _new_text(self, path: str, text: str) -> None:
        with _writing(path), os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            self._texts.append(path)
            file.write(text.encode("utf-8"))

    def _remove_after_an_error(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:  # finish() has closed them
            return
        opened: list[PlainCapture | Sounds] = [*self._plain, *self._sounds]
        for each in opened:
            with suppress(OSError):  # e.g. the disk is still full
                each.close()
        sounds = (os.path.join(each.folder, sound.name) for each in self._sounds for sound in each.told())
        for path in (*self._texts, *(plain.path for plain in self._plain), *sounds):
            with suppress(OSError):
                os.unlink(path)

    def show(self, page: Page) -> None:
        if self._told:
            page.line()
        for good, sentence in self._told:
            page.finding(good, sentence)


def _heard(sounds: Sounds, folder: str) -> Iterator[tuple[bool, str]]:
    made = sounds.told()
    where = printable(folder)
    yield (True, f"{len(made)} WAV files in {where}") if made else (False, f"no audio stream for a WAV file in {where}")
    for sound in made:
        if sound.undecoded:
            yield False, f"{sound.name}: {sound.undecoded} packets are not Opus"
        if sound.late:
            yield False, f"{sound.name}: {sound.late} packets came too late for their place"
        if sound.full:
            yield False, f"{sound.name}: the stream goes on, but a WAV file can't be longer"
    if sounds.left_out:
        yield False, f"{sounds.left_out} more audio streams have no WAV file"


@contextmanager
def _writing(path: str) -> Iterator[None]:
    try:
        yield
    except OSError as problem:
        raise UsageError(f"can't write {problem.filename or path}: {problem.strerror}") from None


def _new_folder(path: str) -> None:
    with _writing(path):
        os.makedirs(path, mode=0o700, exist_ok=True)
        if os.listdir(path):
            raise UsageError(f"{path} is not empty: a report needs a folder of its own")
