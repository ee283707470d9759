"""Solves the media engine's capture with ``callkey capture``, the command of the Python package."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.script import BUILD, ROOT, Failed, run, skip
from tools.venv import venv

PACKAGES = ("cryptography>=42", "dpkt>=1.9.8")
SOURCE = ROOT / "bindings" / "python" / "src"


@dataclass
class Solved:
    """What the command's JSON says."""

    records: int
    streams: list[dict[str, Any]]
    refused: list[dict[str, Any]]
    missing: list[str]

    @property
    def authentic(self) -> int:
        """Packets with a right tag, also those that came again."""
        return sum(stream["packets"] + stream["duplicates"] for stream in self.streams)


def solve(capture: Path, own: str, *others: str) -> Solved:
    """With the log and the account beside the capture. Raises Failed."""
    try:
        python = venv(BUILD / "capture-venv", *PACKAGES)
    except Failed as failure:
        print(failure)
        skip("the Python packages cryptography and dpkt", f"pip install {' '.join(PACKAGES)}")
    participants = (word for jid in others for word in ("--participant", jid))
    beside = ("--log", f"{capture}.jsonl", "--store", f"{capture}.db", "--plaintext")
    told = json.loads(
        run(
            python,
            "-m",
            "callkey",
            "capture",
            capture,
            "--own",
            own,
            *participants,
            *beside,
            "--json",
            env={"PYTHONPATH": str(SOURCE)},
        )
    )
    return Solved(told["file"]["records"], told["streams"], told["refused"], told["missing"])
