#!/usr/bin/env python3
"""Compute every expected output in this directory a second time.

The library under test is Go on Go's standard library. This script shares no code with
it: it follows the protocol's text (docs/protocol.md) and the RFCs, on the primitives of
the PyPI package "cryptography" (OpenSSL): HKDF, HMAC, AES-ECB, AES-CTR, AES-GCM, X25519,
and in conversation.py AES-CBC too.

    pip install cryptography
    python3 independent.py            fill in the expected outputs from the inputs
    python3 independent.py --check    compare them; exit status 1 on any difference

A case with a "source" was published or captured elsewhere. It is compared in both
modes, as far as it goes, and never rewritten.
"""

import base64
import json
import pathlib
import re
import struct
import sys

from conversation import conversation
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand

HERE = pathlib.Path(__file__).resolve().parent


class Refused(Exception):
    """The input has to be refused with this status."""


def refuse(name):
    raise Refused("CALLKEY_ERR_" + name)


# Primitives


def hkdf(salt, ikm, info, length):
    return HKDF(hashes.SHA256(), length, salt, info).derive(ikm)


def mac(algorithm, key, message):
    h = hmac.HMAC(key, algorithm())
    h.update(message)
    return h.finalize()


def aes_block(key, block):
    e = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
    return e.update(block) + e.finalize()


def aes_ctr(key, iv, data):
    e = Cipher(algorithms.AES(key), modes.CTR(iv)).encryptor()
    return e.update(data) + e.finalize()


def xor(a, b):
    return bytes(x ^ y for x, y in zip(a, b, strict=True))


# RFC 3711


def srtp_session_key(master_key, master_salt, label, length):
    """Section 4.3.1 with rate 0, in the RFC's own terms: x = key_id XOR master_salt as
    112-bit numbers, then the AES-CM key stream for the IV x * 2^16."""
    r = 0
    key_id = label << 48 | r
    x = key_id ^ int.from_bytes(master_salt, "big")
    return aes_ctr(master_key, (x << 16).to_bytes(16, "big"), bytes(length))


SRTP_KEYS = (
    ("srtp_cipher_key", 0, 16),
    ("srtp_auth_key", 1, 20),
    ("srtp_salt", 2, 14),
    ("srtcp_cipher_key", 3, 16),
    ("srtcp_auth_key", 4, 20),
    ("srtcp_salt", 5, 14),
)


def srtp_keys(master):
    key, salt = master[:16], master[16:30]
    out = {"master_key_hex": key.hex(), "master_salt_hex": salt.hex()}
    for name, label, length in SRTP_KEYS:
        out[name + "_hex"] = srtp_session_key(key, salt, label, length).hex()
    return out


def srtp_payload(cipher_key, salt, ssrc, index, payload):
    """Section 4.1.1, with each key stream block encrypted on its own."""
    iv = int.from_bytes(salt, "big") << 16 ^ ssrc << 64 ^ index << 16
    blocks = (len(payload) + 15) // 16
    stream = b"".join(aes_block(cipher_key, (iv + i).to_bytes(16, "big")) for i in range(blocks))
    return iv.to_bytes(16, "big"), xor(payload, stream[: len(payload)])


def srtp_tag(auth_key, packet, roc, length):
    """Section 4.2: HMAC-SHA1 over the packet and the roll-over counter."""
    return mac(hashes.SHA1, auth_key, packet + struct.pack(">I", roc))[:length]


# The participant id, section 4

# The code points with Unicode's property White_Space, from PropList.txt.
WHITE_SPACE = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008"
    "\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)


def participant(raw):
    if len(raw) > 127:
        refuse("ARGUMENT")
    try:
        jid = raw.decode("utf-8")
    except UnicodeDecodeError:
        refuse("ARGUMENT")
    jid = jid.split("/")[0].strip(WHITE_SPACE)
    if not jid:
        refuse("PARTICIPANT")
    user, at, domain = jid.rpartition("@")
    if at and user and domain == "lid" and ":" not in user:
        jid = user + ":0@lid"
    jid = jid.encode("utf-8")
    if len(jid) > 127:
        refuse("ARGUMENT")
    return jid


# Derivations, section 4


def call_key(key):
    if len(key) != 32:
        refuse("KEY_LENGTH")
    return key


def given_key(key):
    """A key that somebody is given, which a wiped one is not."""
    if not any(call_key(key)):
        refuse("INVALID_KEY")
    return key


def e2e(secret, jid):
    okm = hkdf(bytes(32), secret, participant(jid), 46)
    return srtp_keys(okm[:30])


def derive_e2e_keys(a):
    return e2e(call_key(a["key"]), a["participant"])


def derive_e2e_keys_raw(a):
    if len(a["raw_e2e"]) < 32:
        refuse("KEY_LENGTH")
    return e2e(a["raw_e2e"][:32], a["participant"])


def derive_e2e_keys_batch(a):
    key = call_key(a["key"])
    statuses, keys = [], []
    for jid in a["participants"]:
        try:
            keys.append("".join(e2e(key, jid).values()))
            statuses.append("CALLKEY_OK")
        except Refused as r:
            keys.append("00" * 130)
            statuses.append(str(r))
    return {"statuses": statuses, "keys_hex": keys}


