package callkey

import callkey.SRTPKeys.Part
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestFactory

/** The shared known answers and error cases of `testdata/vectors`. */
class VectorTest {
    // Without its file of vectors, or if no test ran it, a function could fail unnoticed in Kotlin.
    @Test
    fun everyFileIsRun() {
        assertEquals(runs.keys, Vector.all.map { it.function }.toSet())
    }

    // Kotlin would derive other keys than all peers, or accept bad input.
    @TestFactory
    fun answers(): List<DynamicTest> =
        Vector.all.map { DynamicTest.dynamicTest("${it.file}: ${it.name}") { answer(it) } }

    private fun answer(vector: Vector) {
        val run = runs.getValue(vector.function)
        if (vector.error != null) {
            try {
                run(vector.input)
            } catch (e: CallKeyException) {
                assertEquals(vector.error, e.name)
                return
            }
            throw AssertionError("not refused")
        }
        val got = run(vector.input).toMutableMap()
        val wanted = vector.output!!.all()
        (wanted["ssrcs"] as List<*>?)?.let { known ->
            assertEquals(9, (got["ssrcs"] as List<*>).size)
            got["ssrcs"] = (got["ssrcs"] as List<*>).take(known.size)
        }
        for ((name, value) in wanted) assertEquals(value, got[name], name)
    }
}

/** The functions that have vectors: inputs to outputs. */
private val runs: Map<String, (Fields) -> Map<String, Any>> = derived.mapValues { (_, derive) ->
    { fields: Fields -> withKey(fields) { outputs(derive(it, fields)) } }
} + mapOf<String, (Fields) -> Map<String, Any>>(
    "callkey_check" to { fields ->
        CallKey(fields.bytes("key")).close()
        emptyMap()
    },
    "callkey_fingerprint" to { fields -> withKey(fields) { mapOf("fingerprint_hex" to it.fingerprint) } },
    "callkey_participant_id" to { fields ->
        val id = participantId(fields.text("jid"))
        mapOf("participant_id" to id, "participant_id_hex" to hexadecimal(id.toByteArray()))
    },
    "callkey_derive_e2e_keys_raw" to { fields ->
        RawE2E(fields.bytes("raw_e2e")).use { parts(it.e2eKeys(fields.text("participant"))) }
    },
    "callkey_derive_e2e_keys_batch" to { fields -> withKey(fields) { batch(it, fields.texts("participants")) } },
    "callkey_derive_warp_auth_key" to { fields ->
        withKey(fields) { key -> key.warpAuthKey().use { mapOf("warp_auth_key_hex" to hex(it)) } }
    },
    "callkey_derive_hbh_keys" to { fields ->
        // A number that is not one of the four can't become an HBH.
        val which = HBH.values().find { it.ordinal.toLong() == fields.number("which") }
            ?: throw CallKeyException.Argument("which")
        parts(which.keys(fields.bytes("hbh_key")))
    },
    "callkey_derive_ssrcs" to { fields ->
        mapOf("ssrcs" to SSRCs(fields.text("call_id"), fields.text("participant")).all)
    },
    "callkey_raw_e2e_decode" to { fields ->
        RawE2E.decode(fields.bytes("content")).use { mapOf("raw_e2e_hex" to hex(it)) }
    },
    "callkey_plaintext_encode" to { fields -> withKey(fields) { padded(it) } },
    "callkey_plaintext_decode" to { fields ->
        Plaintext(fields.bytes("plaintext")).use { plaintext ->
            plaintext.callKey(fields.number("enc_version").toInt()).use { mapOf("key_hex" to hex(it)) }
        }
    },
    "callkey_offer_parse" to { fields -> parsed(fields) },
    "callkey_offer_build" to { fields ->
        val jids = fields.texts("jids")
        val ciphertexts = fields.texts("ciphertexts_hex")
        val encs = fields.numbers("enc_types").mapIndexed { index, type ->
            Enc(jids[index], EncType.of(type.toInt()), unhex(ciphertexts[index]))
        }
        mapOf("stanza_hex" to hexadecimal(Offer.build(encs, options(fields))))
    },
    "callkey_rekey_build" to { fields ->
        // A type that EncType does not have can't be in an Enc.
        val type = EncType.values().find { it.ordinal.toLong() == fields.number("enc_type") }
            ?: throw CallKeyException.Argument("type")
        val enc = Enc(fields.text("jid"), type, fields.bytes("ciphertext"))
        mapOf("stanza_hex" to hexadecimal(Rekey.build(enc, fields.number("transaction_id"), options(fields)!!)))
    },
    "callkey_account_identity" to { fields ->
        Account(fields.bytes("private_key"), fields.number("registration_id")).use {
            val identity = it.identity()
            mapOf("registration_id" to identity.registrationId, "public_key_hex" to hexadecimal(identity.publicKey))
        }
    },
    "callkey_message_parse" to { fields ->
        // A type that EncType does not have can't be asked for.
        val type = EncType.values().find { it.ordinal.toLong() == fields.number("enc_type") }
            ?: throw CallKeyException.Unsupported("type")
        val info = MessageInfo.parse(fields.bytes("ciphertext"), type)
        mapOf(
            "prekey_id" to (info?.prekeyId ?: 0L), "signed_prekey_id" to (info?.signedPrekeyId ?: 0L),
            "registration_id" to (info?.registrationId ?: 0L),
            "identity_key_hex" to hexadecimal(info?.identityKey ?: ByteArray(32)),
            "base_key_hex" to hexadecimal(info?.baseKey ?: ByteArray(32)),
        )
    },
    "callkey_stanza_from_xml" to { fields ->
        val wire = Stanza.fromXml(fields.text("xml"))
        assertArrayEquals(wire, Stanza.fromXml(Stanza.toXml(wire)))
        mapOf("stanza_hex" to hexadecimal(wire))
    },
    "callkey_select_participant" to { fields ->
        withKey(fields) {
            val index = it.selectParticipant(
                fields.texts("participants"), fields.bytes("rtp_packet"), fields.number("roc"),
                fields.number("tag_len").toInt(),
            )
            mapOf("index" to index.toLong())
        }
    },
    "callkey_sframe_seal" to { fields ->
        SFrameKey(fields.bytes("sframe_key")).use {
            val frame = it.seal(fields.bytes("payload"), fields.wide("counter"), fields.wide("key_id"))
            mapOf("frame_hex" to hexadecimal(frame))
        }
    },
    "callkey_sframe_open" to { fields ->
        SFrameKey(fields.bytes("sframe_key")).use {
            val opened = it.open(fields.bytes("frame"))
            mapOf(
                "payload_hex" to hexadecimal(opened.payload), "counter_hex" to "%016x".format(opened.counter),
                "key_id_hex" to "%016x".format(opened.keyId),
            )
        }
    },
    "callkey_warp_tag" to { fields ->
        mapOf("tag_hex" to hexadecimal(warpTag(fields.bytes("packet"), fields.bytes("auth_key"), fields.number("roc"))))
    },
)

