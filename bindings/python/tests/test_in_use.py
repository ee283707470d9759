"""A secret that is wiped while others use it (hardening row 45).

If one of these failed, a key would go out as zeros, genuine to the receiver, and everyone could
listen; or it would stay in memory after its wipe(); or wipe() would hang.
"""

from __future__ import annotations

import ast
import gc
import inspect
import os
import re
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import FrameType, SimpleNamespace
from typing import Any, NamedTuple

import pytest
from conftest import CALLER, COUNTING, IDENTIFIED, PHONE, Pair, Zeroed, collect
from contract import TAKE_A_SECRET
from wiping import Wiping, in_thread

import callkey
from callkey import Call, CallKey, Epoch, Epochs, RawE2E, Secret, SFrameKey, SRTPKeys, Store, _call, _memory
from callkey._memory import owner

pytestmark = pytest.mark.slow

PACKET = bytes.fromhex("80780007000003c012345678") + b"encrypted!"


class World(NamedTuple):
    """What the uses below need, made anew for each."""

    pair: Pair
    key: CallKey
    epoch: Epoch
    epochs: Epochs
    keys: SRTPKeys
    sframe: SFrameKey
    private: Secret
    empty: Store  # without an identity
    path: Path


@pytest.fixture
def worlds(tmp_path: Path) -> Iterator[Callable[[], World]]:
    """Makes worlds, and closes them."""
    open_ones: list[Any] = []

    def world() -> World:
        pair = Pair(Store.open(), Store.open())
        pair.caller.session(PHONE).begin(pair.phone.take_bundle())
        key, empty, epochs = CallKey.from_bytes(COUNTING), Store.open(identity=False), Epochs()
        open_ones.extend((pair.caller, pair.phone, empty, epochs))
        path = tmp_path / f"{len(open_ones)}.db"
        private = SFrameKey.from_bytes(COUNTING)
        return World(
            pair, key, Epoch.generate(), epochs, key.e2e_keys(PHONE), key.sframe_key(PHONE), private, empty, path
        )

    yield world
    for one in open_ones:
        one.close()


def of(secret: Any, use: Callable[[Any], object]) -> tuple[Secret, Callable[[], object]]:
    return secret, lambda: use(secret)


def in_call(use: Callable[[Call], object], key: CallKey) -> tuple[Secret, Callable[[], object]]:
    call = Call(CALLER, key)
    return call._theirs, lambda: use(call)