def derive_sframe(a):
    key = call_key(a["key"])
    info = b"e2e sframe key" + participant(a["participant"])
    return {"sframe_key_hex": hkdf(key[:16], key[16:], info, 32).hex()}


def derive_warp(a):
    return {"warp_auth_key_hex": hkdf(b"", call_key(a["key"]), b"warp auth key", 32).hex()}


def derive_hbh(a):
    labels = {0: "uplink hbh srtcp", 1: "downlink hbh srtcp", 2: "hbh srtp", 3: "hbh srtcp"}
    if a["which"] not in labels:
        refuse("ARGUMENT")
    label = labels[a["which"]].encode()
    salt = hkdf(bytes(32), a["hbh_key"][:14], label + b" salt", 32)
    return srtp_keys(hkdf(salt, a["hbh_key"][14:30], label + b" key", 30))


def derive_ssrcs(a):
    if not 1 <= len(a["call_id"]) <= 127:
        refuse("ARGUMENT")
    jid = participant(a["participant"])
    slots = (0, 1, 4, 2, 3, 5, 7, 8, 6)
    raw = [hkdf(struct.pack("<I", s), a["call_id"], jid, 4) for s in slots]
    return {"ssrcs": [struct.unpack("<I", r)[0] for r in raw]}


def participant_id(a):
    jid = participant(a["jid"])
    if all(32 <= c < 127 and c not in b'"\\' for c in jid):
        return {"participant_id": jid.decode()}
    return {"participant_id_hex": jid.hex()}


def check(a):
    call_key(a["key"])
    return {}


def fingerprint(a):
    key = call_key(a["key"])
    return {"fingerprint_hex": mac(hashes.SHA256, b"libcallkey call key fingerprint", key)[:8].hex()}


def raw_e2e_decode(a):
    content = a["content"]
    try:
        text = content.replace(b"\r", b"").replace(b"\n", b"")
        bare = text.rstrip(b"=")
        equals = len(text) - len(bare)
        missing = -len(bare) % 4
        if missing == 3 or equals not in (0, missing):
            raise ValueError("padding")
        alphabets = [b"+/", b"-_"]
        fitting = [x for x in alphabets if not set(bare) & set(b"".join(alphabets)) - set(x)]
        if not fitting:
            raise ValueError("mixed alphabets")
        decoded = base64.b64decode(bare + b"=" * missing, fitting[0], validate=True)
        if len(decoded) >= 32:
            return {"raw_e2e_hex": decoded.hex()}
        if equals:
            refuse("KEY_LENGTH")
    except ValueError:
        pass
    if len(content) < 32:
        refuse("KEY_LENGTH")
    return {"raw_e2e_hex": content.hex()}


def rtp_header(packet):
    """The length that an RTP header announces (RFC 3550, section 5.1 and 5.3.1)."""
    end = 12 + 4 * (packet[0] % 16)
    if packet[0] // 16 % 2:
        end += 4
        if end <= len(packet):
            end += 4 * struct.unpack(">H", packet[end - 2 : end])[0]
    return end


def select_participant(a):
    key = call_key(a["key"])
    if a["tag_len"] not in (4, 10):
        refuse("ARGUMENT")
    split = len(a["rtp_packet"]) - a["tag_len"]
    if split < 12 or len(a["rtp_packet"]) > 65535 or a["rtp_packet"][0] // 64 != 2:
        refuse("MALFORMED")
    for index, jid in enumerate(a["participants"]):
        try:
            auth_key = bytes.fromhex(e2e(key, jid)["srtp_auth_key_hex"])
        except Refused:
            continue
        if srtp_tag(auth_key, a["rtp_packet"][:split], a["roc"], a["tag_len"]) == a["rtp_packet"][split:]:
            return {"index": index}
    refuse("MALFORMED" if rtp_header(a["rtp_packet"]) > split else "AUTHENTICATION")


# The plaintext, section 1


def varint(b, i):
    value = 0
    for n in range(10):
        if i + n >= len(b):
            refuse("MALFORMED")
        value += (b[i + n] & 127) * 128**n
        if b[i + n] < 128:
            if value >= 2**64:
                refuse("MALFORMED")
            return value, i + n + 1
    refuse("MALFORMED")


def fields(b, i=0, group=None, depth=0):
    """Parse b from i to its end, or to the end of the group. Returns the length-delimited
    fields as (number, content) and where it stopped."""
    if depth > 100:
        refuse("MALFORMED")
    found = []
    while i < len(b):
        tag, i = varint(b, i)
        number, wire = tag // 8, tag % 8
        if not 1 <= number < 2**29:
            refuse("MALFORMED")
        if wire == 0:
            _, i = varint(b, i)
        elif wire == 1:
            i += 8
        elif wire == 5:
            i += 4
        elif wire == 2:
            size, i = varint(b, i)
            found.append((number, b[i : i + size]))
            i += size
        elif wire == 3:
            _, i = fields(b, i, number, depth + 1)
        elif wire == 4 and number == group:
            return found, i
        else:
            refuse("MALFORMED")
        if i > len(b):
            refuse("MALFORMED")
    if group is not None:
        refuse("MALFORMED")
    return found, i


