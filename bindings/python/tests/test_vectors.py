"""The shared known answers and error cases of testdata/vectors."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Union

import pytest
from conftest import TREE

import callkey
from callkey import CallKey, CallKeyError, SRTPKeys
from callkey.errors import BY_STATUS

Fields = dict[str, Any]
Input = Callable[[str], Any]
STATUS = {cls.name: status for status, cls in BY_STATUS.items()}


def reader(fields: Fields) -> Input:
    """Reads one input: bytes of ``…_hex`` where it asks for them, text where it stands as either."""

    def read(name: str) -> Any:
        if name in fields:
            return fields[name]
        data = bytes.fromhex(fields[name + "_hex"])
        return data

    return read


def text(value: Union[str, bytes]) -> str:
    """Text, also what is not UTF-8: as the lone surrogates that Python itself reads it as."""
    return value if isinstance(value, str) else value.decode(errors="surrogateescape")


def members(keys: SRTPKeys) -> Fields:
    return {
        name + "_hex": getattr(keys, name).hex()
        for name in (
            "master_key",
            "master_salt",
            "srtp_cipher_key",
            "srtp_auth_key",
            "srtp_salt",
            "srtcp_cipher_key",
            "srtcp_auth_key",
            "srtcp_salt",
        )
    }


def batch(i: Input) -> Fields:
    key = CallKey.from_bytes(i("key"))
    participants = [text(p) for p in i("participants")]
    statuses, keys = [], []
    for participant in participants:  # Python's batch is all or nothing, so the refused ones are found first
        try:
            key.e2e_keys_batch([participant])
            statuses.append("CALLKEY_OK")
        except CallKeyError as error:
            statuses.append(error.name)
    good = iter(key.e2e_keys_batch([p for p, s in zip(participants, statuses) if s == "CALLKEY_OK"]))
    keys = [next(good).reveal().hex() if s == "CALLKEY_OK" else "00" * 130 for s in statuses]
    return {"statuses": statuses, "keys_hex": keys}


def plaintext_encode(i: Input) -> Fields:
    key = CallKey.from_bytes(i("key"))
    made = [key.plaintext().reveal() for _ in range(200)]
    for plaintext in made:
        n = plaintext[-1]
        assert plaintext == plaintext[:36] + bytes([n]) * n
    body = {plaintext[:36].hex() for plaintext in made}
    assert len(body) == 1
    return {"body_hex": body.pop(), "min_len": min(map(len, made)), "max_len": max(map(len, made))}


def check(i: Input) -> Fields:
    CallKey.from_bytes(i("key"))
    return {}


def sframe_open(i: Input) -> Fields:
    opened = callkey.SFrameKey.from_bytes(i("sframe_key")).open(i("frame"))
    return {
        "payload_hex": opened.payload.hex(),
        "counter_hex": opened.counter.to_bytes(8, "big").hex(),
        "key_id_hex": opened.key_id.to_bytes(8, "big").hex(),
    }


FUNCTIONS: dict[str, Callable[[Input], Fields]] = {
    "callkey_check": check,
    "callkey_fingerprint": lambda i: {"fingerprint_hex": CallKey.from_bytes(i("key")).fingerprint},
    "callkey_participant_id": lambda i: {"participant_id": callkey.participant_id(text(i("jid")))},
    "callkey_derive_e2e_keys": lambda i: members(CallKey.from_bytes(i("key")).e2e_keys(text(i("participant")))),
    "callkey_derive_e2e_keys_raw": lambda i: members(
        callkey.RawE2E.from_bytes(i("raw_e2e")).e2e_keys(text(i("participant")))
    ),
    "callkey_derive_e2e_keys_batch": batch,
    "callkey_derive_e2e_sframe_key": lambda i: {
        "sframe_key_hex": CallKey.from_bytes(i("key")).sframe_key(text(i("participant"))).reveal().hex()
    },
    "callkey_derive_warp_auth_key": lambda i: {
        "warp_auth_key_hex": CallKey.from_bytes(i("key")).warp_auth_key().reveal().hex()
    },
    "callkey_derive_hbh_keys": lambda i: members(callkey.hbh_keys(i("hbh_key"), i("which"))),
    "callkey_derive_ssrcs": lambda i: {"ssrcs": list(callkey.ssrcs(text(i("call_id")), text(i("participant"))))},
    "callkey_raw_e2e_decode": lambda i: {"raw_e2e_hex": callkey.raw_e2e_decode(i("content")).reveal().hex()},
    "callkey_select_participant": lambda i: {
        "index": callkey.select_participant(
            CallKey.from_bytes(i("key")),
            [text(p) for p in i("participants")],
            i("rtp_packet"),
            roc=i("roc"),
            tag_len=i("tag_len"),
        )
    },
    "callkey_warp_tag": lambda i: {"tag_hex": callkey.warp_tag(i("auth_key"), i("packet"), roc=i("roc")).hex()},
    "callkey_sframe_seal": lambda i: {
        "frame_hex": callkey.SFrameKey.from_bytes(i("sframe_key"))
        .seal(
            i("payload"), counter=int.from_bytes(i("counter"), "big"), key_id=int.from_bytes(i("key_id"), "big")
        )
        .hex()
    },
    "callkey_sframe_open": sframe_open,
    "callkey_plaintext_encode": plaintext_encode,
    "callkey_plaintext_decode": lambda i: {
        "key_hex": callkey.plaintext_decode(i("plaintext"), i("enc_version")).reveal().hex()
    },
}


def load() -> list[Any]:
    cases = []
    for path in sorted((TREE / "testdata" / "vectors").glob("*.json")):
        contents = json.loads(path.read_text())
        if "function" not in contents or contents["function"].startswith("primitive_"):
            continue
        for case in contents["cases"]:
            cases.append(pytest.param(contents["function"], case, id=f"{path.stem}: {case['name']}"))
    return cases


CASES = load()


def test_all_there() -> None:
    # A file of vectors that is missing, or that nobody runs, would let its function go wrong in Python unseen.
    assert {case.values[0] for case in CASES} == set(FUNCTIONS)


@pytest.mark.parametrize("function, case", CASES)
def test_case(function: str, case: Fields) -> None:
    # Python would derive other keys than the rest of the field, or take what must be refused.
    run = FUNCTIONS[function]
    if "error" in case:
        with pytest.raises(CallKeyError) as caught:
            run(reader(case["in"]))
        assert caught.value.name == case["error"]
        assert caught.value.status == STATUS[case["error"]]
        return
    got = run(reader(case["in"]))
    for name, value in case["out"].items():
        if name.endswith("_hex") and name not in got:  # a text that is beyond ASCII
            assert got[name.removesuffix("_hex")].encode("utf-8", "surrogateescape").hex() == value
        elif name == "ssrcs":
            assert got[name][: len(value)] == value
            assert len(got[name]) == 9
        else:
            assert got[name] == value, name