# The public names that hand a secret to the library, and how. A view of a secret is one, for every argument of bytes.
USES: dict[str, Callable[[World], tuple[Secret, Callable[[], object]]]] = {
    "Call.answered_by": lambda w: in_call(lambda c: c.answered_by(PHONE), w.key),
    "Call.answered_from": lambda w: in_call(lambda c: c.answered_from(packet_of(w), [PHONE]), w.key),
    "Call.receive_from": lambda w: in_call(lambda c: c.receive_from(PHONE), w.key),
    "CallKey.from_bytes": lambda w: of(w.key, lambda s: s._checked()),
    "CallKey.e2e_keys": lambda w: of(w.key, lambda s: s.e2e_keys(PHONE)),
    "CallKey.e2e_keys_batch": lambda w: of(w.key, lambda s: s.e2e_keys_batch([PHONE, CALLER])),
    "CallKey.fingerprint": lambda w: of(w.key, lambda s: s.fingerprint),
    "CallKey.plaintext": lambda w: of(w.key, lambda s: s.plaintext()),
    "CallKey.sframe_key": lambda w: of(w.key, lambda s: s.sframe_key(PHONE)),
    "CallKey.warp_auth_key": lambda w: of(w.key, lambda s: s.warp_auth_key()),
    "Epoch.e2e_keys": lambda w: of(w.epoch, lambda s: s.e2e_keys(PHONE)),
    "Epochs.add": lambda w: of(w.epoch, lambda s: w.epochs.add(1, s)),
    "RawE2E.e2e_keys": lambda w: of(RawE2E.from_bytes(COUNTING), lambda s: s.e2e_keys(PHONE)),
    "SFrameKey.open": lambda w: of(w.sframe, lambda s: s.open(frame_of(w))),
    "SFrameKey.open of a view": lambda w: of(w.keys, lambda s: w.sframe.open(s.master_key)),
    "SFrameKey.seal": lambda w: of(w.sframe, lambda s: s.seal(b"payload", counter=1)),
    "SFrameKey.seal of a view": lambda w: of(w.keys, lambda s: w.sframe.seal(s.master_key, counter=1)),
    "Session.restore": lambda w: of(w.pair.caller.session(PHONE).export(), lambda s: w.empty.session(PHONE).restore(s)),
    "Store.change_key": lambda w: of(w.private, lambda s: change_key(w, s)),
    "Store.import_identity": lambda w: of(w.private, lambda s: w.empty.import_identity(s, 1)),
    "Store.import_prekey": lambda w: of(w.private, lambda s: w.pair.phone.import_prekey(77, s)),
    "Store.import_signed_prekey": lambda w: of(w.private, lambda s: w.pair.phone.import_signed_prekey(77, s)),
    "Store.open": lambda w: of(w.private, lambda s: Store.open(w.path, storage_key=s).close()),
    "Store.open_enc of a view": lambda w: of(
        w.keys, lambda s: w.pair.phone.open_enc(CALLER, callkey.EncType.MSG, s.master_key)
    ),
    "Store.seal_enc": lambda w: of(w.key, lambda s: w.pair.caller.seal_enc(PHONE, s)),
    "Store.seal_offer": lambda w: of(
        w.key, lambda s: w.pair.caller.seal_offer(s, [PHONE, "9:1@lid"], IDENTIFIED)
    ),
    "Store.seal_offer for nobody": lambda w: of(w.key, lambda s: w.pair.caller.seal_offer(s, ["9:1@lid"])),
    "Store.seal_rekey": lambda w: of(w.epoch, lambda s: w.pair.caller.seal_rekey(s, PHONE, IDENTIFIED, transaction_id=1)),
    "hbh_keys": lambda w: of(RawE2E.from_bytes(COUNTING[:30]), lambda s: callkey.hbh_keys(s, callkey.HBH.SRTP)),
    "hbh_keys of a view": lambda w: of(w.keys, lambda s: callkey.hbh_keys(s.libsrtp_key, callkey.HBH.SRTP)),
    "plaintext_decode": lambda w: of(w.key.plaintext(), callkey.plaintext_decode),
    "raw_e2e_decode of a view": lambda w: of(w.keys, lambda s: callkey.raw_e2e_decode(memoryview(s.libsrtp_key))),
    "select_participant": lambda w: of(w.key, lambda s: callkey.select_participant(s, [PHONE], packet_of(w))),
    "select_participant by raw_e2e": lambda w: of(
        RawE2E.from_bytes(COUNTING + b"x"), lambda s: callkey.select_participant(s, [PHONE], packet_of(w))
    ),
    "warp_tag": lambda w: of(w.key.warp_auth_key(), lambda s: callkey.warp_tag(s, PACKET)),
    "warp_tag by a view": lambda w: of(w.keys, lambda s: callkey.warp_tag(s.srtp_auth_key, PACKET)),
    "warp_tag by a part of a view": lambda w: of(w.keys, lambda s: callkey.warp_tag(s.libsrtp_key[5:25], PACKET)),
}

# Those that only read it in Python, and what they give: all of it, or nothing.
READS: dict[str, Callable[[Any], object]] = {
    "Call": lambda s: Call(CALLER, s)._ours.reveal(),
    "Call.accepted": lambda s: accepted(s).reveal(),
    "CallKey.fingerprint": lambda s: s.fingerprint,
    "Epoch.e2e_keys": lambda s: s.e2e_keys(PHONE).reveal(),
    "SFrameKey.from_bytes of a view": lambda s: SFrameKey.from_bytes(view_of(s)).reveal(),
    "SRTPKeys.fingerprint": lambda s: RawE2E._copied(s).fingerprint,
    "Secret ==": lambda s: s == CallKey.from_bytes(COUNTING),
    "Secret.reveal": lambda s: s.reveal(),
    "warp_tag by a view": lambda s: callkey.warp_tag(view_of(s), PACKET),
}

