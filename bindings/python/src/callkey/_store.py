"""The store of one account's device: identity, prekeys, and Signal sessions with other devices."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from ctypes import POINTER, byref, c_char, c_size_t, c_uint8, c_uint32, c_uint64
from ctypes import pointer as cpointer
from typing import Any, NoReturn

from ._account import Account, SessionInfo
from ._batch import Batch, Sealed
from ._call import Buffer, attempt, call, fixed, length, pointer, sized, sized_bytes, text, texts, unsigned
from ._declarations import (
    JID_BYTES,
    KEY_BYTES,
    LIST_ALIASES,
    LIST_IDENTITIES,
    LIST_SESSIONS,
    PRIVATE_KEY_BYTES,
    PUBLIC_KEY_BYTES,
    STORE_KEEP_OPENED,
    STORE_MUST_EXIST,
    STORE_NO_IDENTITY,
    STORE_PLAINTEXT,
    STORE_RESTORED,
    IdentityStruct,
    PrekeyBundleStruct,
    PrekeyStruct,
    SessionInfoStruct,
    SignedPrekeyStruct,
    StoreOptionsStruct,
)
from ._e2e import E2ESecret
from ._epochs import Epoch
from ._handle import Handle
from ._key import CallKey
from ._offer import DeviceResult, Enc, EncType, Offer, OfferInfo, enc_type_number
from ._offer_options import OfferOptions, options_to_c
from ._prekey import Identity, Prekey, PrekeyBundle, SignedPrekey
from ._refusal import opening, opening_enc, presenting
from ._secret import Secret, given, pieces, secret_bytes
from ._session import Session
from .errors import ArgumentError, CallKeyError, NotFoundError, UntrustedIdentityError

_MOST_ELEMENTS = 4096


class Store(Handle):
    """An open store. Use it in ``with``, or call close().

    Any thread may use it at any time. Every method that changes something commits before it
    returns: it returns a ciphertext only once the session's step is durable, a received key
    only once the message counts as seen.

    Besides the errors that a method names, each may raise HandleError (closed), StoreError
    (the file can't be read or written; nothing changed), BusyError (another
    process held the file longer than busy_ms; nothing changed) and StoreCorruptError.

    If another thread wipes a secret that a method is using, the method raises WipedError and
    returns nothing. Its changes to the store stay: a ciphertext dropped in this way costs its
    session one message key, which is never used again and which the peer skips; an imported key
    is there.
    """

    _freed_by = "callkey_store_close"
    _what = "the store is"

    _name: str

    def __init__(self, *given: NoReturn, **named: NoReturn) -> None:
        raise TypeError("Store has no constructor: use Store.open(path, storage_key=…)")

    @classmethod
    def open(
        cls,
        path: str | os.PathLike[str] | None = None,
        *,
        storage_key: Buffer | Secret | None = None,
        plaintext: bool = False,
        identity: bool = True,
        must_exist: bool = False,
        keep_opened: bool = False,
        restored: bool = False,
        busy_ms: int = 0,
    ) -> Store:
        """Opens a store, and makes it if it does not exist.

        path: a file, which several processes may share; None: in memory, gone when closed.
        storage_key: 32 bytes that encrypt the records of a file.
        plaintext: a file without a storage key, readable by anyone.
        identity: make an identity if there is none; False to import one.
        must_exist: make no store and no identity; raise NotFoundError if one is missing.
        keep_opened: opened messages open again, with the same result, until message_done. An app
            that is killed before its own commit then loses nothing. The last 256 are kept.
        restored: the file may be an old copy, from a backup or copy(). Its sessions open messages but
            seal none until Session.begin, because the original may have used their next keys.
        busy_ms: how long each call waits for another process, in milliseconds; 0 means 5000.

        Raises StoreKeyError (wrong or missing), KeyLengthError, StoreError,
        StoreCorruptError (not a store), UnsupportedError (written by a newer library),
        NotFoundError (with must_exist or restored, if it does not exist).
        """
        handle = c_uint64(0)
        key, key_len = None, 0
        if storage_key is not None:
            key, key_len = given(storage_key), length(storage_key)
        options = StoreOptionsStruct(busy_ms=unsigned(busy_ms, "busy_ms"))
        options.flags |= STORE_PLAINTEXT if plaintext else 0
        options.flags |= 0 if identity else STORE_NO_IDENTITY
        options.flags |= STORE_MUST_EXIST if must_exist else 0
        options.flags |= STORE_KEEP_OPENED if keep_opened else 0
        options.flags |= STORE_RESTORED if restored else 0
        place = None if path is None else text(os.fspath(path), "path")
        filename = None if path is None else os.fspath(path)
        try:
            call("callkey_store_open", byref(handle), place, key, key_len, byref(options))
        except BaseException as error:
            if handle.value:  # the storage key was wiped meanwhile
                with contextlib.suppress(CallKeyError):
                    call("callkey_store_close", handle.value)
            if isinstance(error, CallKeyError) and isinstance(error, OSError):
                error.filename = filename
            raise
        store = cls.__new__(cls)
        store._hold(handle.value, filename)
        store._name = filename or "in memory"
        return store

    def __repr__(self) -> str:
        if not self._handle:
            return "<callkey.Store: closed>"
        return f"<callkey.Store: {self._name}>"

    def __reduce_ex__(self, protocol: object) -> str:
        raise TypeError("an open store is not copied or pickled; open its file again")

    # The file

    def copy(self, path: str | os.PathLike[str]) -> None:
        """Copies the store to a new file, consistently, while this and other processes keep using it.

        It has the same storage key. Open it with ``restored=True``: it is outdated as soon as
        the store changes. Raises ConflictError if there is a file at ``path``, and
        ArgumentError for a store in memory.
        """
        try:
            call("callkey_store_copy", self._open(), text(os.fspath(path), "path"))
        except OSError as error:
            error.filename2 = os.fspath(path)
            raise

    def change_key(self, storage_key: Buffer | Secret) -> None:
        """Makes these 32 bytes the storage key, atomically; processes that have the store open keep working.

        Raises KeyLengthError, and ArgumentError for a store in memory or without a storage key.
        """
        call("callkey_store_change_key", self._open(), given(storage_key), length(storage_key))

    # Identity and prekeys

    @property
    def identity(self) -> Identity:
        """The store's own identity. Raises NoIdentityError if none was made or imported."""
        out = IdentityStruct()
        call("callkey_store_identity", self._open(), byref(out))
        return Identity._from_c(out)

    def account(self) -> Account:
        """The store's private identity, to move the account: secret, so use it in ``with``.

        A second store with it is a second device under one name; its sessions break those of the
        first. Raises NoIdentityError if none was made or imported.
        """
        with Account._empty() as out:
            call("callkey_store_account", self._open(), out)
            return Account._from_c(out)

    def import_identity(self, private_key: Buffer | Secret, registration_id: int) -> None:
        """Imports an identity (32-byte X25519 private key) into a store opened with identity=False.

        The same identity again is fine; another one is a ConflictError.
        """
        key = secret_bytes(private_key, PRIVATE_KEY_BYTES, "private_key")
        call("callkey_store_import_identity", self._open(), key, unsigned(registration_id, "registration_id"))

    def add_prekeys(self, n: int) -> list[Prekey]:
        """Makes ``n`` one-time prekeys, at most 4096, and returns their public halves for publishing.

        No bundle ever uses them. Pass their ids to published() when the server has them; until
        then unpublished() returns them again.
        """
        if unsigned(n, "n") > _MOST_ELEMENTS:  # before the output for them is allocated
            raise ArgumentError(f"n is {n}, too many prekeys at once")
        out = (PrekeyStruct * n)()
        call("callkey_store_add_prekeys", self._open(), out, n)
        return [Prekey._from_c(prekey) for prekey in out]

    def unpublished(self) -> list[Prekey]:
        """The prekeys of add_prekeys that are not marked as published, by ascending id.

        Upload them when the app starts: a crash between making and uploading leaves some. Those
        that a peer has used meanwhile are left out.
        """
        store = self._open()
        out, n = sized(PrekeyStruct, lambda out, n: attempt("callkey_store_unpublished", store, out, n))
        return [Prekey._from_c(prekey) for prekey in out[:n]] if n else []

    def published(self, ids: Iterable[int]) -> None:
        """Marks prekeys of add_prekeys as published, at most 4096 ids at once.

        One that is marked already, or used up, is fine. Raises NotFoundError for an id that
        add_prekeys never returned, and ArgumentError for one that is not 1 to 16777215; then
        none is marked.
        """
        numbers = [unsigned(id, "ids") for id in ids]
        call("callkey_store_published", self._open(), (c_uint32 * len(numbers))(*numbers), len(numbers))

    def prekeys_left(self) -> int:
        """The number of published prekeys that are not used, including imported ones."""
        n = c_size_t(0)
        call("callkey_store_prekeys_left", self._open(), byref(n))
        return n.value

    def rotate_signed_prekey(self) -> SignedPrekey:
        """Makes a new signed prekey and returns its public half for publishing. Do this once a month or more often.

        Earlier ones still open messages for 30 days. The first rotation after that removes
        them, with the unused one-time prekeys of their bundles.
        """
        out = SignedPrekeyStruct()
        call("callkey_store_rotate_signed_prekey", self._open(), byref(out))
        return SignedPrekey._from_c(out)

    def signed_prekey(self) -> tuple[SignedPrekey, int]:
        """The signed prekey in use, which the server should have, and the Unix time since when it is in use.

        Raises NotFoundError if there is none yet: see rotate_signed_prekey.
        """
        out, since = SignedPrekeyStruct(), c_uint64(0)
        call("callkey_store_signed_prekey", self._open(), byref(out), byref(since))
        return SignedPrekey._from_c(out), since.value

    def import_prekey(self, id: int, private_key: Buffer) -> None:
        """Imports a one-time prekey that was published elsewhere: id 1 to 16777215, 32-byte private key.

        No bundle uses it; prekeys_left counts it if the store has an identity at that time.
        """
        key = secret_bytes(private_key, PRIVATE_KEY_BYTES, "private_key")
        call("callkey_store_import_prekey", self._open(), unsigned(id, "id"), key)

    def import_signed_prekey(self, id: int, private_key: Buffer) -> None:
        """Imports a signed prekey that was published elsewhere: id 1 to 16777215, 32-byte private key.

        Bundles use it from now on.
        """
        key = secret_bytes(private_key, PRIVATE_KEY_BYTES, "private_key")
        call("callkey_store_import_signed_prekey", self._open(), unsigned(id, "id"), key)

    def take_bundle(self) -> PrekeyBundle:
        """Makes a bundle, with a one-time prekey of its own that is in no other.

        The first bundle makes a signed prekey if there is none. The one-time prekey stays
        until a peer uses it, or its signed prekey is removed: see rotate_signed_prekey.
        """
        out = PrekeyBundleStruct()
        call("callkey_store_take_bundle", self._open(), byref(out))
        return PrekeyBundle._from_c(out)

    # Other devices

    def session(self, jid: str) -> Session:
        """The session with one device, even if there is none yet."""
        return Session(self, jid)

    def session_info(self, jid: str) -> SessionInfo:
        """What the session with a device is like. Raises NoSessionError if there is none."""
        out = SessionInfoStruct()
        call("callkey_session_info_get", self._open(), byref(out), text(jid, "jid"))
        return SessionInfo._from_c(out)

    def identity_of(self, jid: str) -> bytes:
        """The known identity key of a device, 32 bytes. Raises NotFoundError if none is known."""
        out = (c_uint8 * PUBLIC_KEY_BYTES)()
        call("callkey_identity_get", self._open(), out, text(jid, "jid"))
        return bytes(out)

    def trust(self, jid: str, public_key: Buffer) -> None:
        """Trusts a device's identity key in place of the known one (after an UntrustedIdentityError)."""
        key = fixed(public_key, PUBLIC_KEY_BYTES, "public_key")
        call("callkey_identity_trust", self._open(), text(jid, "jid"), key)

    def alias(self, alias_jid: str, jid: str) -> None:
        """Makes alias_jid another name of the device jid, e.g. a phone-number JID for a LID.

        An alias now names the new device, and nothing else changes: the number has a new owner.
        The identity, sessions and aliases of a device of its own move to the other one.

        Raises UntrustedIdentityError if alias_jid is a device of its own and the two have
        different identity keys (the error's is that of alias_jid), and ConflictError if jid is
        an alias of alias_jid.
        """
        try:
            call("callkey_store_alias", self._open(), text(alias_jid, "alias_jid"), text(jid, "jid"))
        except UntrustedIdentityError as error:
            error.jid, error.identity_key = jid, self.identity_of(alias_jid)
            raise

    def unalias(self, alias_jid: str) -> None:
        """Makes an alias a device of its own again, with nothing stored about it. Any other JID is no error."""
        call("callkey_store_unalias", self._open(), text(alias_jid, "alias_jid"))

    # Keeping house

    def sessions(self, user: str | None = None) -> Iterator[str]:
        """The JIDs of the devices with a session, spelled like participant ids, in no special order.

        user: ``user@server``, without a device: only what remove_user would remove; None: all.

        They are read one by one, so the store may change in between: no JID comes twice, and none
        that was there all the time is left out. A device's aliases are not listed.

        Records that version 0.2 wrote in a store with a storage key do not tell their names; without
        a user they are listed only once they are written again.
        """
        return self._listed(LIST_SESSIONS, user)

    def identities(self, user: str | None = None) -> Iterator[str]:
        """The JIDs of the devices with a known identity key. Otherwise like sessions()."""
        return self._listed(LIST_IDENTITIES, user)

    def aliases(self, user: str | None = None) -> Iterator[str]:
        """The JIDs that alias() made other names; with a user, those of its devices. Otherwise like sessions().

        With a user each step reads all aliases of the store.
        """
        return self._listed(LIST_ALIASES, user)

    def _listed(self, what: int, user: str | None) -> Iterator[str]:
        whose = None if user is None else text(user, "user")
        after: bytes | None = None
        while True:
            out = (c_char * JID_BYTES)()
            try:
                call("callkey_store_next", self._open(), out, byref(c_size_t(JID_BYTES)), what, whose, after)
            except NotFoundError:
                return
            after = out.value
            yield after.decode()

    def remove_identity(self, jid: str) -> None:
        """Removes a device's known identity key, if there is one. Its next contact is the first: any key is trusted.

        Its sessions stay, and neither seal nor open (UntrustedIdentityError) until their identity is
        known again.
        """
        call("callkey_identity_remove", self._open(), text(jid, "jid"))

    def remove_user(self, user_jid: str) -> None:
        """Removes the sessions, identities, aliases and kept messages of all devices of a user, in one commit.

        user_jid: ``user@server``, without a device.

        The devices are those that the user's names mean: a phone number that is an alias of a LID's
        device brings that device, and the LID brings the number. Nothing is written if there is
        nothing. Only hashes stay, so that no first message opens a second time.
        """
        call("callkey_user_remove", self._open(), text(user_jid, "user_jid"))

    # Delivery

    def begin_sessions(self, bundles: Mapping[str, PrekeyBundle]) -> tuple[DeviceResult, ...]:
        """Begins a session with each device, in one commit. A device that fails is skipped, and its result says why.

        Raises NoDevicesError (its ``results`` say why).
        """
        store = self._open()
        batch = Batch(self, list(bundles), "bundles", [bundle.identity_key for bundle in bundles.values()])
        structs = [bundle._to_c() for bundle in bundles.values()]
        pointers = (POINTER(PrekeyBundleStruct) * batch.n)(*map(cpointer, structs))
        return batch.done(
            lambda: call("callkey_session_begin_batch", store, batch.statuses, batch.jids, pointers, batch.n)
        )

    def seal_enc(self, jid: str, key: CallKey) -> Enc:
        """Encrypts a call key for one device.

        Raises NoSessionError (see Session.begin) and UntrustedIdentityError.
        """
        store, device, secret = self._open(), text(jid, "jid"), _call_key(key)
        enc_type = c_uint32(0)
        with presenting(self, jid):
            ciphertext = sized_bytes(
                lambda out, n: attempt("callkey_enc_seal", store, out, n, byref(enc_type), device, secret, KEY_BYTES)
            )
        return Enc(jid, EncType(enc_type.value), ciphertext)

    def open_enc(self, jid: str, enc_type: EncType | str, ciphertext: Buffer, *, version: int = 2) -> CallKey:
        """Decrypts a call key from the device ``jid``.

        enc_type: the enc's ``type``, also as the stanza names it; see EncType.parse.
        version: the enc's ``v``, 2 or 3.

        Raises AuthenticationError, DuplicateError, TooFarError, NoSessionError,
        NoPrekeyError, UntrustedIdentityError, InvalidKeyError, MalformedError,
        UnsupportedError; then the store is unchanged.
        """
        key = CallKey._zeros(KEY_BYTES)
        with opening_enc(self, jid, enc_type, version, ciphertext):
            call(
                "callkey_enc_open",
                self._open(),
                key,
                text(jid, "jid"),
                enc_type_number(enc_type),
                unsigned(version, "version"),
                pointer(ciphertext),
                length(ciphertext),
            )
        return key

    def seal_message(self, jid: str, plaintext: Buffer) -> Enc:
        """Encrypts any other message of the app for one device, in the session that its calls use.

        plaintext: at most 16777216 bytes. It is encrypted as it is: pad it first if the app's
            protocol has padding.

        Raises NoSessionError (see Session.begin) and UntrustedIdentityError.
        """
        store, device, data = self._open(), text(jid, "jid"), pointer(plaintext)
        enc_type = c_uint32(0)
        with presenting(self, jid):
            ciphertext = sized_bytes(
                lambda out, n: attempt(
                    "callkey_message_seal", store, out, n, byref(enc_type), device, data, length(plaintext)
                )
            )
        return Enc(jid, EncType(enc_type.value), ciphertext)

    def open_message(self, jid: str, enc_type: EncType | str, ciphertext: Buffer) -> bytes:
        """Decrypts any other message from the device ``jid``.

        A message opens once, either here or as a call key. One that open_enc, open_offer or
        open_rekey rejected can still be opened here. Raises as open_enc; then the store is unchanged.
        """
        with opening_enc(self, jid, enc_type, 0, ciphertext):
            store, device, data = self._open(), text(jid, "jid"), pointer(ciphertext)
            number = enc_type_number(enc_type)
            return sized_bytes(
                lambda out, n: attempt("callkey_message_open", store, out, n, device, number, data, length(ciphertext))
            )

    def seal_messages(self, messages: Mapping[str, Buffer]) -> tuple[Sealed, ...]:
        """Encrypts a message for each device, in one commit. A device that fails is skipped, and its result says why.

        Raises NoDevicesError (its ``results`` say why).
        """
        store, batch = self._open(), Batch(self, list(messages), "messages")
        copies, plaintexts, lengths = pieces(list(messages.values()))
        try:
            return batch.sealed(
                lambda out, size: attempt(
                    "callkey_message_seal_batch",
                    store,
                    out,
                    size,
                    batch.ends,
                    batch.statuses,
                    batch.enc_types,
                    batch.jids,
                    plaintexts,
                    lengths,
                    batch.n,
                )
            )
        finally:
            copies.wipe()

    def message_done(self, jid: str, ciphertext: Buffer) -> None:
        """Drops a message that a store with ``keep_opened`` keeps, once the app has committed it.

        jid: the sending device; after open_offer and open_rekey, ``info.sender``.
        ciphertext: the content of the enc; offer_parse returns it from a stanza.

        From now on the message is a DuplicateError. It need not be kept.
        """
        call("callkey_message_done", self._open(), text(jid, "jid"), pointer(ciphertext), length(ciphertext))

    def seal_offer(
        self,
        key: CallKey,
        devices: Sequence[str],
        options: OfferOptions | None = None,
        *,
        bundles: Mapping[str, PrekeyBundle] | None = None,
    ) -> Offer:
        """Encrypts a call key for every device of the callee and writes the offer (wacrg:SIG-01).

        bundles: of those devices with which a session begins first, as begin_sessions does it, by their
            JID as ``devices`` has it. Sessions and offer are one commit: the call waits for the disk once,
            and after a failure nothing was begun.

        A device that fails, in either, is left out and reported in ``results``. Without
        options the result is only the key node, ``<enc>`` or ``<destination>``.

        Raises NoDevicesError (its ``results`` say why), DeviceIdentityError and, with bundles,
        NoIdentityError.
        """
        store, secret = self._open(), _call_key(key)
        published = [(bundles or {}).get(jid) for jid in devices]
        if strange := set(bundles or {}).difference(devices):
            raise ArgumentError(f"bundles: {min(strange)} is not one of the devices")
        batch = Batch(self, devices, "devices", [b.identity_key if b else None for b in published])
        pointers = (POINTER(PrekeyBundleStruct) * batch.n)()
        for place, bundle in enumerate(published):
            if bundle:
                pointers[place] = cpointer(bundle._to_c())
        around = None if options is None else options_to_c(options)

        def invoke(out: Any, size: Any) -> int:
            first = (store, out, size, batch.statuses, batch.enc_types, secret, KEY_BYTES, batch.jids)
            if bundles:
                return attempt("callkey_offer_begin", *first, pointers, batch.n, around)
            return attempt("callkey_offer_seal", *first, batch.n, around)

        return Offer(*batch.with_output(invoke))

    def open_offer(self, wire: Buffer, *, own: Sequence[str], sender: str | None = None) -> tuple[CallKey, OfferInfo]:
        """Finds this device's enc in a stanza and decrypts the call key.

        own: this device's JIDs, LID and phone number, with device.
        sender: the sending device; None: the one that the stanza names, which is its
            call-creator unless the server contradicts it.

        Raises as open_enc, NotForThisDeviceError, and ConflictError if stanza and server name
        different users and neither is known to have the identity: find out who it is and pass
        the sender. Whenever the stanza parses, the exception's ``info`` describes the call.
        """
        key = CallKey._zeros(KEY_BYTES)
        with opening(self, wire, own, sender) as info:
            jids = texts(own, "own")
            call(
                "callkey_offer_open",
                self._open(),
                key,
                byref(info),
                pointer(wire),
                length(wire),
                jids,
                len(jids),
                None if sender is None else text(sender, "sender"),
            )
        return key, OfferInfo._from_c(info)

    def seal_rekey(self, epoch: Epoch, device: str, options: OfferOptions, *, transaction_id: int) -> bytes:
        """Encrypts a group's epoch for one device and writes the ``<call><enc_rekey>`` that carries it.

        Call it for each device of the other participants, with one epoch and one number.

        transaction_id: the epoch's number, above all earlier ones; never 0.
        options: call_id, call_creator, stanza_id and, for a pkmsg, device_identity are used; others
            are ignored, so the options of an offer will do.

        Raises NoSessionError, UntrustedIdentityError and DeviceIdentityError.
        """
        store, secret = self._open(), _call_key(epoch, Epoch)
        number, jid = unsigned(transaction_id, "transaction_id"), text(device, "device")
        around = options_to_c(options)
        with presenting(self, device):
            return sized_bytes(
                lambda out, n: attempt("callkey_rekey_seal", store, out, n, secret, KEY_BYTES, number, jid, around)
            )

    def seal_rekeys(
        self, epoch: Epoch, devices: Sequence[str], options: OfferOptions, *, transaction_id: int
    ) -> tuple[Sealed, ...]:
        """seal_rekey for each device, in one commit. A device that fails is skipped, and its result says why.

        Each stanza has the stanza_id of the options, if there is one.

        Raises NoDevicesError (its ``results`` say why).
        """
        store, secret, batch = self._open(), _call_key(epoch, Epoch), Batch(self, devices, "devices")
        number, around = unsigned(transaction_id, "transaction_id"), options_to_c(options)
        return batch.sealed(
            lambda out, size: attempt(
                "callkey_rekey_seal_batch",
                store,
                out,
                size,
                batch.ends,
                batch.statuses,
                secret,
                KEY_BYTES,
                number,
                batch.jids,
                batch.n,
                around,
            )
        )

    def open_rekey(self, wire: Buffer, *, sender: str | None = None) -> tuple[Epoch, OfferInfo]:
        """Decrypts the epoch in an ``<enc_rekey>``; its number is ``info.transaction_id``.

        sender: the sending device; None: the one that the stanza names.

        Only the call's creator or a connected member of its roster may send one: check
        ``info.sender``, then pass it to Epochs.add. Raises as open_offer, and MalformedError
        for an offer or accept.
        """
        epoch = Epoch._zeros(KEY_BYTES)
        with opening(self, wire, (), sender) as info:
            call(
                "callkey_rekey_open",
                self._open(),
                epoch,
                byref(info),
                pointer(wire),
                length(wire),
                None if sender is None else text(sender, "sender"),
            )
        return epoch, OfferInfo._from_c(info)


def _call_key(key: E2ESecret, kind: type[E2ESecret] = CallKey) -> E2ESecret:
    if not isinstance(key, kind):
        raise TypeError(f"a {kind.__name__} is needed, not {type(key).__name__}; see {kind.__name__}.from_bytes")
    return key
