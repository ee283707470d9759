package callkey

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test

class PlatformTest {
    // The jar would have the library for this machine, and the user would read that it has none.
    @Test
    fun placeInTheJar() {
        val places = mapOf(
            ("Mac OS X" to "aarch64") to "darwin-arm64/libcallkey_jni.dylib",
            ("Mac OS X" to "x86_64") to "darwin-amd64/libcallkey_jni.dylib",
            ("Linux" to "amd64") to "linux-amd64/libcallkey_jni.so",
            ("Linux" to "aarch64") to "linux-arm64/libcallkey_jni.so",
            ("Windows 11" to "amd64") to "windows-amd64/callkey_jni.dll",
        )
        for ((said, place) in places) {
            val (system, architecture) = said
            assertEquals("/callkey/native/$place", Platform(system, architecture).resource, "$said")
        }
    }

    // A library that the user has built would not be found under the name that the JVM gives libraries.
    @Test
    fun nameOfThisJVM() {
        assertEquals(System.mapLibraryName("callkey_jni"), Platform.ofThisJVM().library)
    }
}
