"""An identity key that is not the trusted one: whose it is, and which."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest
from conftest import CALLER, DESKTOP, IDENTIFIED, PHONE, Pair
from kept import met

import callkey
from callkey import CallKey, EncType, Epoch, OfferOptions, Store, UntrustedIdentityError

REKEY = OfferOptions(to=DESKTOP, call_id="AB12", call_creator=CALLER, device_identity=b"blob")


class Anew(NamedTuple):
    """The caller knew ``before``, and the same device is installed anew as ``now``."""

    caller: Store
    before: Store
    now: Store

    @property
    def key(self) -> bytes:
        """What the device presents now."""
        return self.now.identity.public_key


@pytest.fixture
def anew(pair: Pair) -> Iterator[Anew]:
    with Store.open() as before, Store.open() as now:
        pair.caller.session(DESKTOP).begin(before.take_bundle())
        now.session(CALLER).begin(pair.caller.take_bundle())
        yield Anew(pair.caller, before, now)


def refused(use: Callable[[], object]) -> UntrustedIdentityError:
    with pytest.raises(UntrustedIdentityError) as caught:
        use()
    again = pickle.loads(pickle.dumps(caught.value))
    assert (again.jid, again.identity_key, str(again)) == (
        caught.value.jid,
        caught.value.identity_key,
        str(caught.value),
    )
    return caught.value


def test_what_is_presented(anew: Anew, key: CallKey) -> None:
    # The app could not show which key is new, and would trust whatever the server says it is.
    caller, before, now = anew
    enc = now.seal_enc(CALLER, key)
    offer = now.seal_offer(key, [CALLER], OfferOptions("1@lid", "AB12", DESKTOP, device_identity=b"blob"))
    with Epoch.generate() as epoch:
        rekey = now.seal_rekey(epoch, CALLER, REKEY, transaction_id=1)
    for use in (
        lambda: caller.session(DESKTOP).begin(now.take_bundle()),
        lambda: caller.open_enc(DESKTOP, enc.enc_type, enc.ciphertext),
        lambda: caller.open_message(DESKTOP, enc.enc_type, enc.ciphertext),
        lambda: caller.open_offer(offer.wire, own=[CALLER]),
        lambda: caller.open_rekey(rekey, sender=DESKTOP),
    ):
        error = refused(use)
        assert (error.jid, error.identity_key) == (DESKTOP, anew.key)
    assert caller.identity_of(DESKTOP) == before.identity.public_key
    caller.trust(error.jid, error.identity_key or b"")
    assert caller.open_enc(DESKTOP, enc.enc_type, enc.ciphertext) == key


def test_session_in_use(anew: Anew, key: CallKey) -> None:
    # The app would not learn that the old session, and not the device, has the key that is refused.
    caller, before, _ = anew
    old = before.identity.public_key
    first = caller.seal_enc(DESKTOP, key)
    assert before.open_enc(CALLER, first.enc_type, first.ciphertext) == key
    caller.trust(DESKTOP, anew.key)
    answer = before.seal_enc(CALLER, key)
    assert answer.enc_type is EncType.MSG
    with Epoch.generate() as epoch:
        for use in (
            lambda: caller.seal_enc(DESKTOP, key),
            lambda: caller.seal_message(DESKTOP, b"text"),
            lambda: caller.seal_rekey(epoch, DESKTOP, REKEY, transaction_id=1),
            lambda: caller.open_enc(DESKTOP, answer.enc_type, answer.ciphertext),
        ):
            error = refused(use)
            assert (error.jid, error.identity_key) == (DESKTOP, old)
    results = caller.seal_offer(key, [DESKTOP, PHONE], IDENTIFIED).results
    told = results[0].error
    assert isinstance(told, UntrustedIdentityError) and (told.jid, told.identity_key) == (DESKTOP, old)
    assert str(told) == f"{DESKTOP}: the session's identity key is not the trusted one"
    caller.remove_identity(DESKTOP)
    assert refused(lambda: caller.seal_enc(DESKTOP, key)).identity_key == old
    # The message is of an earlier session, and the newest has the trusted key: it would be no answer.
    caller.trust(DESKTOP, anew.key)
    caller.session(DESKTOP).begin(anew.now.take_bundle())
    error = refused(lambda: caller.open_enc(DESKTOP, answer.enc_type, answer.ciphertext))
    assert (error.jid, error.identity_key) == (DESKTOP, None)


def test_many_devices(anew: Anew, key: CallKey) -> None:
    # The app would not learn which of many devices is installed anew.
    caller, before, now = anew
    with pytest.raises(callkey.NoDevicesError) as caught:
        caller.begin_sessions({DESKTOP: now.take_bundle()})
    (begun,) = caught.value.results
    with pytest.raises(callkey.NoDevicesError) as caught:
        caller.seal_offer(key, [DESKTOP], IDENTIFIED, bundles={DESKTOP: now.take_bundle()})
    (called,) = caught.value.results
    (sealed,) = caller.seal_messages({DESKTOP: b"text"})
    assert sealed.error is None
    caller.trust(DESKTOP, anew.key)
    with pytest.raises(callkey.NoDevicesError) as caught:
        caller.seal_messages({DESKTOP: b"text"})
    (old,) = caught.value.results
    caller.session(DESKTOP).remove()
    caller.trust(DESKTOP, before.identity.public_key)
    with pytest.raises(callkey.NoDevicesError) as caught:
        caller.begin_sessions({DESKTOP: now.take_bundle()})
    (without_session,) = caught.value.results
    for result, presented, words in (
        (begun, anew.key, "the device's identity key is not the trusted one"),
        (called, anew.key, "the device's identity key is not the trusted one"),
        (old, before.identity.public_key, "the session's identity key is not the trusted one"),
        (without_session, anew.key, "the device's identity key is not the trusted one"),
    ):
        error = result.error
        assert isinstance(error, UntrustedIdentityError)
        assert (error.jid, error.identity_key, str(error)) == (DESKTOP, presented, f"{DESKTOP}: {words}")


def test_record_of_a_program() -> None:
    # A server that keeps records itself could not tell its users that a device's key is new, and which it is.
    caller, callee = met()
    first = caller.seal(b"first")
    identity = caller.account.identity.public_key
    other = bytes(31) + b"\1"
    callee.trusted = other
    error = refused(lambda: callee.look(first))
    assert (error.jid, error.identity_key) == ("", identity)
    info = error.info
    assert info is not None and (info.enc_type, info.enc_version, info.sender) == (EncType.PKMSG, 0, "")
    assert info.sender_identity == identity
    callee.trusted = None
    assert callee.open(first) == b"first"
    answer = callee.seal(b"answer")
    callees = callee.account.identity.public_key
    for trusted in (None, other):
        caller.trusted = trusted
        assert refused(lambda: caller.record.seal(b"text", identity=trusted)).identity_key == callees  # noqa: B023
        error = refused(lambda: caller.look(answer))
        assert error.identity_key == callees
        assert error.info is not None and error.info.enc_type is EncType.MSG and error.info.sender_identity is None
    with Store.open() as fresh:
        bundle = fresh.take_bundle()
    begin = caller.record.begin
    assert refused(lambda: begin(bundle, account=caller.account, identity=other)).identity_key == bundle.identity_key
    with pytest.raises(callkey.UnsupportedError) as caught:
        caller.record.open("skmsg", answer.content, identity=callees)
    assert caught.value.info is not None and caught.value.info.enc_type is EncType.NONE


def test_record(anew: Anew) -> None:
    # A session that moves would bring an identity that nobody can name.
    caller, _, now = anew
    with Store.open() as other:
        other.session(DESKTOP).begin(now.take_bundle())
        with other.session(DESKTOP).export() as record:
            for given in (record, record.reveal()):
                error = refused(lambda: caller.session(DESKTOP).restore(given))  # noqa: B023
                assert (error.jid, error.identity_key) == (DESKTOP, anew.key)


def test_alias(anew: Anew) -> None:
    # A number and a LID that are said to be one device would have two keys, and the app could compare neither.
    caller, _, now = anew
    caller.session("1555@s.whatsapp.net").begin(now.take_bundle())
    error = refused(lambda: caller.alias("1555@s.whatsapp.net", DESKTOP))
    assert (error.jid, error.identity_key) == (DESKTOP, anew.key)
    caller.trust(error.jid, error.identity_key or b"")
    caller.alias("1555@s.whatsapp.net", DESKTOP)
    assert caller.identity_of("1555@s.whatsapp.net") == anew.key
    assert callkey.UntrustedIdentityError("unsaid").identity_key is None
