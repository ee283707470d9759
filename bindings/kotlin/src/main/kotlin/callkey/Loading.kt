package callkey

import java.io.File
import java.io.IOException

/** The functions of the library, which the first use loads. */
internal val native: Native
    get() {
        Loading.failure?.let { throw UnsatisfiedLinkError(it.message).apply { initCause(it) } }
        return Native
    }

/**
 * Finds and loads `libcallkey_jni`, once in a process: from the folder that the system property `callkey.library.path`
 * names or from inside the jar, on Android from the app.
 */
internal object Loading {
    const val PROPERTY = "callkey.library.path"

    /** Set by the first class loader that loads the library: each copy of it would have a Go runtime of its own. */
    private const val LOADED = "callkey.library.loaded"

    /** Why the library could not be loaded; null if it is. */
    val failure: LinkageError? = try {
        synchronized(System.getProperties()) { load() }
        null
    } catch (e: LinkageError) {
        e
    }

    private fun load() {
        System.getProperty(LOADED)?.let {
            fail(
                "another class loader of this process has libcallkey already ($it), " +
                    "and a second one would be a second Go runtime: let both share one jar",
            )
        }
        val folder = System.getProperty(PROPERTY)
        val from = when {
            System.getProperty("java.vm.name") == "Dalvik" -> loadFromApp()
            folder != null -> loadFile(inFolder(folder, alone().library))
            else -> Unpacked.load(alone())
        }
        checkVersion(from)
        System.setProperty(LOADED, from)
    }

    /** The library of an Android app is `libcallkey.so`, also for its C code. */
    private fun loadFromApp(): String {
        val name = System.mapLibraryName("callkey")
        try {
            System.loadLibrary("callkey")
        } catch (e: UnsatisfiedLinkError) {
            fail("the app has no $name for this device (${e.message}): the AAR of callkey has one for each ABI", e)
        }
        return name
    }

    /** This desktop, unless C code of the process has libcallkey already. Only Linux tells. */
    private fun alone(): Platform {
        try {
            File("/proc/self/maps").useLines { lines ->
                lines.map { it.substringAfter('/', "") }.find { "/libcallkey.so" in "/$it" }
            }
        } catch (_: IOException) {
            null
        }?.let {
            fail(
                "this process has /$it already, and a second libcallkey would be a second Go runtime, and a second " +
                    "SQLite that breaks the first one's locks: use one of both",
            )
        }
        return Platform.ofThisJVM()
    }

    private fun inFolder(folder: String, name: String): File {
        val file = File(folder, name).absoluteFile
        if (!file.isFile) fail("$PROPERTY is $folder, and there is no file $name: name the folder that has it")
        return file
    }

    fun loadFile(file: File): String {
        try {
            System.load(file.path)
        } catch (e: UnsatisfiedLinkError) {
            val said = e.message.orEmpty().split("${file.path}: ").last()
            // What the dynamic linker says of a file system without executables.
            val why = if ("failed to map segment" in said) {
                "its folder does not allow executables (noexec); set $PROPERTY to a folder that does, or java.io.tmpdir"
            } else {
                said
            }
            fail("${file.path} cannot be loaded: $why", e)
        }
        return file.path
    }

    private fun checkVersion(from: String) {
        val version = try {
            Native.abiVersion()
        } catch (e: UnsatisfiedLinkError) {
            fail("$from is not the library of this package: take both from one build", e)
        }
        val (major, minor) = Pair(version ushr 16, version and 0xFFFF)
        if (major != Header.ABI_MAJOR || minor != Header.ABI_MINOR) {
            val needs = "${Header.ABI_MAJOR}.${Header.ABI_MINOR}"
            fail("$from has ABI version $major.$minor, and this package needs $needs: take both from one build")
        }
    }

    fun fail(words: String, cause: Throwable? = null): Nothing =
        throw UnsatisfiedLinkError(words).apply { initCause(cause) }
}
