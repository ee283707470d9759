"""``trial SECONDS``: four workers serve the calls of 500 devices, accounts of the official Signal client library, while
a worker is killed every second and connections are cut.

Before that, wrong orders of the example's steps: the judge must notice each.
"""

from __future__ import annotations

import signal
import sys

from tests.postgres.cluster import Cluster
from tests.postgres.load import Load
from tests.postgres.peers import Peers
from tests.postgres.wrong import ORDERS
from tools.script import Tally, expect, start

WORKERS = 4
DEVICES = 500
FEW = 16
"""Devices in a wrong order, so that workers meet at one."""
WRONG_SECONDS = 6
SHOWN = 10
"""Faults of one subject that are printed."""


def main(arguments: list[str]) -> int:
    tally = Tally()
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))  # and PostgreSQL ends with us
    with Cluster() as cluster, Peers() as peers:
        for number, (name, subject) in enumerate(ORDERS.items(), 1):
            with tally.test(f"wrong on purpose, {name}: the judge sees it"):
                load = Load(cluster, peers, number, FEW, WORKERS, wrong=name)
                load.run(WRONG_SECONDS)
                faults = load.judge.faults
                expect(faults[subject], f"no fault of {subject}: {faults}")
        load = Load(cluster, peers, len(ORDERS) + 1, DEVICES, WORKERS)
        load.run(int(arguments[0]))
    for name in sorted(load.judge.counts):
        print(f"  {load.judge.counts[name]:>8,} {name}")
    for subject, texts in load.judge.faults.items():
        for text in texts[:SHOWN]:
            print(text)
        if texts:
            tally.fail(f"{subject}: {len(texts):,} faults")
        else:
            tally.hold(f"{subject}: no fault")
    return tally.end()


if __name__ == "__main__":
    start(main)
