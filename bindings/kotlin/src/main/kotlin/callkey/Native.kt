package callkey

import java.nio.ByteBuffer

/**
 * The functions of `callkey.h`, in callkey_jni.c: all that this package calls outside the JVM.
 *
 * Secrets are direct buffers of the length that the header says; texts are UTF-8 with their NUL, as [utf8] makes them.
 * A failure is thrown as its [CallKeyException]. Use it as [native], which loads the library.
 */
internal object Native {
    external fun abiVersion(): Int
    external fun version(): ByteArray
    external fun statusName(status: Int): ByteArray
    external fun statusText(status: Int): ByteArray
    external fun selftest()

    external fun generate(out: ByteBuffer)
    external fun check(key: ByteBuffer)
    external fun fingerprint(key: ByteBuffer): ByteArray
    external fun wipe(secret: ByteBuffer)

    external fun participantId(jid: ByteArray): ByteArray
    external fun deriveE2eKeys(out: ByteBuffer, key: ByteBuffer, participant: ByteArray)
    external fun deriveE2eKeysRaw(out: ByteBuffer, raw: ByteBuffer, participant: ByteArray)
    external fun deriveE2eKeysBatch(
        out: ByteBuffer,
        statuses: IntArray,
        key: ByteBuffer,
        participants: Array<ByteArray>,
    )
    external fun deriveE2eSframeKey(out: ByteBuffer, key: ByteBuffer, participant: ByteArray)
    external fun deriveWarpAuthKey(out: ByteBuffer, key: ByteBuffer)
    external fun deriveHbhKeys(out: ByteBuffer, hbhKey: ByteBuffer, which: Int)
    external fun deriveSsrcs(callId: ByteArray, participant: ByteArray): IntArray
    external fun rawE2eDecode(content: ByteBuffer): ByteBuffer
    external fun selectParticipant(
        key: ByteBuffer,
        participants: Array<ByteArray>,
        packet: ByteArray,
        roc: Int,
        tagLength: Int,
    ): Int

    external fun warpTag(authKey: ByteBuffer, packet: ByteArray, roc: Int): ByteArray
    external fun sframeSeal(key: ByteBuffer, payload: ByteArray, counter: Long, keyId: Long): ByteArray
    external fun sframeOpen(numbers: LongArray, key: ByteBuffer, frame: ByteArray): ByteArray

    external fun plaintextEncode(key: ByteBuffer): ByteBuffer
    external fun plaintextDecode(out: ByteBuffer, plaintext: ByteBuffer, version: Int)
    external fun offerBuild(
        jids: Array<ByteArray>,
        types: IntArray,
        ciphertexts: Array<ByteArray>,
        parts: Array<ByteArray?>?,
        numbers: IntArray?,
    ): ByteArray
    external fun offerParse(info: ByteArray, stanza: ByteArray, own: Array<ByteArray>): ByteArray
    external fun rekeyBuild(
        jid: ByteArray,
        type: Int,
        ciphertext: ByteArray,
        transactionId: Int,
        parts: Array<ByteArray?>,
        numbers: IntArray,
    ): ByteArray
    external fun stanzaToXml(stanza: ByteArray): ByteArray
    external fun stanzaFromXml(xml: ByteArray): ByteArray

    external fun storeOpen(path: ByteArray?, storageKey: ByteBuffer?, flags: Int, busyMilliseconds: Int): Long
    external fun storeClose(store: Long)
    external fun storeCopy(store: Long, path: ByteArray)
    external fun storeChangeKey(store: Long, storageKey: ByteBuffer)
    external fun storeIdentity(store: Long): ByteArray
    external fun storeAccount(store: Long, privateKey: ByteBuffer): Int
    external fun storeImportIdentity(store: Long, privateKey: ByteBuffer, registrationId: Int)
    external fun storeAddPrekeys(store: Long, n: Int): ByteArray
    external fun storeUnpublished(store: Long): ByteArray
    external fun storePublished(store: Long, ids: IntArray)
    external fun storePrekeysLeft(store: Long): Int
    external fun storeRotateSignedPrekey(store: Long): ByteArray
    external fun storeSignedPrekey(store: Long, since: LongArray): ByteArray
    external fun storeImportPrekey(store: Long, id: Int, privateKey: ByteBuffer)
    external fun storeImportSignedPrekey(store: Long, id: Int, privateKey: ByteBuffer)
    external fun storeTakeBundle(store: Long): ByteArray
    external fun storeAlias(store: Long, alias: ByteArray, jid: ByteArray)
    external fun storeUnalias(store: Long, alias: ByteArray)
    external fun storeNext(store: Long, what: Int, user: ByteArray?, after: ByteArray?): ByteArray