def plaintext_decode(a):
    body, version = a["plaintext"], a["enc_version"]
    if version not in (2, 3):
        refuse("UNSUPPORTED")
    if version == 2:
        n = body[-1] if body else 0
        if not 1 <= n <= 16 or n >= len(body) or body[-n:] != bytes([n]) * n:
            refuse("MALFORMED")
        body = body[:-n]
    keys = []
    for number, call in fields(body)[0]:
        if number == 10:
            keys += [content for n, content in fields(call)[0] if n == 1]
    if not keys:
        refuse("MALFORMED")
    return {"key_hex": given_key(keys[-1]).hex()}


def plaintext_encode(a):
    return {"body_hex": "52220a20" + given_key(a["key"]).hex(), "min_len": 37, "max_len": 52}


# The stanza, section 3


def cut(b, i, n):
    if i + n > len(b):
        refuse("MALFORMED")
    return b[i : i + n], i + n


def number_of(b, i, n):
    digits, i = cut(b, i, n)
    return int.from_bytes(digits, "big"), i


def list_size(b, i):
    """The length of the list that begins at i, None if there is none, and what follows."""
    tag, after = number_of(b, i, 1)
    if tag == 0:
        return 0, after
    if tag in (248, 249):
        return number_of(b, after, tag - 247)
    return None, i


SERVERS = {0: b"s.whatsapp.net", 1: b"lid", 128: b"hosted", 129: b"hosted.lid"}


def xml_value(b, i):
    """A text or JID. The vectors have no tokens and no packed texts."""
    tag, i = number_of(b, i, 1)
    if tag == 0:
        return b"", i
    if tag in (252, 253):
        size, i = number_of(b, i, 1 if tag == 252 else 3)
        return cut(b, i, size)
    if tag == 250:
        user, i = xml_value(b, i)
        server, i = xml_value(b, i)
        return (user + b"@" + server if user else server), i
    assert tag == 247, "the vectors have no such form"
    agent, i = number_of(b, i, 1)
    device, i = number_of(b, i, 1)
    user, i = xml_value(b, i)
    return user + b":%d@" % device + SERVERS[agent], i


def xml_name(b, i):
    name, i = xml_value(b, i)
    if not re.fullmatch(rb"[A-Za-z_][A-Za-z0-9_.-]{0,126}", name):
        refuse("MALFORMED")
    return name.decode(), i


class Node:
    def __init__(self, tag):
        self.tag, self.attributes, self.children, self.data = tag, {}, [], None

    def named(self, tag):
        return [child for child in self.children if child.tag == tag]


