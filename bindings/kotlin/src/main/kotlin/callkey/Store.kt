package callkey

import java.nio.ByteBuffer
import java.nio.ByteOrder

/**
 * The store of one account's device: identity, prekeys, and Signal sessions with other devices.
 *
 * Any thread may use it at any time. Every method that changes something commits before it returns: it returns a
 * ciphertext only once the session's step is durable, a received key only once the message counts as seen. EVERY METHOD
 * MAY WAIT FOR THE DISK, and for another process with the file: do not call it on a thread that draws, and give a
 * coroutine a dispatcher for waiting calls. A virtual thread keeps its carrier meanwhile.
 *
 * Besides the exceptions that a method names, each may throw [CallKeyException.Handle] (closed),
 * [CallKeyException.Store] (the file can't be read or written; nothing changed), [CallKeyException.Busy] (another
 * process held the file longer than `busyMilliseconds`; nothing changed) and [CallKeyException.StoreCorrupt]. A JID is
 * at most 127 bytes of UTF-8, otherwise it is [CallKeyException.Argument].
 */
public class Store private constructor(internal val handle: Long) : AutoCloseable {
    /**
     * Closes the store once the calls running on it have finished; later calls throw [CallKeyException.Handle]. A
     * second close does nothing. A store that is not closed stays open until the process ends.
     *
     * @throws CallKeyException.Store if closing the file failed; everything committed is safe.
     */
    override fun close(): Unit = closing { native.storeClose(handle) }

    // The file

    /**
     * Copies the store to a new file, in its state between two commits, while this and other processes keep using it.
     * It has the same storage key. Open it with `restored`: it is outdated as soon as the store changes.
     *
     * @throws CallKeyException.Conflict if there is a file at [path].
     * @throws CallKeyException.Argument for a store in memory.
     */
    public fun copyTo(path: String): Unit = native.storeCopy(handle, utf8(path, "path"))

    /**
     * Makes these 32 bytes the storage key, atomically; processes that have the store open keep working. The old key
     * still opens older copies of the file.
     *
     * @throws CallKeyException.KeyLength for another length.
     * @throws CallKeyException.Argument for a store in memory or without a storage key.
     */
    public fun changeKey(storageKey: StorageKey): Unit = storageKey.bytes.lend { native.storeChangeKey(handle, it) }

    // Identity and prekeys

    /**
     * The store's own identity.
     *
     * @throws CallKeyException.NoIdentity if none was made or imported.
     */
    public fun identity(): Identity = Identity.of(native.storeIdentity(handle))

    /**
     * The store's private identity, to move the account. A second store with it is a second device under one name; its
     * sessions break those of the first.
     *
     * @throws CallKeyException.NoIdentity if none was made or imported.
     */
    public fun account(): Account = Account.filled { native.storeAccount(handle, it) }

    /**
     * Imports an identity into a store opened with `makingIdentity` false. The same one again is fine.
     *
     * @throws CallKeyException.Conflict if the store has another one.
     */
    public fun importIdentity(account: Account): Unit =
        account.bytes.lend { native.storeImportIdentity(handle, it, account.registrationId.toInt()) }

    /**
     * Makes [n] one-time prekeys (0 to 4096) and returns their public halves for publishing. No bundle ever uses them.
     * Pass their ids to [published] when the server has them; until then [unpublished] returns them again.
     */
    public fun addPrekeys(n: Int): List<Prekey> {
        if (n !in 0..4096) throw CallKeyException.Argument("$n prekeys can't be made at once")
        return Prekey.list(native.storeAddPrekeys(handle, n))
    }

    /**
     * The prekeys of [addPrekeys] that are not marked as published, by ascending id. Upload them when the app starts: a
     * crash between making and uploading leaves some. Those that a peer has used meanwhile are left out.
     */
    public fun unpublished(): List<Prekey> = Prekey.list(native.storeUnpublished(handle))