private fun <R> withKey(fields: Fields, body: (CallKey) -> R): R = CallKey(fields.bytes("key")).use(body)

private fun outputs(secret: Secret): Map<String, Any> = when (secret) {
    is SRTPKeys -> parts(secret)
    is SFrameKey -> secret.use { mapOf("sframe_key_hex" to hex(it)) }
    else -> throw AssertionError("no known answer has a $secret")
}

private fun parts(keys: SRTPKeys): Map<String, Any> = keys.use {
    (Part.values().toList() - Part.LIBSRTP_KEY).associate { part ->
        part.name.lowercase() + "_hex" to hexadecimal(it.reveal(part))
    }
}

/** A batch is all or nothing in Kotlin, so the rejected participants are found first. */
private fun batch(key: CallKey, participants: List<String>): Map<String, Any> {
    val statuses = participants.map { participant ->
        try {
            key.e2eKeysBatch(listOf(participant)).close()
            "CALLKEY_OK"
        } catch (e: CallKeyException) {
            e.name
        }
    }
    val accepted = participants.filterIndexed { index, _ -> statuses[index] == "CALLKEY_OK" }
    key.e2eKeysBatch(accepted).use { all ->
        var next = 0
        val keys = statuses.map { if (it == "CALLKEY_OK") all[next++].use(::hex) else "00".repeat(130) }
        return mapOf("statuses" to statuses, "keys_hex" to keys)
    }
}

/** The padding is random: 200 of them have every length. */
private fun padded(key: CallKey): Map<String, Any> {
    val all = List(200) { Plaintext(key).use { it.reveal() } }
    val bodies = all.map { bytes ->
        val pad = bytes.last().toInt()
        assertArrayEquals(ByteArray(pad) { pad.toByte() }, bytes.copyOfRange(bytes.size - pad, bytes.size))
        hexadecimal(bytes.copyOf(bytes.size - pad))
    }
    return mapOf(
        "body_hex" to bodies.toSet().single(), "min_len" to all.minOf { it.size }.toLong(),
        "max_len" to all.maxOf { it.size }.toLong(),
    )
}

private fun parsed(fields: Fields): Map<String, Any> {
    var status = "CALLKEY_OK"
    var ciphertext = ByteArray(0)
    val info = try {
        val parsed = ParsedOffer.parse(fields.bytes("stanza"), fields.texts("own_jids"))
        ciphertext = parsed.ciphertext
        parsed.info
    } catch (e: CallKeyException) {
        status = e.name
        e.info
    }
    val flags = listOf(info?.isVideo, info?.isGroup, info?.isAccept)
    return mapOf(
        "status" to status, "ciphertext_hex" to hexadecimal(ciphertext), "kind" to (info?.kind?.ordinal ?: 0).toLong(),
        "keygen" to (info?.keygen ?: 0L), "enc_type" to (info?.encType?.ordinal ?: 0).toLong(),
        "enc_version" to (info?.encVersion ?: 0).toLong(),
        "flags" to flags.foldRight(0L) { flag, all -> all shl 1 or (if (flag == true) 1L else 0L) },
        "transaction_id" to (info?.transactionId ?: 0L), "call_id" to (info?.callId ?: ""),
        "call_creator" to (info?.callCreator ?: ""), "from" to (info?.from ?: ""), "sender" to (info?.sender ?: ""),
    )
}
