"""The Signal session with one other device."""

from __future__ import annotations

from ctypes import byref
from typing import TYPE_CHECKING

from ._call import Buffer, attempt, call, length, text
from ._prekey import PrekeyBundle
from ._secret import Secret, given, sized_secret
from .errors import NoSessionError

if TYPE_CHECKING:
    from ._store import Store


class SessionRecord(Secret):
    """A session in Signal's own storage protobuf: secret, since it holds the chain and root keys."""

    __slots__ = ()
    _what = "session record"

    @classmethod
    def from_bytes(cls, data: Buffer) -> SessionRecord:
        """A record from elsewhere; Session.restore checks what is in it."""
        return cls._copied(data)


class Session:
    """One device of a store's address book, made by Store.session; it holds nothing but the two names."""

    __slots__ = ("_store", "jid")

    def __init__(self, store: Store, jid: str) -> None:
        text(jid, "jid")
        self._store = store
        self.jid = jid

    def __repr__(self) -> str:
        return f"<callkey.Session with {self.jid}>"

    def begin(self, bundle: PrekeyBundle) -> None:
        """Begins a session from the bundle that the device published (X3DH).

        What is sealed for it is a pkmsg until it answers. Raises InvalidKeyError
        (bad key or signature) and UntrustedIdentityError (see Store.trust).
        """
        call("callkey_session_begin", self._store._open(), text(self.jid, "jid"), byref(bundle._to_c()))

    def exists(self) -> bool:
        """Whether a key can be sealed for the device without a bundle.

        A session that was not answered within 30 days counts as none.
        """
        try:
            call("callkey_session_check", self._store._open(), text(self.jid, "jid"))
        except NoSessionError:
            return False
        return True

    def remove(self) -> None:
        """Forgets the session, if there is one; the device's identity stays known."""
        call("callkey_session_remove", self._store._open(), text(self.jid, "jid"))

    def export(self) -> SessionRecord:
        """A copy of the session. Two programs that go on with one session break it: remove() it here if it moves."""
        store, jid = self._store._open(), text(self.jid, "jid")
        return sized_secret(SessionRecord, lambda out, n: attempt("callkey_session_export", store, out, n, jid))

    def restore(self, record: SessionRecord | Buffer) -> None:
        """Brings a session from elsewhere, in place of the one that is there (callkey_session_import).

        It is Signal's storage protobuf or the JSON of the Go Signal library. A copy from
        before the session went on would use message keys a second time.
        Raises MalformedError, UnsupportedError, InvalidKeyError, and
        UntrustedIdentityError for a record with another identity than the one known.
        """
        store, jid = self._store._open(), text(self.jid, "jid")
        call("callkey_session_import", store, jid, given(record), length(record))
