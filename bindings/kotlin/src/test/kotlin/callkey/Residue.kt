package callkey

/**
 * A host for the search of memory: whole calls in two threads, whose secrets it tells masked, and then closes. With
 * "kept" it keeps copies of the media keys in the heap, which the search must find.
 */
internal object Residue {
    private const val MASK = 0xA5
    private const val ALICE = "111111111111111:0@lid"
    private val devices = List(4) { "222222222222222:$it@lid" }
    private val kept = ArrayList<ByteArray>()

    @JvmStatic
    fun main(arguments: Array<String>) {
        val keep = "kept" in arguments
        val stores = List(2) { ArrayList<Store>() }
        val threads = stores.mapIndexed { number, own -> Thread { account("${arguments[0]}/$number", own, keep) } }
        threads.forEach { it.start() }
        threads.forEach { it.join() }
        check(stores.all { it.size == 5 }) { "a thread failed" }
        stage("open")
        stores.flatten().forEach { it.close() }
        stage("closed")
        check(keep == kept.isNotEmpty())
    }

    private fun stage(name: String) {
        println("stage $name")
        System.out.flush()
        readLine()
    }

    /** Byte by byte, so that no more of it is ever in the heap. */
    private fun tell(name: String, secret: Secret) {
        val line = StringBuilder("secret $name ")
        secret.withBuffer { bytes ->
            for (index in 0 until bytes.limit()) {
                val byte = bytes.get(index).toInt() and 0xFF xor MASK
                line.append("0123456789abcdef"[byte shr 4]).append("0123456789abcdef"[byte and 15])
            }
        }
        synchronized(this) { println(line) }
    }

    private fun account(path: String, stores: ArrayList<Store>, keep: Boolean) {
        StorageKey.generate().use { key ->
            tell("storage-key", key)
            stores.add(Store.open("$path-caller.db", key))
            stores.add(Store.open("$path-callee.db", key))
        }
        repeat(3) { stores.add(Store.open()) }
        call(stores[0], stores.drop(1), keep)
        epoch(stores[0], stores[1])
        records()
    }

    private fun call(caller: Store, callees: List<Store>, keep: Boolean) {
        for ((jid, callee) in devices.zip(callees)) {
            caller.session(jid).begin(callee.takeBundle())
            caller.session(jid).export().use { tell("session", it) }
        }
        CallKey.generate().use { key ->
            tell("call-key", key)
            val offer = caller.sealOffer(key, devices)
            for ((jid, callee) in devices.zip(callees)) {
                callee.openOffer(offer.wire, listOf(jid), ALICE).use { check(it.key.isSameAs(key)) }
                callee.session(ALICE).export().use { tell("session", it) }
            }
            Plaintext(key).use { plaintext ->
                tell("plaintext", plaintext)
                plaintext.callKey().close()
                val enc = caller.sealMessage(plaintext, devices[0])
                callees[0].openMessage(enc.ciphertext, enc.type, ALICE).close()
            }
            Call(ALICE, key).use { call ->
                call.answeredBy(devices[1])
                for (keys in listOf(call.send(), call.receive())) {
                    keys.use {
                        tell("srtp", it.srtp)
                        tell("sframe", it.sframe)
                        if (keep) synchronized(kept) { kept.add(it.srtp.reveal()) }
                    }
                }
            }
            key.e2eKeysBatch(devices).use { all ->
                devices.indices.forEach { index -> all[index].use { tell("batch", it) } }
            }
            key.warpAuthKey().use {
                tell("warp", it)
                it.tag(ByteArray(41))
            }
            check(key.fingerprint.length == 16)
        }
    }

    private fun epoch(caller: Store, callee: Store) {
        val options = OfferOptions(devices[0], "C0FFEE", ALICE).apply { deviceIdentity = byteArrayOf(1) }
        Epoch.generate().use { epoch ->
            tell("epoch", epoch)
            Epochs().use { epochs ->
                callee.openRekey(caller.sealRekey(epoch, 5, devices[0], options), ALICE).use {
                    epochs.add(it.epoch, it.info.transactionId)
                }
                epochs.roster(5)
                epochs.current().use { check(it.epoch.isSameAs(epoch)) }
            }
        }
    }

    private fun records() {
        Account.generate().use { account ->
            tell("account", account)
            Store.open().use { store ->
                Record(ByteArray(0)).use { none ->
                    val bundle = store.takeBundle()
                    none.begin(bundle, account, null, 1_800_000_000).use { begun ->
                        tell("session", begun)
                        CallKey.generate().use { key ->
                            tell("call-key", key)
                            Plaintext(key).use { plaintext ->
                                begun.seal(plaintext, bundle.identityKey, 1_800_000_000).use { (sealed, record) ->
                                    tell("session", record)
                                    store.openEnc(sealed.content, sealed.type, ALICE).close()
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
