package callkey

/** The library's version and self-test. The first use of this package loads the library; see [load]. */
public object Library {
    /**
     * Loads the library, which otherwise the first use does.
     *
     * It is inside the jar, or in the app's package on Android. The system property `callkey.library.path` names a
     * folder with `libcallkey_jni.so` (`.dylib`, `callkey_jni.dll`) to load instead. The one in the jar is unpacked
     * into a new folder in `java.io.tmpdir` that only this user can enter, and removed again.
     *
     * @throws UnsatisfiedLinkError if there is none for this platform, it is of another ABI version, its folder does
     *   not allow executables, or another class loader has loaded it; the message names the cause.
     */
    @JvmStatic
    public fun load() {
        native
    }

    /** Its version, e.g. "0.3.0". */
    @JvmStatic
    public val version: String get() = String(native.version(), Charsets.UTF_8)

    /**
     * Checks that every primitive gives its known answers. It takes milliseconds.
     *
     * @throws CallKeyException.Internal for a wrong answer.
     */
    @JvmStatic
    public fun selftest(): Unit = native.selftest()
}
