"""The contents of the table of table.py: subjects, their rows, the targets and the limits of
each figure. Times are in the unit of the subject; a cell names the source of its figure."""

from dataclasses import dataclass, field

US, MS, MB = 1e3, 1e6, 1e6  # ns in a microsecond and a millisecond, bytes in a megabyte


@dataclass
class Target:
    limit: float
    columns: tuple  # that it is about; the worst of them counts
    name: str = ""
    at_least: bool = False
    most: tuple = ()  # the cell of what the machine itself gives, beyond which nothing can be asked


@dataclass
class Row:
    label: str
    cells: dict
    targets: tuple = ()


@dataclass
class Subject:
    title: str
    unit: str
    columns: dict  # column: its heading
    rows: list = field(default_factory=list)
    bound: str = ""


SHIPPED = ("runtime", "c")  # as the library is built
OURS = {"runtime": "runtime", "portable": "portable", "c": "from C"}
BOTH = {**OURS, "libsignal": "libsignal", "serialized": "libsignal, stored"}


def ours(name, divisor, c=True):
    """One benchmark in Go with either way of erasing, and its twin through the C interface."""
    cells = {"runtime": ("runtime", name, "ns/op", divisor), "portable": ("portable", name, "ns/op", divisor)}
    if c:
        cells["c"] = ("c", name, "ns/op", divisor)
    return cells


def theirs(name, divisor):
    """The same with go.mau.fi/libsignal's own Builder and Cipher, over its two stores."""
    return {
        column: ("libsignal", name.replace("/memory", "/" + store), "ns/op", divisor)
        for column, store in (("libsignal", "pointers"), ("serialized", "serialized"))
    }


def devices(n):
    return "1 device" if n == 1 else f"{n} devices"


def sealing(name, store, n, targets):
    row = ours(f"{name}/{store}/{n}", US * n)
    if store == "memory":
        row.update(theirs(f"{name}/{store}/{n}", US * n))
    return Row(f"{store}, {devices(n)}", row, targets)


DERIVATIONS = Subject(
    "Derivation", "µs per call", OURS,
    [
        Row("derive_e2e_keys", ours("E2EKeys", US), (Target(25, SHIPPED), Target(8, ("portable",), "portable"))),
        Row("derive_e2e_keys_raw", ours("E2EKeysRaw", US, c=False)),
        Row("derive_e2e_keys_batch of 32", {
            **ours("E2EKeysBatch/participants=32", US, c=False), "c": ("c", "E2EKeysBatch", "ns/op", US),
        }),
        Row("derive_e2e_sframe_key", ours("SFrameKey", US)),
        Row("derive_warp_auth_key", ours("WARPAuthKey", US)),
        Row("derive_hbh_keys", ours("HBHKeys", US)),
        Row("derive_ssrcs, all nine", ours("SSRCs", US)),
        Row("participant_id", ours("ParticipantID", US)),
        Row("generate", {"c": ("c", "Generate", "ns/op", US)}),
    ],
    "An HMAC is four SHA-256 blocks; two under a key that is kept ready, like no salt or the salts of the SSRCs. The "
    "two blocks of a key are hashed side by side, and so are the HMACs of two SSRCs, in little more time than one. An "
    "HKDF of up to 32 bytes is two HMACs. So `derive_e2e_keys` takes two HMACs, then an AES key schedule and eight AES "
    "blocks; SFrame and WARP take two HMACs, `derive_hbh_keys` four and the AES, `derive_ssrcs` eighteen. "
    "`runtime/secret` adds its entry and exit, and about half a microsecond per allocation inside it: there is none.",
)

