"""``callkey session``, and ``callkey open`` on a sequence of stanzas."""

from __future__ import annotations

import base64
import json
import os
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from command import FINGERPRINT, KEY_HEX, Command, run
from conftest import CALLER, COUNTING, DESKTOP, IDENTIFIED, PHONE
from test_command import at_terminal

import callkey
from callkey import CallKey, Store
from callkey.cli import exits

STORAGE_KEY = bytes(range(200, 232))
STORE = ("--store", "phone.db", "--storage-key", "storage.key")
NOBODY = "333333333333333:0@lid"


class World:
    """A phone with a file store, its caller in memory, and stanzas from one to the other."""

    def __init__(self, command: Command) -> None:
        self.path = command.folder / "phone.db"
        command.file("storage.key", STORAGE_KEY.hex())
        self.caller = Store.open()
        with self.open(identity=True) as phone:
            self.caller.session(PHONE).begin(phone.take_bundle())
        for number in (1, 2, 3):
            command.file(f"{number}.bin", self.offer())

    def open(self, identity: bool = False) -> Store:
        return Store.open(self.path, storage_key=STORAGE_KEY, identity=identity)

    def offer(self) -> bytes:
        with CallKey.from_bytes(COUNTING) as key:
            return self.caller.seal_offer(key, [PHONE], replace(IDENTIFIED, multi_device=True)).wire

    def answer(self) -> None:
        """The phone opens the first offer and answers, so that both sessions are acknowledged."""
        with self.open() as phone, CallKey.from_bytes(COUNTING) as key:
            phone.open_offer(self.offer(), own=[PHONE])[0].wipe()
            back = phone.seal_enc(CALLER, key)
            self.caller.open_enc(PHONE, back.enc_type, back.ciphertext).wipe()

    def exported(self) -> bytes:
        with self.open() as phone, phone.session(CALLER).export() as record:
            return record.reveal()


@pytest.fixture
def world(command: Command) -> Iterator[World]:
    made = World(command)
    with made.caller:
        yield made


def test_list(command: Command, world: World) -> None:
    # Nobody could tell which devices a store can call, or a script would have to take a table apart.
    empty = command("session", "list", *STORE)
    assert (empty.status, empty.out, empty.err) == (0, "0 sessions\n", "")
    world.answer()
    with world.open() as phone, Store.open() as desktop:
        phone.session(DESKTOP).begin(desktop.take_bundle())
    done = command("session", "list", *STORE)
    assert (done.status, done.err) == (0, "")
    assert done.out == (
        f"{CALLER}   opens and seals, 3 kept keys\n{DESKTOP}  not answered yet: seals pkmsg, 0 kept keys\n2 sessions\n"
    )
    told = json.loads(command("session", "list", *STORE, "--json", "222222222222222@lid").out)
    assert [(one["jid"], one["unacknowledged"], one["can_seal"]) for one in told] == [(DESKTOP, True, True)]


def test_show(command: Command, world: World) -> None:
    # A person could not compare an identity, or would see a secret.
    world.answer()
    done = command("session", "show", *STORE, CALLER)
    assert (done.status, done.err) == (0, "")
    identity = world.caller.identity
    assert identity.public_key.hex() in done.out and str(identity.registration_id) in done.out
    assert "opens and seals" in done.out and "3 of skipped messages" in done.out
    told = json.loads(command("session", "show", *STORE, "--json", CALLER).out)
    assert set(told) == {"jid", *callkey.SessionInfo.__dataclass_fields__}
    assert told["identity_key"] == identity.public_key.hex()


def test_states(command: Command, world: World) -> None:
    # A session that seals nothing would be shown as one that does.
    world.answer()
    with world.open() as phone:
        phone.copy("copy.db")
    Store.open("copy.db", storage_key=STORAGE_KEY, restored=True).close()
    done = command("session", "show", "--store", "copy.db", "--storage-key", "storage.key", CALLER)
    assert "from an old copy of the store: opens, seals none" in done.out