    /**
     * Marks prekeys of [addPrekeys] as published, at most 4096 ids at once. One that is marked already, or used up, is
     * fine.
     *
     * @throws CallKeyException.NotFound for an id that [addPrekeys] never returned; then none is marked.
     * @throws CallKeyException.Argument for one that is not 1 to 16777215; then none is marked.
     */
    public fun published(ids: List<Long>): Unit =
        native.storePublished(handle, IntArray(ids.size) { u32(ids[it], "ids[$it]") })

    /**
     * The number of published prekeys that are not used, including imported ones. It takes about 5 ms for each 1000 in
     * a file.
     */
    public fun prekeysLeft(): Int = native.storePrekeysLeft(handle)

    /**
     * Makes a new signed prekey and returns its public half for publishing. Do this once a month or more often. Earlier
     * ones still open messages for 30 days. The first rotation after that removes them, with the unused one-time
     * prekeys of their bundles.
     */
    public fun rotateSignedPrekey(): SignedPrekey = SignedPrekey.of(native.storeRotateSignedPrekey(handle))

    /**
     * The signed prekey in use, which the server should have, and since when it is in use. Its signature has other
     * bytes each time. At its start an app rotates if there is none or it is too old, and uploads the result.
     *
     * @throws CallKeyException.NotFound if there is none yet; see [rotateSignedPrekey].
     */
    public fun signedPrekey(): PublishedSignedPrekey {
        val since = LongArray(1)
        val prekey = SignedPrekey.of(native.storeSignedPrekey(handle, since))
        return PublishedSignedPrekey(prekey, since[0])
    }

    /**
     * Imports a one-time prekey that was published elsewhere. No bundle uses it; [prekeysLeft] counts it if the store
     * has an identity at that time.
     *
     * @param id 1 to 16777215.
     * @throws CallKeyException.Conflict if another prekey has that id.
     */
    public fun importPrekey(id: Long, privateKey: PrivateKey): Unit =
        privateKey.bytes.lend { native.storeImportPrekey(handle, u32(id, "id"), it) }

    /**
     * Imports a signed prekey that was published elsewhere; bundles use it from now on, with a new signature by the
     * store's identity.
     *
     * @param id 1 to 16777215.
     * @throws CallKeyException.Conflict if another signed prekey has that id.
     */
    public fun importSignedPrekey(id: Long, privateKey: PrivateKey): Unit =
        privateKey.bytes.lend { native.storeImportSignedPrekey(handle, u32(id, "id"), it) }

    /**
     * Makes a bundle, with a one-time prekey of its own that is in no other. The first bundle makes a signed prekey if
     * there is none.
     *
     * The one-time prekey stays until a peer uses it, or its signed prekey is removed: see [rotateSignedPrekey].
     */
    public fun takeBundle(): PrekeyBundle = PrekeyBundle.of(native.storeTakeBundle(handle))

    // Other devices

    /** The session with one device, even if there is none yet. */
    public fun session(jid: String): Session = Session(this, jid)

    /**
     * The known identity key of a device, 32 bytes.
     *
     * @throws CallKeyException.NotFound if none is known.
     */
    public fun identityKey(jid: String): ByteArray = native.identityGet(handle, utf8(jid, "jid"))

    /**
     * Trusts a device's identity key in place of the known one, after [CallKeyException.UntrustedIdentity].
     *
     * @throws CallKeyException.InvalidKey for a key of low order or one that is not canonical.
     * @throws CallKeyException.Argument if it is not 32 bytes.
     */
    public fun trust(jid: String, publicKey: ByteArray) {
        if (publicKey.size != Sizes.PUBLIC_KEY) {
            throw CallKeyException.Argument("publicKey is ${publicKey.size} bytes, not ${Sizes.PUBLIC_KEY}")
        }
        native.identityTrust(handle, utf8(jid, "jid"), publicKey)
    }