GROUP = Subject(
    "A group call, and the device that answered", "µs", OURS,
    [
        Row("derive_e2e_keys_batch of 1,024, per participant", {"c": ("c", "E2EKeysBatch1024", "ns/op", 1024 * US)}),
        Row(
            "    the same on two processors", {"c": ("c", "E2EKeysBatch1024-2", "ns/op", 1024 * US)},
            (Target(2.5, ("c",)),),
        ),
        Row("select_participant, 100 candidates", {
            **ours("SelectParticipant/candidates=100", US, c=False), "c": ("c", "SelectParticipant", "ns/op", US),
        }, (Target(1000, SHIPPED),)),
        Row("sframe_seal, 1,200 bytes", ours("SFrameSeal", US)),
        Row("sframe_open, 1,200 bytes", ours("SFrameOpen", US)),
        Row("warp_tag, 116 bytes", {"c": ("c", "WARPTag", "ns/op", US)}),
    ],
    "A candidate costs a block of HKDF, an AES key schedule, two AES blocks, and six blocks of SHA-1 for a packet "
    "of 116 bytes. A frame costs the key schedule, the table of GHASH, and AES-GCM with a hashed nonce, "
    "all in assembly of ours; opening reads it twice, because no payload is written before it is authenticated.",
)

REUSED = Subject(
    "Sealing, sessions reused", "µs per device", BOTH,
    [sealing("SealReused", "memory", n, (Target(30, SHIPPED),)) for n in (1, 10, 100)]
    + [sealing("SealReused", "SQLite", n, (Target(50, SHIPPED),) if n == 100 else ()) for n in (1, 10, 100)]
    + [
        Row("memory, one enc, no stanza", {"c": ("c", "SealEnc/memory", "ns/op", US)}, (Target(30, ("c",)),)),
        Row("SQLite, one enc, no stanza", {"c": ("c", "SealEnc/SQLite", "ns/op", US)}),
        Row("the disk alone, overwriting", {"c": ("c", "DiskOverwrite", "ns/op", US)}),
        Row("the disk alone, a file that grows", {"c": ("c", "DiskAppend", "ns/op", US)}),
    ],
    "A device costs seven HMACs (message key, chain step, MAC), three or four blocks of AES-CBC, and writing its two "
    "chain keys; reading and decoding its rows only if the store does not keep the session in memory. In SQLite an offer "
    "is one commit for any number of devices: with one device nearly all the time is the wait for the disk; 100 "
    "devices share it, and each adds the time for its record in SQLite and its sealing. The last two rows write and "
    "sync one page without SQLite: the least that any commit can cost, and the cost while SQLite's log grows (its "
    "first 1000 pages). The profile below shows where the processor time goes.",
)

NEW = Subject(
    "Beginning a session and sealing", "µs per device", BOTH,
    [sealing("SealNew", "memory", n, (Target(600, SHIPPED),)) for n in (1, 10, 100)]
    + [sealing("SealNew", "SQLite", n, (Target(600, SHIPPED),)) for n in (1, 10, 100)],
    "`offer_begin`: each device verifies a signature, checks three public keys, generates two key pairs and makes five "
    "agreements. With AVX-512 IFMA they are lanes of one another, of several devices too; without it their times are "
    "under Curve25519. They are most of the time in memory. In SQLite all of it is one commit, which waits for the disk "
    "once.",
)

CURVE = Subject(
    "Curve25519", "µs per operation", {k: BOTH[k] for k in ("runtime", "portable", "libsignal")},
    [
        Row(label, {**ours(name, US, c=False), "libsignal": ("libsignal", name, "ns/op", US)})
        for label, name in (
            ("agreement", "Agree"), ("key generation", "Generate"), ("signature verification", "Verify"),
            ("public key check", "Validate"),
        )
    ],
    "One at a time, without lanes. The agreement is circl's, in assembly on amd64. libsignal multiplies twice per "
    "agreement and does not check keys.",
)

OPENING = Subject(
    "Opening on one device", "µs", BOTH,
    [Row(f"memory, offer to {devices(n)}", ours(f"OpenReused/memory/{n}", US, c=False)) for n in (1, 10, 100)]
    + [Row(f"SQLite, offer to {devices(n)}", ours(f"OpenReused/SQLite/{n}", US, c=False)) for n in (1, 10, 100)]
    + [
        Row("memory, one enc, no stanza", {"c": ("c", "OpenEnc/memory", "ns/op", US), **theirs("OpenReused/memory", US)}),
        Row("SQLite, one enc, no stanza", {"c": ("c", "OpenEnc/SQLite", "ns/op", US)}),
        Row("memory, the caller is new", {**ours("OpenNew/memory", US, c=False), **theirs("OpenNew/memory", US)}),
        Row("SQLite, the caller is new", ours("OpenNew/SQLite", US, c=False)),
    ],
    "The stanza names every device, and the <to> of each is looked at to find the own one. A new caller costs four "
    "agreements for the handshake and two for the first step of the ratchet, two key generations and three key "
    "checks.",
)