def test_moves(command: Command, world: World) -> None:
    # A session could not leave a store, or would arrive without the keys of late messages.
    world.answer()
    done = command("session", "export", *STORE, CALLER, "moved.bin")
    moved = command.folder / "moved.bin"
    assert (done.status, done.err) == (0, "")
    assert done.out == f"✓ {moved.stat().st_size} bytes written to moved.bin: secret, and only a copy\n"
    assert stat.S_IMODE(moved.stat().st_mode) == 0o600
    assert moved.read_bytes() == world.exported()
    assert command("session", "remove", *STORE, CALLER).out == f"✓ removed the session with {CALLER}\n"
    gone = command("session", "show", *STORE, CALLER)
    assert (gone.status, gone.out) == (1, "")
    assert gone.err == f"callkey: error: the store has no session with {CALLER} (CALLKEY_ERR_NO_SESSION)\n"
    Store.open("other.db", plaintext=True).close()
    other = ("--store", "other.db", "--plaintext")
    arrived = command("session", "import", *other, CALLER, "moved.bin")
    assert (arrived.status, arrived.out) == (0, f"✓ imported the session with {CALLER}: opens and seals\n")
    opened = command("open", "2.bin", "--own", PHONE, *other)  # it was late
    assert opened.status == 0 and FINGERPRINT in opened.out


def test_json(command: Command, world: World) -> None:
    # A script could not move a session.
    world.answer()
    told = json.loads(command("session", "export", *STORE, "--json", CALLER, "moved.bin").out)
    assert told == {"jid": CALLER, "file": "moved.bin", "bytes": len(world.exported())}
    assert json.loads(command("session", "remove", *STORE, "--json", CALLER).out) == {"jid": CALLER, "removed": True}
    told = json.loads(command("session", "import", *STORE, "--json", CALLER, "moved.bin").out)
    assert (told["jid"], told["can_seal"], told["kept_keys"]) == (CALLER, True, 3)


def test_never_shown(command: Command, world: World) -> None:
    # A session would stand on a screen, or in a log of what a script printed.
    world.answer()
    record = world.exported()
    status, shown = at_terminal("session", "export", *STORE, CALLER, "-")
    assert status == exits.USAGE and "standard output is a terminal" in shown
    status, shown = at_terminal("session", "export", *STORE, CALLER, "-", "--show-record")
    assert status == 0 and base64.b64decode(shown.replace("\r\n", "")) == record
    command.file("record", record)
    secret = {record[at : at + 8] for at in range(0, len(record), 8)}
    others = (
        ("list", *STORE),
        ("list", *STORE, "--json"),
        ("show", *STORE, CALLER),
        ("show", *STORE, "--json", CALLER),
        ("import", *STORE, "--replace", CALLER, "record"),
        ("export", *STORE, CALLER, "written"),
        ("remove", *STORE, CALLER),
    )
    with world.open() as phone:
        public = world.caller.identity.public_key.hex() + phone.identity.public_key.hex()
    for arguments in others:
        done = command("session", *arguments)
        assert done.status == 0
        for part in secret:
            if part.hex() not in public:
                assert part.hex() not in done.out + done.err
                assert base64.b64encode(part).decode()[:10] not in done.out + done.err


@pytest.mark.slow
def test_pipe(command: Command, world: World) -> None:
    # A session could not go from one program to the next without a file.
    world.answer()
    record = world.exported()
    os.chmod(command.folder, 0o700)
    exported = run("session", "export", *STORE, CALLER, "-", "--show-record").out
    assert base64.b64decode(exported) == record
    arrived = run("session", "import", *STORE, "--replace", CALLER, "-", stdin=exported.encode())
    assert (arrived.status, arrived.err) == (0, "")


@pytest.mark.parametrize(
    "arguments, told",
    [(["forget", *STORE, CALLER], 'there is no action "forget"'), ([], "an ACTION is needed")],
)
def test_actions(command: Command, arguments: list[str], told: str) -> None:
    # A person would have to know the actions before the command tells them.
    done = command("session", *arguments)
    first, *listing = done.err.splitlines()
    assert (done.status, done.out, first) == (2, "", f"callkey: error: {told}")
    actions = [line.split()[0] for line in listing if line.startswith("  ")]
    assert actions == ["list", "show", "export", "import", "remove"]


