"""The Python package from this tree with the chosen library, so that the bot uses both as an app does."""

from __future__ import annotations

import sys

from tests.library import chosen
from tools.script import ROOT

sys.path.insert(0, str(ROOT / "bindings" / "python" / "src"))

import callkey

callkey.load(chosen())

__all__ = ["callkey"]