    /**
     * Makes [alias] another name of the device [jid], e.g. a phone-number JID for a LID. From then on every method
     * accepts either JID: they share one session and one identity.
     *
     * If it is an alias already, it now names the new device: the number has a new owner. Nothing else changes;
     * sessions and identities stay with their devices. If it is a device of its own, its identity, sessions and aliases
     * move to the other device.
     *
     * @throws CallKeyException.UntrustedIdentity if [alias] is a device of its own, and the two have different identity
     *   keys (the exception's is that of [alias]).
     * @throws CallKeyException.Conflict for a circle: [jid] is an alias of [alias].
     */
    public fun alias(alias: String, jid: String) {
        try {
            native.storeAlias(handle, utf8(alias, "alias"), utf8(jid, "jid"))
        } catch (e: CallKeyException.UntrustedIdentity) {
            e.jid = jid
            e.identityKey = identityKey(alias)
            throw e
        }
    }

    /**
     * Makes an alias a device of its own again. Nothing is stored about that device, so the next contact with it is the
     * first. Sessions and identity stay with the device that the alias named. Any other JID is no error.
     */
    public fun unalias(alias: String): Unit = native.storeUnalias(handle, utf8(alias, "alias"))

    // Keeping house

    /**
     * The JIDs of the devices with a session, spelled like participant ids, in no special order.
     *
     * They are read one by one while others may change the store: no JID comes twice, and none that was there all the
     * time is left out. A device's aliases are not listed.
     *
     * Records that version 0.2 wrote in a store with a storage key do not tell their names; without a user they are
     * listed only once they are written again.
     *
     * @param user `user@server`, without a device: only what [removeUser] would remove. null: all.
     * @throws CallKeyException.Argument if it is not the JID of a user.
     */
    @JvmOverloads
    public fun sessions(user: String? = null): List<String> = list(Header.LIST_SESSIONS, user)

    /** The JIDs of the devices with a known identity key. Otherwise like [sessions]. */
    @JvmOverloads
    public fun identities(user: String? = null): List<String> = list(Header.LIST_IDENTITIES, user)

    /** The JIDs that [alias] made other names; of a user, those of its devices. Otherwise like [sessions]. */
    @JvmOverloads
    public fun aliases(user: String? = null): List<String> = list(Header.LIST_ALIASES, user)

    private fun list(what: Int, user: String?): List<String> {
        val of = user?.let { utf8(it, "user") }
        val listed = ArrayList<String>()
        try {
            while (true) {
                val after = listed.lastOrNull()?.let { utf8(it, "after") }
                listed.add(String(native.storeNext(handle, what, of, after), Charsets.UTF_8))
            }
        } catch (_: CallKeyException.NotFound) {
            return listed
        }
    }

    /**
     * What the session with a device is like.
     *
     * @throws CallKeyException.NoSession if there is none.
     */
    public fun sessionInfo(jid: String): SessionInfo =
        SessionInfo.of(native.sessionInfoGet(handle, utf8(jid, "jid")))

    /**
     * Removes a device's known identity key, if there is one: its next contact is the first, and any key is trusted.
     * Its sessions stay, and neither seal nor open ([CallKeyException.UntrustedIdentity]) until their identity is known
     * again.
     */
    public fun removeIdentity(jid: String): Unit = native.identityRemove(handle, utf8(jid, "jid"))

    /**
     * Removes the sessions, identities, aliases and kept messages of all devices of a user, in one commit. Nothing is
     * written if there is nothing. Only hashes stay, so that no first message opens a second time.
     *
     * The devices are those that the user's names mean: a phone number that is an alias of a LID's device brings that
     * device, and the LID brings the number.
     *
     * @param userJid `user@server`, without a device.
     * @throws CallKeyException.Argument if it is not the JID of a user.
     */
    public fun removeUser(userJid: String): Unit = native.userRemove(handle, utf8(userJid, "userJid"))

    // Delivery

    /**
     * Encrypts a call key for one device.
     *
     * @throws CallKeyException.NoSession see [Session.begin].
     * @throws CallKeyException.UntrustedIdentity see [trust].
     */
    public fun sealEnc(key: CallKey, jid: String): Enc = presenting(jid) {
        val type = IntArray(1)
        val ciphertext = key.bytes.lend { native.encSeal(handle, type, utf8(jid, "jid"), it) }
        Enc(jid, EncType.of(type[0]), ciphertext)
    }