@pytest.mark.parametrize(
    "arguments, status, told",
    [
        (["list"], 2, "required: --store; see callkey session list --help"),
        (["list", "--store", "phone.db"], 2, "--storage-key is needed for the store, or --plaintext if it has none"),
        (["list", *STORE, "--plaintext"], 2, "not allowed with"),
        (["list", "--store", "absent.db", "--plaintext"], 1, "absent.db: there is no store in the file"),
        (["list", "--store", "phone.db", "--plaintext"], 1, "phone.db: the store is encrypted and needs its storage"),
        (["list", "--store", "phone.db", "--storage-key", "wrong.key"], 1, "CALLKEY_ERR_STORE_KEY"),
        (["list", "--store", "phone.db", "--storage-key", "short.key"], 2, "the storage key in short.key is 31 bytes"),
        (["list", "--store", "junk", "--plaintext"], 1, "CALLKEY_ERR_STORE_CORRUPT"),
        (["list", *STORE, CALLER], 2, "user: not a user's JID"),
        (["show", *STORE], 2, "JID"),
        (["show", *STORE, "1@g.us"], 2, "jid: not a device JID"),
        (["show", *STORE, NOBODY], 1, f"the store has no session with {NOBODY} (CALLKEY_ERR_NO_SESSION)"),
        (["remove", *STORE, NOBODY], 1, f"the store has no session with {NOBODY} (CALLKEY_ERR_NO_SESSION)"),
        (["export", *STORE, NOBODY, "new"], 1, f"the store has no session with {NOBODY} (CALLKEY_ERR_NO_SESSION)"),
        (["export", *STORE, CALLER], 2, "FILE"),
        (["export", *STORE, CALLER, "junk"], 2, "can't write junk: File exists"),
        (["export", *STORE, CALLER, "absent/new"], 2, "can't write absent/new: No such file or directory"),
        (["export", *STORE, CALLER, "-", "--json"], 2, "--json does not go with -"),
        (["export", *STORE, CALLER, "new", "--show-record"], 2, "--show-record is for -"),
        (["import", *STORE, NOBODY, "junk"], 1, "the session in junk (read as binary) does not parse"),
        (["import", *STORE, NOBODY, "cut"], 1, "the session in cut (read as binary) "),
        (["import", *STORE, NOBODY, "absent"], 2, "can't read absent"),
        (["import", *STORE, NOBODY, "empty"], 2, "empty is empty"),
        (["import", *STORE, CALLER, "session"], 2, f"there is a session with {CALLER} already; --replace replaces it"),
        (["import", *STORE, "--replace", CALLER, "others"], 3, "CALLKEY_ERR_UNTRUSTED_IDENTITY"),
        (["import", "--store", "phone.db", "--storage-key", "-", NOBODY, "-"], 2, "only one of the files"),
    ],
)
def test_refused(command: Command, world: World, arguments: list[str], status: int, told: str) -> None:
    # A script, or a person, would not learn what is wrong; or a failed command would change the store.
    world.answer()
    record = world.exported()
    command.file("wrong.key", bytes(32))
    command.file("short.key", STORAGE_KEY[:-1])
    command.file("junk", b"\xff\xfe not a session, and not a store")
    command.file("empty", b"")
    command.file("session", record)
    command.file("cut", record[:-40])
    with Store.open() as other:
        with world.open() as phone:
            other.session(PHONE).begin(phone.take_bundle())
        command.file("others", other.session(PHONE).export().reveal())
    before = {path.name for path in command.folder.iterdir()}
    done = command("session", *arguments)
    assert (done.status, done.out) == (status, "")
    assert done.err.startswith("callkey: error: ") and done.err.count("\n") == 1
    assert told in done.err
    assert STORAGE_KEY.hex()[:16] not in done.err and record[-40:-32].hex() not in done.err
    assert world.exported() == record
    assert {path.name for path in command.folder.iterdir()} <= before | {"phone.db-wal", "phone.db-shm"}


