package callkey

/** What the calls for several devices have in common. [presented] is the identity key of a device's bundle. */
internal class Batch(
    private val store: Store,
    private val jids: List<String>,
    private val presented: (Int) -> ByteArray? = { null },
) {
    val statuses = IntArray(jids.size)
    val types = IntArray(jids.size)
    val ends = IntArray(jids.size)

    /** Gives a NoDevices its results. */
    inline fun <R> run(work: () -> R): R {
        try {
            return work()
        } catch (e: CallKeyException.NoDevices) {
            e.results = results()
            throw e
        }
    }

    fun results(): List<DeviceResult> = jids.mapIndexed { index, jid ->
        DeviceResult(jid, EncType.of(types[index]), store.errorOf(jid, statuses[index], presented(index)))
    }

    fun parts(out: ByteArray): List<Sealed> = results().mapIndexed { index, result ->
        val start = if (index == 0) 0 else ends[index - 1]
        Sealed(result.jid, result.encType, result.error, out.copyOfRange(start, ends[index]))
    }
}
