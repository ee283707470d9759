package callkey

import java.io.File
import java.nio.file.Files
import java.nio.file.Path
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Assumptions.assumeTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir

class LoadingTest {
    @TempDir
    lateinit var folder: Path

    private val name = System.mapLibraryName("callkey_jni")
    private val built = File(System.getProperty("callkey.library.path"), name)

    private fun java(vararg options: String, before: List<String> = emptyList(), main: List<String> = emptyList()) =
        Child.said(before + Child.java + options + listOf("-cp", Child.classPath, "callkey.Loaded") + main)

    /** What a JVM with this library folder says, both times. */
    private fun refused(said: List<String>): String {
        assertEquals(2, said.size, said.joinToString("\n"))
        assertEquals(said[0], said[1])
        return said[0]
    }

    private fun compiled(source: String, name: String = this.name): Path {
        val file = Files.writeString(folder.resolve("stub.c"), source)
        val made = folder.resolve(name)
        val command = listOf("cc", "-shared", "-fPIC", "-o", made.toString(), file.toString())
        assertEquals(0, ProcessBuilder(command).inheritIO().start().waitFor())
        return made
    }

    private fun stub(source: String) = "-Dcallkey.library.path=${compiled(source).parent}"

    // The library could be replaced by another user, or would stay on the disk after each start.
    @Test
    fun unpacked() {
        val temporary = Files.createDirectory(folder.resolve("mit Leerzeichen \uD83D\uDE00"))
        val said = java("-Djava.io.tmpdir=$temporary")
        assertTrue(said[0].startsWith("loaded 0.3.0 from $temporary/callkey-"), said[0])
        assertEquals(0, Files.list(temporary).count())
    }

    // The user would see an IOException of a file that is not theirs.
    @Test
    fun notUnpacked() {
        val none = folder.resolve("none")
        val said = refused(java("-Djava.io.tmpdir=$none"))
        assertTrue(said.startsWith("refused: $name cannot be unpacked into $none ("), said)
        val unnamed = refused(java("-Dsun.jnu.encoding=US-ASCII", "-Djava.io.tmpdir=/\uD83D\uDE00"))
        assertTrue(unnamed.startsWith("refused: $name cannot be unpacked into /"), unnamed)
    }

    // A distribution could not use its own library.
    @Test
    fun fromAFolder() {
        val own = Files.createDirectory(folder.resolve("\uD83D\uDE00 x"))
        Files.copy(built.toPath(), own.resolve(name))
        assertEquals("loaded 0.3.0 from $own/$name", java("-Dcallkey.library.path=$own")[0])
    }

    // The user would see a NoClassDefFoundError, and not what to do.
    @Test
    fun nothingThere() {
        val said = refused(java("-Dcallkey.library.path=$folder"))
        val told = "refused: callkey.library.path is $folder, and there is no file $name: name the folder that has it"
        assertEquals(told, said)
        Files.writeString(folder.resolve(name), "no library")
        // Without the warning of the JVM itself.
        val other = refused(java("-Dcallkey.library.path=$folder").filter { it.startsWith("refused: ") })
        assertTrue(other.startsWith("refused: $folder/$name cannot be loaded: file too short"), other)
    }

    // The same, on a machine that the jar has no library for.
    @Test
    fun otherPlatform() {
        val said = refused(java("-Dos.arch=riscv64"))
        assertEquals(
            "refused: this jar has no library for linux-riscv64: " +
                "build $name for it and set callkey.library.path to its folder",
            said,
        )
    }

    // Structs of another version would be read at wrong places.
    @Test
    fun otherVersion() {
        val said = refused(java(stub("int Java_callkey_Native_abiVersion(void) { return 4; }")))
        val way = "take both from one build"
        assertEquals("refused: $folder/$name has ABI version 0.4, and this package needs 0.3: $way", said)
        val none = refused(java(stub("int nothing;")))
        assertEquals("refused: $folder/$name is not the library of this package: $way", none)
    }

    // The user would look for the cause in the library.
    @Test
    fun noexec() {
        val unshare = listOf("unshare", "--map-root-user", "--mount")
        assumeTrue(ProcessBuilder(unshare + "true").start().waitFor() == 0, "needs a kernel that lets users mount")
        val temporary = Files.createDirectory(folder.resolve("noexec"))
        val mount = "mount -t tmpfs -o noexec tmpfs '$temporary' && exec \"\$@\""
        val said = refused(
            java("-Djava.io.tmpdir=$temporary", before = unshare + listOf("sh", "-c", mount, "sh")),
        )
        assertTrue("its folder does not allow executables (noexec); set callkey.library.path" in said, said)
    }

    // Two web applications would have two Go runtimes, or the second one no library and no reason.
    @Test
    fun twoClassLoaders() {
        val said = java("-Dcallkey.library.path=${built.parent}", main = listOf("twice"))
        assertEquals("loaded 0.3.0 from $built", said[0])
        val second = "refused: another class loader of this process has libcallkey already ($built)"
        assertTrue(said[2].startsWith(second), said[2])
    }

    // C code and Kotlin of one process would have a runtime each, and could damage a store that both open.
    @Test
    fun anotherCopy() {
        val other = compiled("int nothing;", "libcallkey.so.0")
        val said = refused(java("-Dcallkey.library.path=${built.parent}", main = listOf("$other")))
        assertTrue(said.startsWith("refused: this process has $other already"), said)
        assertTrue(said.endsWith("use one of both"), said)
    }

    // An app for Android 7 would look for classes that it has not, or not find the library that its C code uses.
    @Test
    fun android() {
        val app = Files.createDirectory(folder.resolve("app"))
        Files.copy(built.toPath(), app.resolve("libcallkey.so"))
        val said = java("-Djava.library.path=$app", "-verbose:class", main = listOf("java.vm.name=Dalvik"))
        assertTrue("loaded 0.3.0 from libcallkey.so" in said, said.filter { "callkey" in it }.joinToString("\n"))
        assertTrue(said.any { "callkey.Loading " in it })
        assertEquals(emptyList<String>(), said.filter { "callkey.Unpacked" in it })
    }

    // The developer would not know that the AAR lacks an ABI.
    @Test
    fun androidWithoutIt() {
        val said = refused(java("-Djava.library.path=$folder", main = listOf("java.vm.name=Dalvik")))
        assertTrue(said.startsWith("refused: the app has no libcallkey.so for this device ("), said)
        assertTrue(said.endsWith("): the AAR of callkey has one for each ABI"), said)
    }
}