def test_damaged_session(command: Command, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    # One session that can't be read would hide all others, or could not be removed.
    world.answer()
    tell = Store.session_info

    def damaged(store: Store, jid: str) -> callkey.SessionInfo:
        if jid == CALLER:
            raise callkey.StoreCorruptError("a record is damaged")
        return tell(store, jid)

    with world.open() as phone, Store.open() as desktop:
        phone.session(DESKTOP).begin(desktop.take_bundle())
    monkeypatch.setattr(Store, "session_info", damaged)
    done = command("session", "list", *STORE)
    assert done.status == exits.FAILED
    assert f"{CALLER}   ✗ a record is damaged (CALLKEY_ERR_STORE_CORRUPT)\n" in done.out and DESKTOP in done.out
    told = json.loads(command("session", "list", *STORE, "--json").out)
    assert [one.get("status") for one in told] == ["CALLKEY_ERR_STORE_CORRUPT", None]
    assert command("session", "remove", *STORE, CALLER).status == 0


# Sequences


def test_sequence_with_store(command: Command, world: World) -> None:
    # Of several captured calls only the first could be opened; or one twice, although an app must not see it twice.
    opening = ("--own", PHONE, *STORE, "--json")
    for stanza in ("1.bin", "3.bin", "2.bin"):
        done = command("open", stanza, *opening)
        assert (done.status, done.err) == (0, "")
        told = json.loads(done.out)
        assert (told["fingerprint"], told["sender"]) == (FINGERPRINT, CALLER)
        assert KEY_HEX not in done.out
    again = command("open", "3.bin", *opening)
    assert (again.status, again.out) == (exits.DUPLICATE, "")


def test_interrupted(command: Command, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    # A full disk, or Ctrl-C, between the opening and the output would lose the key for good.
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    opening = ("open", "1.bin", "--own", PHONE, *STORE, "--write-key", "call.key")
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        done = command(*opening)
        assert done.status == exits.USAGE and "can't write call.key: No space left on device" in done.err
    assert not (command.folder / "call.key").exists()
    assert command(*opening).status == 0
    assert (command.folder / "call.key").read_bytes() == COUNTING


@pytest.mark.parametrize("output", ["key", "page"])
def test_interrupted_with_a_session(
    command: Command, world: World, monkeypatch: pytest.MonkeyPatch, output: str
) -> None:
    # The session would be past a message before its key was out: the key would be lost for good.
    def fails(*_: object) -> None:
        raise OSError(28, "No space left on device")

    world.answer()
    command.file("session.bin", world.exported())
    command.file("4.bin", world.offer())
    opening = ("open", "4.bin", "--own", PHONE, "--session", "session.bin", "--write-session", "session.bin")
    keyed = ("--write-key", "call.key") if output == "key" else ("--show-key",)
    with monkeypatch.context() as patched:
        if output == "key":
            fsync = os.fsync

            def full(file: int) -> None:
                return fails() if os.path.samestat(os.fstat(file), os.stat("call.key")) else fsync(file)

            patched.setattr(os, "fsync", full)
        else:
            patched.setattr("callkey.cli.open._tell", fails)
        try:
            assert command(*opening, *keyed).status != 0
        except OSError:
            assert output == "page"
    assert (command.folder / "session.bin").read_bytes() == world.exported()
    done = command(*opening, *keyed)
    assert (done.status, done.err) == (0, "")
    assert (command.folder / "session.bin").read_bytes() != world.exported()


def test_sequence_with_sessions(command: Command, world: World) -> None:
    # A sequence could be opened only with a store, or only the first of it.
    world.answer()
    command.file("session.bin", world.exported())
    for number in (4, 5, 6):
        command.file(f"{number}.bin", world.offer())
    first = ("--own", PHONE, "--session", "session.bin")
    done = command("open", "5.bin", *first, "--write-session", "after-5.bin")
    assert (done.status, done.err) == (0, "") and "session in    after-5.bin" in done.out
    after = command.folder / "after-5.bin"
    assert stat.S_IMODE(after.stat().st_mode) == 0o600
    assert (command.folder / "session.bin").read_bytes() == world.exported()
    kept = after.read_bytes()
    advancing = ("--own", PHONE, "--session", "after-5.bin", "--write-session", "after-5.bin")
    for stanza in ("4.bin", "6.bin"):
        assert command("open", stanza, *advancing).status == 0
    assert after.read_bytes() != kept and stat.S_IMODE(after.stat().st_mode) == 0o600
    assert command("open", "5.bin", *advancing).status == exits.DUPLICATE
    assert not [name for name in os.listdir(command.folder) if name.startswith(".callkey-")]


def test_session_from_the_first_message(command: Command, world: World) -> None:
    # The session that a pkmsg begins would be lost, and with it the calls after it.
    with world.open() as phone, phone.account() as account:
        command.file("identity", account.reveal())
        number = account.registration_id
    signed, one = bytes(range(32)), bytes(range(1, 33))
    command.file("signed", signed)
    command.file("one", one)
    with world.open() as phone:
        phone.import_signed_prekey(77, signed)
        phone.import_prekey(78, one)
        bundle = phone.take_bundle()
    with Store.open(identity=False) as public:
        public.import_identity(one, 1)
        bundle = replace(bundle, prekey_id=78, prekey=public.identity.public_key)
    world.caller.session(PHONE).begin(bundle)
    command.file("first.bin", world.offer())
    command.file("second.bin", world.offer())
    own = ("--own", PHONE, "--identity", "identity", "--registration-id", str(number))
    prekeys = ("--signed-prekey", "77=signed", "--prekey", "78=one")
    done = command("open", "first.bin", *own, *prekeys, "--write-session", "s.bin")
    assert (done.status, done.err) == (0, "")
    assert command("open", "second.bin", *own, "--session", "s.bin", "--write-session", "s.bin").status == 0


@pytest.mark.parametrize(
    "arguments, status, told",
    [
        (["1.bin", "--own", PHONE, *STORE, "--session", "session"], 2, "--session does not go with --store"),
        (["1.bin", "--own", PHONE, *STORE, "--prekey", "1=session"], 2, "--prekey does not go with --store"),
        (["1.bin", "--own", PHONE, *STORE, "--registration-id", "1"], 2, "--registration-id does not go with --store"),
        (["1.bin", "--own", PHONE, *STORE, "--write-session", "new"], 2, "--write-session does not go with --store"),
        (["1.bin", "--own", PHONE, "--session", "session", "--plaintext"], 2, "are for a --store"),
        (["1.bin", "--own", PHONE, "--store", "phone.db"], 2, "--storage-key is needed"),
        (["1.bin", "--own", PHONE, "--store", "absent", "--plaintext"], 1, "absent: there is no store in the file"),
        (["-", "--own", PHONE, "--store", "phone.db", "--storage-key", "-"], 2, "only one of the files"),
        (["1.bin", "--own", DESKTOP, *STORE], 1, "see --own"),
        (["broken", "--own", PHONE, *STORE], 3, "CALLKEY_ERR_AUTHENTICATION"),
        (["msg", "--own", PHONE, "--session", "session", "--write-session", "1.bin"], 2, "can't write 1.bin: File"),
        (["msg", "--own", PHONE, "--session", "session", "--write-session", "no/new"], 2, "can't write no/new"),
        (["broken", "--own", PHONE, "--session", "session", "--write-session", "session"], 3, "AUTHENTICATION"),
        (["broken", "--own", PHONE, "--session", "session", "--write-session", "new"], 3, "AUTHENTICATION"),
        (["msg", "--own", PHONE, "--session", "session", "--write-session", "new", "--write-key", "1.bin"], 2, "1.bin"),
    ],
)
def test_open_refused(command: Command, world: World, arguments: list[str], status: int, told: str) -> None:
    # A failed opening would change the store or the session, or leave an empty file that looks like a session.
    world.answer()
    command.file("session", world.exported())
    message = world.offer()
    command.file("msg", message)
    command.file("broken", message[:-20] + bytes([message[-20] ^ 1]) + message[-19:])
    before = {path.name: path.read_bytes() for path in command.folder.iterdir() if "phone.db" not in path.name}
    record = world.exported()
    done = command("open", *arguments)
    assert (done.status, done.out) == (status, "")
    assert told in done.err
    after = {path.name: path.read_bytes() for path in command.folder.iterdir() if "phone.db" not in path.name}
    assert after == before and world.exported() == record


@pytest.mark.skipif(os.name != "posix", reason="Windows syncs no folders")
def test_power_failure(command: Command, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    # An exported session that was removed from its store afterwards would be nowhere: the file had no name on the disk.
    world.answer()
    synced: list[tuple[int, int]] = []
    fsync = os.fsync

    def watched(file: int) -> None:
        there = os.fstat(file)
        synced.append((there.st_dev, there.st_ino))
        fsync(file)

    monkeypatch.setattr(os, "fsync", watched)
    command.file("4.bin", world.offer())
    for arguments in (
        ("session", "export", *STORE, CALLER, "exported"),
        ("open", "4.bin", "--own", PHONE, "--session", "exported", "--write-session", "exported"),
    ):
        synced.clear()
        assert command(*arguments).status == 0
        file, folder = os.stat("exported"), os.stat(".")
        assert synced == [(file.st_dev, file.st_ino), (folder.st_dev, folder.st_ino)]


def test_interrupted_after_replacing(command: Command, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    # An error about a file that is gone would hide that the disk failed.
    world.answer()
    command.file("session", world.exported())
    command.file("4.bin", world.offer())
    fsync = os.fsync

    def full(file: int) -> None:
        if stat.S_ISDIR(os.fstat(file).st_mode):
            raise OSError(5, "Input/output error")
        fsync(file)

    monkeypatch.setattr(os, "fsync", full)
    done = command("open", "4.bin", "--own", PHONE, "--session", "session", "--write-session", "session")
    assert done.status == exits.USAGE and "can't write session: Input/output error" in done.err
    assert not [name for name in os.listdir(command.folder) if name.startswith(".callkey-")]


def test_link_is_followed(command: Command, world: World, tmp_path: Path) -> None:
    # A session behind a link would stay as it was, and its next message would be opened with an old copy.
    world.answer()
    command.file("real", world.exported())
    command.file("msg", world.offer())
    os.symlink("real", "link")
    done = command("open", "msg", "--own", PHONE, "--session", "link", "--write-session", "link")
    assert done.status == 0
    assert os.path.islink("link") and (tmp_path / "real").read_bytes() != world.exported()
