"""A Python host for the residue test, with two calls in two threads; tell.h describes its output.

residue_host.py LIBRARY FOLDER
"""

import pathlib
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "bindings" / "python" / "src"))

import callkey
from callkey import CallKey, Epoch, Epochs, Secret, Store

MASK = 0xA5
TELLING = threading.Lock()  # or the lines of two threads would mix
ALICE = "111111111111111:0@lid"
DEVICES = [f"222222222222222:{i}@lid" for i in range(10)]


def tell(name: str, secret: Secret) -> None:
    """Byte by byte: Python keeps the numbers 0 to 255 forever, so they are not a trace."""
    line = "".join("%02x" % (byte ^ MASK) for byte in secret._view(0, len(secret)))
    with TELLING:
        sys.stdout.write(f"secret {name} {line}\n")


def stage(name: str) -> None:
    print("stage", name, flush=True)
    sys.stdin.readline()


def tell_session(store: Store, jid: str) -> None:
    record = store.session(jid).export()
    tell("session", record)
    record.wipe()


def whole_call(caller: Store, devices: "list[Store]") -> None:
    for jid, device in zip(DEVICES, devices):
        caller.session(jid).begin(device.take_bundle())
        tell_session(caller, jid)
    with CallKey.generate() as key:
        tell("call-key", key)
        offer = caller.seal_offer(key, DEVICES)
        for jid, device in zip(DEVICES, devices):
            opened, _ = device.open_offer(offer.wire, own=[jid], sender=ALICE)
            with opened:
                assert opened == key
            tell_session(device, ALICE)
        with key.plaintext() as plaintext:
            tell("plaintext", plaintext)
            callkey.plaintext_decode(plaintext).wipe()
        with key.e2e_keys(ALICE) as srtp:
            tell("srtp", srtp)
        for srtp in key.e2e_keys_batch(DEVICES):
            with srtp:
                tell("batch", srtp)
        with key.sframe_key(ALICE) as sframe:
            tell("sframe", sframe)
            assert sframe.open(sframe.seal(b"a frame", counter=7)).payload == b"a frame"
        with key.warp_auth_key() as warp:
            tell("warp", warp)
            callkey.warp_tag(warp, bytes([0x80] + [0] * 40))
        with key.e2e_keys(ALICE) as srtp:
            callkey.warp_tag(srtp.srtp_auth_key, bytes([0x80] + [0] * 40))
        with callkey.raw_e2e_decode(key._view(0, len(key))) as raw, raw.e2e_keys(ALICE) as srtp:
            tell("raw-srtp", srtp)
        for which in callkey.HBH:
            with callkey.hbh_keys(key._view(0, 30), which) as srtp:
                tell("hop", srtp)
        assert len(key.fingerprint) == 16


def new_epoch(caller: Store, device: Store) -> None:
    options = callkey.OfferOptions(to=DEVICES[3], call_id="C0FFEE", call_creator=ALICE, device_identity=b"id")
    with Epoch.generate() as epoch, Epochs() as epochs:
        tell("epoch", epoch)
        wire = caller.seal_rekey(epoch, DEVICES[3], options, transaction_id=5)
        opened, info = device.open_rekey(wire, sender=ALICE)
        with opened:
            epochs.add(info.transaction_id, opened)
        epochs.roster(5)
        number, current = epochs.current()
        with current:
            assert number == 5 and current == epoch


def account(folder: str, stores: "list[Store]") -> None:
    storage_key = CallKey.generate()  # 32 random bytes in its own buffer
    tell("storage-key", storage_key)
    caller = Store.open(folder + "-caller.db", storage_key=storage_key)
    devices = [Store.open(folder + "-callee.db", storage_key=storage_key)]
    devices += [Store.open() for _ in DEVICES[1:]]
    storage_key.wipe()
    whole_call(caller, devices)
    new_epoch(caller, devices[3])
    stores += [caller, *devices]  # last, so that a failure shows


def main() -> None:
    callkey.load(sys.argv[1])
    stores: list[Store] = []
    threads = [threading.Thread(target=account, args=(f"{sys.argv[2]}/{i}", stores)) for i in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if len(stores) != 22:
        sys.exit("a thread failed")
    stage("open")
    for store in stores:
        store.close()
    stage("closed")


main()
