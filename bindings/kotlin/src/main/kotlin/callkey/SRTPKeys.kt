package callkey

import java.nio.ByteBuffer

/**
 * The media keys of the streams that one participant sends: 130 secret bytes (RFC 3711 §4.3, rate 0).
 *
 * RTP is `AES_CM_128_HMAC_SHA1_32` and RTCP is `AES_CM_128_HMAC_SHA1_80`. A library that derives the session keys
 * itself, like libsrtp, takes [Part.LIBSRTP_KEY].
 */
public class SRTPKeys internal constructor(bytes: SecretBytes) : Secret(bytes, "set of SRTP keys") {
    /** One of the keys, by its place in the 130 bytes. */
    public enum class Part(internal val start: Int, internal val end: Int) {
        /** 30 bytes for libsrtp: master key, then master salt. */
        LIBSRTP_KEY(0, 30),

        /** 16 bytes. */
        MASTER_KEY(0, 16),

        /** 14 bytes. */
        MASTER_SALT(16, 30),

        /** 16 bytes, label 0. */
        SRTP_CIPHER_KEY(30, 46),

        /** 20 bytes, label 1. */
        SRTP_AUTH_KEY(46, 66),

        /** 14 bytes, label 2. */
        SRTP_SALT(66, 80),

        /** 16 bytes, label 3. */
        SRTCP_CIPHER_KEY(80, 96),

        /** 20 bytes, label 4. */
        SRTCP_AUTH_KEY(96, 116),

        /** 14 bytes, label 5. */
        SRTCP_SALT(116, 130),
    }

    /**
     * Calls [body] with ONE KEY ITSELF, to pass to the media engine: a read-only direct buffer, which may not be used
     * after [body] returns.
     */
    public fun <R> withBuffer(part: Part, body: (ByteBuffer) -> R): R =
        bytes.lend { body(part(it, part.start, part.end).asReadOnlyBuffer()) }

    /** A copy of ONE KEY ITSELF; see [Secret.reveal]. */
    public fun reveal(part: Part): ByteArray =
        bytes.lend { buffer -> ByteArray(part.end - part.start).also { part(buffer, part.start, part.end).get(it) } }
}
