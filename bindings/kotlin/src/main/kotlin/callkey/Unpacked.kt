package callkey

import java.io.File
import java.io.IOException
import java.nio.file.FileSystems
import java.nio.file.Files
import java.nio.file.InvalidPathException
import java.nio.file.Path
import java.nio.file.StandardCopyOption
import java.nio.file.attribute.PosixFilePermissions

/**
 * The library of a desktop's jar, in a folder that only this user can enter. It is removed as soon as it is loaded.
 *
 * Not for Android, where the app's package has the library: `java.nio.file` is newer than Android 7, so this class must
 * not be touched there.
 */
internal object Unpacked {
    fun load(platform: Platform): String {
        val name = platform.library
        val library = Unpacked::class.java.getResourceAsStream(platform.resource)
            ?: Loading.fail(
                "this jar has no library for ${platform.name}: build $name for it and set ${Loading.PROPERTY} " +
                    "to its folder",
            )
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
            return Loading.loadFile(folder.resolve(name).toFile())
        } finally {
            for (path in listOf(folder.resolve(name), folder)) remove(path.toFile())
        }
    }

    private fun notUnpacked(name: String, cause: Exception): Nothing {
        val folder = System.getProperty("java.io.tmpdir")
        Loading.fail(
            "$name cannot be unpacked into $folder (${cause.message}): " +
                "set ${Loading.PROPERTY} to a folder with it, or java.io.tmpdir",
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
}
