"""The Signal session with one other device."""

from __future__ import annotations

from ctypes import byref
from typing import TYPE_CHECKING

from ._call import Buffer, attempt, call, length, text
from ._prekey import PrekeyBundle
from ._record import Record
from ._refusal import presenting
from ._secret import given, sized_secret
from .errors import NoSessionError, UntrustedIdentityError

if TYPE_CHECKING:
    from ._store import Store


class Session:
    """The session with one device, from Store.session. The object has only the store and the JID."""

    __slots__ = ("_store", "jid")

    def __init__(self, store: Store, jid: str) -> None:
        text(jid, "jid")
        self._store = store
        self.jid = jid

    def __repr__(self) -> str:
        return f"<callkey.Session with {self.jid}>"

    def begin(self, bundle: PrekeyBundle) -> None:
        """Begins a session from the bundle that the device published (X3DH).

        Messages sealed for it are pkmsg until it answers. Raises InvalidKeyError
        (bad key or signature) and UntrustedIdentityError (see Store.trust).
        """
        with presenting(self._store, self.jid, bundle.identity_key):
            call("callkey_session_begin", self._store._open(), text(self.jid, "jid"), byref(bundle._to_c()))

    def exists(self) -> bool:
        """Whether a key can be sealed for the device without a new bundle.

        A session that was not answered within 30 days counts as none.
        """
        try:
            call("callkey_session_check", self._store._open(), text(self.jid, "jid"))
        except NoSessionError:
            return False
        return True

    def remove(self) -> None:
        """Removes the session, if there is one; the device's identity stays known."""
        call("callkey_session_remove", self._store._open(), text(self.jid, "jid"))

    def export(self) -> Record:
        """A copy of the session. Two programs that both use one session break it: if it moves, remove() it here."""
        store, jid = self._store._open(), text(self.jid, "jid")
        return sized_secret(Record, lambda out, n: attempt("callkey_session_export", store, out, n, jid))

    def restore(self, record: Record | Buffer) -> None:
        """Imports a session; it replaces the one that is there (callkey_session_import).

        It is Signal's storage protobuf or the JSON of the Go Signal library. An old copy would
        use message keys a second time: import only a session that was not used since it was
        copied. Raises MalformedError, UnsupportedError, InvalidKeyError, and
        UntrustedIdentityError for a record with an identity that is not the known one.
        """
        store, jid = self._store._open(), text(self.jid, "jid")
        try:
            call("callkey_session_import", store, jid, given(record), length(record))
        except UntrustedIdentityError as error:
            error.jid = self.jid
            with Record._copied(record) as given_record, Record.from_bytes(b"").merge(given_record) as read:
                error.identity_key = read.info(identity=None).identity_key
            raise
