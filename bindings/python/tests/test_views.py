"""Views of secrets, and all that goes to the library, where no references are counted (hardening row 42).

PyPy ends an object at some garbage collection, which may come between any two steps. If one of these failed, a media
key would be zeros, or the bytes of somebody else's memory. `make test-pythons` lets glibc overwrite what is freed.
"""

from __future__ import annotations

import ctypes
import gc
import inspect
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import CALLER, COUNTING, OFFER, PHONE, Pair, Zeroed, collect
from kept import NOW, Device
from test_secret import KINDS

import callkey
from callkey import CallKey, Enc, EncType, Epoch, Epochs, OfferOptions, PrekeyBundle, Secret, Store, _library
from callkey._declarations import FUNCTIONS
from callkey._memory import owner

VIEWS = sorted(
    f"{kind.__name__}.{name}"
    for kind in vars(callkey).values()
    if inspect.isclass(kind) and issubclass(kind, Secret)
    for name, member in vars(kind).items()
    if isinstance(member, property) and member.fget.__annotations__["return"] == "memoryview"
)


def garbage() -> None:
    """Takes the memory that was freed."""
    collect()
    for size in (14, 16, 20, 30, 32, 130):
        [bytearray(b"\xa5" * size) for _ in range(200)]


def shown(key: CallKey, view: str) -> memoryview:
    """A view of a secret without another reference."""
    kind, _, name = view.partition(".")
    made: memoryview = getattr({"SRTPKeys": key.e2e_keys, "SFrameKey": key.sframe_key}[kind](PHONE), name)
    return made


def test_every_view_is_tried() -> None:
    # A new member would be missing below.
    assert len(VIEWS) == 10 and {view.partition(".")[0] for view in VIEWS} == {"SRTPKeys", "SFrameKey"}


@pytest.mark.slow
@pytest.mark.parametrize("view", VIEWS)
def test_fault_42_views_hold_their_secret(view: str, key: CallKey) -> None:
    # A member of unreferenced keys would be zeros: media under a key that everyone knows.
    with key.e2e_keys(PHONE) as keys, key.sframe_key(PHONE) as sframe:
        right = bytes(getattr({"SRTPKeys": keys, "SFrameKey": sframe}[view.partition(".")[0]], view.partition(".")[2]))
    assert any(right)
    ways: dict[str, Callable[[memoryview], memoryview]] = {
        "itself": lambda v: v,
        "a part": lambda v: v[:],
        "a view of it": memoryview,
        "cast": lambda v: v.cast("b").cast("B"),
        "read-only": lambda v: v.toreadonly(),
    }
    views = {way: made_of(shown(key, view)) for way, made_of in ways.items()}  # each of keys of its own
    garbage()
    for way, held in views.items():
        assert bytes(held) == right, way
        assert isinstance(owner(held), Secret), way


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_fault_42_a_view_of_any_secret(kind: str, key: CallKey, pair: Pair, zeroed: Zeroed) -> None:
    # The same of a secret that has no such member yet; and one would stay in memory for a view that is gone.
    secret = KINDS[kind][0](key, pair)
    right, place, size = secret.reveal(), zeroed.place(secret), len(secret)
    view, parts = secret._view(0, size), [secret._view(n, n + 1) for n in range(size)]
    del secret
    garbage()
    assert bytes(view) == right and b"".join(parts) == right
    del view
    garbage()
    assert place not in zeroed.places and b"".join(parts) == right
    del parts
    garbage()
    assert place in zeroed.places


@pytest.mark.slow
@pytest.mark.parametrize("view", VIEWS)
def test_fault_42_views_see_the_wipe(view: str, key: CallKey) -> None:
    # A view would still show a wiped secret, from its own memory.
    views = (shown(key, view), shown(key, view)[1:])
    for held in views:
        secret = owner(held)
        assert secret is not None and held.readonly and any(held)
        secret.wipe()
        del secret
    garbage()
    for held in views:
        assert not any(held)
        with pytest.raises(callkey.WipedError, match="was wiped"):
            callkey.SFrameKey.from_bytes(held)


