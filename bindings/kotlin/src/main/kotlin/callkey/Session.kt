package callkey

/**
 * The Signal session with one other device, even if there is none yet. It has only the store and the device's JID.
 *
 * Every method may wait for the disk. Besides the exceptions that a method names, each may throw those of every method
 * of [Store], and [CallKeyException.Argument] if the JID is not the JID of a device.
 */
public class Session internal constructor(
    private val store: Store,
    public val jid: String,
) {
    /**
     * Begins a session from the bundle that the device published (X3DH). Messages sealed for it are pkmsg until it
     * answers.
     *
     * @throws CallKeyException.InvalidKey for a bad key or signature.
     * @throws CallKeyException.UntrustedIdentity see [Store.trust].
     */
    public fun begin(bundle: PrekeyBundle): Unit = store.presenting(jid, bundle.identityKey) {
        native.sessionBegin(store.handle, utf8(jid, "jid"), bundle.struct())
    }

    /**
     * Whether a key can be sealed for the device without a new bundle. A session that was not answered within 30 days
     * counts as none.
     */
    public fun exists(): Boolean = try {
        native.sessionCheck(store.handle, utf8(jid, "jid"))
        true
    } catch (_: CallKeyException.NoSession) {
        false
    }

    /** Removes the session, if there is one; the device's identity stays known. */
    public fun remove(): Unit = native.sessionRemove(store.handle, utf8(jid, "jid"))

    /**
     * A copy of the session. Two programs that both use one session break it: if it moves, [remove] it here.
     *
     * @throws CallKeyException.NoSession if there is none.
     */
    public fun export(): Record = Record(SecretBytes(native.sessionExport(store.handle, utf8(jid, "jid"))))

    /**
     * Imports a session; it replaces the one that is there. An old copy would use message keys a second time: import
     * only a session that was not used since it was copied.
     *
     * @param record Signal's storage protobuf, or the JSON of the Go Signal library.
     * @throws CallKeyException.Malformed for bytes that are no record.
     * @throws CallKeyException.Unsupported for a session of a newer kind.
     * @throws CallKeyException.InvalidKey for a bad key.
     * @throws CallKeyException.UntrustedIdentity for a record with an identity that is not the known one.
     */
    public fun restore(record: Record) {
        try {
            record.bytes.lend { native.sessionImport(store.handle, utf8(jid, "jid"), it) }
        } catch (e: CallKeyException.UntrustedIdentity) {
            e.jid = jid
            e.identityKey = Record(ByteArray(0)).use { none ->
                none.merge(record).use { merged -> merged.info(null, 0).identityKey }
            }
            throw e
        }
    }
}
