package callkey

/** The stanza that carries a group call's epoch to one device. */
public object Rekey {
    /**
     * The `<call><enc_rekey>` for an epoch that the app's own Signal session encrypted: [Store.sealRekey] without its
     * store. It goes to the device of [enc].
     *
     * @param enc the ciphertext of a [Plaintext] with the epoch.
     * @param transactionId the epoch's number in its call, above all earlier ones; not 0.
     * @param options as for [Store.sealRekey].
     * @throws CallKeyException.DeviceIdentity for a pkmsg without one.
     * @throws CallKeyException.Argument for an empty ciphertext.
     */
    @JvmStatic
    public fun build(enc: Enc, transactionId: Long, options: OfferOptions): ByteArray = native.rekeyBuild(
        enc(utf8(enc.jid, "jid"), enc.ciphertext, enc.type.number), u32(transactionId, "transactionId"),
        options.members(),
    )
}