def test_a_member_of_a_wiped_secret(key: CallKey) -> None:
    # Zeros would be taken for a key.
    keys, sframe = key.e2e_keys(PHONE), key.sframe_key(PHONE)
    for secret in (keys, sframe):
        secret.wipe()
    for view in VIEWS:
        with pytest.raises(callkey.WipedError, match="was wiped"):
            getattr({"SRTPKeys": keys, "SFrameKey": sframe}[view.partition(".")[0]], view.partition(".")[2])


class Collecting:
    """Stands in for the library: a garbage collection before each function."""

    def __init__(self, collect: Callable[[], object]) -> None:
        self.real = _library.library()
        self.collect = collect
        self.functions: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        function = getattr(self.real, name)
        if function.argtypes is None:
            return function

        def collects(*arguments: Any) -> Any:
            self.functions.add(name)
            self.collect()
            return function(*arguments)

        collects.argtypes = function.argtypes  # type: ignore[attr-defined]
        return collects


@pytest.fixture
def collecting(monkeypatch: pytest.MonkeyPatch, full: bool) -> Iterator[Collecting]:
    # PyPy takes 60 ms for a whole collection, and a step frees what is young, as what is made for one call is.
    library = Collecting(gc.collect if full else getattr(gc, "collect_step", gc.collect))
    with monkeypatch.context() as patch:
        patch.setattr(_library, "_library", library)
        yield library


def fresh(*parts: bytes) -> bytes:
    """Bytes without another reference."""
    return b"".join(bytes(part) for part in parts)


JIDS = [f"{n}:{n % 9}@lid" for n in range(1, 8)]
BLOBS: dict[str, Any] = {"capability": b"\1\5", "privacy_token": b"token" * 9, "device_identity": b"identity" * 9}


def derive(key: CallKey) -> None:
    one_by_one = [key.e2e_keys(str(jid)).reveal() for jid in JIDS]
    assert len(set(one_by_one)) == len(JIDS)
    assert [keys.reveal() for keys in key.e2e_keys_batch([str(jid) for jid in JIDS])] == one_by_one
    assert callkey.RawE2E.from_bytes(fresh(COUNTING)).e2e_keys(JIDS[0]).reveal() == one_by_one[0]
    assert callkey.raw_e2e_decode(fresh(COUNTING)).reveal() == COUNTING
    assert callkey.plaintext_decode(key.plaintext().reveal()) == key
    hbh_key = bytes(range(30))
    made = [callkey.hbh_keys(given, callkey.HBH.SRTP) for given in (fresh(hbh_key), bytearray(hbh_key))]
    assert made[0] == made[1]
    packet = fresh(bytes.fromhex("80780007000003c012345678"), b"encrypted!")
    tag = callkey.warp_tag(key.e2e_keys(JIDS[5]).srtp_auth_key, packet)
    assert tag == callkey.warp_tag(fresh(one_by_one[5][46:66]), packet)
    assert callkey.select_participant(key, JIDS, fresh(packet, tag)) == 5
    with key.sframe_key(JIDS[0]) as sframe:
        assert sframe.open(sframe.seal(fresh(b"pay", b"load"), counter=7)).payload == b"payload"
    assert key.warp_auth_key().fingerprint == key.warp_auth_key().fingerprint != key.fingerprint
    assert callkey.participant_id("1@lid") == "1:0@lid"
    assert callkey.ssrcs("AB", JIDS[0]) != callkey.ssrcs("AB", JIDS[1])
    with pytest.raises(callkey.KeyLengthError, match="31"):
        CallKey.from_bytes(fresh(bytes(31)))