    /**
     * Decrypts a call key from the device [jid].
     *
     * @param ciphertext the enc's content.
     * @param type the enc's `type`.
     * @param version the enc's `v`: 2 or 3.
     * @param jid the sending device.
     * @throws CallKeyException which is one of Authentication, Duplicate, TooFar, NoSession, NoPrekey,
     *   UntrustedIdentity, InvalidKey, Malformed and Unsupported; then the store is unchanged.
     */
    @JvmOverloads
    public fun openEnc(ciphertext: ByteArray, type: EncType, jid: String, version: Int = 2): CallKey {
        try {
            return CallKey(
                SecretBytes.filled(Sizes.KEY) {
                    native.encOpen(handle, it, utf8(jid, "jid"), type.number, version, ciphertext)
                },
            )
        } catch (e: CallKeyException) {
            throw refusal(e, ciphertext, type, version, jid)
        }
    }

    /**
     * Encrypts any other message of the app for one device, in the session that its calls use.
     *
     * @param plaintext at most 16777216 bytes. It is encrypted as it is: pad it first if the app's protocol has
     *   padding.
     * @throws CallKeyException.NoSession see [Session.begin].
     * @throws CallKeyException.UntrustedIdentity see [trust].
     */
    public fun sealMessage(plaintext: ByteArray, jid: String): Enc = lendCopy(plaintext) { sealMessage(it, jid) }

    /** Encrypts a message that is a secret of this package. Otherwise like the one of bytes. */
    public fun sealMessage(plaintext: Secret, jid: String): Enc = plaintext.bytes.lend { sealMessage(it, jid) }

    private fun sealMessage(plaintext: ByteBuffer, jid: String): Enc = presenting(jid) {
        val type = IntArray(1)
        val ciphertext = native.messageSeal(handle, type, utf8(jid, "jid"), plaintext)
        Enc(jid, EncType.of(type[0]), ciphertext)
    }

    /**
     * Decrypts any other message from the device [jid]. A message opens once, either here or as a call key. One that
     * [openEnc], [openOffer] or [openRekey] rejected can still be opened here.
     *
     * @param ciphertext a Signal message.
     * @throws CallKeyException as [openEnc]; then the store is unchanged.
     */
    public fun openMessage(ciphertext: ByteArray, type: EncType, jid: String): Plaintext {
        try {
            return Plaintext(SecretBytes(native.messageOpen(handle, utf8(jid, "jid"), type.number, ciphertext)))
        } catch (e: CallKeyException) {
            throw refusal(e, ciphertext, type, 0, jid)
        }
    }

    /**
     * Drops a message that a store opened with `keepOpened` keeps, once the app has committed it. From now on the
     * message is a [CallKeyException.Duplicate]. It need not be kept.
     *
     * @param jid the sending device; after [openOffer] and [openRekey], the info's sender.
     * @param ciphertext the enc's content; [ParsedOffer] reads it from a stanza.
     */
    public fun messageDone(jid: String, ciphertext: ByteArray): Unit =
        native.messageDone(handle, utf8(jid, "jid"), ciphertext)

