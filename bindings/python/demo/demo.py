#!/usr/bin/env python3
"""One call key, from a caller to the devices of a callee, twice.

Runs the caller's and the callee's accounts as two processes that talk over a
loopback socket, each device with an encrypted SQLite store of its own, and
shows that all ends derive the same media keys. Then both processes are started
again over the same stores for a second call.

Exit status: 0 if every key agreed and every device did what it should, else 1.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
from pathlib import Path

from call import Call, Outcome
from frame import Message
from package import callkey
from page import Page
from process import Failure, Process

PATIENCE = 20.0
"""The limit of any wait, in seconds."""

CALLER = "111111111111111:3@lid"
CALLEE = "222222222222222@lid"
PHONE, DESKTOP, TABLET, WEB = (f"222222222222222:{number}@lid" for number in (0, 12, 7, 31))
DEVICES = {PHONE: "phone", DESKTOP: "desktop", TABLET: "tablet", WEB: "web"}

DEVICE_IDENTITY = bytes.fromhex("0a2a08c2b4f5d40510e8a7aab006180122")
"""A stand-in for the opaque blob from the server, which a pkmsg needs."""


class Demo:
    def __init__(self, page: Page, folder: Path, show_secrets: bool) -> None:
        self.page = page
        self.show_secrets = show_secrets
        self.stores = {
            jid: {"jid": jid, "path": str(folder / f"{name}.db"), "storage_key": os.urandom(32).hex()}
            for jid, name in {CALLER: "caller", **DEVICES}.items()
        }

    def run(self) -> bool:
        self._introduce()
        first = self._call(
            "First call",
            "0AB1C2D3E4F5061728394A5B6C7D8E9F",
            publishing=[PHONE, DESKTOP, TABLET],
            warm_up=TABLET,
            device_identity=DEVICE_IDENTITY.hex(),
        )
        second = self._call("Second call", "F0E1D2C3B4A5968778695A4B3C2D1E0F", publishing=[])
        good = as_told(first, {PHONE: "pkmsg", DESKTOP: "pkmsg", TABLET: "msg"}) and as_told(
            second, {PHONE: "msg", DESKTOP: "msg", TABLET: "msg"}
        )
        self._conclude(good, [first, second])
        return good

    def _introduce(self) -> None:
        page = self.page
        page.title("libcallkey " + callkey.version(), "a call key, end to end")
        page.line()
        page.row([("caller", 8), (page.style(CALLER, "bold"), 0)], indent=1)
        page.row([("callee", 8), (page.style(CALLEE, "bold"), 0)], indent=1)
        for jid, told in {
            PHONE: "new to the caller",
            DESKTOP: "new to the caller",
            TABLET: "has an acknowledged session after the warm-up",
            WEB: "never published a bundle",
        }.items():
            number = ":" + jid.partition(":")[2].partition("@")[0]
            name = page.style(f"{number:<4}{DEVICES[jid]}", "bold")
            page.row([("", 8), (name, 13), (page.style(told, "dim"), 0)], indent=1)
        page.paragraph(
            "Each account is a process. Each device has its own SQLite store, with records sealed under its own "
            "storage key. The two processes talk over a loopback socket."
        )
        if self.show_secrets:
            page.line()
            page.line(
                "  " + page.style("Secrets are shown on request. SRTP: master key ‖ master salt, 30 bytes.", "red")
            )

    def _call(
        self,
        name: str,
        call_id: str,
        publishing: list[str],
        warm_up: str | None = None,
        device_identity: str | None = None,
    ) -> Outcome:
        callee_setup: Message = {
            "caller": CALLER,
            "devices": [self.stores[jid] for jid in DEVICES],
            "publishing": publishing,
            "show_secrets": self.show_secrets,
            "patience": PATIENCE,
        }
        with Process("callee", callee_setup, PATIENCE) as callee:
            caller_setup: Message = {
                "device": self.stores[CALLER],
                "port": callee.expect("listening")["port"],
                "callee": CALLEE,
                "callee_devices": list(DEVICES),
                "warm_up": warm_up,
                "call_id": call_id,
                "stanza_id": call_id[:8],
                "device_identity": device_identity,
                "show_secrets": self.show_secrets,
                "patience": PATIENCE,
            }
            with Process("caller", caller_setup, PATIENCE) as caller:
                processes = f"The caller is process {caller.pid}, the callee {callee.pid}"
                if warm_up:
                    self.page.section("Warm-up", "before any call")
                    self.page.paragraph(
                        f"{processes}. One key goes to the tablet and one comes back, so that their session is "
                        "acknowledged."
                    )
                    self._warm_up(caller)
                self.page.section(name, f"call id {call_id}")
                if not warm_up:
                    self.page.paragraph(f"All processes were started again, over the same stores. {processes}.")
                return Call(self.page, caller, callee, DEVICES).follow()

    def _warm_up(self, caller: Process) -> None:
        page = self.page
        event = caller.expect("warmed up")
        page.line()
        for way, enc in (("caller → :7", event["sent"]), (":7 → caller", event["received"])):
            kind = callkey.EncType(enc["enc_type"])
            page.row([(way, 13), (page.mark(True), 1), (page.style(str(kind), "magenta" if kind == 2 else "green"), 6)])

    def _conclude(self, good: bool, calls: list[Outcome]) -> None:
        page = self.page
        page.line()
        if not good:
            page.line(page.mark(False) + " " + page.style(f"Not established: {complaint(calls)}.", "red", "bold"))
            return
        reached = min(sum(call.agreed.values()) for call in calls)
        devices = f"{reached} of {len(DEVICES)} devices"
        told = f"Established: {len(calls)} calls, each with equal call and media keys on {devices}."
        page.line(page.mark(True) + " " + page.style(told, "green", "bold"))


def as_told(outcome: Outcome, enc_types: dict[str, str]) -> bool:
    """Whether a call went as announced: these devices, these encs, one skipped, all keys equal."""
    return (
        outcome.enc_types == enc_types
        and outcome.skipped == {WEB: callkey.NoSessionError.name}
        and outcome.agreed == dict.fromkeys(enc_types, True)
        and sorted(outcome.answered) == sorted(enc_types)
    )


def complaint(calls: list[Outcome]) -> str:
    wrong = [DEVICES[jid] for call in calls for jid, agreed in call.agreed.items() if not agreed]
    return f"the keys of {', '.join(dict.fromkeys(wrong))} differ" if wrong else "a device did not do what it should"


def main() -> int:
    parser = argparse.ArgumentParser(description="One call key, from a caller to the devices of a callee, twice.")
    parser.add_argument("--show-secrets", action="store_true", help="show the keys' bytes besides their fingerprints")
    show_secrets = parser.parse_args().show_secrets
    page = Page()
    for ended in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ended, lambda number, _: sys.exit(128 + number))  # so that everything is cleaned up
    try:
        with tempfile.TemporaryDirectory(prefix="callkey-demo-") as folder:
            return 0 if Demo(page, Path(folder), show_secrets).run() else 1
    except (Failure, callkey.LibraryError) as problem:
        page.line()
        page.line(page.mark(False) + " " + page.style(f"Not established: {problem}", "red", "bold"))
        return 1
    except BrokenPipeError:  # as under `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python flushes once more at its end
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
