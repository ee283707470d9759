package main

import (
	"bytes"
	"fmt"
	"strings"

	"libcallkey/tools/contract/header"
)

// kotlinHeader makes Header.kt, the numbers of the header for the Kotlin package itself.
func kotlinHeader(c *header.Contract) ([]byte, error) {
	var b bytes.Buffer
	fmt.Fprintf(&b, `// %s
package callkey

/** The numbers of `+"`callkey.h`"+`. */
internal object Header {
    const val ABI_MAJOR = %d
    const val ABI_MINOR = %d

`, origin, c.Major, c.Minor)
	for i, n := range c.Numbers {
		if i > 0 && family(n) != family(c.Numbers[i-1]) {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "    const val %s = %d\n", macro(n), n.Value)
	}
	b.WriteByte('\n')
	for _, n := range c.Statuses {
		fmt.Fprintf(&b, "    const val %s = %d\n", macro(n), n.Value)
	}
	b.WriteString("}\n")
	return b.Bytes(), nil
}

// kotlinSizes makes Sizes.kt, the sizes of the contract for programs in Kotlin and Java.
func kotlinSizes(c *header.Contract) ([]byte, error) {
	var b bytes.Buffer
	fmt.Fprintf(&b, "// %s\npackage callkey\n\n/** The sizes of the contract, in bytes. */\npublic object Sizes {\n", origin)
	for i, n := range c.Sizes {
		if i > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "    /** `%s`: %s. */\n    public const val %s: Int = %d\n",
			n.Name, n.Comment, strings.TrimSuffix(macro(n), "_BYTES"), n.Value)
	}
	b.WriteString("}\n")
	return b.Bytes(), nil
}

// macro is the name of a number without its prefix.
func macro(n header.Number) string { return strings.TrimPrefix(n.Name, "CALLKEY_") }

// kotlinExceptions makes CallKeyException.kt: the exceptions, one for each status.
func kotlinExceptions(c *header.Contract) ([]byte, error) {
	var b bytes.Buffer
	fmt.Fprintf(&b, "// %s\n%s", origin, kotlinException)
	for _, s := range c.Statuses[1:] {
		open := ""
		if s.Name == "CALLKEY_ERR_NOT_FOUND" { // NoEpoch is one
			open = "open "
		}
		fmt.Fprintf(&b, "    /** `%s`: %s. */\n    public %sclass %s internal constructor(words: String, errno: Int = 0) :\n", s.Name, s.Comment, open, goName(s))
		fmt.Fprintf(&b, "        CallKeyException(Header.%s, words, errno)%s\n\n", macro(s), kotlinMembers[s.Name])
	}
	b.WriteString(kotlinOthers)
	for _, s := range c.Statuses[1:] {
		fmt.Fprintf(&b, "            Header.%s -> %s(words, errno)\n", macro(s), goName(s))
	}
	b.WriteString("            else -> Unknown(status, words, errno)\n        }\n    }\n}\n")
	return b.Bytes(), nil
}

// kotlinMembers are what some exceptions tell beside the text.
var kotlinMembers = map[string]string{
	"CALLKEY_ERR_UNTRUSTED_IDENTITY": ` {
        /** The device; "" from a [Record], which names none. */
        public var jid: String = ""
            internal set

        /**
         * The identity key that was presented, 32 bytes: by the message, the bundle, the session record, the session in
         * use, or the alias. Null if an earlier session of the device has it, which no function of the library tells.
         * [Store.trust] accepts it.
         */
        public var identityKey: ByteArray? = null
            internal set
    }`,
	"CALLKEY_ERR_NO_DEVICES": ` {
        /** The reason for each device, in their order. */
        @Transient
        public var results: List<DeviceResult> = emptyList()
            internal set
    }`,
}

const kotlinException = `package callkey

/**
 * The reason of a failure: one subclass for each status of ` + "`callkey.h`" + `, with the library's text.
 *
 * The message names the argument or the device, and never contains a secret.
 */
public sealed class CallKeyException(
    /** The status's number in ` + "`callkey.h`" + `; 0 for the two that are [Call]'s own. */
    public val status: Int,
    words: String,
    /** The operating system's error number, e.g. 28, ENOSPC, for a full disk; 0 if the system did not fail. */
    public val errno: Int,
) : RuntimeException(words) {
    /**
     * The contents of the stanza, if the function was to open or parse one and it parsed: the call, the sender, and the
     * identity in a pkmsg. So an app can reject the call, ask for its key again, or show a changed identity.
     * [Store.openEnc], [Store.openMessage] and [Record.open] have no stanza: there it has the message's type, version,
     * sender and identity.
     */
    @Transient
    public var info: OfferInfo? = null
        internal set

    /** The status's macro name, e.g. ` + "`CALLKEY_ERR_NO_SESSION`" + `, else notAnswered or wrongDevice. */
    public val name: String
        get() = when (this) {
            is NotAnswered -> "notAnswered"
            is WrongDevice -> "wrongDevice"
            else -> statusName(status)
        }

`

const kotlinOthers = `    /** No epoch is in force yet: none has arrived, or the roster has not reached its number. See [Epochs]. */
    public class NoEpoch internal constructor(words: String) : NotFound(words)

    /** A status that is newer than this package. */
    public class Unknown internal constructor(status: Int, words: String, errno: Int = 0) :
        CallKeyException(status, words, errno)

    /** From [Call]: the requested keys depend on the device that answered, which is not known yet. */
    public class NotAnswered internal constructor(words: String) : CallKeyException(Header.OK, words, 0)

    /**
     * From [Call]: keys were requested for a device that did not answer or was not called, or for a LID without a
     * device. With them nothing would fail, but the audio would be noise.
     */
    public class WrongDevice internal constructor(words: String) : CallKeyException(Header.OK, words, 0)

    internal companion object {
        /** The exception of a status. */
        fun of(status: Int, words: String, errno: Int = 0): CallKeyException = when (status) {
`
