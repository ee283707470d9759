"""SRTP and SRTCP from RFC 3711 with the cryptography package alone, and the keys of a call from docs/protocol.md.

It shares no code with the package that is tested with its packets.
"""

from __future__ import annotations

import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


def hkdf(secret: bytes, salt: bytes, info: bytes, size: int) -> bytes:
    return HKDF(SHA256(), size, salt, info).derive(secret)


def aes_ctr(key: bytes, iv: bytes, text: bytes) -> bytes:
    context = Cipher(algorithms.AES(key), modes.CTR(iv)).encryptor()
    return context.update(text) + context.finalize()


def hmac_sha1(key: bytes, text: bytes) -> bytes:
    mac = HMAC(key, SHA1())
    mac.update(text)
    return mac.finalize()


def ssrc(call_id: str, participant: str, slot: int) -> int:
    derived = hkdf(call_id.encode(), struct.pack("<I", slot), participant.encode(), 4)
    return int(struct.unpack("<I", derived)[0])


class Sender:
    """What one participant protects under one secret."""

    def __init__(self, secret: bytes, participant: str) -> None:
        okm = hkdf(secret, bytes(32), participant.encode(), 46)
        self.master_key, self.master_salt = okm[:16], okm[16:30]
        self.cipher, self.auth, self.salt = self.session(0, 16), self.session(1, 20), self.session(2, 14)
        self.rtcp_cipher, self.rtcp_auth, self.rtcp_salt = self.session(3, 16), self.session(4, 20), self.session(5, 14)

    def session(self, label: int, size: int) -> bytes:
        iv = bytearray(self.master_salt + b"\0\0")
        iv[7] ^= label
        return aes_ctr(self.master_key, bytes(iv), bytes(size))

    def rtp(self, header: bytes, payload: bytes, roc: int) -> bytes:
        sequence, stream = struct.unpack("!H", header[2:4])[0], header[8:12]
        counter = bytes(4) + stream + struct.pack("!IH", roc, sequence) + bytes(2)
        iv = bytes(a ^ b for a, b in zip(self.salt + bytes(2), counter))
        sent = header + aes_ctr(self.cipher, iv, payload)
        return sent + hmac_sha1(self.auth, sent + struct.pack("!I", roc))[:4]

    def rtcp(self, packet: bytes, index: int) -> bytes:
        counter = bytes(4) + packet[4:8] + struct.pack("!HI", 0, index) + bytes(2)
        iv = bytes(a ^ b for a, b in zip(self.rtcp_salt + bytes(2), counter))
        sent = packet[:8] + aes_ctr(self.rtcp_cipher, iv, packet[8:]) + struct.pack("!I", 1 << 31 | index)
        return sent + hmac_sha1(self.rtcp_auth, sent)[:10]
