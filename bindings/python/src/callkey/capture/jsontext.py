"""The result as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict

from .result import Result


def as_json(result: Result) -> str:
    """The fields of Result, by their names."""
    return json.dumps(asdict(result), indent=2) + "\n"