ACCEPT = callkey.OfferInfo(0, callkey.EncType.MSG, 2, False, False, True, 0, "AB12", CALLER, PHONE)


def packet_of(w: World) -> bytes:
    with CallKey.from_bytes(COUNTING) as key:
        return PACKET + callkey.warp_tag(key.e2e_keys(PHONE).srtp_auth_key, PACKET)


def change_key(w: World, storage_key: Secret) -> None:
    with Store.open(w.path.with_name(os.urandom(8).hex()), storage_key=b"k" * 32) as store:
        store.change_key(storage_key)


def frame_of(w: World) -> bytes:
    with CallKey.from_bytes(COUNTING) as key:
        return key.sframe_key(PHONE).seal(b"payload", counter=1)


def accepted(key: CallKey) -> CallKey:
    with Call(CALLER, CallKey.generate()) as call:
        call.accepted(key, ACCEPT)
        return CallKey._copied(call._theirs)


def view_of(secret: Secret) -> memoryview:
    return secret._view(0, len(secret))


def wiped_in(use: str, turn: int, world: World, monkeypatch: pytest.MonkeyPatch) -> Wiping:
    """Runs a use whose secret is wiped in the ``turn``-th call that has it; 0 is never."""
    secret, run = USES[use](world)
    host = Wiping(secret, turn)
    raised: Exception | None = None
    try:
        host.run(run, monkeypatch)
    except (ValueError, LookupError) as error:  # the library's own, of a view that is no message
        raised = error
    assert host.intact, "the function read something else than the secret"
    if 0 < turn <= len(host.functions):
        assert type(raised) is ValueError and str(raised) == f"the {secret._what} was wiped while it was in use"
        assert len(host.functions) == turn, "it was given to another call"
        assert secret.wiped and not any(secret._buffer), "its bytes are still there"
        with pytest.raises(ValueError, match=f"the {secret._what} was wiped"):
            run()
    else:
        assert type(raised) is not ValueError, raised
    assert secret._uses <= {0}
    return host


@pytest.mark.parametrize("use", USES)
def test_fault_45_wiped_in_a_call(use: str, worlds: Callable[[], World], monkeypatch: pytest.MonkeyPatch) -> None:
    # The function would read zeros, or what it made of them would be given out.
    turns = len(wiped_in(use, 0, worlds(), monkeypatch).functions)
    assert turns > 0, "the library was not given the secret"
    for turn in range(1, turns + 1):
        wiped_in(use, turn, worlds(), monkeypatch)


def test_fault_45_every_function_is_tried(worlds: Callable[[], World], monkeypatch: pytest.MonkeyPatch) -> None:
    # A new function, or a new method, could be given a secret past all this.
    tried = {name for use in USES for name in wiped_in(use, 0, worlds(), monkeypatch).functions}
    assert set(TAKE_A_SECRET) - tried == set()


def test_fault_45_every_name_is_tried() -> None:
    # A new method could hand out what it made of a wiped secret.
    tried = {name.split()[0] for name in (*USES, *READS)}
    kinds = [kind for kind in vars(callkey).values() if inspect.isclass(kind) and issubclass(kind, Secret)]
    names = {kind.__name__ for kind in kinds} | {"E2ESecret"}
    taking = re.compile(rf"\b({'|'.join(names)})\b")
    missing = []

    def look(name: str, function: Any, own: bool) -> None:
        annotations = dict(function.__annotations__)
        given_out = str(annotations.pop("return", ""))
        if own and given_out == "memoryview":
            return  # a view, which shows the zeros
        if (own or any(taking.search(str(kind)) for kind in annotations.values())) and name not in tried:
            missing.append(name)

    for public in callkey.__all__:
        thing = getattr(callkey, public)
        if inspect.isfunction(thing):
            look(public, thing, False)
        elif inspect.isclass(thing) and not issubclass(thing, (BaseException, tuple)):
            for name, member in {k: v for base in reversed(thing.__mro__) for k, v in vars(base).items()}.items():
                function = getattr(member, "fget", getattr(member, "__func__", member))
                if name.startswith("_") or not inspect.isfunction(function) or name in ("wipe", "wiped"):
                    continue
                look(f"{public}.{name}", function, thing in kinds and not isinstance(member, classmethod))
    inherited = {name for name in missing if any(f"{kind}.{name.partition('.')[2]}" in tried for kind in names)}
    assert set(missing) - inherited == set()


