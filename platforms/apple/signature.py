"""The code signature inside a Mach-O file: a hash of each page, and the hashes' own list (<kern/cs_blobs.h>).

Ad hoc: it has no certificate, and says only that the file is as the linker wrote it. Apple's processors execute nothing
without one.
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass

from platforms.apple.macho import CODE_SIGNATURE, Image, text
from tools.script import expect

SUPER_BLOB, CODE_DIRECTORY = 0xFADE0CC0, 0xFADE0C02
DIRECTORY_SLOT = 0
AD_HOC, LINKER_SIGNED = 0x2, 0x20000
SHA256 = 2
HAS_EXECUTABLE_SEGMENT = 0x20400
"""The version of a directory that names the executable segment."""


@dataclass(frozen=True)
class Directory:
    version: int
    flags: int
    identifier: str
    special: int
    hashes: list[bytes]
    code: int
    """The bytes of the file that are hashed."""
    kind: int
    page: int
    executable: tuple[int, int]


def directory(image: Image) -> Directory:
    """The only blob of an ad-hoc signature."""
    blob = image.commands.range(image.commands.only(CODE_SIGNATURE, "LC_CODE_SIGNATURE"), "code signature")
    magic, length, count = struct.unpack_from(">3I", blob)
    expect(magic == SUPER_BLOB and length <= len(blob), f"{image.file}: its code signature is none")
    blobs = [struct.unpack_from(">2I", blob, 12 + 8 * index) for index in range(count)]
    expect([slot for slot, _ in blobs] == [DIRECTORY_SLOT], f"{image.file}: its code signature has the blobs {blobs}")
    [(_, at)] = blobs
    magic, length = struct.unpack_from(">2I", blob, at)
    expect(magic == CODE_DIRECTORY and at + length <= len(blob), f"{image.file}: it has no directory of code")
    body = blob[at : at + length]
    fields = struct.unpack_from(">7I4BI", body, 8)
    version, flags, hashes, identifier, special, slots, code, size, kind, _, page, _ = fields
    expect(version >= HAS_EXECUTABLE_SEGMENT, f"{image.file}: its directory of code has version {version:#x}")
    start, limit = struct.unpack_from(">2Q", body, 64)
    return Directory(
        version,
        flags,
        text(body[identifier:]),
        special,
        [body[hashes + size * slot : hashes + size * (slot + 1)] for slot in range(slots)],
        code,
        kind,
        1 << page,
        (start, limit),
    )


def verify(image: Image) -> int:
    """Check every page's hash, and return how many there are."""
    signed = directory(image)
    name = image.file
    expect(signed.flags & AD_HOC, f"{name} is not signed ad hoc: its flags are {signed.flags:#x}")
    expect(signed.kind == SHA256 and signed.special == 0, f"{name}: its code signature is not of SHA-256 alone")
    [at, size] = struct.unpack("<2I", image.commands.only(CODE_SIGNATURE, "LC_CODE_SIGNATURE"))
    expect(signed.code == at and at % 16 == 0, f"{name}: {signed.code} bytes are signed, and the signature is at {at}")
    expect(at + size == len(image.content), f"{name}: its code signature is not its end")
    code = image.segment("__TEXT")
    expect(signed.executable == (code.offset, code.size), f"{name}: signed as executable is {signed.executable}")
    pages = [image.content[start : min(start + signed.page, at)] for start in range(0, at, signed.page)]
    expect(len(pages) == len(signed.hashes), f"{name}: {len(pages)} pages and {len(signed.hashes)} hashes")
    wrong = [index for index, page in enumerate(pages) if hashlib.sha256(page).digest() != signed.hashes[index]]
    expect(
        not wrong, f"{name}: {len(wrong)} pages are not as they were signed, the first at {wrong[:1]} of {len(pages)}"
    )
    return len(pages)
