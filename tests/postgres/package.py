"""The Python package from this tree with the chosen library, which run.py put on the path, as it put the example."""

from __future__ import annotations

import callkey
from tests.library import chosen

callkey.load(chosen())

__all__ = ["callkey"]
