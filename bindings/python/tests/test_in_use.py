"""A secret that is wiped while others use it (hardening row 45).

If one of these failed, a key would go out as zeros, genuine to the receiver, and everyone could
listen; or it would stay in memory after its wipe(); or wipe() would hang.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from conftest import CALLER, COUNTING, IDENTIFIED, PHONE
from contract import TAKE_A_SECRET
from uses import PACKET, READS, USES, World, wiped_in
from wiping import Wiping

import callkey
from callkey import CallKey, Epoch, Secret, SFrameKey, Store
from callkey._memory import owner

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("use", USES)
def test_fault_45_wiped_in_a_call(use: str, worlds: Callable[[], World], monkeypatch: pytest.MonkeyPatch) -> None:
    # The function would read zeros, or return a result made from them.
    turns = len(wiped_in(use, 0, worlds(), monkeypatch).functions)
    assert turns > 0, "the library was not given the secret"
    for turn in range(1, turns + 1):
        wiped_in(use, turn, worlds(), monkeypatch)


def test_fault_45_every_function_is_tried(worlds: Callable[[], World], monkeypatch: pytest.MonkeyPatch) -> None:
    # A new function, or a new method, could be given a secret past all this.
    tried = {name for use in USES for name in wiped_in(use, 0, worlds(), monkeypatch).functions}
    assert set(TAKE_A_SECRET) - tried == set()


def test_fault_45_every_name_is_tried() -> None:
    # A new method could return a result made from a wiped secret.
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


def test_fault_45_views_see_zeros_after_the_call(worlds: Callable[[], World], monkeypatch: pytest.MonkeyPatch) -> None:
    # An existing view would still show the secret, or a call through it would read zeros.
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
    with pytest.raises(callkey.WipedError, match="wiped while it was in use"):
        host.run(lambda: callkey.warp_tag(view, PACKET), monkeypatch)
    assert host.intact and any(shown[0]) and shown == [shown[0]] * 2
    assert bytes(view) == bytes(20) and bytes(holder) == bytes(18)
    assert [bytes(copy) for copy in read] == [bytes(20)], "a copy stays"
    for late in view, holder, view[1:]:
        with pytest.raises(callkey.WipedError, match="the set of SRTP keys was wiped$"):
            callkey.warp_tag(late, PACKET)
        with pytest.raises(callkey.WipedError, match="the set of SRTP keys was wiped$"):
            SFrameKey.from_bytes(late)


def test_a_view_of_a_secret_is_not_sent() -> None:
    # A secret would be sent to the server in the clear.
    keys = CallKey.generate().e2e_keys(PHONE)
    with pytest.raises(TypeError, match="can't be a view of a secret"):
        callkey.offer_build([callkey.Enc(PHONE, callkey.EncType.MSG, keys.master_key)])  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="privacy_token"):
        callkey.offer_build([], replace(IDENTIFIED, privacy_token=keys.master_key))


def test_fault_45_what_stays_in_the_store(worlds: Callable[[], World], monkeypatch: pytest.MonkeyPatch) -> None:
    # A dropped ciphertext would cost the session more than its message key.
    world = worlds()
    for use, turn in (
        ("Store.seal_enc", 2),
        ("Store.seal_offer", 1),
        ("Store.seal_offer that begins", 1),
        ("Store.seal_rekey", 2),
    ):
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


def test_sealing_refuses_zeros(worlds: Callable[[], World]) -> None:
    # Hardening row 45: an app that wipes its own buffer too early would send a key that everyone knows.
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