    external fun sessionBegin(store: Long, jid: ByteArray, bundle: ByteArray)
    external fun sessionBeginBatch(store: Long, statuses: IntArray, jids: Array<ByteArray>, bundles: Array<ByteArray>)
    external fun sessionCheck(store: Long, jid: ByteArray)
    external fun sessionInfo(store: Long, numbers: LongArray, jid: ByteArray): ByteArray
    external fun sessionRemove(store: Long, jid: ByteArray)
    external fun sessionExport(store: Long, jid: ByteArray): ByteBuffer
    external fun sessionImport(store: Long, jid: ByteArray, record: ByteBuffer)
    external fun identityGet(store: Long, jid: ByteArray): ByteArray
    external fun identityTrust(store: Long, jid: ByteArray, publicKey: ByteArray)
    external fun identityRemove(store: Long, jid: ByteArray)
    external fun userRemove(store: Long, user: ByteArray)

    external fun encSeal(store: Long, type: IntArray, jid: ByteArray, key: ByteBuffer): ByteArray
    external fun encOpen(store: Long, out: ByteBuffer, jid: ByteArray, type: Int, version: Int, ciphertext: ByteArray)
    external fun messageSeal(store: Long, type: IntArray, jid: ByteArray, plaintext: ByteBuffer): ByteArray
    external fun messageOpen(store: Long, jid: ByteArray, type: Int, ciphertext: ByteArray): ByteBuffer
    external fun messageSealBatch(
        store: Long,
        ends: IntArray,
        statuses: IntArray,
        types: IntArray,
        jids: Array<ByteArray>,
        plaintexts: ByteBuffer,
        plaintextEnds: IntArray,
    ): ByteArray
    external fun messageDone(store: Long, jid: ByteArray, ciphertext: ByteArray)
    external fun offerSeal(
        store: Long,
        statuses: IntArray,
        types: IntArray,
        key: ByteBuffer,
        jids: Array<ByteArray>,
        parts: Array<ByteArray?>?,
        numbers: IntArray?,
    ): ByteArray
    external fun offerOpen(
        store: Long,
        out: ByteBuffer,
        info: ByteArray,
        stanza: ByteArray,
        own: Array<ByteArray>,
        sender: ByteArray?,
    )
    external fun rekeySeal(
        store: Long,
        epoch: ByteBuffer,
        transactionId: Int,
        jid: ByteArray,
        parts: Array<ByteArray?>,
        numbers: IntArray,
    ): ByteArray
    external fun rekeySealBatch(
        store: Long,
        ends: IntArray,
        statuses: IntArray,
        epoch: ByteBuffer,
        transactionId: Int,
        jids: Array<ByteArray>,
        parts: Array<ByteArray?>,
        numbers: IntArray,
    ): ByteArray
    external fun rekeyOpen(store: Long, out: ByteBuffer, info: ByteArray, stanza: ByteArray, sender: ByteArray?)

    external fun accountGenerate(privateKey: ByteBuffer): Int
    external fun accountIdentity(privateKey: ByteBuffer, registrationId: Int): ByteArray
    external fun accountSign(privateKey: ByteBuffer, registrationId: Int, message: ByteArray): ByteArray
    external fun prekeyGenerate(privateKey: ByteBuffer, id: Int): ByteArray
    external fun signedPrekeyGenerate(
        privateKey: ByteBuffer,
        account: ByteBuffer,
        registrationId: Int,
        id: Int,
    ): ByteArray
    external fun messageParse(type: Int, ciphertext: ByteArray): ByteArray
    external fun recordBegin(
        record: ByteBuffer,
        identity: ByteArray?,
        account: ByteBuffer,
        registrationId: Int,
        bundle: ByteArray,
        now: Long,
    ): ByteBuffer

    /** The record, a buffer, and the ciphertext, an array. */
    external fun recordSeal(
        type: IntArray,
        record: ByteBuffer,
        identity: ByteArray?,
        plaintext: ByteBuffer,
        now: Long,
    ): Array<Any>

    /** The record and the plaintext, both buffers. */
    external fun recordOpen(
        sender: ByteArray,
        record: ByteBuffer,
        identity: ByteArray?,
        account: ByteBuffer?,
        registrationId: Int,
        prekey: ByteBuffer?,
        signedPrekey: ByteBuffer?,
        type: Int,
        ciphertext: ByteArray,
        now: Long,
    ): Array<Any>
    external fun recordInfo(numbers: LongArray, record: ByteBuffer, identity: ByteArray?, now: Long): ByteArray
    external fun recordMerge(record: ByteBuffer, other: ByteBuffer): ByteBuffer

    external fun epochsNew(): Long
    external fun epochsFree(epochs: Long)
    external fun epochsAdd(epochs: Long, transactionId: Int, epoch: ByteBuffer)
    external fun epochsRoster(epochs: Long, transactionId: Int)
    external fun epochsCurrent(epochs: Long, epoch: ByteBuffer): Int
}
