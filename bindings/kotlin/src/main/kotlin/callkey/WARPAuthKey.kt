package callkey

/** 32 secret bytes, the same for all participants of a call. */
public class WARPAuthKey internal constructor(bytes: SecretBytes) : Secret(bytes, "WARP auth key") {
    /** The tag of a packet under this key; see [warpTag]. */
    @JvmOverloads
    public fun tag(packet: ByteArray, roc: Long = 0): ByteArray =
        bytes.lend { native.warpTag(it, packet, u32(roc, "roc")) }
}