    /**
     * Encrypts a call key for every device of the callee and writes the offer. A device that fails is left out and
     * reported in the offer's results.
     *
     * A session begins first with each device that has a bundle in [bundles], as in [beginSessions], and all is one
     * commit: a call to new devices waits for the disk once. No session begins with a device that fails, and none at
     * all if this method throws.
     *
     * The error of a device is a NoSession (it has neither a session nor a bundle), an InvalidKey (its bundle has a bad
     * key or signature), an UntrustedIdentity (with the identity key of its bundle, or else of its session), a
     * Duplicate (an earlier device of the list is the same one), an Argument (it is not the JID of a device), a
     * StoreCorrupt (its records are damaged) or an Unsupported (a newer library wrote them).
     *
     * @param key generated for this call id; the same again for a repeated offer.
     * @param devices the callee's devices, at most 4096.
     * @param options null writes only the key node, `<enc>` or `<destination>`.
     * @param bundles what devices published, by the JID as [devices] spells it. A device without a bundle has a
     *   session.
     * @throws CallKeyException.NoDevices without a device, or if every device failed, with the reasons in its results.
     * @throws CallKeyException.DeviceIdentity for a pkmsg without one.
     * @throws CallKeyException.InvalidKey for 32 zero bytes as the key.
     * @throws CallKeyException.NoIdentity with [bundles], for a store without an identity.
     * @throws CallKeyException.Unsupported with [bundles], if a newer library wrote the store's identity.
     * @throws CallKeyException.Argument for a JID in [bundles] that is not in [devices], more than 4096 devices, and
     *   options that are not valid.
     */
    @JvmOverloads
    public fun sealOffer(
        key: CallKey,
        devices: List<String>,
        options: OfferOptions? = null,
        bundles: Map<String, PrekeyBundle> = emptyMap(),
    ): Offer {
        val published = published(devices, bundles)
        val batch = Batch(this, devices) { published[it]?.identityKey }
        return batch.run {
            val jids = utf8(devices, "devices")
            val members = options?.members()
            val wire = key.bytes.lend {
                if (bundles.isEmpty()) {
                    native.offerSeal(handle, batch.statuses, batch.types, it, jids, members)
                } else {
                    val structs = Array(published.size) { index -> published[index]?.struct() }
                    native.offerBegin(handle, batch.statuses, batch.types, it, jids, structs, members)
                }
            }
            Offer(wire, batch.results())
        }
    }

    /** The bundle of each device; a bundle of no device would be a session that silently never begins. */
    private fun published(devices: List<String>, bundles: Map<String, PrekeyBundle>): List<PrekeyBundle?> {
        val named = devices.toSet()
        for (jid in bundles.keys) {
            if (jid !in named) throw CallKeyException.Argument("bundles has $jid, which is not in devices")
        }
        return devices.map { bundles[it] }
    }

    /**
     * Finds this device's enc in a stanza and decrypts the call key.
     *
     * @param wire binary XML, flag byte first, compressed or not.
     * @param own this device's JIDs, LID and phone number, with device.
     * @param sender the sending device; null: the one that the stanza names, which is its call-creator unless the
     *   server contradicts it.
     * @throws CallKeyException as [openEnc]. Whenever the stanza parses, its [info][CallKeyException.info] describes
     *   the call.
     * @throws CallKeyException.NotForThisDevice if the stanza has no ciphertext for it.
     * @throws CallKeyException.Conflict if stanza and server name different users and neither is known to have the
     *   identity: find out who it is and pass the sender.
     */
    @JvmOverloads
    public fun openOffer(wire: ByteArray, own: List<String>, sender: String? = null): OpenedOffer {
        val info = OfferInfo.room()
        try {
            val key = SecretBytes.filled(Sizes.KEY) {
                native.offerOpen(handle, it, info, wire, utf8(own, "own"), sender?.let { jid -> utf8(jid, "sender") })
            }
            return OpenedOffer(CallKey(key), OfferInfo.of(info))
        } catch (e: CallKeyException) {
            throw refusal(e, OfferInfo.ofFailure(info), wire, own, sender)
        }
    }

    /**
     * Encrypts a group call's epoch for one device and writes the `<call><enc_rekey>` that carries it. Call it once for
     * each device of the other participants, with one epoch and one number.
     *
     * @param epoch from [Epoch.generate], fresh for every number.
     * @param transactionId the epoch's number in its call, above all earlier ones; not 0.
     * @param options call id, call creator, stanza id and, for a pkmsg, device identity are used; others are ignored,
     *   so the options of an offer will do.
     * @throws CallKeyException.NoSession see [Session.begin].
     * @throws CallKeyException.UntrustedIdentity see [trust].
     * @throws CallKeyException.DeviceIdentity for a pkmsg without one.
     */
    public fun sealRekey(epoch: Epoch, transactionId: Long, jid: String, options: OfferOptions): ByteArray =
        presenting(jid) {
            epoch.bytes.lend {
                native.rekeySeal(
                    handle, it, u32(transactionId, "transactionId"), utf8(jid, "jid"), options.members(),
                )
            }
        }

