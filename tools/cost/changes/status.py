"""A new status: EXPIRED, for a bundle that is too old."""

from __future__ import annotations

from tools.cost.change import Change, Edit

CHANGE = Change(
    name="status",
    what="a status",
    limit=4,
    edits=(
        Edit(
            "include/callkey.h",
            source=True,
            after="#define CALLKEY_ERR_BUSY (-27)               /* another process held the store for too long */\n",
            new="#define CALLKEY_ERR_EXPIRED (-28)            /* the prekey bundle is too old */\n",
        ),
        Edit(
            "bindings/python/src/callkey/errors.py",
            after='    "DuplicateError",\n',
            new='    "ExpiredError",\n',
        ),
        Edit(
            "bindings/python/src/callkey/errors.py",
            before="class LibraryError(ImportError):",
            new='''class ExpiredError(CallKeyError, ValueError):
    """The prekey bundle is too old: fetch a new one."""

    status = _declarations.ERR_EXPIRED


''',
        ),
        Edit(
            "bindings/swift/Sources/CallKey/CallKeyError.swift",
            before="    /// A status that is newer than this package.\n",
            new="    /// The prekey bundle is too old: fetch a new one.\n    case expired(Details)\n",
        ),
        Edit(
            "bindings/swift/Sources/CallKey/CallKeyError.swift",
            after="            case CALLKEY_ERR_BUSY: .busy(details)\n",
            new="            case CALLKEY_ERR_EXPIRED: .expired(details)\n",
        ),
        Edit(
            "bindings/swift/Sources/CallKey/CallKeyError.swift",
            after="        case .busy(let details): (CALLKEY_ERR_BUSY, details)\n",
            new="        case .expired(let details): (CALLKEY_ERR_EXPIRED, details)\n",
        ),
        Edit(
            "CHANGELOG.md",
            after="## 0.3.0 (unreleased)\n\n",
            new="* Status `CALLKEY_ERR_EXPIRED`: a prekey bundle that is too old.\n",
        ),
    ),
    tests=(
        ("python3", "-m", "tests.c.run", "build/libcallkey.so.0", "sizes"),
        ("python3", "-m", "tools.quick", "pytest"),
    ),
)
