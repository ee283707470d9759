"""``callkey vectors``: known answers of a file or folder, against the library."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import callkey
from callkey import CallKey, CallKeyError

from .exits import FAILED, OK, UsageError
from .page import Page, printable
from .progress import Progress

Fields = dict[str, Any]

_DESCRIPTION = """\
Runs every case of JSON vector files (a folder stands for the .json files in it)
and compares what the library gives with what the file says, values and errors.
The form of the files is described in testdata/vectors/README.md."""

_EPILOG = """\
A file of a primitive underneath, which the C interface does not have, is not
run. Exit status 1: a case differs, or nothing could be run.

example:
  callkey vectors testdata/vectors"""


_MEMBERS = (
    "master_key",
    "master_salt",
    "srtp_cipher_key",
    "srtp_auth_key",
    "srtp_salt",
    "srtcp_cipher_key",
    "srtcp_auth_key",
    "srtcp_salt",
)


class Inputs:
    """The inputs of a case: ``name``, or the bytes of ``name_hex``."""

    def __init__(self, fields: Fields) -> None:
        self._fields = fields

    def bytes(self, name: str) -> bytes:
        return bytes.fromhex(self._fields[name + "_hex"])

    def text(self, name: str) -> str:
        if name in self._fields:
            return str(self._fields[name])
        return self.bytes(name).decode(errors="surrogateescape")

    def texts(self, name: str) -> list[str]:
        return [str(value) for value in self._fields[name]]

    def number(self, name: str) -> int:
        return int(self._fields[name])

    def key(self) -> CallKey:
        return CallKey.from_bytes(self.bytes("key"))


def _members(keys: callkey.SRTPKeys) -> Fields:
    return {f"{name}_hex": getattr(keys, name).hex() for name in _MEMBERS}


def _check(i: Inputs) -> Fields:
    i.key()
    return {}


def _batch(i: Inputs) -> Fields:
    # Python's batch is all or nothing, so each participant is a batch of its own.
    statuses, keys = [], []
    for participant in i.texts("participants"):
        try:
            (one,) = i.key().e2e_keys_batch([participant])
            statuses.append("CALLKEY_OK")
            keys.append(one.reveal().hex())
        except CallKeyError as error:
            if error.name == "CALLKEY_ERR_KEY_LENGTH":
                raise
            statuses.append(error.name)
            keys.append("00" * 130)
    if not statuses:
        i.key()
    return {"statuses": statuses, "keys_hex": keys}


def _plaintext_encode(i: Inputs) -> Fields:
    made = [i.key().plaintext().reveal() for _ in range(200)]
    bodies = {plaintext[: len(plaintext) - plaintext[-1]].hex() for plaintext in made}
    padded = all(plaintext.endswith(bytes([plaintext[-1]]) * plaintext[-1]) for plaintext in made)
    body = bodies.pop() if len(bodies) == 1 and padded else ""
    return {"body_hex": body, "min_len": min(map(len, made)), "max_len": max(map(len, made))}


RUNNERS: dict[str, Callable[[Inputs], Fields]] = {
    "callkey_check": _check,
    "callkey_fingerprint": lambda i: {"fingerprint_hex": i.key().fingerprint},
    "callkey_participant_id": lambda i: {"participant_id": callkey.participant_id(i.text("jid"))},
    "callkey_derive_e2e_keys": lambda i: _members(i.key().e2e_keys(i.text("participant"))),
    "callkey_derive_e2e_keys_raw": lambda i: _members(
        callkey.RawE2E.from_bytes(i.bytes("raw_e2e")).e2e_keys(i.text("participant"))
    ),
    "callkey_derive_e2e_keys_batch": _batch,
    "callkey_derive_e2e_sframe_key": lambda i: {
        "sframe_key_hex": i.key().sframe_key(i.text("participant")).reveal().hex()
    },
    "callkey_derive_warp_auth_key": lambda i: {"warp_auth_key_hex": i.key().warp_auth_key().reveal().hex()},
    "callkey_derive_hbh_keys": lambda i: _members(
        callkey.hbh_keys(i.bytes("hbh_key"), i.number("which"))  # type: ignore[arg-type]  # also what is none
    ),
    "callkey_derive_ssrcs": lambda i: {"ssrcs": list(callkey.ssrcs(i.text("call_id"), i.text("participant")))},
    "callkey_raw_e2e_decode": lambda i: {"raw_e2e_hex": callkey.raw_e2e_decode(i.bytes("content")).reveal().hex()},
    "callkey_select_participant": lambda i: {
        "index": callkey.select_participant(
            i.key(), i.texts("participants"), i.bytes("rtp_packet"), roc=i.number("roc"), tag_len=i.number("tag_len")
        )
    },
    "callkey_plaintext_encode": _plaintext_encode,
    "callkey_plaintext_decode": lambda i: {
        "key_hex": callkey.plaintext_decode(i.bytes("plaintext"), i.number("enc_version")).reveal().hex()
    },
}


@dataclass
class File:
    """A vector file, and what became of its cases."""

    path: Path
    function: str
    cases: list[Fields]
    differing: list[str] = field(default_factory=list)
    """A sentence for each case that came out otherwise."""

    @property
    def known(self) -> bool:
        return self.function in RUNNERS

    @property
    def primitive(self) -> bool:
        return self.function.startswith("primitive_")


def add(parsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = parsers.add_parser(
        "vectors",
        usage="callkey vectors PATH …",
        help="check files of known answers against the library",
        description=_DESCRIPTION,
        epilog=_EPILOG,
    )
    parser.add_argument("paths", metavar="PATH", nargs="+", help="a vector file, or a folder of them")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, page: Page) -> int:
    files = [_load(path) for path in _paths(arguments.paths)]
    total, done = sum(len(file.cases) for file in files if file.known), 0
    with Progress(total) as progress:
        for file in files:
            for case in file.cases if file.known else []:
                progress.at(done, file.path.name)
                difference = check(file.function, case)
                if difference:
                    file.differing.append(f"{case['name']}: {difference}")
                done += 1
    return _report(page, files, total)


def check(function: str, case: Fields) -> str:
    """Runs one case; what came out otherwise, in words, or "" ."""
    try:
        got = RUNNERS[function](Inputs(case["in"]))
    except CallKeyError as error:
        expected = case.get("error", "an answer")
        return "" if error.name == expected else f"{error.name} instead of {expected}"
    except (KeyError, TypeError, ValueError) as problem:
        return f"the case does not say what the function needs ({type(problem).__name__})"
    if "error" in case:
        return f"an answer instead of {case['error']}"
    wrong = [name for name, value in case.get("out", {}).items() if not _same(got, name, value)]
    return f"{', '.join(wrong)} differ{'s' if len(wrong) == 1 else ''}" if wrong else ""


def _same(got: Fields, name: str, value: Any) -> bool:
    if name == "ssrcs":  # a case from elsewhere knows only the first of them
        return bool(got[name][: len(value)] == value)
    if name.endswith("_hex") and name not in got:  # a text that is beyond ASCII
        return bool(got.get(name[:-4], "").encode("utf-8", "surrogateescape").hex() == value)
    return bool(got.get(name) == value)


def _paths(given: list[str]) -> Iterator[Path]:
    for text in given:
        path = Path(text)
        inside = sorted(path.glob("*.json")) if path.is_dir() else [path]
        if not inside:
            raise UsageError(f"there is no .json file in {text}")
        yield from inside


def _load(path: Path) -> File:
    try:
        contents = json.loads(path.read_text(encoding="utf-8"))
        cases = contents["cases"]
        names = [case["name"] for case in cases if isinstance(case["in"], dict)]
        if len(names) != len(cases) or not isinstance(contents["function"], str):
            raise TypeError
    except OSError as problem:
        raise UsageError(f"can't read {path}: {problem.strerror}") from None
    except (ValueError, KeyError, TypeError, RecursionError):
        raise UsageError(f"{path} is not a file of vectors") from None
    return File(path, contents["function"], cases)


def _report(page: Page, files: list[File], total: int) -> int:
    width = max(len(file.path.name) for file in files)
    for file in files:
        name = page.style(printable(file.path.name), "bold")
        if not file.known:
            why = "a primitive underneath" if file.primitive else f"no {printable(file.function)} in this package"
            page.columns([(page.style("·", "dim"), 1), (name, width), (page.style(f"not run: {why}", "dim"), 0)])
            continue
        good = len(file.cases) - len(file.differing)
        counts = f"{good:>4} of {len(file.cases):>3}"
        page.columns([(page.mark(not file.differing), 1), (name, width), (counts, 11), (file.function, 0)])
        for difference in file.differing:
            page.paragraph(printable(difference), "red", indent=4, hang=2)
    failed = sum(len(file.differing) for file in files)
    unknown = [file for file in files if not file.known and not file.primitive]
    page.line()
    page.line(page.style(f"{total - failed} passed, {failed} failed", "bold", "red" if failed or not total else "green"))
    return FAILED if failed or unknown or not total else OK