def xml_node(b, i):
    size, i = list_size(b, i)
    if not size:
        refuse("MALFORMED")
    tag, i = xml_name(b, i)
    node = Node(tag)
    for _ in range((size - 1) // 2):
        name, i = xml_name(b, i)
        text, i = xml_value(b, i)
        if name in node.attributes:
            refuse("MALFORMED")
        node.attributes[name] = text
    if size % 2 == 0:
        count, after = list_size(b, i)
        if count is None:
            node.data, i = xml_value(b, i)
        else:
            i = after
            for _ in range(count):
                child, i = xml_node(b, i)
                node.children.append(child)
    return node, i


DEVICE = re.compile(
    rb"([A-Za-z0-9-]+)(?:[._](0|[1-9][0-9]*))?(?::(0|[1-9][0-9]*))?@(s\.whatsapp\.net|c\.us|lid|hosted|hosted\.lid)"
)
AGENTS = {b"s.whatsapp.net": 0, b"c.us": 0, b"lid": 1, b"hosted": 128, b"hosted.lid": 129}


def device(jid):
    """The device that a JID names, and its participant id; None if it names none."""
    m = DEVICE.fullmatch(jid)
    if not m or len(jid) > 127:
        return None
    user, agent, number, server = m.groups()
    if int(number or 0) > 255 or int(agent or 0) not in (0, AGENTS[server]):
        return None
    number = int(number or 0)
    # Device 0 has its number only where the participant id has it, and fits.
    numbered = number or (server == b"lid" and len(user) <= 121)
    name = user + (b":%d" % number if numbered else b"") + b"@"
    # The old name of a server is told as the new one where that fits.
    told = b"s.whatsapp.net" if server == b"c.us" and len(name) + 14 <= 127 else server
    return (user, AGENTS[server], number), name + told


def told_text(text):
    if len(text) > 127 or b"\0" in text:
        refuse("MALFORMED")
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        refuse("MALFORMED")
    return text


def told_name(name):
    return device(name)[1] if device(name) else told_text(name)


def decimal(text, most):
    return int(text) if re.fullmatch(rb"[0-9]+", text) and int(text) <= most else None


def enc_of(node):
    """The type, version and ciphertext of an <enc>, or the status that it has."""
    version = {b"2": 2, b"3": 3}.get(node.attributes.get("v", b"2"))
    kind = node.attributes.get("type", b"")
    told = {"enc_version": version or 0, "enc_type": {b"msg": 1, b"pkmsg": 2}.get(kind, 0)}
    if version is None:
        return "UNSUPPORTED", told, b""
    if kind not in (b"msg", b"pkmsg"):
        return "UNSUPPORTED" if kind else "MALFORMED", told, b""
    if not node.data:
        return "MALFORMED", told, b""
    return "OK", told, node.data


def enc_for(own, places, bare):
    """The <enc> for this device: places has those of each own device."""
    first = None
    for jid in own:
        encs = places.get(jid, [])
        good = [e for e in encs if enc_of(e)[0] == "OK"]
        if len(good) > 1:
            refuse("MALFORMED")
        if good:
            return good[0]
        first = first or (encs[0] if encs else None)
    good = [e for e in bare if enc_of(e)[0] == "OK"]
    if len(good) == 1:
        return good[0]
    return first or (bare[0] if len(bare) == 1 else None)


KINDS = {"offer": 1, "accept": 2, "enc_rekey": 3}
NOTHING = {
    **dict.fromkeys(("kind", "keygen", "enc_type", "enc_version", "flags", "transaction_id"), 0),
    **dict.fromkeys(("call_id", "call_creator", "from", "sender"), b""),
}


def told_of(action, call):
    told = dict(NOTHING)
    attributes = action.attributes
    notice = attributes if action.tag == "offer_notice" else {}
    video = action.named("video") or notice.get("media") == b"video"
    group = "group-jid" in attributes or action.named("group_info") or notice.get("type") == b"group"
    group = group or action.tag in ("enc_rekey", "group_update")
    told["kind"] = KINDS.get(action.tag, 4)
    told["flags"] = bool(video) * 1 + bool(group) * 2 + (action.tag == "accept") * 4
    told["call_id"] = told_text(attributes.get("call-id", b""))
    told["call_creator"] = told_name(attributes.get("call-creator", b""))
    told["from"] = told_name(call.get("from", b""))
    server = [told_name(call.get("participant", b"")), told["from"]]
    names = [told["call_creator"], *server] if told["kind"] == 1 else [*server, told["call_creator"]]
    told["sender"] = next((name for name in names if device(name)), b"")
    encopt = action.named("encopt")
    if len(encopt) == 1:
        told["keygen"] = decimal(encopt[0].attributes.get("keygen", b""), 2**32 - 1) or 0
    return told


def without_key(told, call):
    """Only an offer is from the creator: what else has no key has the server's word."""
    if told["kind"] != 1:
        server = [told_name(call.get("participant", b"")), told["from"]]
        told["sender"] = next((name for name in server if device(name)), b"")
    return told


def read_stanza(stanza, own):
    """The status, what is told, and the ciphertext."""
    if not stanza:
        refuse("MALFORMED")
    if stanza[0]:
        refuse("UNSUPPORTED")  # the vectors are not compressed
    root, end = xml_node(stanza, 1)
    if end != len(stanza):
        refuse("MALFORMED")
    told, call, destination, bare = dict(NOTHING), {}, [], []
    if root.tag == "enc":
        bare = [root]
    elif root.tag == "destination":
        destination = [root]
    else:
        action = root
        if root.tag == "call":
            call = root.attributes
            actions = [child for child in root.children if child.tag in KINDS] or root.children
            if len(actions) != 1:
                refuse("MALFORMED")
            action = actions[0]
        elif root.tag not in KINDS:
            refuse("MALFORMED")
        told = told_of(action, call)
        if told["kind"] == 4:
            told = without_key(told, call)
            return "NOT_FOR_THIS_DEVICE", told, b""
        if told["kind"] == 3:
            number = decimal(action.attributes.get("transaction-id", b""), 2**32 - 1)
            told["transaction_id"] = number or 0
            if told["keygen"] != 2:
                return "UNSUPPORTED", told, b""
            if not number:
                refuse("MALFORMED")
        destination, bare = action.named("destination"), action.named("enc")
        if len(destination) > 1:
            refuse("MALFORMED")
    places = {}
    for to in [to for node in destination for to in node.named("to")]:
        if device(to.attributes.get("jid", b"")):
            places.setdefault(device(to.attributes["jid"])[0], []).extend(to.named("enc"))
    enc = enc_for(own, places, bare)
    if enc is None:
        told = without_key(told, call)
        return "NOT_FOR_THIS_DEVICE", told, b""
    status, about, ciphertext = enc_of(enc)
    if status == "MALFORMED":
        refuse(status)
    return status, {**told, **about}, ciphertext


def offer_parse(a):
    try:
        own = [device(jid) or refuse("ARGUMENT") for jid in a["own_jids"]]
        status, told, ciphertext = read_stanza(a["stanza"], [address for address, _ in own])
        status = "CALLKEY_OK" if status == "OK" else "CALLKEY_ERR_" + status
    except Refused as r:
        status, told, ciphertext = str(r), NOTHING, b""
    texts = {k: v.decode() if isinstance(v, bytes) else v for k, v in told.items()}
    return {"status": status, "ciphertext_hex": ciphertext.hex(), **texts}


# The offer, section 3. The client's word lists are only here as far as an offer needs them.

WORDS = {
    b"call": "64",
    b"to": "11",
    b"id": "08",
    b"offer": "ec1c",
    b"call-id": "68",
    b"call-creator": "47",
    b"encopt": "ec15",
    b"keygen": "ec1a",
    b"audio": "a1",
    b"opus": "ec1e",
    b"rate": "ec1d",
    b"8000": "ec87",
    b"net": "ec68",
    b"medium": "ec24",
    b"capability": "b4",
    b"ver": "ec21",
    b"video": "59",
    b"dec": "ec49",
    b"h.264": "ed0c",
    b"device_orientation": "c0",
    b"screen_width": "ec05",
    b"screen_height": "eb",
    b"destination": "eca9",
    b"jid": "0c",
    b"enc": "1d",
    b"v": "51",
    b"type": "04",
    b"count": "41",
    b"msg": "4d",
    b"pkmsg": "53",
    b"enc_rekey": "edcd",
    b"transaction-id": "ec3e",
    b"privacy": "e2",
    b"device-identity": "e6",
    b"lid": "76",
    b"s.whatsapp.net": "03",
    b"g.us": "1c",
    b"0": "2d",
    b"1": "55",
    b"2": "45",
    b"3": "a2",
    b"7": "e3",
}


def packed(tag, alphabet, text):
    halves = [alphabet.index(c) for c in text] + [15] * (len(text) % 2)
    pairs = bytes(high << 4 | low for high, low in zip(halves[::2], halves[1::2], strict=True))
    return bytes([tag, len(pairs) | len(text) % 2 << 7]) + pairs


def written_bytes(data):
    return (b"\xfc" + bytes([len(data)]) if len(data) < 256 else b"\xfd" + struct.pack(">I", len(data))[1:]) + data


def written_text(text):
    if text in WORDS:
        return bytes.fromhex(WORDS[text])
    for tag, alphabet in ((255, b"0123456789-."), (251, b"0123456789ABCDEF")):
        if text and all(c in alphabet for c in text):
            return packed(tag, alphabet, text)
    return written_bytes(text)


def written_list(size):
    return bytes([248, size]) if size else b"\0"


def written_jid(jid):
    if not device(jid):
        refuse("ARGUMENT")
    (user, agent, number), spelled = device(jid)
    if number:
        return bytes([247, agent, number]) + written_text(user)
    return b"\xfa" + written_text(user) + written_text(spelled.split(b"@")[1])


def written_node(tag, attributes=(), nodes=None, data=None):
    """A node. An attribute that is a JID has it in a tuple."""
    content = nodes is not None or data is not None
    out = written_list(1 + 2 * len(attributes) + content) + written_text(tag)
    for name, a in attributes:
        out += written_text(name) + (written_jid(*a) if isinstance(a, tuple) else written_text(a))
    if nodes is not None:
        out += written_list(len(nodes)) + b"".join(nodes)
    return out + (b"" if data is None else written_bytes(data))


def written_number(n):
    return b"%d" % n


def key_node(encs, several):
    nodes, devices = [], []
    for jid, kind, ciphertext in encs:
        if kind not in (1, 2) or not ciphertext or ((jid or several) and not device(jid)):
            refuse("ARGUMENT")
        attributes = [(b"v", b"2"), (b"type", b"msg" if kind == 1 else b"pkmsg"), (b"count", b"0")]
        nodes.append(written_node(b"enc", attributes, data=ciphertext))
        devices.append(device(jid) and device(jid)[0])
    if not nodes:
        refuse("NO_DEVICES")
    if not several:
        return nodes[0]
    if len(set(devices)) < len(devices):
        refuse("ARGUMENT")
    tos = [written_node(b"to", [(b"jid", (e[0],))], nodes=[n]) for e, n in zip(encs, nodes, strict=True)]
    return written_node(b"destination", nodes=tos)


VIDEO = (("enc", "video_enc"), ("dec", "video_dec"), ("device_orientation", "video_device_orientation"))
VIDEO += (("screen_width", "video_width"), ("screen_height", "video_height"))
CODECS = {"video_enc": b"h.264", "video_dec": b"H264"}


def video_node(a):
    attributes = []
    for name, option in VIDEO:
        chosen = a.get(option, CODECS.get(option, 0))
        if isinstance(chosen, bytes) and not 0 < len(chosen) < 128:
            refuse("ARGUMENT")
        attributes.append((name.encode(), chosen if isinstance(chosen, bytes) else written_number(chosen)))
    return written_node(b"video", attributes)


def offer_build(a):
    encs = list(zip(a["jids"], a["enc_types"], a["ciphertexts"], strict=True))
    video, several = a.get("flags", 0) & 1, len(encs) > 1 or a.get("flags", 0) & 2
    key = key_node(encs, several)
    if "call_id" not in a:
        return {"stanza_hex": (b"\0" + key).hex()}
    if not video and any(option in a for _, option in VIDEO):
        refuse("ARGUMENT")
    first = any(kind == 2 for _, kind, _ in encs)
    if first and not a.get("device_identity"):
        refuse("DEVICE_IDENTITY")
    capability = a.get("capability", bytes.fromhex("0105f709e0bb53" if video else "0105f709e0bb13"))
    nodes = [written_node(b"privacy", data=a["privacy_token"])] if "privacy_token" in a else []
    nodes += [written_node(b"audio", [(b"enc", b"opus"), (b"rate", rate)]) for rate in (b"8000", b"16000")]
    nodes += [video_node(a)] if video else []
    nodes += [written_node(b"net", [(b"medium", b"3")])]
    nodes += [written_node(b"capability", [(b"ver", b"1")], data=capability)]
    nodes += [key, written_node(b"encopt", [(b"keygen", b"2")])]
    nodes += [written_node(b"device-identity", data=a["device_identity"])] if first else []
    offer = written_node(b"offer", [(b"call-id", a["call_id"]), (b"call-creator", (a["call_creator"],))], nodes=nodes)
    return {"stanza_hex": (b"\0" + around(a, a["to"], offer)).hex()}


def around(a, to, action):
    """The <call> of an offer or enc_rekey."""
    attributes = [(b"to", (to,))] + ([(b"id", a["stanza_id"])] if "stanza_id" in a else [])
    return written_node(b"call", attributes, nodes=[action])


def rekey_build(a):
    if not a["transaction_id"] or not device(a["jid"]) or "call_id" not in a:
        refuse("ARGUMENT")
    nodes = [written_node(b"encopt", [(b"keygen", b"2")])]
    nodes += [key_node([(a["jid"], a["enc_type"], a["ciphertext"])], False)]
    if a["enc_type"] == 2:
        if not a.get("device_identity"):
            refuse("DEVICE_IDENTITY")
        nodes += [written_node(b"device-identity", data=a["device_identity"])]
    attributes = [(b"call-id", a["call_id"]), (b"call-creator", (a["call_creator"],))]
    attributes += [(b"transaction-id", written_number(a["transaction_id"]))]
    return {"stanza_hex": (b"\0" + around(a, a["jid"], written_node(b"enc_rekey", attributes, nodes=nodes))).hex()}


# A stanza as XML, section 3

XML_START = re.compile(r'<([A-Za-z_][\w.-]*)((?: [A-Za-z_][\w.-]*="[^"]*")*)(/?)>', re.ASCII)
XML_ATTRIBUTE = re.compile(r' ([A-Za-z_][\w.-]*)="([^"]*)"', re.ASCII)
XML_SPACE = re.compile(r"[ \t\r\n]*")
XML_HEX = re.compile(r"([0-9a-f]{2})+")
XML_ESCAPED = re.compile(rb"\\x([0-9a-f]{2})|\\(\\)|&(amp|lt|gt|quot);")
XML_NAMED = {"&": "amp", "<": "lt", ">": "gt", '"': "quot"}
DEVICE_JID = re.compile(rb"([0-9]+):(0|[1-9][0-9]{0,2})@(s\.whatsapp\.net|lid|hosted|hosted\.lid)")
PAIR_JID = re.compile(rb"([0-9A-Za-z._:-]+)@(s\.whatsapp\.net|c\.us|lid|hosted|hosted\.lid|g\.us|newsletter|broadcast)")


def unescaped(shown):
    plain = {name.encode(): c.encode() for c, name in XML_NAMED.items()}
    return XML_ESCAPED.sub(lambda m: bytes.fromhex(m[1].decode()) if m[1] else m[2] or plain[m[3]], shown.encode())


def escaped(text):
    """Text, given as bytes, as XML shows it."""
    out = ""
    for c in text.decode(errors="surrogateescape"):
        if c in XML_NAMED:
            out += f"&{XML_NAMED[c]};"
        elif c.isprintable():
            out += c * (1 + (c == "\\"))
        else:
            out += "".join(f"\\x{b:02x}" for b in c.encode(errors="surrogateescape"))
    return out


def written_value(text):
    """A JID in its own form, and any other text."""
    device_of, pair = DEVICE_JID.fullmatch(text), PAIR_JID.fullmatch(text)
    if device_of and int(device_of[2]) < 256:
        agents = {server: agent for agent, server in SERVERS.items()}
        return bytes([247, agents[device_of[3]], int(device_of[2])]) + written_text(device_of[1])
    if pair:
        return b"\xfa" + written_text(pair[1]) + written_text(pair[2])
    return b"\xfa\0\x03" if text == b"s.whatsapp.net" else written_text(text)


def written_content(shown):
    """Bytes, or a text that the wire does not write as bytes."""
    if XML_HEX.fullmatch(shown):
        return written_bytes(bytes.fromhex(shown))
    text = unescaped(shown)
    again = escaped(text)
    if XML_HEX.fullmatch(again):
        again = f"\\x{text[0]:02x}" + again[1:]
    written = written_value(text)
    if written[0] in (252, 253) or again != shown:
        refuse("MALFORMED")
    return written


def shown_node(xml, i):
    """The node of the XML that begins at i, written, and where it ends."""
    start = XML_START.match(xml, i) or refuse("MALFORMED")
    i = start.end()
    attributes = []
    for name, shown in XML_ATTRIBUTE.findall(start[2]):
        text = unescaped(shown)
        if escaped(text) != shown or name in [other for other, _ in attributes]:
            refuse("MALFORMED")
        attributes.append((name, written_text(name.encode()) + written_value(text)))
    content = b""
    if not start[3]:
        nodes, inside = [], XML_SPACE.match(xml, i).end()
        while XML_START.match(xml, inside):
            node, inside = shown_node(xml, inside)
            nodes.append(node)
            inside = XML_SPACE.match(xml, inside).end()
        if nodes:
            content = written_list(len(nodes)) + b"".join(nodes)
        else:
            inside = xml.find("<", i)
            content = written_content(xml[i:inside])
        end = f"</{start[1]}>"
        if not xml.startswith(end, inside):
            refuse("MALFORMED")
        i = inside + len(end)
    written = written_list(1 + 2 * len(attributes) + (not start[3])) + written_text(start[1].encode())
    return written + b"".join(text for _, text in attributes) + content, i


def stanza_from_xml(a):
    xml = a["xml"].decode().strip(" \t\r\n")
    node, end = shown_node(xml, 0)
    if end != len(xml):
        refuse("MALFORMED")
    return {"stanza_hex": (b"\0" + node).hex()}


# Published primitives and packets


def rfc5869(a):
    prk = mac(hashes.SHA256, a["salt"] or bytes(32), a["ikm"])
    okm = HKDFExpand(hashes.SHA256(), a["length"], a["info"]).derive(prk)
    assert okm == hkdf(a["salt"], a["ikm"], a["info"], a["length"])
    return {"prk_hex": prk.hex(), "okm_hex": okm.hex()}


def rfc3711_kdf(a):
    out = srtp_session_key(a["master_key"], a["master_salt"], a["label"], a["length"])
    return {"key_hex": out.hex()}


def srtp_packet(a):
    index = a["roc"] << 16 | a["seq"]
    keys = e2e(call_key(a["key"]), a["participant"])
    iv, payload = srtp_payload(
        bytes.fromhex(keys["srtp_cipher_key_hex"]),
        bytes.fromhex(keys["srtp_salt_hex"]),
        a["ssrc"],
        index,
        a["payload"],
    )
    tag = srtp_tag(bytes.fromhex(keys["srtp_auth_key_hex"]), a["authenticated"], a["roc"], a["tag_len"])
    return {"iv_hex": iv.hex(), "encrypted_payload_hex": payload.hex(), "tag_hex": tag.hex()}


def leb128(v):
    out = b""
    while v > 127:
        out, v = out + bytes([v & 127 | 128]), v >> 7
    return out + bytes([v])


def warp_tag(a):
    if len(a["auth_key"]) not in (20, 32):
        refuse("KEY_LENGTH")
    return {"tag_hex": srtp_tag(a["auth_key"], a["packet"], a["roc"], 4).hex()}


def leb128_read(b):
    """The number that b starts with, and what follows it."""
    for n, c in enumerate(b):
        if c < 128:
            value = sum((x & 127) << 7 * i for i, x in enumerate(b[: n + 1]))
            if leb128(value) != b[: n + 1] or value >= 2**64:
                refuse("MALFORMED")
            return value, b[n + 1 :]
    refuse("MALFORMED")


def sframe_key(key):
    if len(key) != 32:
        refuse("KEY_LENGTH")
    return AESGCM(key[:16])


def sframe_seal(a):
    nonce = bytes(8) + a["counter"][::-1]
    trailer = b"".join(leb128(int.from_bytes(a[name], "big")) for name in ("counter", "key_id"))
    sealed = sframe_key(given_key(a["sframe_key"])).encrypt(nonce, a["payload"], None)
    return sealed + trailer + bytes([len(trailer) + 1])


def sframe_open(a):
    cipher, frame = sframe_key(a["sframe_key"]), a["frame"]
    length = frame[-1] if frame else 0
    if not 3 <= length <= 21 or len(frame) < 16 + length:
        refuse("MALFORMED")
    counter, rest = leb128_read(frame[-length:-1])
    key_id, rest = leb128_read(rest)
    if rest:
        refuse("MALFORMED")
    try:
        payload = cipher.decrypt(bytes(8) + struct.pack("<Q", counter), frame[:-length], None)
    except InvalidTag:
        refuse("AUTHENTICATION")
    return {
        "payload_hex": payload.hex(),
        "counter_hex": struct.pack(">Q", counter).hex(),
        "key_id_hex": struct.pack(">Q", key_id).hex(),
    }


def sframe_frame(a):
    key = bytes.fromhex(derive_sframe(a)["sframe_key_hex"])[:16]
    nonce = bytes(8) + struct.pack("<Q", a["counter"])
    sealed = AESGCM(key).encrypt(nonce, a["payload"], None)
    header = leb128(a["counter"]) + leb128(a["key_id"])
    return {"frame_hex": (sealed + header + bytes([len(header) + 1])).hex()}


# Identities and messages of Signal, section 3


def account_identity(a):
    if not any(a["private_key"]):
        refuse("INVALID_KEY")
    public = X25519PrivateKey.from_private_bytes(a["private_key"]).public_key().public_bytes_raw()
    return {"registration_id": a["registration_id"], "public_key_hex": public.hex()}


def protobuf(b):
    """The fields of a protobuf message: number, and its bytes or its number."""
    while b:
        tag, b = leb128_read(b)
        if tag & 7 == 0:
            value, b = leb128_read(b)
        elif tag & 7 == 2:
            length, b = leb128_read(b)
            if length > len(b):
                refuse("MALFORMED")
            value, b = b[:length], b[length:]
        else:
            refuse("MALFORMED")
        yield tag >> 3, value


def signal_fields(b, newer, kinds):
    """The fields of a message, each once. A number that is not in kinds is refused by newer."""
    if not b:
        refuse("MALFORMED")
    if b[0] >> 4 != 3:
        refuse("UNSUPPORTED")
    if b[0] & 15 < 3:
        refuse("MALFORMED")
    seen = {}
    for number, value in protobuf(b[1:]):
        if number in seen:
            refuse("MALFORMED")
        kind = kinds.get(number)
        if kind is None:
            newer(number, value)
        else:
            right = {
                "number": isinstance(value, int) and value < 2**32,
                "bytes": isinstance(value, bytes),
                "key": isinstance(value, bytes) and (len(value), value[:1]) == (33, b"\x05"),
            }
            if not right[kind]:
                refuse("MALFORMED")
        seen[number] = value
    return seen


def signal_message(b):
    if len(b) < 9:
        refuse("MALFORMED")

    def newer(number, value):
        refuse("MALFORMED" if number in (5, 6) and isinstance(value, int) else "UNSUPPORTED")

    got = signal_fields(b[:-8], newer, {1: "key", 2: "number", 3: "number", 4: "bytes"})
    if not {1, 2, 4} <= set(got) or not got[4] or len(got[4]) % 16:
        refuse("MALFORMED")


def message_parse(a):
    if a["enc_type"] not in (1, 2):
        refuse("UNSUPPORTED")
    got = {}
    if a["enc_type"] == 1:
        signal_message(a["ciphertext"])
    else:
        kinds = {1: "number", 2: "key", 3: "key", 4: "bytes", 5: "number", 6: "number"}
        got = signal_fields(a["ciphertext"], lambda number, value: refuse("UNSUPPORTED"), kinds)
        if not {2, 3, 4, 6} <= set(got):
            refuse("MALFORMED")
        signal_message(got[4])
    return {
        "prekey_id": got.get(1, 0),
        "signed_prekey_id": got.get(6, 0),
        "registration_id": got.get(5, 0),
        "identity_key_hex": got.get(3, bytes(33))[1:].hex(),
        "base_key_hex": got.get(2, bytes(33))[1:].hex(),
    }


FUNCTIONS = {
    "callkey_account_identity": account_identity,
    "callkey_message_parse": message_parse,
    "callkey_check": check,
    "callkey_fingerprint": fingerprint,
    "callkey_participant_id": participant_id,
    "callkey_derive_e2e_keys": derive_e2e_keys,
    "callkey_derive_e2e_keys_raw": derive_e2e_keys_raw,
    "callkey_derive_e2e_keys_batch": derive_e2e_keys_batch,
    "callkey_derive_e2e_sframe_key": derive_sframe,
    "callkey_derive_warp_auth_key": derive_warp,
    "callkey_derive_hbh_keys": derive_hbh,
    "callkey_derive_ssrcs": derive_ssrcs,
    "callkey_raw_e2e_decode": raw_e2e_decode,
    "callkey_select_participant": select_participant,
    "callkey_plaintext_encode": plaintext_encode,
    "callkey_plaintext_decode": plaintext_decode,
    "callkey_offer_parse": offer_parse,
    "callkey_offer_build": offer_build,
    "callkey_rekey_build": rekey_build,
    "callkey_stanza_from_xml": stanza_from_xml,
    "callkey_warp_tag": warp_tag,
    "callkey_sframe_seal": lambda a: {"frame_hex": sframe_seal(a).hex()},
    "callkey_sframe_open": sframe_open,
    "primitive_hkdf_sha256": rfc5869,
    "primitive_srtp_kdf": rfc3711_kdf,
    "primitive_srtp_packet": srtp_packet,
    "primitive_sframe_frame": sframe_frame,
    "primitive_conversation": conversation,
}


def arguments(inputs):
    """Names without "_hex"; binary and text both as bytes."""

    def value(name, v):
        if isinstance(v, list):
            return [value(name, x) for x in v]
        if isinstance(v, str):
            return bytes.fromhex(v) if name.endswith("_hex") else v.encode()
        return v

    return {name.removesuffix("_hex"): value(name, v) for name, v in inputs.items()}


def expected(function, inputs):
    try:
        return {"out": function(arguments(inputs))}
    except Refused as r:
        return {"error": str(r)}


def agrees(case, got):
    """Whether the case says what was computed. A case with a source may know only some of
    the outputs, and only the first of the ssrcs."""
    if "source" not in case or "error" in case:
        return got == {k: case[k] for k in ("out", "error") if k in case}
    out = dict(got.get("out", {}))
    if "ssrcs" in out:
        out["ssrcs"] = out["ssrcs"][: len(case["out"]["ssrcs"])]
    return bool(case["out"]) and all(out.get(k) == v for k, v in case["out"].items())


def main():
    checking = sys.argv[1:] == ["--check"]
    if sys.argv[1:] and not checking:
        sys.exit(__doc__)
    differences = cases = 0
    for path in sorted(HERE.glob("*.json")):
        subject = json.loads(path.read_text())
        function = FUNCTIONS.get(subject["function"])
        if function is None:
            continue  # a file about another part of the library
        for case in subject["cases"]:
            cases += 1
            got = expected(function, case["in"])
            if checking or "source" in case:
                if not agrees(case, got):
                    differences += 1
                    print(f"{path.name}: {case['name']}: here {got}")
            else:
                case.pop("out", None)
                case.pop("error", None)
                case.update(got)
        if not checking:
            path.write_text(json.dumps(subject, indent=2) + "\n")
    print(f"{cases} cases, {differences} differences")
    sys.exit(1 if differences else 0)


if __name__ == "__main__":
    main()
