package callkey

/** The kind of hop-by-hop key, which protects the hop between a client and the relay. */
public enum class HBH(internal val number: Int) {
    UPLINK(Header.HBH_UPLINK),
    DOWNLINK(Header.HBH_DOWNLINK),
    SRTP(Header.HBH_SRTP),
    SRTCP(Header.HBH_SRTCP);

    /**
     * These keys, from the 30-byte hop-by-hop key that the relay sent: salt in bytes 0 to 13, key in bytes 14 to 29. It
     * is independent of the call key.
     *
     * @throws CallKeyException.Argument if the hop-by-hop key is not 30 bytes.
     */
    public fun keys(hbhKey: ByteArray): SRTPKeys {
        if (hbhKey.size != Sizes.HBH_KEY) {
            throw CallKeyException.Argument("hbhKey is ${hbhKey.size} bytes, not ${Sizes.HBH_KEY}")
        }
        return lendCopy(hbhKey) { key ->
            SRTPKeys(SecretBytes.filled(Sizes.SRTP_KEYS) { native.deriveHbhKeys(it, key, number) })
        }
    }
}