    /**
     * Decrypts the epoch in an `<enc_rekey>`, with or without its `<call>`. Pass it to [Epochs.add] if its sender may
     * send one: the creator of the call, or a connected member of its roster.
     *
     * @param wire binary XML, flag byte first, compressed or not.
     * @param sender the sending device; null: the one that the stanza names.
     * @throws CallKeyException as [openOffer]; [CallKeyException.Malformed] also for another stanza.
     */
    @JvmOverloads
    public fun openRekey(wire: ByteArray, sender: String? = null): OpenedRekey {
        val info = OfferInfo.room()
        try {
            val epoch = SecretBytes.filled(Sizes.KEY) {
                native.rekeyOpen(handle, it, info, wire, sender?.let { jid -> utf8(jid, "sender") })
            }
            return OpenedRekey(Epoch(epoch), OfferInfo.of(info))
        } catch (e: CallKeyException) {
            throw refusal(e, OfferInfo.ofFailure(info), wire, emptyList(), sender)
        }
    }

    // Many devices in one commit

    /**
     * Begins a session with each device, in one commit. A device that fails is skipped and reported.
     *
     * @param devices each JID once, with [bundles] in the same order: what each device published.
     * @return a result for each, in their order.
     * @throws CallKeyException.NoDevices with the reasons in its results.
     */
    public fun beginSessions(devices: List<String>, bundles: List<PrekeyBundle>): List<DeviceResult> {
        sameLength(devices.size, bundles.size, "bundles")
        val batch = Batch(this, devices) { bundles[it].identityKey }
        return batch.run {
            native.sessionBeginBatch(
                handle, batch.statuses, utf8(devices, "devices"), Array(bundles.size) { bundles[it].struct() },
            )
            batch.results()
        }
    }

    /**
     * Encrypts a message for each device, in one commit. A device that fails is skipped and reported.
     *
     * @param devices each JID once, with [plaintexts] in the same order.
     * @return a ciphertext for each, in their order.
     * @throws CallKeyException.NoDevices with the reasons in its results.
     */
    public fun sealMessages(devices: List<String>, plaintexts: List<ByteArray>): List<Sealed> {
        sameLength(devices.size, plaintexts.size, "plaintexts")
        val batch = Batch(this, devices)
        val ends = IntArray(plaintexts.size)
        var size = 0
        for ((index, plaintext) in plaintexts.withIndex()) {
            size = Math.addExact(size, plaintext.size)
            ends[index] = size
        }
        return batch.run {
            val joint = SecretBytes.filled(size) { plaintexts.fold(it.duplicate()) { all, one -> all.put(one) } }
            try {
                batch.parts(
                    joint.lend {
                        native.messageSealBatch(
                            handle, batch.ends, batch.statuses, batch.types, utf8(devices, "devices"),
                            Array(ends.size) { index -> part(it, if (index == 0) 0 else ends[index - 1], ends[index]) },
                        )
                    },
                )
            } finally {
                joint.close()
            }
        }
    }

    /**
     * Encrypts a group call's epoch for each device, in one commit, and writes their `<call><enc_rekey>`. A device that
     * fails is skipped and reported.
     *
     * @param epoch from [Epoch.generate], fresh for every number.
     * @param transactionId the epoch's number in its call, above all earlier ones; not 0.
     * @param devices those of the other participants.
     * @param options as in [sealRekey]. Each stanza has its stanza id, if there is one.
     * @return a stanza for each, in their order.
     * @throws CallKeyException.NoDevices with the reasons in its results.
     */
    public fun sealRekeys(
        epoch: Epoch,
        transactionId: Long,
        devices: List<String>,
        options: OfferOptions,
    ): List<Sealed> {
        val batch = Batch(this, devices)
        return batch.run {
            batch.parts(
                epoch.bytes.lend {
                    native.rekeySealBatch(
                        handle, batch.ends, batch.statuses, it, u32(transactionId, "transactionId"),
                        utf8(devices, "devices"), options.members(),
                    )
                },
            )
        }
    }

