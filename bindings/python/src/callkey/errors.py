"""One exception per status of callkey.h.

Each derives from CallKeyError and from the matching built-in exception, so ``except
ValueError`` around bad input works too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import _declarations

__all__ = [
    "ArgumentError",
    "AuthenticationError",
    "BufferTooSmallError",
    "BusyError",
    "CallKeyError",
    "ConflictError",
    "DeviceIdentityError",
    "DuplicateError",
    "ForkedError",
    "HandleError",
    "InternalError",
    "InvalidKeyError",
    "KeyLengthError",
    "LibraryError",
    "MalformedError",
    "NoDevicesError",
    "NoEpochError",
    "NoIdentityError",
    "NoPrekeyError",
    "NoSessionError",
    "NotAnsweredError",
    "NotForThisDeviceError",
    "NotFoundError",
    "ParticipantError",
    "StaleError",
    "StoreCorruptError",
    "StoreError",
    "StoreKeyError",
    "TooFarError",
    "UnsupportedError",
    "UntrustedIdentityError",
    "WipedError",
    "WrongDeviceError",
]

if TYPE_CHECKING:
    from ._offer import DeviceResult, OfferInfo


class CallKeyError(Exception):
    """The base of every failure of a key, a store or a call.

    ``status`` is the number in callkey.h and ``name`` its macro. WipedError, WrongDeviceError and
    NotAnsweredError are this package's own: their status is 0 and their name that of the class.
    The text names the fault and never contains a secret or a byte of a message.

    ``info`` has the contents of the stanza, if the function was to open or parse one and it parsed:
    the call, the sender, and the identity in a pkmsg. So an app can reject the call, ask for its
    key again, or show a changed identity. Store.open_enc has no stanza: there it has the enc's
    type, version, sender and identity.
    """

    status: int = 0
    name: str = "CALLKEY_ERR_UNKNOWN"
    info: OfferInfo | None = None

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls.name = _declarations.STATUS_NAMES[cls.status] if cls.status else cls.__name__


class ArgumentError(CallKeyError, ValueError):
    """An argument is missing or not allowed: over 127 bytes, not UTF-8, a NUL inside, an unknown flag."""

    status = _declarations.ERR_ARGUMENT


class BufferTooSmallError(CallKeyError, BufferError):
    """An output was too small. This package asks for sizes, so it should not be seen."""

    status = _declarations.ERR_BUFFER


class HandleError(CallKeyError, ValueError):
    """The store, the epochs, the call, or the sender or receiver of SRTP is closed."""

    status = _declarations.ERR_HANDLE


class KeyLengthError(CallKeyError, ValueError):
    """A secret has the wrong length: a call key is exactly 32 bytes (CRY-01)."""

    status = _declarations.ERR_KEY_LENGTH


class ParticipantError(CallKeyError, ValueError):
    """The participant id is empty."""

    status = _declarations.ERR_PARTICIPANT


class InvalidKeyError(CallKeyError, ValueError):
    """A public key or signature is not valid: low order, not canonical, or not signed by the identity.

    Or a key to seal, or a key from a peer, is 32 zero bytes: a wiped one.
    """

    status = _declarations.ERR_INVALID_KEY


class MalformedError(CallKeyError, ValueError):
    """The bytes do not parse."""

    status = _declarations.ERR_MALFORMED


class UnsupportedError(CallKeyError, ValueError):
    """A version, keygen or field is not supported, e.g. newer than this library."""

    status = _declarations.ERR_UNSUPPORTED


class AuthenticationError(CallKeyError, ValueError):
    """The data parses but is not authentic."""

    status = _declarations.ERR_AUTHENTICATION


class DuplicateError(CallKeyError, ValueError):
    """The message was seen before: a redelivery by the server, not an attack. ``info`` describes the stanza."""

    status = _declarations.ERR_DUPLICATE


class TooFarError(CallKeyError, ValueError):
    """The message counter is too far ahead of the session."""

    status = _declarations.ERR_TOO_FAR


class NoSessionError(CallKeyError, LookupError):
    """There is no session with the device."""

    status = _declarations.ERR_NO_SESSION


class NoPrekeyError(CallKeyError, LookupError):
    """The store lacks the prekey that the message names: it is used up or was never there."""

    status = _declarations.ERR_NO_PREKEY


class UntrustedIdentityError(CallKeyError, ValueError):
    """The device's identity key is not the trusted one. Store.trust(jid, identity_key) accepts the new one.

    ``jid`` is the device, "" for a Record, which names none. ``identity_key`` is the key that was
    presented, 32 bytes: by the message, the bundle, the session record, the session in use, or the
    alias. It is None if an earlier session of the device has it, which no function of the library tells.
    """

    status = _declarations.ERR_UNTRUSTED_IDENTITY
    jid: str = ""
    identity_key: bytes | None = None


class NoIdentityError(CallKeyError, LookupError):
    """The store has no identity yet; Store.import_identity imports one."""

    status = _declarations.ERR_NO_IDENTITY


class NotForThisDeviceError(CallKeyError, LookupError):
    """The stanza has no enc for any of the own JIDs. ``info`` has the call and the sender.

    An accept without a key is one: Call.answered takes its ``info``.
    """

    status = _declarations.ERR_NOT_FOR_THIS_DEVICE


class NoDevicesError(CallKeyError, LookupError):
    """No device of an offer or a batch succeeded, so nothing changed. ``results`` has the reason for each."""

    status = _declarations.ERR_NO_DEVICES
    results: tuple[DeviceResult, ...] = ()


class DeviceIdentityError(CallKeyError, ValueError):
    """An enc is a pkmsg, so the offer needs device_identity, and none was given."""

    status = _declarations.ERR_DEVICE_IDENTITY


class StaleError(CallKeyError, ValueError):
    """The epoch is older than the one in force."""

    status = _declarations.ERR_STALE


class ConflictError(CallKeyError, ValueError):
    """The input conflicts with what is already there, e.g. the same number with other bytes.

    From Store.open_offer and Store.open_rekey: the stanza and the server name different users
    as the sender, and neither is known to have the identity. ``info`` has both names,
    call_creator and from_; find out who it is and pass the sender.
    """

    status = _declarations.ERR_CONFLICT


class _OfFile:
    """The members of OSError.

    They are this class's own: with OSError's, the text of an error would be the system's, and pickling would lose them.
    """

    errno: int | None = None
    filename: str | None = None
    filename2: str | None = None


class StoreError(_OfFile, CallKeyError, OSError):
    """The store could not be read or written.

    ``filename`` is the path of the store, as Store.open was given it, and None for one in memory; so in
    StoreKeyError, StoreCorruptError and BusyError. After Store.copy ``filename2`` is the copy's.
    ``errno`` is the system's reason, e.g. ENOSPC for a full disk; None if the failure is not one of the system.
    """

    status = _declarations.ERR_STORE


class StoreKeyError(_OfFile, CallKeyError, PermissionError):
    """The storage key is wrong or missing."""

    status = _declarations.ERR_STORE_KEY


class StoreCorruptError(_OfFile, CallKeyError, OSError):
    """The file is not a store, or a record in it is damaged."""

    status = _declarations.ERR_STORE_CORRUPT


class ForkedError(CallKeyError, RuntimeError):
    """The library was loaded before fork() and this is the child; start children with spawn or exec."""

    status = _declarations.ERR_FORKED


class InternalError(CallKeyError, RuntimeError):
    """A bug in the library, which refuses further work in this process."""

    status = _declarations.ERR_INTERNAL


class NotFoundError(CallKeyError, LookupError):
    """There is no such store, identity, prekey or epoch."""

    status = _declarations.ERR_NOT_FOUND


class BusyError(_OfFile, CallKeyError, TimeoutError):
    """Another process held the store for too long. Nothing changed: try again."""

    status = _declarations.ERR_BUSY


class NoEpochError(NotFoundError):
    """No epoch is in force yet: none has arrived, or the roster has not reached its number. See Epochs."""


class LibraryError(ImportError):
    """The shared library is missing, cannot be loaded here, or its ABI version does not fit."""


class WipedError(CallKeyError, ValueError):
    """The secret was wiped, before the call that was given it or while that call used it."""


class WrongDeviceError(CallKeyError, ValueError):
    """Keys were requested for a device that did not answer or was not called, or for a LID without a device.

    With them nothing would fail, but the audio would be noise. See Call.
    """


class NotAnsweredError(CallKeyError, LookupError):
    """The requested keys depend on the device that answered, which is not known yet. See Call."""


BY_STATUS: dict[int, type[CallKeyError]] = {cls.status: cls for cls in CallKeyError.__subclasses__() if cls.status}
"""Status number → its exception class."""
