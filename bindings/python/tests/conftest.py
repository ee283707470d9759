"""Two devices that know each other, and paths in the source tree."""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from callkey import CallKey, OfferOptions, Secret, Store, _memory

TREE = Path(__file__).resolve().parents[3]
"""The root of the source tree."""

CALLER = "111111111111111:3@lid"
PHONE = "222222222222222:0@lid"
ON_THE_WIRE = "222222222222222@lid"
"""PHONE, as clients write device 0."""
DESKTOP = "222222222222222:12@lid"

COUNTING = bytes(range(32))
OFFER = OfferOptions(to="222222222222222@lid", call_id="AB12", call_creator=CALLER, stanza_id="1")
IDENTIFIED = replace(OFFER, device_identity=b"blob")
"""For an offer that may have a pkmsg in it."""


@dataclass
class Pair:
    """The caller's store, which began a session with the phone, and the phone's."""

    caller: Store
    phone: Store

    def acknowledge(self) -> None:
        """Lets the phone open something and answer, so that the caller's session is acknowledged."""
        with CallKey.generate() as key:
            there = self.caller.seal_enc(PHONE, key)
            self.phone.open_enc(CALLER, there.enc_type, there.ciphertext).wipe()
            back = self.phone.seal_enc(CALLER, key)
            self.caller.open_enc(PHONE, back.enc_type, back.ciphertext).wipe()


if hasattr(gc, "freeze"):

    @pytest.fixture(scope="session", autouse=True)
    def small_heap() -> None:
        """Keeps what pytest has loaded out of every garbage collection: some tests ask for thousands."""
        gc.collect()
        gc.freeze()


def collect() -> None:
    """Frees unreferenced objects. CPython has done so already, except cycles; PyPy needs several rounds."""
    for _ in range(3):
        gc.collect()


class Zeroed:
    """Which secrets were zeroed, by where they were: their memory may be gone."""

    def __init__(self) -> None:
        self.places: set[int] = set()

    def place(self, secret: Secret) -> int:
        """Where a secret is. What was zeroed there before it counts no more."""
        place = ctypes.addressof(secret._buffer)
        self.places.discard(place)
        return place


@pytest.fixture
def zeroed(monkeypatch: pytest.MonkeyPatch) -> Zeroed:
    told, zero = Zeroed(), _memory.Memory._zero

    def zero_and_tell(buffer: Any) -> None:
        zero(buffer)
        assert bytes(buffer) == bytes(len(buffer))  # any() takes minutes on PyPy: other tests left records there
        told.places.add(ctypes.addressof(buffer))

    monkeypatch.setattr(_memory.Memory, "_zero", staticmethod(zero_and_tell))
    return told


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--races", type=int, default=2000, help="how often threads race for a key; `make soak` takes 100000"
    )
    parser.addoption("--full", action="store_true", help="run tests at full length, as `make test-full` does")
    parser.addoption("--capture-mib", type=int, help="the size of the largest capture (default: 6, with --full 512)")


@pytest.fixture
def races(request: pytest.FixtureRequest) -> int:
    """How often a test of races tries."""
    number: int = request.config.getoption("--races")
    return number


@pytest.fixture
def capture_mib(request: pytest.FixtureRequest) -> int:
    """The size of the largest capture, in MiB."""
    given: int | None = request.config.getoption("--capture-mib")
    return given or (512 if request.config.getoption("--full") else 6)


@pytest.fixture
def full(request: pytest.FixtureRequest) -> bool:
    """Whether a test that `make test` shortens runs at its full length."""
    return bool(request.config.getoption("--full"))


@pytest.fixture
def key() -> Iterator[CallKey]:
    with CallKey.from_bytes(COUNTING) as made:
        yield made


@pytest.fixture
def pair() -> Iterator[Pair]:
    with Store.open() as caller, Store.open() as phone:
        caller.session(PHONE).begin(phone.take_bundle())
        yield Pair(caller, phone)


@pytest.fixture
def worlds(tmp_path: Path) -> Iterator[Any]:
    """Makes worlds (uses.py), and closes them."""
    from uses import worlds_in

    yield from worlds_in(tmp_path)


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    from command import Command

    monkeypatch.chdir(tmp_path)
    return Command(capsys, tmp_path)
