"""Sessions, and a key from one store to the other."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from conftest import CALLER, DESKTOP, IDENTIFIED, PHONE, Pair

import callkey
from callkey import CallKey, EncType, Epoch, Store

KEY = bytes(range(32, 64))


def test_both_ways(pair: Pair, key: CallKey) -> None:
    # A key would not arrive, or a session would keep sending pkmsg.
    first = pair.caller.seal_enc(PHONE, key)
    assert first.enc_type is EncType.PKMSG
    assert first.jid == PHONE
    assert pair.phone.open_enc(CALLER, first.enc_type, first.ciphertext) == key
    back = pair.phone.seal_enc(CALLER, key)
    assert back.enc_type is EncType.MSG
    assert pair.caller.open_enc(PHONE, back.enc_type, bytearray(back.ciphertext)) == key
    assert pair.caller.seal_enc(PHONE, key).enc_type is EncType.MSG


def test_messages_and_keys(pair: Pair, key: CallKey) -> None:
    # An app's messages would need a second session, or one would be lost because it was taken for a call.
    first = pair.caller.seal_message(PHONE, b"before")
    enc = pair.caller.seal_enc(PHONE, key)
    late = pair.caller.seal_message(PHONE, bytearray(b""))
    assert first.enc_type is EncType.PKMSG and first.jid == PHONE
    assert pair.phone.open_enc(CALLER, enc.enc_type, enc.ciphertext) == key
    with pytest.raises(callkey.MalformedError):
        pair.phone.open_enc(CALLER, first.enc_type, first.ciphertext)
    assert pair.phone.open_message(CALLER, first.enc_type, first.ciphertext) == b"before"
    answer = pair.phone.seal_message(CALLER, memoryview(b"answer"))
    assert pair.caller.open_message(PHONE, answer.enc_type, bytearray(answer.ciphertext)) == b"answer"
    assert pair.phone.open_message(CALLER, late.enc_type, late.ciphertext) == b""
    for seen in (first, enc, late):
        with pytest.raises(callkey.DuplicateError):
            pair.phone.open_message(CALLER, seen.enc_type, seen.ciphertext)
        with pytest.raises(callkey.DuplicateError):
            pair.phone.open_enc(CALLER, seen.enc_type, seen.ciphertext)
    with pytest.raises(callkey.NoSessionError):
        pair.phone.seal_message(DESKTOP, b"hello")
    with pytest.raises(callkey.ArgumentError, match="16777216"):
        pair.caller.seal_message(PHONE, bytes((1 << 24) + 1))
    with pytest.raises(TypeError):
        pair.caller.seal_message(PHONE, "text")  # type: ignore[arg-type]


@pytest.fixture
def stores() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def test_batches(pair: Pair, stores: ExitStack) -> None:
    # One device would stop the others, or get what is another's.
    devices = {f"44444444444444{i}:1@lid": stores.enter_context(Store.open()) for i in range(5)}
    bundles = {jid: store.take_bundle() for jid, store in devices.items()}
    broken = dataclasses.replace(bundles["444444444444441:1@lid"], signed_prekey_signature=bytes(64))
    begun = pair.caller.begin_sessions({**bundles, "444444444444441:1@lid": broken})
    assert [result.status for result in begun] == [0, callkey.InvalidKeyError.status, 0, 0, 0]
    assert isinstance(begun[1].error, callkey.InvalidKeyError) and begun[0].jid == "444444444444440:1@lid"
    pair.caller.begin_sessions({"444444444444441:1@lid": bundles["444444444444441:1@lid"]})

    with CallKey.generate() as secret, Epoch.generate() as epoch:
        view = secret.e2e_keys(PHONE).master_key
        texts = {jid: b"text" * i for i, jid in enumerate(devices)}
        texts["444444444444442:1@lid"] = view  # type: ignore[assignment]
        sealed = pair.caller.seal_messages({**texts, "444444444444440.0:1@lid": bytearray(b"twice")})
        for (jid, store), part in zip(devices.items(), sealed):
            assert part.jid == jid and part.sealed and part.enc_type is EncType.PKMSG
            assert store.open_message(CALLER, part.enc_type, part.content) == texts[jid]
        assert isinstance(sealed[5].error, callkey.DuplicateError) and sealed[5].content == b""

        stanzas = pair.caller.seal_rekeys(epoch, [*devices, "nobody"], IDENTIFIED, transaction_id=3)
        for (jid, store), part in zip(devices.items(), stanzas):
            opened, info = store.open_rekey(part.content)
            assert opened == epoch and info.transaction_id == 3 and part.jid == jid
        assert isinstance(stanzas[5].error, callkey.ArgumentError) and stanzas[5].content == b""

        failing: tuple[Callable[[], object], ...] = (
            lambda: pair.caller.begin_sessions({PHONE: broken}),
            lambda: pair.caller.seal_messages({DESKTOP: b""}),
            lambda: pair.caller.seal_rekeys(epoch, [DESKTOP], IDENTIFIED, transaction_id=3),
            lambda: pair.caller.begin_sessions({}),
            lambda: pair.caller.seal_messages({}),
        )
        for nobody in failing:
            with pytest.raises(callkey.NoDevicesError) as caught:
                nobody()
            assert not any(result.sealed for result in caught.value.results)
    with pytest.raises(TypeError):
        pair.caller.seal_messages({PHONE: "text"})  # type: ignore[dict-item]


def test_refused(pair: Pair, key: CallKey) -> None:
    # A replayed, changed or foreign message would be taken, or would break the session for the next one.
    enc = pair.caller.seal_enc(PHONE, key)
    broken = bytearray(enc.ciphertext)
    broken[len(broken) // 2] ^= 1
    with pytest.raises(callkey.CallKeyError):
        pair.phone.open_enc(CALLER, enc.enc_type, broken)
    for version in (0, 1, 4):
        with pytest.raises(callkey.UnsupportedError):
            pair.phone.open_enc(CALLER, enc.enc_type, enc.ciphertext, version=version)
    for enc_type in (0, 3, (1 << 32) - 1):
        with pytest.raises(callkey.UnsupportedError):
            pair.phone.open_enc(CALLER, enc_type, enc.ciphertext)  # type: ignore[arg-type]
    for enc_type in (-1, 1 << 32):
        with pytest.raises(callkey.ArgumentError):
            pair.phone.open_enc(CALLER, enc_type, enc.ciphertext)  # type: ignore[arg-type]
    with pytest.raises(callkey.MalformedError):
        pair.phone.open_enc(CALLER, enc.enc_type, b"")
    assert pair.phone.open_enc(CALLER, enc.enc_type, enc.ciphertext) == key
    with pytest.raises(callkey.DuplicateError):
        pair.phone.open_enc(CALLER, enc.enc_type, enc.ciphertext)
    with pytest.raises(callkey.NoSessionError) as caught:
        pair.phone.seal_enc(DESKTOP, key)
    assert isinstance(caught.value, LookupError)
    with pytest.raises(callkey.ArgumentError):
        pair.caller.seal_enc("no jid", key)


def test_only_a_call_key(pair: Pair, key: CallKey) -> None:
    # Bytes of any origin, or a wiped key, would be sent as the key of a call.
    for wrong in (key.reveal(), key.warp_auth_key(), None):
        with pytest.raises(TypeError):
            pair.caller.seal_enc(PHONE, wrong)  # type: ignore[arg-type]
    wiped = CallKey.generate()
    wiped.wipe()
    with pytest.raises(callkey.WipedError, match="was wiped"):
        pair.caller.seal_enc(PHONE, wiped)


def test_session_moves(pair: Pair, key: CallKey) -> None:
    # A session could not move to another program, or its record would be taken broken.
    pair.acknowledge()
    session = pair.caller.session(PHONE)
    record = session.export()
    session.remove()
    assert not session.exists()
    with pytest.raises(callkey.NoSessionError):
        session.export()
    with pytest.raises(callkey.MalformedError):
        session.restore(record.reveal()[:-1])
    session.restore(record)
    enc = pair.caller.seal_enc(PHONE, key)
    assert enc.enc_type is EncType.MSG
    assert pair.phone.open_enc(CALLER, enc.enc_type, enc.ciphertext) == key
    session.restore(callkey.Record.from_bytes(record.reveal()))


def test_changed_identity(pair: Pair) -> None:
    # Somebody else's device would take the callee's place without a word.
    with pytest.raises(callkey.NotFoundError):
        pair.caller.identity_of(DESKTOP)
    assert pair.caller.identity_of(PHONE) == pair.phone.identity.public_key
    with Store.open() as other:
        other.rotate_signed_prekey()
        bundle = other.take_bundle()
        with pytest.raises(callkey.UntrustedIdentityError):
            pair.caller.session(PHONE).begin(bundle)
        with pytest.raises(callkey.ArgumentError):
            pair.caller.trust(PHONE, bundle.identity_key[:-1])
        with pytest.raises(callkey.InvalidKeyError):
            pair.caller.trust(PHONE, bytes(32))
        pair.caller.trust(PHONE, bundle.identity_key)
        assert pair.caller.identity_of(PHONE) == other.identity.public_key
        pair.caller.session(PHONE).begin(bundle)


def test_installed_anew(pair: Pair, key: CallKey) -> None:
    # A device that was installed anew would silence the others, or get calls unasked.
    untrusted = callkey.UntrustedIdentityError
    pair.acknowledge()
    with Store.open() as desktop, Store.open() as anew:
        desktop.rotate_signed_prekey()
        pair.caller.session(DESKTOP).begin(desktop.take_bundle())
        anew.rotate_signed_prekey()
        anew.session(CALLER).begin(pair.caller.take_bundle())
        first = anew.seal_enc(CALLER, key)
        before = pair.caller.session(DESKTOP).export().reveal()
        with pytest.raises(untrusted):
            pair.caller.session(DESKTOP).begin(anew.take_bundle())
        with pytest.raises(untrusted):
            pair.caller.open_enc(DESKTOP, first.enc_type, first.ciphertext)
        assert pair.caller.identity_of(DESKTOP) == desktop.identity.public_key
        pair.caller.trust(DESKTOP, anew.identity.public_key)
        with pytest.raises(untrusted):
            pair.caller.seal_enc(DESKTOP, key)
        offer = pair.caller.seal_offer(key, [DESKTOP, PHONE])
        assert [result.status for result in offer.results] == [untrusted.status, 0]
        assert pair.phone.open_offer(offer.wire, own=[PHONE], sender=CALLER)[0] == key
        assert pair.caller.session(DESKTOP).export().reveal() == before
        assert pair.caller.open_enc(DESKTOP, first.enc_type, first.ciphertext) == key
        offer = pair.caller.seal_offer(key, [DESKTOP, PHONE])
        assert anew.open_offer(offer.wire, own=[DESKTOP], sender=CALLER)[0] == key


def test_redelivered(tmp_path: Path, key: CallKey) -> None:
    # An offer that the server delivers again would look like an attack, or like a new call.
    phone = Store.open(tmp_path / "a.db", storage_key=KEY)
    phone.rotate_signed_prekey()
    with Store.open() as caller:
        caller.session(PHONE).begin(phone.take_bundle())
        for kind in (EncType.PKMSG, EncType.MSG):
            offer = caller.seal_offer(key, [PHONE], IDENTIFIED)
            opened, info = phone.open_offer(offer.wire, own=[PHONE])
            assert (opened, info.enc_type, info.call_id, info.sender) == (key, kind, "AB12", CALLER)
            for _ in ("before a restart", "after it"):
                with pytest.raises(callkey.DuplicateError) as caught:
                    phone.open_offer(offer.wire, own=[PHONE])
                assert caught.value.info == info
                phone.close()
                phone = Store.open(tmp_path / "a.db", storage_key=KEY)
            back = phone.seal_enc(CALLER, key)
            assert caller.open_enc(PHONE, back.enc_type, back.ciphertext) == key
    phone.close()


def test_first_message_opens_once(key: CallKey) -> None:
    # Row 27: without a one-time prekey it opened under every name that its sender was given.
    with Store.open() as callee, Store.open() as caller:
        caller.session(PHONE).begin(dataclasses.replace(callee.take_bundle(), prekey_id=0, prekey=b""))
        enc = caller.seal_enc(PHONE, key)
        assert callee.open_enc(CALLER, enc.enc_type, enc.ciphertext) == key
        for name in (CALLER, "15550001111@s.whatsapp.net", "999:3@lid"):
            with pytest.raises(callkey.DuplicateError):
                callee.open_enc(name, enc.enc_type, enc.ciphertext)
        callee.session(CALLER).remove()
        with pytest.raises(callkey.DuplicateError):
            callee.open_enc(CALLER, enc.enc_type, enc.ciphertext)