TWICE = Target(1.7, ("ratio",), at_least=True, most=("ratio", ("cores", "SFrameKeyParallel"), ("cores", "SFrameKeyParallel-2")))

CORES = Subject(
    "Two processors", "µs per device", {"one": "one", "two": "two", "ratio": "times faster"},
    [
        Row(label, {
            "one": ("cores", name, "ns/op", divisor),
            "two": ("cores", name + "-2", "ns/op", divisor),
            "ratio": ("ratio", ("cores", name), ("cores", name + "-2")),
        }, targets)
        for label, name, divisor, targets in (
            ("100 new devices, memory", "BeginAndSeal", 100 * US, (TWICE,)),
            ("the machine alone", "SFrameKeyParallel", US, ()),
        )
    ],
    "The last row runs derive_e2e_sframe_key on both processors at once, which shares and allocates nothing. It shows "
    "the real worth of this machine's second processor during the run: another program or another guest of the host "
    "may have used it, or both may be threads of one core. A fan-out on existing sessions takes less than half a "
    "millisecond for 128 devices and stays on one processor up to there: the others are for other calls.",
)

CALLS = Subject(
    "Calls from C", "µs", {"c": "from C"},
    [
        Row("emptiest call into Go", {"c": ("c", "EmptyCall", "ns/op", US)}, (Target(0.3, ("c",)),)),
        Row("    of which two system calls hold signals back", {"c": ("c", "Signals", "ns/op", US)}),
        Row("for comparison: answered in C", {"c": ("c", "CallInC", "ns/op", US)}),
    ],
    "The first row is `callkey_check`, the last `callkey_key_bytes`. The difference is the cost of keeping a host's "
    "signals off Go's stacks, and of cgo's transition into Go and back.",
)

def waits(label, name):
    beside = {unit: ("waiting", f"Beside/{name}", f"{unit}-ns", US) for unit in ("p50", "p99", "p999", "max")}
    return Row(label, {**beside, "alone": ("waiting", f"Alone/{name}", "p999-ns", US)})


WAITING = Subject(
    "Waiting beside a busy fan-out", "µs",
    {"p50": "half", "p99": "99 of 100", "p999": "999 of 1,000", "max": "longest", "alone": "999 of 1,000, no fan-out"},
    [
        waits("for comparison: no call, some arithmetic", "no_call"),
        waits("for comparison: answered in C", "key_bytes"),
        waits("emptiest call into Go", "check"),
        waits("derive_e2e_keys", "derive_e2e_keys"),
        waits("select_participant, 4 candidates", "select_participant"),
        waits("sframe_seal, 1,200 bytes", "sframe_seal"),
        waits("epochs_add", "epochs_add"),
        waits("epochs_current", "epochs_current"),
    ],
    "Meanwhile another thread seals offers to 1,000 devices over SQLite, one after the other, and has both "
    "processors. The calling thread sleeps 0.2 ms before each call, so caches are cold. A call into Go runs on one of "
    "the two places (GOMAXPROCS) that the fan-out's work has too, and waits until that work yields: it does so after "
    "eight devices, but for what a commit or a collection takes longer, and is interrupted after 10 ms. An audio "
    "thread has 5 to 20 ms for everything. So call nothing there or per packet: `examples/media-engine` has a set-up "
    "thread that calls the library and hands over finished contexts.",
)

