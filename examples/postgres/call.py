"""Calls: what we place, and what we get. Each function is the body of one transaction."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import device
import outbox
import prekey
from database import Cursor
from seal import Seal
from server import Server, Stanza

from callkey import (
    Account,
    CallKey,
    CallKeyError,
    ConflictError,
    Enc,
    NoPrekeyError,
    OfferOptions,
    message_parse,
    offer_build,
    offer_parse,
    plaintext_decode,
)

log = logging.getLogger("calls")

WANTED = """
    SELECT peer, id, devices FROM call WHERE key IS NULL AND failed IS NULL LIMIT 1 FOR UPDATE SKIP LOCKED
"""


@dataclass(frozen=True)
class Own:
    """Who we are. jid: our device; identity: its device-identity, which the server wants with a pkmsg."""

    jid: str
    account: Account
    identity: bytes


def want(cursor: Cursor, callee: str, call_id: str, devices: Sequence[str]) -> None:
    """The app wants a call. It returns at once, and a worker places the call."""
    cursor.execute(
        "INSERT INTO call (incoming, peer, id, devices) VALUES (false, %s, %s, %s) ON CONFLICT DO NOTHING",
        (callee, call_id, list(devices)),
    )


def place(cursor: Cursor, seal: Seal, own: Own, server: Server) -> bool:
    """Seals one wanted call for the callee's devices, and returns whether there was one.

    The call's row is ours until the commit, and after it the call has a key. So it is sealed once, whoever is killed.
    """
    row = cursor.execute(WANTED).fetchone()
    if row is None:
        return False
    callee, call_id, devices = row
    # Before the devices are locked: nobody waits for the server because of us.
    bundles = {jid: server.bundle(jid) for jid in device.strangers(cursor, seal, devices)}
    encs = []
    with CallKey.generate() as key:
        for each in device.lock(cursor, seal, devices):
            try:
                if not each.can_seal:  # if another worker has begun a session since, our bundle is not needed
                    bundle = bundles.get(each.jid) or server.bundle(each.jid)
                    each.record = each.record.begin(bundle, account=own.account, identity=each.identity)
                    each.identity = each.identity or bundle.identity_key
                with key.plaintext() as plaintext:
                    (enc_type, content), each.record = each.record.seal(plaintext, identity=each.identity)
            except CallKeyError as error:
                log.warning("%s is left out of a call: %s", each.jid, error)
                continue
            each.store(cursor, seal)
            encs.append(Enc(each.jid, enc_type, content))
        if encs:
            around = OfferOptions(callee, call_id, own.jid, multi_device=len(devices) > 1, device_identity=own.identity)
            outbox.put(cursor, callee, offer_build(encs, around))
            sealed, failed = seal.seal(f"call/to/{callee}/{call_id}", key), None
        else:
            sealed, failed = None, "no device"
    cursor.execute(
        "UPDATE call SET key = %s, failed = %s WHERE NOT incoming AND peer = %s AND id = %s",
        (sealed, failed, callee, call_id),
    )
    return True


def take(cursor: Cursor, seal: Seal, own: Own, stanza: Stanza) -> bool:
    """Opens an offer, and returns whether it is new. Acknowledge it after the commit. Raises CallKeyError."""
    content, info = offer_parse(stanza.wire, own=[own.jid])
    if info.sender != stanza.sender:
        raise ConflictError("the offer names another sender than the server")
    (caller,) = device.lock(cursor, seal, [info.sender])
    there = "SELECT 1 FROM call WHERE incoming AND peer = %s AND id = %s"
    if cursor.execute(there, (caller.jid, info.call_id)).fetchone():
        return False  # a worker had committed it, and then its acknowledgement was lost
    try:
        opened = caller.record.open(info.enc_type, content, identity=caller.identity, account=own.account)
    except NoPrekeyError:
        # It begins a session: only now do the ids count that it names. Nothing authenticates those of other messages.
        keys = prekey.use(cursor, seal, message_parse(info.enc_type, content))
        opened = caller.record.open(
            info.enc_type,
            content,
            identity=caller.identity,
            account=own.account,
            prekey=keys.prekey,
            signed_prekey=keys.signed_prekey,
        )
    plaintext, caller.identity, caller.record = opened
    with plaintext, plaintext_decode(plaintext, info.enc_version) as key:
        caller.store(cursor, seal)
        cursor.execute(
            "INSERT INTO call (incoming, peer, id, devices, key) VALUES (true, %s, %s, '{}', %s)",
            (caller.jid, info.call_id, seal.seal(f"call/from/{caller.jid}/{info.call_id}", key)),
        )
    return True
