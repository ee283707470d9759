"""Our side: the Python package with the built library, so that the C interface is judged as an app uses it."""

from __future__ import annotations

import sys
from random import Random

from tests.library import chosen
from tools.script import ROOT

sys.path.insert(0, str(ROOT / "bindings" / "python" / "src"))

import callkey
from callkey.cli import peers as inspected

callkey.load(chosen())

__all__ = ["callkey", "inspected", "store"]


def store(random: Random) -> callkey.Store:
    """A store in memory. Its registration id and its identity come from the seed; a store's keys do not."""
    opened = callkey.Store.open(identity=False)
    opened.import_identity(random.randbytes(32), random.randrange(1, 16381))
    return opened