    private fun sameLength(devices: Int, others: Int, what: String) {
        if (devices != others) throw CallKeyException.Argument("$what has $others elements, and devices has $devices")
    }

    public companion object {
        /**
         * Opens a store in memory, gone when it is closed.
         *
         * @param makingIdentity false to import one.
         * @param keepOpened opened messages open again; see the one of a file.
         */
        @JvmStatic
        @JvmOverloads
        public fun open(makingIdentity: Boolean = true, keepOpened: Boolean = false): Store =
            Store(native.storeOpen(null, null, options(flags(makingIdentity, keepOpened = keepOpened))))

        /**
         * Opens a file, or makes it.
         *
         * An open file has one name and must stay in place: opening it under a second name is [CallKeyException.Store].
         * So is every call on a file that was moved, replaced, or opened and closed by a second SQLite in this process.
         * Take backups with [copyTo].
         *
         * @param path the file; its folder must exist.
         * @param storageKey encrypts the records. It is not needed any more when the store is open.
         * @param makingIdentity false to import one.
         * @param mustExist make no store and no identity.
         * @param keepOpened opened messages open again, with the same result, until [messageDone]. An app that is
         *   killed before its own commit then loses nothing. The last 256 messages are kept.
         * @param restored the file may be an old copy, from a backup or [copyTo]. Its sessions open messages but seal
         *   none until [Session.begin], because the original may have used their next keys. Implies [mustExist].
         * @param busyMilliseconds how long each call waits for another process, in milliseconds; 0 means 5000.
         * @throws CallKeyException.StoreKey if it is not the file's key.
         * @throws CallKeyException.KeyLength for a storage key of another length.
         * @throws CallKeyException.StoreCorrupt if the file is not a store.
         * @throws CallKeyException.Unsupported if a newer library wrote it.
         * @throws CallKeyException.NotFound with [mustExist] or [restored], if it does not exist; nothing is made.
         */
        @JvmStatic
        @JvmOverloads
        public fun open(
            path: String,
            storageKey: StorageKey,
            makingIdentity: Boolean = true,
            mustExist: Boolean = false,
            keepOpened: Boolean = false,
            restored: Boolean = false,
            busyMilliseconds: Long = 0,
        ): Store = storageKey.bytes.lend {
            val flags = flags(makingIdentity, mustExist, keepOpened, restored)
            Store(native.storeOpen(utf8(path, "path"), it, options(flags, busyMilliseconds)))
        }

        /** Opens a file without a storage key, which anyone can read. Otherwise like the one with a storage key. */
        @JvmStatic
        @JvmOverloads
        public fun openPlaintext(
            path: String,
            makingIdentity: Boolean = true,
            mustExist: Boolean = false,
            keepOpened: Boolean = false,
            restored: Boolean = false,
            busyMilliseconds: Long = 0,
        ): Store {
            val flags = flags(makingIdentity, mustExist, keepOpened, restored) or Header.STORE_PLAINTEXT
            return Store(native.storeOpen(utf8(path, "path"), null, options(flags, busyMilliseconds)))
        }

        /** The library's struct, without its size. */
        private fun options(flags: Int, busyMilliseconds: Long = 0): ByteArray {
            val out = ByteBuffer.allocate(2 * 4).order(ByteOrder.nativeOrder())
            out.putInt(flags).putInt(u32(busyMilliseconds, "busyMilliseconds"))
            return out.array()
        }

        private fun flags(
            makingIdentity: Boolean,
            mustExist: Boolean = false,
            keepOpened: Boolean = false,
            restored: Boolean = false,
        ): Int = (if (makingIdentity) 0 else Header.STORE_NO_IDENTITY) or
            (if (mustExist) Header.STORE_MUST_EXIST else 0) or
            (if (keepOpened) Header.STORE_KEEP_OPENED else 0) or
            (if (restored) Header.STORE_RESTORED else 0)
    }
}