def test_fault_45_one_way_to_the_library() -> None:
    # Code that takes a secret's buffer, or calls the library, past attempt() would not hold it.
    source = Path(callkey.__file__).parent
    allowed = {
        "_buffer": {"_memory.py", "_secret.py"},
        "from_buffer": {"_memory.py", "_secret.py", "_call.py"},
        "library": {"_call.py", "_library.py", "_version.py"},
        "CDLL": {"_library.py"},
    }
    seen = set()
    for file in source.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            name = getattr(node, "attr", getattr(node, "id", ""))
            assert not (isinstance(node, ast.Attribute) and name == "_library"), file
            if name in allowed:
                seen.add(name)
                assert file.name in allowed[name], f"{file} has {name}"
    assert seen == set(allowed)


STEPPED = {_memory.__file__, _call.__file__, callkey._secret.__file__}


def at_step(step: int, work: Callable[[], object], happens: Callable[[], object]) -> tuple[bool, object]:
    """Runs ``work``, and ``happens`` before the ``step``-th bytecode of the code that holds secrets.

    Says whether there were so many.
    """
    steps = 0

    def trace(frame: FrameType, event: str, argument: object) -> Any:
        nonlocal steps
        if frame.f_code.co_filename not in STEPPED:
            return None
        frame.f_trace_opcodes = True
        if event == "opcode":
            steps += 1
            if steps == step:
                happens()
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        result = work()
    finally:
        sys.settrace(before)
    return steps >= step, result


