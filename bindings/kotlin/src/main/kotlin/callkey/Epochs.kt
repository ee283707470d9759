package callkey

/**
 * The epochs of one group call, and the one in force. The app checks the sender of an epoch: it must be the creator of
 * the call or a connected member of its roster.
 *
 * Any thread may use it at any time. Close it: that also sets the epochs to zero.
 */
public class Epochs : AutoCloseable {
    private val handle = native.epochsNew()

    /**
     * Adds an epoch that arrived, or a new one of your own. It is installed if the roster has reached its number,
     * unless a newer one is in force; without a roster, or ahead of it, it waits.
     *
     * At most 8 wait. Beyond that the one with the largest number is dropped, even if it is this one: if the roster
     * reaches its number and [current] does not, ask for the epoch again.
     *
     * @param transactionId its number, e.g. from [Store.openRekey]; not 0.
     * @throws CallKeyException.Stale if a newer one is in force.
     * @throws CallKeyException.Conflict if this number is known with other bytes, which stay.
     * @throws CallKeyException.InvalidKey for zeros.
     */
    public fun add(epoch: Epoch, transactionId: Long): Unit =
        epoch.bytes.lend { native.epochsAdd(handle, u32(transactionId, "transactionId"), it) }

    /**
     * Sets the number of the roster that the server has announced. The newest waiting epoch that it reaches is
     * installed, and older waiting ones are dropped. An older or equal number changes nothing.
     */
    public fun roster(transactionId: Long): Unit = native.epochsRoster(handle, u32(transactionId, "transactionId"))

    /**
     * The epoch in force. Call this after every [add] and [roster].
     *
     * @throws CallKeyException.NoEpoch while none is installed.
     */
    public fun current(): CurrentEpoch {
        var transactionId = 0
        val key = try {
            SecretBytes.filled(Sizes.KEY) { transactionId = native.epochsCurrent(handle, it) }
        } catch (e: CallKeyException.NotFound) {
            throw CallKeyException.NoEpoch(e.message!!)
        }
        return CurrentEpoch(Epoch(key), transactionId.unsigned())
    }

    /** Erases the epochs, once the calls running on it have finished. A second close does nothing. */
    override fun close(): Unit = closing { native.epochsFree(handle) }
}

/** Closes a handle. One that is closed already is no error: a handle is never reused. */
internal inline fun closing(close: () -> Unit) {
    try {
        close()
    } catch (_: CallKeyException.Handle) {
    }
}
