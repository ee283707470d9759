"""The public names that hand a secret to the library, and how: what test_in_use.py and its neighbours try."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from conftest import CALLER, COUNTING, IDENTIFIED, PHONE, Pair
from kept import NOW, Device, met
from wiping import Wiping

import callkey
from callkey import Account, Call, CallKey, Epoch, Epochs, RawE2E, Secret, SFrameKey, SRTPKeys, Store

PACKET = bytes.fromhex("80780007000003c012345678") + b"encrypted!"


class World(NamedTuple):
    """The objects for the uses below, new for each."""

    pair: Pair
    key: CallKey
    epoch: Epoch
    epochs: Epochs
    keys: SRTPKeys
    sframe: SFrameKey
    private: Secret
    account: Account
    empty: Store  # without an identity
    path: Path


def worlds_in(folder: Path) -> Iterator[Callable[[], World]]:
    """Gives out what makes worlds, and closes them."""
    open_ones: list[Any] = []

    def world() -> World:
        pair = Pair(Store.open(), Store.open())
        pair.caller.session(PHONE).begin(pair.phone.take_bundle())
        key, empty, epochs = CallKey.from_bytes(COUNTING), Store.open(identity=False), Epochs()
        open_ones.extend((pair.caller, pair.phone, empty, epochs))
        path = folder / f"{len(open_ones)}.db"
        private = SFrameKey.from_bytes(COUNTING)
        return World(
            pair,
            key,
            Epoch.generate(),
            epochs,
            key.e2e_keys(PHONE),
            key.sframe_key(PHONE),
            private,
            Account.from_bytes(COUNTING, 7),
            empty,
            path,
        )

    yield world
    for one in open_ones:
        one.close()


def of(secret: Any, use: Callable[[Any], object]) -> tuple[Secret, Callable[[], object]]:
    return secret, lambda: use(secret)


def in_call(use: Callable[[Call], object], key: CallKey) -> tuple[Secret, Callable[[], object]]:
    call = Call(CALLER, key)
    return call._theirs, lambda: use(call)


ACCEPT: callkey.OfferInfo = callkey.OfferInfo(0, callkey.EncType.MSG, 2, False, False, True, 0, "AB12", CALLER, PHONE)

# The public names that hand a secret to the library, and how. A view of a secret is one, for every argument of bytes.
USES: dict[str, Callable[[World], tuple[Secret, Callable[[], object]]]] = {
    "Account.identity": lambda w: of(w.account, lambda s: s.identity),
    "Account.sign": lambda w: of(w.account, lambda s: s.sign(b"message")),
    "Account.sign of a view": lambda w: of(w.keys, lambda s: w.account.sign(s.master_key)),
    "Account.signed_prekey": lambda w: of(w.account, lambda s: s.signed_prekey(1)),
    "Call.answered": lambda w: in_call(
        lambda c: c.answered(replace(ACCEPT, enc_type=callkey.EncType.NONE, enc_version=0)), w.key
    ),
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
    "Record.begin": lambda w: of(met()[0].record, lambda s: begin(s, w.account)),
    "Record.begin with an account": lambda w: of(w.account, lambda s: begin(met()[0].record, s)),
    "Record.info": lambda w: of(met()[0].record, lambda s: s.info(identity=None)),
    "Record.merge": lambda w: of(met()[0].record, lambda s: s.merge(callkey.Record.from_bytes(b""))),
    "Record.merge of another": lambda w: of(met()[0].record, lambda s: callkey.Record.from_bytes(b"").merge(s)),
    "Record.open": lambda w: opening(lambda callee: callee.record, answered=True),
    "Record.open with an account": lambda w: opening(lambda callee: callee.account),
    "Record.open with a prekey": lambda w: opening(lambda callee: callee.prekeys[5]),
    "Record.open with a signed prekey": lambda w: opening(lambda callee: callee.signed_prekeys[7]),
    "Record.open of a view": lambda w: of(
        w.keys, lambda s: met()[0].record.open(callkey.EncType.MSG, s.master_key, identity=None)
    ),
    "Record.seal": lambda w: sealing(lambda caller: caller.record),
    "Record.seal of a secret": lambda w: of(w.key, lambda s: met()[0].seal(s)),
    "Record.seal of a view": lambda w: of(w.keys, lambda s: met()[0].seal(s.master_key)),
    "SFrameKey.open": lambda w: of(w.sframe, lambda s: s.open(frame_of(w))),
    "SFrameKey.open of a view": lambda w: of(w.keys, lambda s: w.sframe.open(s.master_key)),
    "SFrameKey.seal": lambda w: of(w.sframe, lambda s: s.seal(b"payload", counter=1)),
    "SFrameKey.seal of a view": lambda w: of(w.keys, lambda s: w.sframe.seal(s.master_key, counter=1)),
    "Session.restore": lambda w: of(w.pair.caller.session(PHONE).export(), lambda s: w.empty.session(PHONE).restore(s)),
    "Store.change_key": lambda w: of(w.private, lambda s: change_key(w, s)),
    "Store.import_identity": lambda w: of(w.private, lambda s: w.empty.import_identity(s, 1)),
    "Store.import_identity of an account": lambda w: of(
        w.pair.phone.account(), lambda s: w.empty.import_identity(s, 1)
    ),
    "Store.import_prekey": lambda w: of(w.private, lambda s: w.pair.phone.import_prekey(77, s)),
    "Store.import_signed_prekey": lambda w: of(w.private, lambda s: w.pair.phone.import_signed_prekey(77, s)),
    "Store.open": lambda w: of(w.private, lambda s: Store.open(w.path, storage_key=s).close()),
    "Store.open_enc of a view": lambda w: of(
        w.keys, lambda s: w.pair.phone.open_enc(CALLER, callkey.EncType.MSG, s.master_key)
    ),
    "Store.seal_enc": lambda w: of(w.key, lambda s: w.pair.caller.seal_enc(PHONE, s)),
    "Store.open_message of a view": lambda w: of(
        w.keys, lambda s: w.pair.phone.open_message(CALLER, callkey.EncType.MSG, s.master_key)
    ),
    "Store.seal_message of a view": lambda w: of(w.keys, lambda s: w.pair.caller.seal_message(PHONE, s.master_key)),
    "Store.seal_offer": lambda w: of(w.key, lambda s: w.pair.caller.seal_offer(s, [PHONE, "9:1@lid"], IDENTIFIED)),
    "Store.seal_offer that begins": lambda w: of(
        w.key, lambda s: w.pair.caller.seal_offer(s, [PHONE], IDENTIFIED, bundles={PHONE: w.pair.phone.take_bundle()})
    ),
    "Store.seal_offer for nobody": lambda w: of(w.key, lambda s: w.pair.caller.seal_offer(s, ["9:1@lid"])),
    "Store.seal_rekey": lambda w: of(
        w.epoch, lambda s: w.pair.caller.seal_rekey(s, PHONE, IDENTIFIED, transaction_id=1)
    ),
    "Store.seal_rekeys": lambda w: of(
        w.epoch, lambda s: w.pair.caller.seal_rekeys(s, [PHONE, "9:1@lid"], IDENTIFIED, transaction_id=1)
    ),
    "Store.seal_rekeys for nobody": lambda w: of(
        w.epoch, lambda s: w.pair.caller.seal_rekeys(s, ["9:1@lid"], IDENTIFIED, transaction_id=1)
    ),
    "hbh_keys": lambda w: of(RawE2E.from_bytes(COUNTING[:30]), lambda s: callkey.hbh_keys(s, callkey.HBH.SRTP)),
    "hbh_keys of a view": lambda w: of(w.keys, lambda s: callkey.hbh_keys(s.libsrtp_key, callkey.HBH.SRTP)),
    "message_parse of a view": lambda w: of(w.keys, lambda s: callkey.message_parse(callkey.EncType.MSG, s.master_key)),
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
    "Account.from_bytes": lambda s: Account.from_bytes(s, 7).reveal(),
    "Call": lambda s: Call(CALLER, s)._ours.reveal(),
    "Call.accepted": lambda s: accepted(s).reveal(),
    "CallKey.fingerprint": lambda s: s.fingerprint,
    "Epoch.e2e_keys": lambda s: s.e2e_keys(PHONE).reveal(),
    "SFrameKey.from_bytes of a view": lambda s: SFrameKey.from_bytes(view_of(s)).reveal(),
    "SRTPKeys.to_dict": lambda s: SRTPKeys.to_dict(s),
    "SRTPKeys.fingerprint": lambda s: RawE2E._copied(s).fingerprint,
    "Record.from_bytes": lambda s: callkey.Record.from_bytes(s).reveal(),
    "PrivateKey.from_bytes of a view": lambda s: callkey.PrivateKey.from_bytes(view_of(s)).reveal(),
    "Secret ==": lambda s: s == CallKey.from_bytes(COUNTING),
    "Secret.reveal": lambda s: s.reveal(),
    "warp_tag by a view": lambda s: callkey.warp_tag(view_of(s), PACKET),
}


def begin(record: callkey.Record, account: Account) -> callkey.Record:
    return record.begin(Device().publish(), account=account, identity=None, now=NOW)


def sealing(secret: Callable[[Device], Secret]) -> tuple[Secret, Callable[[], object]]:
    caller, _ = met()
    return secret(caller), lambda: caller.record.seal(b"text", identity=caller.trusted, now=NOW)


def opening(secret: Callable[[Device], Secret], answered: bool = False) -> tuple[Secret, Callable[[], object]]:
    caller, callee = met()
    if answered:
        callee.open(caller.seal(b"first"))
    ciphertext = caller.seal(b"text")
    return secret(callee), lambda: callee.look(ciphertext)


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
    """Runs a use and wipes its secret in the ``turn``-th call that has it; 0 is never."""
    secret, run = USES[use](world)
    host = Wiping(secret, turn)
    raised: Exception | None = None
    try:
        host.run(run, monkeypatch)
    except (ValueError, LookupError) as error:  # the library's own, of a view that is no message
        raised = error
    assert host.intact, "the function read something else than the secret"
    if 0 < turn <= len(host.functions):
        assert type(raised) is callkey.WipedError and str(raised) == f"the {secret._what} was wiped while it was in use"
        assert len(host.functions) == turn, "it was given to another call"
        assert secret.wiped and not any(secret._buffer), "its bytes are still there"
        with pytest.raises(callkey.WipedError, match=f"the {secret._what} was wiped"):
            run()
    else:
        assert type(raised) is not callkey.WipedError, raised
    assert secret._uses <= {0}
    return host