@pytest.mark.parametrize("place", ["here", "in another thread"])
@pytest.mark.parametrize("use", READS)
def test_fault_45_wiped_at_every_step(use: str, place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # Between two steps of ours a wipe() would give zeros out, hang, or leave the secret in memory. One from here is as
    # a signal handler's, or that of __del__ in the garbage collector.
    right = READS[use](CallKey.from_bytes(COUNTING))
    short = use in ("Epoch.e2e_keys", "Secret.reveal", "warp_tag by a view")
    for step in range(1, 100_000, 1 if short else 7):  # the long ones take the same steps many times
        secret = CallKey.from_bytes(COUNTING)
        host = Wiping(secret, 0)
        in_use = False

        def wipe(secret: CallKey = secret) -> None:
            nonlocal in_use
            in_use = bool(secret._uses)
            secret.wipe()

        happens = wipe if place == "here" else lambda: in_thread(wipe)
        try:
            happened, result = at_step(step, lambda: host.run(lambda: READS[use](secret), monkeypatch), happens)  # noqa: B023
            assert result == right and not in_use
        except ValueError as error:
            happened = True
            assert str(error).startswith("the call key was wiped")
        assert host.intact
        if not happened:
            break
        assert not any(secret._buffer) and secret._uses == {0}, step
    assert step > 20


def test_fault_45_interrupted_at_every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    # A Ctrl-C in the wrong place would leave a secret in use for ever, and wipe() would not clear it.
    class Interrupt(BaseException):
        pass

    def interrupt() -> None:
        raise Interrupt

    monkeypatch.setattr(sys, "unraisablehook", lambda told: None)  # in __del__ it goes nowhere
    for use in ("Epoch.e2e_keys", "Secret.reveal", "warp_tag by a view"):
        for step in range(1, 100_000, 1 if sys.implementation.name == "cpython" else 5):  # PyPy is slow to trace
            secret = CallKey.from_bytes(COUNTING)
            try:
                happened, _ = at_step(step, lambda: READS[use](secret), interrupt)  # noqa: B023
            except Interrupt:
                happened = True
            gc.collect(0)
            secret.wipe()
            assert not any(secret._buffer), (use, step)
            if not happened:
                break
        assert step > 20


def test_fault_45_the_end_zeroes(zeroed: Zeroed) -> None:
    # A use that was broken off, twice, would keep a secret in memory that nobody can reach any more.
    secret = CallKey.from_bytes(COUNTING)
    place = zeroed.place(secret)
    secret._uses.add(1)
    secret.wipe()
    assert any(secret._buffer) and place not in zeroed.places
    del secret
    collect()
    assert place in zeroed.places


class Waiting:
    """Stands in for the library: a function that is given something waits until it may go on."""

    def __init__(self) -> None:
        self.real = callkey._library.library()
        self.inside = threading.Semaphore(0)
        self.leave = threading.Semaphore(0)

    def __getattr__(self, name: str) -> Any:
        function = getattr(self.real, name)

        def waits(*arguments: Any) -> Any:
            if name not in ("callkey_derive_e2e_keys", "callkey_select_participant"):
                return function(*arguments)
            self.inside.release()
            assert self.leave.acquire(timeout=60)
            return function(*arguments)

        waits.argtypes = function.argtypes  # type: ignore[attr-defined]
        return waits


def test_fault_45_the_last_call_zeroes(monkeypatch: pytest.MonkeyPatch) -> None:
    # The first of several calls that is done would zero the key under the others.
    key = CallKey.from_bytes(COUNTING)
    library = Waiting()
    ends: list[object] = []

    def derive() -> None:
        try:
            ends.append(key.e2e_keys(PHONE))
        except ValueError as error:
            ends.append(error)

    threads = [threading.Thread(target=derive) for _ in range(8)]
    with monkeypatch.context() as patch:
        patch.setattr(callkey._library, "_library", library)
        for thread in threads:
            thread.start()
        for _ in threads:
            assert library.inside.acquire(timeout=60)
        with pytest.raises(KeyError), key:
            raise KeyError  # as one task that fails
        assert key.wiped and repr(key) == "<CallKey: wiped>"
        with pytest.raises(ValueError, match="was wiped$"):
            key.reveal()
        for done in range(len(threads)):
            assert bytes(key._buffer) == COUNTING and len(ends) <= done
            library.leave.release()
            while len(ends) <= done:
                assert any(thread.is_alive() for thread in threads) or len(ends) > done
        for thread in threads:
            thread.join()
    assert not any(key._buffer)
    assert [str(end) for end in ends] == ["the call key was wiped while it was in use"] * len(threads)


def test_fault_45_views_see_zeros_after_the_call(worlds: Callable[[], World], monkeypatch: pytest.MonkeyPatch) -> None:
    # A view that was given out would go on showing the secret, or a call through it would read zeros.
    world = worlds()
    view = world.keys.srtp_auth_key
    holder = memoryview(view)[2:]
    assert owner(SimpleNamespace(base=SimpleNamespace(base=holder))) is world.keys  # as numpy's arrays over it
    shown: list[bytes] = []
    read: list[Any] = []

    class Host(Wiping):
        def look(self, arguments: tuple[Any, ...]) -> None:
            shown.append(bytes(view))
            read[:] = [a for a in arguments if hasattr(a, "_length_") and bytes(a) == shown[0]]
            super().look(arguments)

    host = Host(world.keys, 1)
    with pytest.raises(ValueError, match="wiped while it was in use"):
        host.run(lambda: callkey.warp_tag(view, PACKET), monkeypatch)
    assert host.intact and any(shown[0]) and shown == [shown[0]] * 2
    assert bytes(view) == bytes(20) and bytes(holder) == bytes(18)
    assert [bytes(copy) for copy in read] == [bytes(20)], "a copy stays"
    for late in view, holder, view[1:]:
        with pytest.raises(ValueError, match="the set of SRTP keys was wiped$"):
            callkey.warp_tag(late, PACKET)
        with pytest.raises(ValueError, match="the set of SRTP keys was wiped$"):
            SFrameKey.from_bytes(late)


def test_a_view_of_a_secret_is_not_sent() -> None:
    # A secret would go to the server as it is.
    keys = CallKey.generate().e2e_keys(PHONE)
    with pytest.raises(TypeError, match="can't be a view of a secret"):
        callkey.offer_build([callkey.Enc(PHONE, callkey.EncType.MSG, keys.master_key)])  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="privacy_token"):
        callkey.offer_build([], replace(IDENTIFIED, privacy_token=keys.master_key))