LOADING = Subject(
    "Loading", "ms and MB", {"c": "from C"},
    [
        Row("dlopen and first call, ms", {"c": ("c", "Load", "ns/op", MS)}, (Target(5, ("c",)),)),
        Row("    of which dlopen, ms", {"c": ("c", "Load", "open-ns", MS)}),
        Row("    of which the call, ms", {"c": ("c", "Load", "call-ns", MS)}),
        Row("resident after it, MB", {"c": ("c", "Load", "resident-B", MB)}, (Target(15, ("c",)),)),
        Row("    of which not of the file, MB", {"c": ("c", "Load", "anonymous-B", MB)}),
        Row("resident after a whole call, MB", {"c": ("c", "WholeCall", "resident-B", MB)}, (Target(15, ("c",)),)),
        Row("    of which not of the file, MB", {"c": ("c", "WholeCall", "anonymous-B", MB)}),
        Row("library, stripped, MB", {"c": ("c", "LibrarySize", "stripped-B", MB)}, (Target(10, ("c",)),)),
        Row("library, with symbols, MB", {"c": ("c", "LibrarySize", "debug-B", MB)}),
    ],
    "dlopen maps the file and starts the Go runtime on its own thread; the first call waits for it. Resident memory "
    "is VmRSS minus its value just before; a whole call is both sides of one, with stores in memory.",
)

def attack(label, name, targets=()):
    return Row(label, {"runtime": ("runtime", name, "ns/op", MS), "portable": ("portable", name, "ns/op", MS)}, targets)


ATTACK = Subject(
    "Under attack", "ms per message", {"runtime": "runtime", "portable": "portable", "ratio": "of the honest worst"},
    [
        attack("honest, 2,000 ahead, 1 archived state", "LongestJump/archived=1"),
        attack("honest, 2,000 ahead, 40 archived states", "LongestJump/archived=40"),
        *(
            Row(f"forged, 2,000 ahead, {n} archived", {
                "runtime": ("runtime", f"ForgedJump/archived={n}", "ns/op", MS),
                "portable": ("portable", f"ForgedJump/archived={n}", "ns/op", MS),
                "ratio": ("ratio", ("runtime", f"ForgedJump/archived={n}"), ("runtime", f"LongestJump/archived={n}")),
            }, (Target(2, ("ratio",)),))
            for n in (1, 40)
        ),
        Row("honest open in a flood, 99 of 100", {
            "runtime": ("runtime", "OpenUnderFlood", "p99-ms", 1), "portable": ("portable", "OpenUnderFlood", "p99-ms", 1),
        }, (Target(5, ("runtime", "portable")),)),
    ],
    "A forged message with an unknown ratchet key and the largest counter causes steps on two states at most; an "
    "honest one that far ahead also keeps the keys of the 2,000 messages between. The flood is 10,000 malformed "
    "messages a second for the same device, on one processor.",
)

SUBJECTS = [DERIVATIONS, GROUP, REUSED, NEW, CURVE, OPENING, ATTACK, CORES, CALLS, WAITING, LOADING]

INTRODUCTION = """\
`make bench` prints this table; `python3 -m bench.run --markdown` writes this page. `make bench PEERS=1` prints another
one, with the same tasks in other implementations beside ours, and `python3 -m bench.peers.run --markdown` writes it as a
section of this page. A figure is the median of
several rounds; ± is half the distance between the quartiles. The rounds of all programs alternate, so
columns compare even if the machine was busy. Programs use one processor (GOMAXPROCS 1) unless noted.
The targets are the project's own; a target is met if the worst of its columns meets it.

* **runtime** is Go with the runtime erasing secrets (GOEXPERIMENT=runtimesecret), as on Linux, amd64 and arm64;
  **portable** is Go with `core/secret` erasing them, as elsewhere. **from C** is the library for Linux through
  dlopen and its C interface.
* **libsignal** is the alternative: go.mau.fi/libsignal with its own Builder and Cipher, and the records as Go
  values in memory. **libsignal, stored** keeps the records as bytes, as a program with a database must and as
  libcallkey's memory store does. Neither writes a stanza, locks, erases or seals.
"""

PROFILE = """\
`python3 -m bench.profile`: 100 devices, sessions reused, one processor, the runtime erasing. `runtime.cgocall` is SQLite;
a profile does not show the wait for the disk."""
