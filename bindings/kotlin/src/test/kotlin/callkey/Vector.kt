package callkey

import com.google.gson.JsonArray
import com.google.gson.JsonElement
import com.google.gson.JsonObject
import com.google.gson.JsonParser
import java.io.File

/** One known answer or error case of `testdata/vectors`; see the README there. */
class Vector(
    val file: String,
    val function: String,
    val name: String,
    val input: Fields,
    val output: Fields?,
    val error: String?,
) {
    companion object {
        /** Every case of every file whose function is in the C contract. */
        val all: List<Vector> = File(System.getProperty("tree"), "testdata/vectors").listFiles()!!
            .filter { it.extension == "json" }.sorted().flatMap(::read)

        private fun read(file: File): List<Vector> {
            val contents = JsonParser.parseString(file.readText()).asJsonObject
            val function = contents["function"].asString
            if (function.startsWith("primitive_")) return emptyList()
            return contents["cases"].asJsonArray.map { it.asJsonObject }.map { case ->
                Vector(
                    file.nameWithoutExtension, function, case["name"].asString, Fields(case["in"].asJsonObject),
                    case["out"]?.let { Fields(it.asJsonObject) }, case["error"]?.asString,
                )
            }
        }
    }
}

/** The inputs or outputs of a vector by their names. */
class Fields(private val values: JsonObject) {
    operator fun contains(name: String): Boolean = values.has(name)

    fun bytes(name: String): ByteArray = unhex(values[name + "_hex"].asString)

    fun number(name: String): Long = values[name].asLong

    /** A number of 64 bits, which stands as 8 bytes, the highest first. */
    fun wide(name: String): Long = bytes(name).fold(0L) { all, byte -> all shl 8 or (byte.toLong() and 0xFF) }

    /**
     * A text, which stands as itself or as bytes. Text that is not UTF-8 can't become a String: what the library would
     * say to it is said here.
     */
    fun text(name: String): String {
        if (name in this) return values[name].asString
        val bytes = bytes(name)
        val text = String(bytes, Charsets.UTF_8)
        if (!text.toByteArray(Charsets.UTF_8).contentEquals(bytes)) {
            throw CallKeyException.Argument("$name is not UTF-8")
        }
        return text
    }

    /** A text, or null if there is none. */
    fun optional(name: String): String? = if (name in this) text(name) else null

    /** Bytes, or null if there are none. */
    fun content(name: String): ByteArray? = if (name + "_hex" in this) bytes(name) else null

    /** A number, or 0 if there is none. */
    fun count(name: String): Long = if (name in this) number(name) else 0

    fun texts(name: String): List<String> = values[name].asJsonArray.map { it.asString }

    fun numbers(name: String): List<Long> = values[name].asJsonArray.map { it.asLong }

    /** Texts, numbers and lists of them, by name. */
    fun all(): Map<String, Any> = values.entrySet().associate { (name, value) -> name to plain(value) }

    private fun plain(value: JsonElement): Any = when {
        value is JsonArray -> value.map { plain(it) }
        value.asJsonPrimitive.isNumber -> value.asLong
        else -> value.asString
    }
}
