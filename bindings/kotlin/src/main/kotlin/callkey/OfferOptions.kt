package callkey

/**
 * The stanza around the ciphertexts of an offer: with options it is a whole `<call><offer>`, without them only the key
 * node, `<enc>` or `<destination>`.
 */
public class OfferOptions(
    /** The callee. */
    public var to: String,
    /** Written unchanged, because the SSRCs are derived from it. */
    public var callId: String,
    /** The caller's own LID, with device. */
    public var callCreator: String,
) {
    /** The id of `<call>`; null: the app's socket layer adds it. */
    public var stanzaId: String? = null

    /** Write `<video>`. Its attributes, from [videoEnc] on, may only be set with it. */
    public var isVideo: Boolean = false

    /** Write `<destination>` even for one device, because the callee has more. */
    public var isMultiDevice: Boolean = false

    /** Opaque; null writes what a client writes in an audio or video offer, 7 bytes. */
    public var capability: ByteArray? = null

    /** Opaque; null writes no `<privacy>`. */
    public var privacyToken: ByteArray? = null

    /** Opaque; required if any enc is a pkmsg. */
    public var deviceIdentity: ByteArray? = null

    /** The codec to send, at most 127 bytes; null writes `h.264`. */
    public var videoEnc: String? = null

    /** The codec to receive, at most 127 bytes; null writes `H264`. */
    public var videoDec: String? = null

    /** The screen's width. */
    public var videoWidth: Long = 0

    /** The screen's height. */
    public var videoHeight: Long = 0

    /** The device's orientation. */
    public var videoDeviceOrientation: Long = 0

    /** The pointers of the library's struct, as callkey_jni.c reads them. */
    internal fun parts(): Array<ByteArray?> = arrayOf(
        stanzaId?.let { utf8(it, "stanzaId") },
        utf8(to, "to"),
        utf8(callId, "callId"),
        utf8(callCreator, "callCreator"),
        capability,
        privacyToken,
        deviceIdentity,
        videoEnc?.let { utf8(it, "videoEnc") },
        videoDec?.let { utf8(it, "videoDec") },
    )

    /** The numbers of the library's struct, as callkey_jni.c reads them. */
    internal fun numbers(): IntArray = intArrayOf(
        (if (isVideo) Header.OFFER_VIDEO else 0) or (if (isMultiDevice) Header.OFFER_MULTI_DEVICE else 0),
        u32(videoWidth, "videoWidth"),
        u32(videoHeight, "videoHeight"),
        u32(videoDeviceOrientation, "videoDeviceOrientation"),
    )
}
