"""The rows of the table: each task, the ratio that is aimed at, and what the programs do differently in it."""

from __future__ import annotations

from dataclasses import dataclass

US = 1e3  # ns in a microsecond

NOTES = {
    "a": "The Rust crate erases no secrets: no message, session or media key, and no call key.",
    "b": "Its sessions are Rust values in memory, of which a message gets a copy: nothing is encoded. Ours are "
    "records of bytes.",
    "c": "In SQLite it is the crate's own cache of records over whatsapp-rust-sqlite-storage, written once per "
    "offer, with PRAGMA synchronous=FULL as ours. Its rows are not sealed. The program that the crate is for "
    "writes only when the counters run out that it reserved ahead.",
    "d": "With PRAGMA synchronous=NORMAL: a commit does not wait for the disk. Ours is the same figure as above.",
    "e": "The crate checks the signature of a bundle, but not that its keys are of the large prime-order group: no"
    " check for torsion.",
    "f": "The crate derives the keys of SRTP and of SRTCP each from the call key, so that it runs the HKDF twice.",
    "g": "The crate keeps one cipher for all frames of a session. Ours is given the key with each frame.",
    "h": "The crate has no such function: ours and the loop around its derivation try every candidate, whichever "
    "matches.",
    "i": "The crate's import decodes; ours also checks the keys and writes the session into the store. Its export "
    "encodes a value; ours fetches the record from the store.",
    "j": "Two threads, each with an offer to 100 devices of its own: ours over one store, the crate's over a store"
    " each, because a store of the crate has one user at a time. Two processors.",
}


@dataclass
class Task:
    label: str
    name: str  # of the benchmark
    notes: str
    aim: float = 0  # ours/Rust at most; 0: none
    devices: int = 1  # that the figure is divided by
    theirs: str = ""  # the Rust benchmark, if it is another one
    libsignal: str = ""  # the Go benchmark, with {} for the kind of its store


TASKS = [
    Task("warm seal, memory", "Seal", "ab", 1.0, libsignal="SealReused/{}/1"),
    Task("offer to 100, memory", "Offer/memory/100", "ab", 1.0, 100, libsignal="SealReused/{}/100"),
    Task("offer to 100, SQLite", "Offer/SQLite/100", "ac", 0.7, 100),
    Task("    theirs not synced", "Offer/SQLite/100", "acd", devices=100, theirs="Offer/SQLite/100/unsynced"),
    Task("offer to 1,000, SQLite", "Offer/SQLite/1000", "ac", 0.7, 1000),
    Task("    theirs not synced", "Offer/SQLite/1000", "acd", devices=1000, theirs="Offer/SQLite/1000/unsynced"),
    Task("open msg, memory", "Open", "ab", 1.0, libsignal="OpenReused/{}"),
    Task("seal beside 1,000 kept keys", "SealBesideKept", "ab", 0.1),
    Task("open beside 1,000 kept keys", "OpenBesideKept", "ab", 0.1),
    Task("open, 1,000 ahead", "OpenAhead", "ab", 0.8),
    Task("begin + seal, 1 device, memory", "Begin/memory/1", "abe", 0.5, libsignal="SealNew/{}/1"),
    Task("begin + seal, 100 devices, memory", "Begin/memory/100", "abe", 0.35, 100, libsignal="SealNew/{}/100"),
    Task("begin + seal, 100 devices, SQLite", "Begin/SQLite/100", "ace", 0.5, 100),
    Task("    theirs not synced", "Begin/SQLite/100", "acde", devices=100, theirs="Begin/SQLite/100/unsynced"),
    Task("begin + seal, 4 devices, SQLite", "Begin/SQLite/4", "ace", 0.6, 4),
    Task("    theirs not synced", "Begin/SQLite/4", "acde", devices=4, theirs="Begin/SQLite/4/unsynced"),
    Task("open pkmsg, memory", "OpenNew", "abe", 0.5, libsignal="OpenNew/{}"),
    Task("derive_e2e_keys", "E2EKeys", "af", 1.0),
    Task("derive_e2e_keys_batch of 1,024", "E2EKeysBatch", "af", 0.8, 1024),
    Task("nine SSRCs", "SSRCs", "a", 1.0),
    Task("hop by hop", "HBHKeys", "a", 1.0),
    Task("SFrame key", "SFrameKey", "a", 1.0),
    Task("sframe_seal, 1,200 bytes", "SFrameSeal", "ag", 1.0),
    Task("select among 100", "SelectParticipant", "ah", 0.8),
    Task("offer of 100: build", "OfferBuild", "", 1.0),
    Task("offer of 100: parse", "OfferParse", "", 1.0),
    Task("session import", "SessionImport", "ai", 1.0),
    Task("session export", "SessionExport", "ai"),
]

# Two calls at once are so many times faster than one after the other.
TWO_CALLS = ("two calls at once: times faster", "TwoCalls/one", "TwoCalls/two")
TWO_CALLS_AIM = 1.5
TWO_CALLS_NOTES = "abj"

BOUNDS = """What bounds the rows that miss their aim:

* One message in memory: by a profile of `enc_seal` through C, 40 % is the message itself (SHA-256, AES and the chains
  row), 8 % the two system calls that hold signals back, 5 % erasing registers and the thread's stack of 31 kB after it,
  3 % memory, and the rest the transaction: locks, maps, names, the way into Go. The crate holds no signal back and
  erases nothing, which is most of the difference. To open one, a copy of the session is
  advanced besides, which a forged message leaves behind. Eight devices of a fan-out share one erasure.
* The key of SFrame: what a call costs by itself, under "Calls from C", and the erasure.
* A frame of SFrame: the same, 0.4 µs together; the crate keeps its cipher and erases nothing.
* Export: a transaction of the store. The crate only encodes."""
