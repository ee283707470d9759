package callkey

/** The macro name of a status, e.g. `CALLKEY_ERR_NO_SESSION`. */
internal fun statusName(status: Int): String = String(native.statusName(status), Charsets.UTF_8)

/** What the library says of a status alone. */
internal fun statusText(status: Int): String = String(native.statusText(status), Charsets.UTF_8)
