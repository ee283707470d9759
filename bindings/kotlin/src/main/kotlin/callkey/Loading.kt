package callkey

import java.io.File
import java.io.IOException
import java.nio.file.FileSystems
import java.nio.file.Files
import java.nio.file.InvalidPathException
import java.nio.file.Path
import java.nio.file.StandardCopyOption
import java.nio.file.attribute.PosixFilePermissions

/** The functions of the library, which the first use loads. */
internal val native: Native
    get() {
        Loading.failure?.let { throw UnsatisfiedLinkError(it.message).apply { initCause(it) } }
        return Native
    }

/**
 * Finds and loads `libcallkey_jni`, once in a process: from the folder that the system property `callkey.library.path`
 * names, on Android from the app, else from inside the jar.
 */
internal object Loading {
    private const val PROPERTY = "callkey.library.path"

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
        val name = System.mapLibraryName("callkey_jni")
        val folder = System.getProperty(PROPERTY)
        val from = when {
            folder != null -> loadFile(inFolder(folder, name))
            System.getProperty("java.vm.name") == "Dalvik" -> {
                System.loadLibrary("callkey_jni")
                name
            }
            else -> loadUnpacked(name)
        }
        checkVersion(from)
        System.setProperty(LOADED, from)
    }

    private fun inFolder(folder: String, name: String): File {
        val file = File(folder, name).absoluteFile
        if (!file.isFile) fail("$PROPERTY is $folder, and there is no file $name")
        return file
    }

    private fun loadFile(file: File): String {
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

    /** The library of the jar, in a folder that only this user can enter. It is removed as soon as it is loaded. */
    private fun loadUnpacked(name: String): String {
        val platform = platform()
        val resource = "/callkey/native/$platform/$name"
        val library = Loading::class.java.getResourceAsStream(resource)
            ?: fail("this jar has no library for $platform: build $name for it and set $PROPERTY to its folder")
        val folder = library.use {
            try {
                val folder = privateFolder()
                Files.copy(it, folder.resolve(name), StandardCopyOption.REPLACE_EXISTING)
                folder
            } catch (e: IOException) {
                notUnpacked(name, e)
            } catch (e: InvalidPathException) { // a name that the process's locale cannot write
                notUnpacked(name, e)
            }
        }
        try {
            return loadFile(folder.resolve(name).toFile())
        } finally {
            for (path in listOf(folder.resolve(name), folder)) remove(path.toFile())
        }
    }

    private fun notUnpacked(name: String, cause: Exception): Nothing {
        val folder = System.getProperty("java.io.tmpdir")
        fail(
            "$name cannot be unpacked into $folder (${cause.message}): " +
                "set $PROPERTY to a folder with it, or java.io.tmpdir",
            cause,
        )
    }

    private fun privateFolder(): Path {
        // Its name is from a secure random source.
        val posix = "posix" in FileSystems.getDefault().supportedFileAttributeViews()
        if (!posix) return Files.createTempDirectory("callkey-")
        val owner = PosixFilePermissions.fromString("rwx------")
        return Files.createTempDirectory("callkey-", PosixFilePermissions.asFileAttribute(owner))
    }

    /** Windows keeps a loaded file until the process ends, or longer. */
    private fun remove(file: File) {
        if (!file.delete()) file.deleteOnExit()
    }

    /** The platform as the folders of the jar are named, e.g. `linux-amd64`. */
    private fun platform(): String {
        val system = System.getProperty("os.name").lowercase()
        val named = when {
            system.startsWith("mac") -> "darwin"
            system.startsWith("windows") -> "windows"
            else -> system
        }
        val architecture = when (val arch = System.getProperty("os.arch").lowercase()) {
            "x86_64" -> "amd64"
            "aarch64" -> "arm64"
            "x86", "i386", "i686" -> "386"
            else -> arch
        }
        return "$named-$architecture"
    }

    private fun checkVersion(from: String) {
        val version = try {
            Native.abiVersion()
        } catch (e: UnsatisfiedLinkError) {
            fail("$from is not a libcallkey_jni of this package", e)
        }
        val (major, minor) = Pair(version ushr 16, version and 0xFFFF)
        if (major != Header.ABI_MAJOR || minor != Header.ABI_MINOR) {
            fail("$from has ABI version $major.$minor, and this package needs ${Header.ABI_MAJOR}.${Header.ABI_MINOR}")
        }
    }

    private fun fail(words: String, cause: Throwable? = null): Nothing =
        throw UnsatisfiedLinkError(words).apply { initCause(cause) }
}
