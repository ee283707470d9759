"""Cases of known answers (testdata/vectors/README.md): runs each function of the C interface and checks the result."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import callkey
from callkey import CallKey, CallKeyError
from callkey._declarations import FUNCTIONS

Fields = dict[str, Any]

_MEMBERS = (
    "master_key",
    "master_salt",
    "srtp_cipher_key",
    "srtp_auth_key",
    "srtp_salt",
    "srtcp_cipher_key",
    "srtcp_auth_key",
    "srtcp_salt",
)


_TEXTS = ("call_id", "call_creator", "sender")


class Inputs:
    """The inputs of a case: ``name``, or the bytes of ``name_hex``."""

    def __init__(self, fields: Fields) -> None:
        self._fields = fields

    def has(self, name: str) -> bool:
        return name in self._fields or name + "_hex" in self._fields

    def bytes(self, name: str) -> bytes:
        return bytes.fromhex(self._fields[name + "_hex"])

    def text(self, name: str) -> str:
        if name in self._fields:
            return str(self._fields[name])
        return self.bytes(name).decode(errors="surrogateescape")

    def texts(self, name: str) -> list[str]:
        return [str(value) for value in self._fields[name]]

    def numbers(self, name: str) -> list[int]:
        return [int(value) for value in self._fields[name]]

    def number(self, name: str) -> int:
        return int(self._fields[name])

    def long(self, name: str) -> int:
        """A number of 64 bits, given in JSON as 8 bytes."""
        return int.from_bytes(self.bytes(name), "big")

    def key(self) -> CallKey:
        return CallKey.from_bytes(self.bytes("key"))


def _members(keys: callkey.SRTPKeys) -> Fields:
    return {f"{name}_hex": getattr(keys, name).hex() for name in _MEMBERS}


def _check(i: Inputs) -> Fields:
    i.key()
    return {}


def _batch(i: Inputs) -> Fields:
    # Python's batch is all or nothing, so each participant is a batch of its own.
    statuses, keys = [], []
    for participant in i.texts("participants"):
        try:
            (one,) = i.key().e2e_keys_batch([participant])
            statuses.append("CALLKEY_OK")
            keys.append(one.reveal().hex())
        except CallKeyError as error:
            if error.name == "CALLKEY_ERR_KEY_LENGTH":
                raise
            statuses.append(error.name)
            keys.append("00" * 130)
    if not statuses:
        i.key()
    return {"statuses": statuses, "keys_hex": keys}


def _plaintext_encode(i: Inputs) -> Fields:
    made = [i.key().plaintext().reveal() for _ in range(200)]
    bodies = {plaintext[: len(plaintext) - plaintext[-1]].hex() for plaintext in made}
    padded = all(plaintext.endswith(bytes([plaintext[-1]]) * plaintext[-1]) for plaintext in made)
    body = bodies.pop() if len(bodies) == 1 and padded else ""
    return {"body_hex": body, "min_len": min(map(len, made)), "max_len": max(map(len, made))}


def _sframe_open(i: Inputs) -> Fields:
    opened = callkey.SFrameKey.from_bytes(i.bytes("sframe_key")).open(i.bytes("frame"))
    return {
        "payload_hex": opened.payload.hex(),
        "counter_hex": opened.counter.to_bytes(8, "big").hex(),
        "key_id_hex": opened.key_id.to_bytes(8, "big").hex(),
    }


def _offer_parse(i: Inputs) -> Fields:
    status, ciphertext, info = "CALLKEY_OK", b"", None
    try:
        ciphertext, info = callkey.offer_parse(i.bytes("stanza"), own=i.texts("own_jids"))
    except CallKeyError as error:
        status, info = error.name, error.info
    members = ("kind", "keygen", "enc_type", "enc_version", "transaction_id", "call_id", "call_creator", "sender")
    told: Fields = {name: getattr(info, name, "" if name in _TEXTS else 0) for name in members}
    flags = [getattr(info, name, False) for name in ("video", "group", "accept")]
    return {
        "status": status,
        "ciphertext_hex": ciphertext.hex(),
        "flags": sum(flag << bit for bit, flag in enumerate(flags)),
        "from": getattr(info, "from_", ""),
        **told,
    }


_OPTIONS: tuple[tuple[str, Callable[[Inputs, str], Any]], ...] = (
    *((name, Inputs.text) for name in ("to", "call_id", "call_creator", "stanza_id", "video_enc", "video_dec")),
    *((name, Inputs.number) for name in ("video_width", "video_height", "video_device_orientation")),
    *((name, Inputs.bytes) for name in ("capability", "privacy_token", "device_identity")),
)


def _offer_build(i: Inputs) -> Fields:
    kinds = (callkey.EncType(kind) for kind in i.numbers("enc_types"))
    ciphertexts = (bytes.fromhex(ciphertext) for ciphertext in i.texts("ciphertexts_hex"))
    encs = [callkey.Enc(*enc) for enc in zip(i.texts("jids"), kinds, ciphertexts)]
    options = _options(i) if i.has("call_id") else None
    return {"stanza_hex": callkey.offer_build(encs, options).hex()}


def _options(i: Inputs) -> callkey.OfferOptions:
    flags = i.number("flags") if i.has("flags") else 0
    given = {name: read(i, name) for name, read in _OPTIONS if i.has(name)}
    given.setdefault("to", "")  # an enc_rekey goes to its enc's device
    return callkey.OfferOptions(video=bool(flags & 1), multi_device=bool(flags & 2), **given)


def _rekey_build(i: Inputs) -> Fields:
    # A type that EncType does not have is still the library's to reject.
    enc = callkey.Enc(i.text("jid"), i.number("enc_type"), i.bytes("ciphertext"))  # type: ignore[arg-type]
    return {"stanza_hex": callkey.rekey_build(enc, _options(i), transaction_id=i.number("transaction_id")).hex()}


def _account_identity(i: Inputs) -> Fields:
    with callkey.Account.from_bytes(i.bytes("private_key"), i.number("registration_id")) as account:
        identity = account.identity
    return {"registration_id": identity.registration_id, "public_key_hex": identity.public_key.hex()}


def _message_parse(i: Inputs) -> Fields:
    # A type that EncType does not have is still the library's to reject.
    info = callkey.message_parse(i.number("enc_type"), i.bytes("ciphertext"))  # type: ignore[arg-type]
    if info is None:
        info = callkey.MessageInfo(0, 0, 0, bytes(32), bytes(32))
    return {
        "prekey_id": info.prekey_id,
        "signed_prekey_id": info.signed_prekey_id,
        "registration_id": info.registration_id,
        "identity_key_hex": info.identity_key.hex(),
        "base_key_hex": info.base_key.hex(),
    }


def derivation(function: str) -> str | None:
    """The method of CallKey that is one of the C interface's derivations, by its name: sframe_key is
    callkey_derive_e2e_sframe_key."""
    name = function.removeprefix("callkey_derive_")
    if name == function or function in _OTHERWISE:
        return None
    return next((method for method in (name, name.removeprefix("e2e_")) if hasattr(CallKey, method)), None)


def _derive(method: str) -> Callable[[Inputs], Fields]:
    def run(i: Inputs) -> Fields:
        participant = [i.text("participant")] if i.has("participant") else []
        derived = getattr(i.key(), method)(*participant)
        if isinstance(derived, callkey.SRTPKeys):
            return _members(derived)
        return {f"{method}_hex": derived.reveal().hex()}

    return run


_OTHERWISE: dict[str, Callable[[Inputs], Fields]] = {
    "callkey_check": _check,
    "callkey_fingerprint": lambda i: {"fingerprint_hex": i.key().fingerprint},
    "callkey_participant_id": lambda i: {"participant_id": callkey.participant_id(i.text("jid"))},
    "callkey_derive_e2e_keys_raw": lambda i: _members(
        callkey.RawE2E.from_bytes(i.bytes("raw_e2e")).e2e_keys(i.text("participant"))
    ),
    "callkey_derive_e2e_keys_batch": _batch,
    "callkey_derive_hbh_keys": lambda i: _members(
        callkey.hbh_keys(i.bytes("hbh_key"), i.number("which"))  # type: ignore[arg-type]  # also an invalid one
    ),
    "callkey_derive_ssrcs": lambda i: {"ssrcs": list(callkey.ssrcs(i.text("call_id"), i.text("participant")))},
    "callkey_raw_e2e_decode": lambda i: {"raw_e2e_hex": callkey.raw_e2e_decode(i.bytes("content")).reveal().hex()},
    "callkey_offer_parse": _offer_parse,
    "callkey_offer_build": _offer_build,
    "callkey_rekey_build": _rekey_build,
    "callkey_account_identity": _account_identity,
    "callkey_message_parse": _message_parse,
    "callkey_stanza_from_xml": lambda i: {"stanza_hex": callkey.stanza_from_xml(i.text("xml")).hex()},
    "callkey_select_participant": lambda i: {
        "index": callkey.select_participant(
            i.key(), i.texts("participants"), i.bytes("rtp_packet"), roc=i.number("roc"), tag_len=i.number("tag_len")
        )
    },
    "callkey_warp_tag": lambda i: {
        "tag_hex": callkey.warp_tag(i.bytes("auth_key"), i.bytes("packet"), roc=i.number("roc")).hex()
    },
    "callkey_sframe_seal": lambda i: {
        "frame_hex": callkey.SFrameKey.from_bytes(i.bytes("sframe_key"))
        .seal(i.bytes("payload"), counter=i.long("counter"), key_id=i.long("key_id"))
        .hex()
    },
    "callkey_sframe_open": _sframe_open,
    "callkey_plaintext_encode": _plaintext_encode,
    "callkey_plaintext_decode": lambda i: {
        "key_hex": callkey.plaintext_decode(i.bytes("plaintext"), i.number("enc_version")).reveal().hex()
    },
}


RUNNERS = {
    **_OTHERWISE,
    **{function: _derive(method) for function in FUNCTIONS if (method := derivation(function)) is not None},
}


def check(function: str, case: Fields) -> str:
    """Runs one case; returns the difference as text, "" if there is none."""
    try:
        got = RUNNERS[function](Inputs(case["in"]))
    except CallKeyError as error:
        expected = case.get("error", "an answer")
        return "" if error.name == expected else f"{error.name} instead of {expected}"
    except (KeyError, TypeError, ValueError) as problem:
        return f"the case does not say what the function needs ({type(problem).__name__})"
    if "error" in case:
        return f"an answer instead of {case['error']}"
    wrong = [name for name, value in case.get("out", {}).items() if not _same(got, name, value)]
    return f"{', '.join(wrong)} differ{'s' if len(wrong) == 1 else ''}" if wrong else ""


def _same(got: Fields, name: str, value: Any) -> bool:
    if name == "ssrcs":  # a case from elsewhere has only the first of them
        return bool(got[name][: len(value)] == value)
    if name.endswith("_hex") and name not in got:  # a text beyond ASCII
        return bool(got.get(name[:-4], "").encode("utf-8", "surrogateescape").hex() == value)
    return bool(got.get(name) == value)
