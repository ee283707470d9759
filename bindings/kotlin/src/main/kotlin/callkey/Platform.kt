package callkey

/** A desktop, by what its JVM says in `os.name` and `os.arch`. */
internal class Platform(system: String, architecture: String) {
    private val system = system.lowercase().let {
        when {
            it.startsWith("mac") -> "darwin"
            it.startsWith("windows") -> "windows"
            else -> it
        }
    }

    private val architecture = when (val arch = architecture.lowercase()) {
        "x86_64" -> "amd64"
        "aarch64" -> "arm64"
        "x86", "i386", "i686" -> "386"
        else -> arch
    }

    /** Its name as the folders of the jar have it, e.g. `linux-amd64`. */
    val name = "${this.system}-${this.architecture}"

    /** The file name of the library there. */
    val library = when (this.system) {
        "darwin" -> "libcallkey_jni.dylib"
        "windows" -> "callkey_jni.dll"
        else -> "libcallkey_jni.so"
    }

    /** The library's place in the jar. */
    val resource = "/callkey/native/$name/$library"

    companion object {
        fun ofThisJVM() = Platform(System.getProperty("os.name"), System.getProperty("os.arch"))
    }
}
