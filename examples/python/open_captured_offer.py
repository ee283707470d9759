"""Open a captured offer with the store of the device that it was for, and say what is in it.

    python3 open_captured_offer.py                                  # an offer from a caller made up here
    python3 open_captured_offer.py OFFER JID STORE STORAGE_KEY      # a file of hex, the device, its store and its key

The session goes on: an offer opens once. Work on a copy of the store (Store.copy).
"""

from __future__ import annotations

import sys
from pathlib import Path

import callkey

CALLER, DEVICE = "111111111111111:3@lid", "222222222222222:0@lid"


def made_up() -> tuple[bytes, callkey.Store]:
    """An offer, and the store that opens it."""
    store = callkey.Store.open()  # in memory
    with callkey.Store.open() as caller, callkey.CallKey.generate() as key:
        caller.session(DEVICE).begin(store.take_bundle())  # the bundle that the device published
        options = callkey.OfferOptions(
            to="222222222222222@lid", call_id="0AB1C2", call_creator=CALLER, stanza_id="1", device_identity=b"account"
        )
        return caller.seal_offer(key, [DEVICE], options).wire, store


def main(arguments: list[str]) -> int:
    if len(arguments) not in (0, 4):
        sys.exit(__doc__)
    if arguments:
        file, device, path, storage_key = arguments
        wire = bytes.fromhex(Path(file).read_text())
        store = callkey.Store.open(path, storage_key=Path(storage_key).read_bytes(), must_exist=True)
    else:
        device, (wire, store) = DEVICE, made_up()
    with store:
        try:
            key, info = store.open_offer(wire, own=[device])
        except callkey.CallKeyError as problem:
            print(f"{type(problem).__name__}: {problem}")
            if problem.info:
                print(f"It is call {problem.info.call_id} of {problem.info.call_creator}.")
            return 1
    with key:
        print(f"call      {info.call_id}, {'video' if info.video else 'audio'}{', group' if info.group else ''}")
        print(f"from      {info.sender}, in a {info.enc_type}")
        print(f"call key  {key.fingerprint} (fingerprint)")
        for name, jid in (("receive", info.sender), ("send", device)):
            print(f"{name:9} {key.e2e_keys(jid).fingerprint} (fingerprint of the SRTP keys of {jid})")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
