"""Call stanzas as the server passes them on: the client's events against our call_info."""

from __future__ import annotations

from random import Random

from tests.peers.binary_xml import text
from tests.peers.offers import attr, element, from_server, jid_attr, options
from tests.peers.ours import callkey
from tests.peers.pair import DEVICE_0, Pair, device, on_wire
from tests.peers.peer import Peer
from tests.peers.tally import Tally

WHAT = "call stanzas: kind, call, creator, sender, video and group"
OURS = "our offers as call events"

# The client's event for each stanza. What it does not know it still announces.
EVENTS = {
    "offer": "CallOffer",
    "offer_notice": "CallOfferNotice",
    "relaylatency": "CallRelayLatency",
    "accept": "CallAccept",
    "preaccept": "CallPreAccept",
    "transport": "CallTransport",
    "terminate": "CallTerminate",
    "reject": "CallReject",
    "mute_v2": "UnknownCallEvent",
    "group_update": "UnknownCallEvent",
    "a_later_child": "UnknownCallEvent",
}
KINDS = {"offer": callkey.StanzaKind.OFFER, "accept": callkey.StanzaKind.ACCEPT}


def judge(tally: Tally, peer: Peer, random: Random, rounds: int = 20) -> None:
    account, own = "called", "222222222222222:5@lid"
    peer.ask("create", account=account, jid=own)
    our_offers(tally, peer, random, account, rounds)
    for tag in EVENTS:
        for _ in range(rounds):
            creator, sender = device(random), device(random)
            group, video = random.random() < 0.3, random.random() < 0.5
            action = element(tag, attr("call-id", text(random, 30)), jid_attr("call-creator", creator))
            if group:
                action["attrs"].append(jid_attr("group-jid", f"{random.randrange(10**17)}@g.us"))
            if tag == "offer_notice":
                action["attrs"] += [
                    attr("media", "video" if video else "audio"),
                    attr("type", "group" if group else ""),
                ]
            elif video:
                action["children"] = [element("video")]
            call = element(
                "call", jid_attr("from", sender), attr("id", "A1"), attr("t", "1700000000"), children=[action]
            )
            wire = bytes.fromhex(peer.ask("encode", node=call)["wire"])
            (event,) = peer.ask("events", account=account, wire=wire)["events"]
            info = told(wire, own)
            if info is None:
                tally.equal(WHAT, "no call_info", event, wire=wire)
                continue
            tally.equal(WHAT, KINDS.get(tag, callkey.StanzaKind.OTHER), info.kind, wire=wire)
            tally.equal(WHAT, EVENTS[tag], event["name"], wire=wire)
            if event["name"] != "UnknownCallEvent":
                tally.equal(WHAT, (info.call_id, info.group), (event["CallID"], "GroupJID" in event), wire=wire)
                ours, theirs = (info.call_creator, info.from_), (event["CallCreator"], event["From"])
                if ours != theirs and tuple(map(on_wire, ours)) == theirs:
                    tally.differs(WHAT, DEVICE_0, ours, theirs)
                else:
                    tally.equal(WHAT, ours, theirs, wire=wire)
            if "Media" in event:
                tally.equal(WHAT, info.video, event["Media"] == "video", wire=wire)
            else:
                tally.equal(WHAT, info.video, video, wire=wire)


def our_offers(tally: Tally, peer: Peer, random: Random, account: str, rounds: int) -> None:
    """Ours, as the server passes them on to the called device."""
    for _ in range(rounds):
        pair = Pair(peer, random)
        pair.session.begin(pair.bundle())
        around = options(random, pair)
        offer = pair.store.seal_offer(callkey.CallKey.generate(), [pair.their_jid], around)
        call = from_server(peer.ask("decode", wire=offer.wire)["node"], pair.our_jid)
        wire = peer.ask("encode", node=call)["wire"]
        (event,) = peer.ask("events", account=account, wire=wire)["events"]
        ours = "CallOffer", around.call_id, on_wire(pair.our_jid), on_wire(pair.our_jid)
        tally.equal(OURS, ours, (event["name"], event["CallID"], event["CallCreator"], event["From"]), wire=wire)


def told(wire: bytes, own: str) -> callkey.OfferInfo | None:
    try:
        callkey.offer_parse(wire, own=[own])
    except callkey.NotForThisDeviceError as error:
        return error.info
    return None


def reading(peer: Peer, wire: bytes) -> tuple[str, str, str] | None:
    """The tag, call id and creator of the event for a stanza; None for an event that says nothing."""
    tags = {name: tag for tag, name in EVENTS.items() if name != "UnknownCallEvent"}
    (event,) = peer.ask("events", account="called", wire=wire)["events"]
    if event["name"] not in tags:
        return None
    return tags[event["name"]], event.get("CallID", ""), event.get("CallCreator", "")
