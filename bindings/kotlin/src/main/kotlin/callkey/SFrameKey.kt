package callkey

import java.nio.ByteBuffer

/** 32 secret bytes for SFrame; the first 16 are the AES-128-GCM key. */
public class SFrameKey internal constructor(bytes: SecretBytes) : Secret(bytes, "SFrame key") {
    /**
     * A key from existing bytes, which are copied.
     *
     * @throws CallKeyException.KeyLength unless it is 32 bytes.
     */
    public constructor(bytes: ByteArray) : this(secretOf(bytes, Sizes.SFRAME_KEY, "an SFrame key"))

    /** As the [CallKey] of a buffer. */
    public constructor(bytes: ByteBuffer) : this(secretOf(bytes, Sizes.SFRAME_KEY, "an SFrame key"))

    /**
     * Seals one media frame in the variant of SFrame that these calls use: ciphertext, a 16-byte tag, counter, key id
     * and the length of both, at most 37 bytes more than the payload.
     *
     * Nothing is kept between frames, so keep the counter yourself. Two frames with one counter under one key give
     * their contents away.
     *
     * @param payload at most 16777216 bytes.
     * @param counter 64 bits without a sign; never the same twice under one key.
     * @param keyId 64 bits without a sign, for the receiver's use; not authenticated.
     */
    @JvmOverloads
    public fun seal(payload: ByteArray, counter: Long, keyId: Long = 0): ByteArray =
        bytes.lend { key -> lendCopy(payload) { native.sframeSeal(key, it, counter, keyId) } }

    /**
     * Opens one media frame. One that was not sealed with this key is rejected; never play a frame that was not opened.
     *
     * If nothing opens, derive with the other side's id: implementations disagree about the id.
     *
     * @throws CallKeyException.Malformed if its end does not parse.
     * @throws CallKeyException.Authentication if it was not sealed with this key.
     */
    public fun open(frame: ByteArray): OpenedFrame {
        val counter = LongArray(1)
        val keyId = LongArray(1)
        val payload = bytes.lend { native.sframeOpen(counter, keyId, it, frame) }
        return OpenedFrame(payload, counter[0], keyId[0])
    }
}