def test_fault_45_what_stays_in_the_store(worlds: Callable[[], World], monkeypatch: pytest.MonkeyPatch) -> None:
    # A dropped ciphertext would cost the session more than its message key.
    world = worlds()
    for use, turn in (("Store.seal_enc", 2), ("Store.seal_offer", 2), ("Store.seal_rekey", 2)):
        wiped_in(use, turn, world._replace(key=CallKey.generate(), epoch=Epoch.generate()), monkeypatch)
        with CallKey.generate() as key:
            enc = world.pair.caller.seal_enc(PHONE, key)
            assert world.pair.phone.open_enc(CALLER, enc.enc_type, enc.ciphertext) == key


def test_fault_45_a_store_is_not_left_open(worlds: Callable[[], World], monkeypatch: pytest.MonkeyPatch) -> None:
    # Nobody would have the handle to close the store with.
    world = worlds()
    wiped_in("Store.open", 1, world, monkeypatch)
    held = [link for link in Path("/proc/self/fd").iterdir() if world.path.name in str(link.resolve())]
    assert held == []
    Store.open(world.path, storage_key=COUNTING).close()


def test_fault_45_epochs(worlds: Callable[[], World], monkeypatch: pytest.MonkeyPatch) -> None:
    # Zeros would be in force for a whole group.
    world = worlds()
    real = Epoch._copied(world.epoch)
    wiped_in("Epochs.add", 1, world, monkeypatch)
    world.epochs.roster(1)
    assert world.epochs.current() == (1, real)
    for zeros in (Epoch.from_bytes(bytes(32)), Epoch._zeros(32)):
        with pytest.raises(callkey.InvalidKeyError):
            world.epochs.add(2, zeros)


def test_fault_45_call_closed_meanwhile(worlds: Callable[[], World], monkeypatch: pytest.MonkeyPatch) -> None:
    # A call that is closed would go on with its keys until another thread lets it, or name a device by zeros.
    world = worlds()
    packet = packet_of(world)
    call, library = Call(CALLER, world.key), Waiting()
    raised: list[Exception] = []

    def answered() -> None:
        try:
            call.answered_from(packet, [PHONE])
        except ValueError as error:
            raised.append(error)

    with monkeypatch.context() as patch:
        patch.setattr(callkey._library, "_library", library)
        running = threading.Thread(target=answered)
        running.start()
        assert library.inside.acquire(timeout=60)
        closing = threading.Thread(target=call.close)
        closing.start()
        while not (call._ours.wiped and call._theirs.wiped):  # at once, not when the other thread is done
            assert closing.is_alive() or call._theirs.wiped
        assert bytes(call._theirs._buffer) == COUNTING and running.is_alive()
        library.leave.release()
        running.join(60)
        closing.join(60)
    assert [str(error) for error in raised] == ["the call key was wiped while it was in use"]
    assert call.closed and not any(call._theirs._buffer) and not any(call._ours._buffer)


def test_sealing_refuses_zeros(worlds: Callable[[], World]) -> None:
    # Hardening row 45: whoever wipes a buffer of their own too early would send a key that everyone has.
    world = worlds()
    zeros, epoch = CallKey.from_bytes(bytes(32)), Epoch.from_bytes(bytes(32))
    for use in (
        lambda: world.pair.caller.seal_enc(PHONE, zeros),
        lambda: world.pair.caller.seal_offer(zeros, [PHONE]),
        lambda: world.pair.caller.seal_rekey(epoch, PHONE, IDENTIFIED, transaction_id=1),
        zeros.plaintext,
        lambda: SFrameKey.from_bytes(bytes(32)).seal(b"", counter=1),
    ):
        with pytest.raises(callkey.InvalidKeyError, match="all zero"):
            use()
