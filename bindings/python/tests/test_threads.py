"""Many threads on one store."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from conftest import CALLER, PHONE, Pair

import callkey
from callkey import CallKey, EncType, Store

pytestmark = pytest.mark.slow

THREADS = 16


def test_sealing(pair: Pair, key: CallKey) -> None:
    # Two threads would use one message key: the same key and IV for two plaintexts.
    pair.acknowledge()
    with ThreadPoolExecutor(THREADS) as pool:
        encs = list(pool.map(lambda _: pair.caller.seal_enc(PHONE, key), range(THREADS * 8)))
    assert len({enc.ciphertext for enc in encs}) == len(encs)
    with ThreadPoolExecutor(THREADS) as pool:
        opened = list(pool.map(lambda enc: pair.phone.open_enc(CALLER, enc.enc_type, enc.ciphertext), encs))
    assert all(made == key for made in opened)


def test_sealing_in_a_file(tmp_path: Path, key: CallKey) -> None:
    # The same, through SQLite, with a store per thread on one file.
    devices = [f"222222222222222:{n}@lid" for n in range(THREADS)]
    with Store.open() as phone, Store.open(tmp_path / "a.db", storage_key=bytes(32)) as first:
        phone.rotate_signed_prekey()
        for device in devices:
            first.session(device).begin(phone.take_bundle())

        def seal(_: int) -> list[int]:
            with Store.open(tmp_path / "a.db", storage_key=bytes(32)) as store:
                return [result.status for result in store.seal_offer(key, devices).results]

        with ThreadPoolExecutor(THREADS) as pool:
            assert list(pool.map(seal, range(THREADS))) == [[0] * THREADS] * THREADS
        enc = first.seal_enc(devices[0], key)
        assert enc.enc_type is EncType.PKMSG
        assert phone.open_enc(CALLER, enc.enc_type, enc.ciphertext) == key


def test_error_texts(key: CallKey) -> None:
    # A thread would raise another thread's failure.
    def fail(size: int) -> str:
        try:
            CallKey.from_bytes(bytes(size))
        except callkey.KeyLengthError as error:
            return str(error)
        return ""

    sizes = range(100, 500)
    with ThreadPoolExecutor(THREADS) as pool:
        assert all(str(size) in told for size, told in zip(sizes, pool.map(fail, sizes)))


def test_closing_under_way(pair: Pair, key: CallKey) -> None:
    # Closing while others work would crash, or leave one of them without an answer.
    def seal(_: int) -> bool:
        try:
            pair.caller.seal_enc(PHONE, key)
            return True
        except callkey.HandleError:
            return False

    with ThreadPoolExecutor(THREADS) as pool:
        sealing = [pool.submit(seal, n) for n in range(THREADS * 4)]
        pair.caller.close()
        results = [work.result(timeout=30) for work in sealing]
    assert len(results) == THREADS * 4
    assert not seal(0)