def write_and_parse() -> None:
    ciphertexts = [fresh(bytes([n]) * (40 + n)) for n in range(5)]
    texts: dict[str, Any] = {name: str(getattr(OFFER, name)) for name in ("to", "call_id", "call_creator", "stanza_id")}
    blobs: dict[str, Any] = {name: fresh(value) for name, value in BLOBS.items()}
    wire = callkey.offer_build(
        [Enc(jid, EncType.PKMSG, fresh(one)) for jid, one in zip(JIDS, ciphertexts)], OfferOptions(**texts, **blobs)
    )
    xml = callkey.stanza_to_xml(fresh(wire))
    for said in (*texts.values(), *(blob.hex() for blob in (*BLOBS.values(), *ciphertexts)), *JIDS[:5]):
        assert said in xml
    parsed, info = callkey.offer_parse(fresh(wire), own=[PHONE, JIDS[3]])
    assert (parsed, info.call_creator) == (ciphertexts[3], CALLER)
    enc = Enc(str(JIDS[2]), EncType.PKMSG, fresh(parsed))
    options = OfferOptions(**texts, device_identity=fresh(BLOBS["device_identity"]))
    xml = callkey.stanza_to_xml(callkey.rekey_build(enc, options, transaction_id=7))
    assert callkey.stanza_to_xml(callkey.stanza_from_xml("".join([xml]))) == xml
    for said in (JIDS[2], OFFER.call_id, CALLER, OFFER.stanza_id, parsed.hex(), BLOBS["device_identity"].hex()):
        assert str(said) in xml


def fresh_user() -> str:
    """The user of PHONE, in a text of its own."""
    return "".join(["222222222222222", "@lid"])


def fresh_jid() -> str:
    return "".join(["333333333333333:3", "@lid"])


def make_prekeys(phone: Store) -> PrekeyBundle:
    phone.import_identity(fresh(b"\x11" * 32), 7)
    phone.import_prekey(9, fresh(b"\x12" * 32))
    phone.import_signed_prekey(10, fresh(b"\x13" * 32))
    made = phone.add_prekeys(3)
    assert phone.unpublished() == made and len(set(made)) == 3
    phone.published([prekey.id for prekey in made])
    assert phone.prekeys_left() == 4
    assert phone.rotate_signed_prekey().public_key == phone.signed_prekey()[0].public_key
    bundle = phone.take_bundle()
    assert PrekeyBundle.from_bytes(bundle.to_bytes()) == bundle
    return bundle


def keep_keys() -> None:
    """A server that keeps its keys itself."""
    with callkey.Account.generate() as made, callkey.Account.from_bytes(fresh(made.reveal()), 7) as account:
        assert account.identity.public_key == made.identity.public_key
        assert len(account.sign(fresh(b"a prekey"))) == callkey.SIGNATURE_BYTES
        signed, private = account.signed_prekey(1)
        one, own = callkey.prekey_generate(2)
        assert (signed.id, one.id) == (1, 2) and private != own


def keep_records() -> None:
    caller, callee = Device(), Device()
    bundle = callee.publish(5)
    record = caller.record.begin(bundle, account=caller.account, identity=fresh(bundle.identity_key), now=NOW)
    ciphertext, _ = record.seal(fresh(b"a message"), identity=fresh(bundle.identity_key), now=NOW)
    plaintext, identity, record = callee.record.open(
        ciphertext.enc_type,
        fresh(ciphertext.content),
        identity=None,
        account=callee.account,
        prekey=callee.prekeys[5],
        signed_prekey=callee.signed_prekeys[7],
        now=NOW,
    )
    assert plaintext.reveal() == b"a message" and identity == caller.account.identity.public_key
    assert record.info(identity=fresh(identity), now=NOW).identity_key == identity
    assert record.merge(callkey.Record.from_bytes(fresh(record.reveal()))) == record


