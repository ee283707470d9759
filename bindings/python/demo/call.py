"""One call, as the director prints it on the page."""

from __future__ import annotations

from dataclasses import dataclass, field

import agreement
from frame import Message
from page import Page
from process import Process


@dataclass
class Outcome:
    """The result of one call, device by device."""

    agreed: dict[str, bool] = field(default_factory=dict)
    enc_types: dict[str, str] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    answered: list[str] = field(default_factory=list)


class Call:
    """Follows the reports of both processes, in the order in which things happen."""

    def __init__(self, page: Page, caller: Process, callee: Process, names: dict[str, str]) -> None:
        self.page = page
        self.caller = caller
        self.callee = callee
        self.names = names
        self.outcome = Outcome()

    def follow(self) -> Outcome:
        self._bundles()
        self._offer()
        self._keys()
        self._answers()
        self.caller.finish()
        self.callee.finish()
        return self.outcome

    def _device(self, jid: str) -> tuple[str, int]:
        """A device's cell: its number and name."""
        number = jid.partition(":")[2].partition("@")[0]
        text = f":{number:<3}{self.names[jid]}"
        return self.page.style(text, "bold"), 13

    def _bundles(self) -> None:
        page = self.page
        page.step("Bundles", "published by each device, to begin a session")
        for _ in self.names:
            event = self.caller.expect("bundle", "bundle not needed")
            jid, bundle = event["device"], event.get("bundle")
            if event["event"] == "bundle not needed":
                told = page.mark(True), "no bundle needed: there is a session", "dim"
            elif bundle is None:
                told = page.style("–", "yellow"), "no bundle: this device never published one", "yellow"
            else:
                numbers = ", ".join(f"{what} {number}" for what, number in bundle.items())
                told = page.mark(True), f"fetched: {numbers}", "dim"
            page.row([self._device(jid), (told[0], 1), (page.style(told[1], told[2]), 0)])

    def _offer(self) -> None:
        page = self.page
        offer = self.caller.expect("offer")
        page.step("Offer", f"{offer['size']} bytes of binary XML; as text, ciphertexts shortened:")
        page.xml(offer["xml"])
        page.step("Devices", "the result for each device in the offer")
        for result in offer["results"]:
            self._result(result)

    def _result(self, result: Message) -> None:
        page, jid = self.page, result["device"]
        if result["error"] is None:
            self.outcome.enc_types[jid] = result["enc_type"]
            meaning = {
                "pkmsg": "sealed; also begins the session on the device's side",
                "msg": "sealed in an acknowledged session",
            }[result["enc_type"]]
            kind = page.style(result["enc_type"], "magenta" if result["enc_type"] == "pkmsg" else "green")
            page.row([self._device(jid), (page.mark(True), 1), (kind, 6), (page.style(meaning, "dim"), 0)])
            return
        name, _ = result["error"]
        self.outcome.skipped[jid] = name
        told = page.style(f"skipped: {name}", "yellow")
        page.row([self._device(jid), (page.style("–", "yellow"), 1), (told, 0)])

    def _keys(self) -> None:
        page = self.page
        opened: dict[str, Message] = {}
        while (event := self.callee.expect("opened", "not for", "all opened"))["event"] != "all opened":
            opened[event["device"]] = event
        page.step("Keys", "fingerprints at both ends, derived independently")
        for number, jid in enumerate(self.names):
            if number:
                page.line()
            event = opened[jid]
            if event["event"] == "not for":
                page.row(
                    [self._device(jid), (page.style(f"the offer has no enc for it:  {event['error']}", "yellow"), 0)]
                )
                continue
            rows = agreement.compare(self.caller.expect("keys")["keys"], event["keys"])
            self.outcome.agreed[jid] = agreement.established(rows)
            ends = page.style("caller", "dim"), page.style("device", "dim")
            head = page.style(f"opened a {event['enc_type']}", "dim")
            page.row([self._device(jid), (head, 17), (ends[0], 18), (ends[1], 0)])
            for row in rows:
                self._row(row)

    def _row(self, row: agreement.Row) -> None:
        page = self.page
        colour = () if row.agrees else ("red",)
        ends = [page.style(end.get("fingerprint", "none"), *colour) for end in (row.caller, row.device)]
        page.row([("", 4), (row.name, 26), (ends[0], 18), (ends[1], 18), (page.mark(row.agrees), 0)])
        for who, end in (("caller", row.caller), ("device", row.device)):
            if "bytes" in end:
                page.row([("", 4), (page.style(who, "dim"), 6), (page.style(end["bytes"], "yellow"), 0)])

    def _answers(self) -> None:
        page = self.page
        page.step("Answers", "each device seals a message back, which acknowledges its session")
        while (event := self.caller.expect("answered", "hung up"))["event"] != "hung up":
            self.outcome.answered.append(event["device"])
            kind = {1: "msg", 2: "pkmsg"}[event["enc"]["enc_type"]]
            told = page.style("opened by the caller", "dim")
            page.row([self._device(event["device"]), (page.mark(True), 1), (page.style(kind, "green"), 6), (told, 0)])
