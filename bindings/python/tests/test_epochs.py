"""A group call's epochs: sealed, opened, and which one is in force."""

from __future__ import annotations

import pickle
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from conftest import CALLER, COUNTING, ON_THE_WIRE, PHONE, Pair, collect

import callkey
from callkey import CallKey, Epoch, Epochs, OfferOptions

CALL = OfferOptions(to=PHONE, call_id="AB12", call_creator=CALLER, device_identity=b"blob")


def epoch(value: int) -> Epoch:
    return Epoch.from_bytes(bytes([value]) * 32)


def test_rules() -> None:
    # Members of one group would key their media with different secrets.
    with Epochs() as epochs:
        with pytest.raises(callkey.NoEpochError, match="no epoch is installed yet") as none:
            epochs.current()
        assert isinstance(none.value, callkey.NotFoundError) and none.value.name == "CALLKEY_ERR_NOT_FOUND"
        epochs.add(2, epoch(2))
        epochs.add(1, epoch(1))
        epochs.add(4, epoch(4))
        with pytest.raises(callkey.ConflictError):
            epochs.add(2, epoch(9))
        epochs.roster(3)
        assert epochs.current() == (2, epoch(2))
        with pytest.raises(callkey.StaleError):
            epochs.add(1, epoch(1))
        epochs.add(2, epoch(2))
        epochs.roster(1)
        assert epochs.current() == (2, epoch(2))
        epochs.roster(4)
        assert epochs.current() == (4, epoch(4))
        with pytest.raises(callkey.ArgumentError):
            epochs.add(0, epoch(1))
        for number in (-1, 1 << 32):
            with pytest.raises(callkey.ArgumentError):
                epochs.add(number, epoch(1))
            with pytest.raises(callkey.ArgumentError):
                epochs.roster(number)


def test_only_an_epoch_is_one(pair: Pair, key: CallKey) -> None:
    # A call key would become a group's secret, or the other way round, by a mistake.
    with Epochs() as epochs, pytest.raises(TypeError, match="Epoch is needed"):
        epochs.add(1, key)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="Epoch is needed"):
        pair.caller.seal_rekey(key, PHONE, CALL, transaction_id=1)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="CallKey is needed"):
        pair.caller.seal_enc(PHONE, epoch(1))  # type: ignore[arg-type]


def test_closed() -> None:
    # A closed call's secrets would still be in force, or would stay in memory.
    epochs = Epochs()
    assert repr(epochs) == "<callkey.Epochs: open>"
    with pytest.raises(TypeError):
        pickle.dumps(epochs)
    epochs.close()
    epochs.close()
    assert epochs.closed and repr(epochs) == "<callkey.Epochs: closed>"
    for use in (epochs.current, epochs.__enter__, lambda: epochs.roster(1), lambda: epochs.add(1, epoch(1))):
        with pytest.raises(callkey.HandleError):
            use()
    forgotten = Epochs()
    with pytest.warns(ResourceWarning, match="unclosed <callkey.Epochs"):
        del forgotten
        collect()


def test_keys_of_an_epoch() -> None:
    # The media of a group would not be keyed by its epoch.
    made = Epoch.from_bytes(COUNTING)
    participants = [PHONE, CALLER]
    assert made.e2e_keys_batch(participants) == [CallKey.from_bytes(COUNTING).e2e_keys(p) for p in participants]
    for participant in participants:
        assert made.sframe_key(participant) == CallKey.from_bytes(COUNTING).sframe_key(participant)
    assert Epoch.generate() != Epoch.generate()
    with pytest.raises(callkey.KeyLengthError):
        Epoch.from_bytes(bytes(31))


def test_rekey(pair: Pair) -> None:
    # An epoch would not reach a member, or under a wrong number or call.
    for kind in (callkey.EncType.PKMSG, callkey.EncType.MSG):
        with Epoch.generate() as made:
            wire = pair.caller.seal_rekey(made, PHONE, replace(CALL, stanza_id="1"), transaction_id=7)
            opened, info = pair.phone.open_rekey(wire)
            assert opened == made
        assert (info.transaction_id, info.sender, info.group, info.enc_type) == (7, CALLER, True, kind)
        with pytest.raises(callkey.DuplicateError) as caught:
            pair.phone.open_rekey(wire)
        assert caught.value.info == info
        call = ElementTree.fromstring(callkey.stanza_to_xml(wire))
        assert (call.tag, call.attrib) == ("call", {"to": ON_THE_WIRE, "id": "1"})
        assert call[0].attrib == {"call-id": "AB12", "call-creator": CALLER, "transaction-id": "7"}
        pair.acknowledge()


def test_rekey_of_another_session(pair: Pair) -> None:
    # An app with its own Signal sessions could not take part in a group call.
    with Epoch.generate() as made:
        wire = pair.caller.seal_rekey(made, PHONE, CALL, transaction_id=7)
    ciphertext, info = callkey.offer_parse(wire, own=[PHONE])
    enc = callkey.Enc(PHONE, info.enc_type, ciphertext)
    assert callkey.rekey_build(enc, CALL, transaction_id=7) == wire
    first = replace(enc, enc_type=callkey.EncType.PKMSG)
    with pytest.raises(callkey.DeviceIdentityError):
        callkey.rekey_build(first, replace(CALL, device_identity=None), transaction_id=7)
    with pytest.raises(callkey.ArgumentError):
        callkey.rekey_build(enc, CALL, transaction_id=0)
    with pytest.raises(TypeError):
        callkey.rekey_build(enc, None, transaction_id=7)  # type: ignore[arg-type]


def test_rekey_refused(pair: Pair) -> None:
    # A mistake would cost the session a message key, or send a stanza that no peer can read.
    made = Epoch.generate()
    before = pair.caller.session(PHONE).export()
    for error, number, options in (
        (callkey.ArgumentError, 0, CALL),
        (callkey.ArgumentError, 1 << 32, CALL),
        (callkey.ArgumentError, 1, replace(CALL, call_id="")),
        (callkey.ArgumentError, 1, replace(CALL, call_creator="nobody")),
        (callkey.DeviceIdentityError, 1, replace(CALL, device_identity=None)),
        (TypeError, 1, None),
    ):
        with pytest.raises(error):
            pair.caller.seal_rekey(made, PHONE, options, transaction_id=number)  # type: ignore[arg-type]
    assert pair.caller.session(PHONE).export() == before
    with pytest.raises(callkey.NoSessionError):
        pair.caller.seal_rekey(made, "333@lid", CALL, transaction_id=1)
    offer = pair.caller.seal_offer(CallKey.from_bytes(COUNTING), [PHONE], CALL)
    with pytest.raises(callkey.MalformedError):
        pair.phone.open_rekey(offer.wire)
    assert pair.phone.open_offer(offer.wire, own=[PHONE])[0].reveal() == COUNTING