def deliver(key: CallKey, path: Path) -> None:
    with Store.open(path, storage_key=fresh(b"k" * 32)) as caller, Store.open(identity=False) as phone:
        bundle = make_prekeys(phone)
        caller.session(str(PHONE)).begin(bundle)
        assert caller.session(str(PHONE)).exists()
        begun = caller.begin_sessions({str(PHONE): bundle, fresh_jid(): bundle})
        assert [result.status for result in begun] == [0, 0]
        called = caller.seal_offer(key, [fresh_jid()], replace(OFFER, **BLOBS), bundles={fresh_jid(): bundle})
        assert [result.status for result in called.results] == [0]
        caller.remove_user("333333333333333@lid")
        assert caller.identity_of(PHONE) == bundle.identity_key == phone.identity.public_key
        caller.trust(str(PHONE), fresh(bundle.identity_key))
        offer = caller.seal_offer(key, [str(PHONE), "9:9@lid"], replace(OFFER, **BLOBS))
        assert [result.status for result in offer.results] == [0, callkey.NoSessionError.status]
        opened, info = phone.open_offer(fresh(offer.wire), own=["9:9@lid", str(PHONE)])
        assert opened == key and (info.call_id, info.sender) == (OFFER.call_id, CALLER)
        enc = phone.seal_enc(str(CALLER), key)
        assert caller.open_enc(str(PHONE), enc.enc_type, fresh(enc.ciphertext)) == key
        caller.message_done(str(PHONE), fresh(enc.ciphertext))
        assert callkey.message_parse(enc.enc_type, fresh(enc.ciphertext)) is None
        message = phone.seal_message(str(CALLER), fresh(b"a message"))
        assert caller.open_message(str(PHONE), message.enc_type, fresh(message.ciphertext)) == b"a message"
        texts = {str(CALLER): fresh(b"one of many"), "9:9@lid": fresh(b"")}
        part = phone.seal_messages(texts)[0]
        assert caller.open_message(str(PHONE), part.enc_type, fresh(part.content)) == b"one of many"
        phone.session(CALLER).restore(phone.session(CALLER).export())
        phone.session(CALLER).restore(phone.session(CALLER).export().reveal())
        with Epoch.generate() as epoch, Epochs() as epochs:
            wire = caller.seal_rekey(epoch, str(PHONE), OFFER, transaction_id=3)
            received, _ = phone.open_rekey(fresh(wire), sender=str(CALLER))
            epochs.add(3, received)
            wires = caller.seal_rekeys(epoch, ["9:9@lid", str(PHONE)], OFFER, transaction_id=4)
            assert phone.open_rekey(fresh(wires[1].content), sender=str(CALLER))[0] == epoch
            epochs.roster(3)
            assert epochs.current() == (3, epoch)
        caller.alias("49301234:0@s.whatsapp.net", str(PHONE))
        caller.unalias("49301234:0@s.whatsapp.net")
        caller.alias("49301234:0@s.whatsapp.net", str(PHONE))
        assert list(caller.sessions(fresh_user())) == [PHONE]
        assert list(caller.aliases(fresh_user())) == ["49301234@s.whatsapp.net"]
        assert caller.session_info(str(PHONE)).identity_key == bundle.identity_key
        with caller.account() as account:
            assert account.registration_id == caller.identity.registration_id
        caller.change_key(fresh(b"K" * 32))
        caller.copy(f"{path}.copy")
        caller.session(str(PHONE)).remove()
        caller.remove_identity(str(PHONE))
        caller.remove_user(fresh_user())
        assert list(caller.identities()) == []
    with Store.open(f"{path}.copy", storage_key=fresh(b"K" * 32), restored=True) as copy:
        assert copy.identity_of(PHONE) == bundle.identity_key


@pytest.mark.slow
def test_fault_42_collected_before_every_call(collecting: Collecting, tmp_path: Path) -> None:
    # What is made for one call, a text, an array of texts, a copy of bytes, a struct, would be gone before the library
    # has read it: another JID's keys, or an offer that says something else.
    with CallKey.from_bytes(fresh(COUNTING)) as key:
        derive(key)
        write_and_parse()
        keep_keys()
        keep_records()
        deliver(key, tmp_path / "caller.db")
    takes_pointers = {
        name
        for name, (_, arguments) in FUNCTIONS.items()
        if any(kind is ctypes.c_char_p or hasattr(kind, "contents") for kind in arguments)
    }
    takes_pointers.remove("callkey_last_errno")  # its number is made for this call and read by nobody else
    assert len(takes_pointers) > 40
    assert takes_pointers - collecting.functions == set()
