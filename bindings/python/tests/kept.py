"""Devices of a program that keeps its accounts, prekeys and records itself."""

from __future__ import annotations

from dataclasses import dataclass, field

from callkey import (
    Account,
    Ciphertext,
    EncType,
    OpenedMessage,
    PrekeyBundle,
    PrivateKey,
    Record,
    Secret,
    message_parse,
    prekey_generate,
)

NOW = 1_800_000_000


@dataclass
class Device:
    """One that knows one other. Its rows: the record, the identity that it trusts, prekeys by id, base keys."""

    account: Account = field(default_factory=Account.generate)
    record: Record = field(default_factory=lambda: Record.from_bytes(b""))
    trusted: bytes | None = None
    prekeys: dict[int, PrivateKey] = field(default_factory=dict)
    signed_prekeys: dict[int, PrivateKey] = field(default_factory=dict)
    base_keys: set[tuple[int, bytes]] = field(default_factory=set)

    def publish(self, prekey_id: int = 0) -> PrekeyBundle:
        signed, self.signed_prekeys[7] = self.account.signed_prekey(7)
        public = b""
        if prekey_id:
            prekey, self.prekeys[prekey_id] = prekey_generate(prekey_id)
            public = prekey.public_key
        identity = self.account.identity
        return PrekeyBundle(
            registration_id=identity.registration_id,
            identity_key=identity.public_key,
            signed_prekey_id=signed.id,
            signed_prekey=signed.public_key,
            signed_prekey_signature=signed.signature,
            prekey_id=prekey_id,
            prekey=public,
        )

    def begin(self, bundle: PrekeyBundle) -> None:
        self.record = self.record.begin(bundle, account=self.account, identity=self.trusted, now=NOW)
        self.trusted = bundle.identity_key

    def seal(self, text: bytes | memoryview | Secret) -> Ciphertext:
        ciphertext, self.record = self.record.seal(text, identity=self.trusted, now=NOW)
        return ciphertext

    def look(self, ciphertext: Ciphertext) -> OpenedMessage:
        """Opens, and commits nothing."""
        enc_type, content = ciphertext
        first = message_parse(enc_type, content)
        return self.record.open(
            enc_type,
            content,
            identity=self.trusted,
            account=self.account,
            prekey=self.prekeys.get(first.prekey_id) if first else None,
            signed_prekey=self.signed_prekeys.get(first.signed_prekey_id) if first else None,
            now=NOW,
        )

    def open(self, ciphertext: Ciphertext) -> bytes:
        opened = self.look(ciphertext)
        first = message_parse(*ciphertext)
        if first is not None:
            self.prekeys.pop(first.prekey_id, None)
            self.base_keys.add((first.signed_prekey_id, first.base_key))
        self.record, self.trusted = opened.record, opened.identity
        return opened.plaintext.reveal()


def met(prekey_id: int = 5) -> tuple[Device, Device]:
    """A caller that began a session, and the callee that has not heard of it."""
    caller, callee = Device(), Device()
    caller.begin(callee.publish(prekey_id))
    return caller, callee


def changed(ciphertext: Ciphertext) -> Ciphertext:
    content = bytearray(ciphertext.content)
    content[-12] ^= 1  # in the message's code of authentication, also inside a pkmsg
    return Ciphertext(EncType(ciphertext.enc_type), bytes(content))
