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
}
