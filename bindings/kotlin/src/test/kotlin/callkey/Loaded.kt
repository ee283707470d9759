package callkey

import java.io.File
import java.net.URLClassLoader

/**
 * A program that loads the library and tells how it went. With "twice", in two class loaders; else its arguments are
 * libraries to load before, or properties to set, NAME=VALUE.
 */
internal object Loaded {
    @JvmStatic
    fun main(arguments: Array<String>) {
        if (arguments.contentEquals(arrayOf("twice"))) return twice()
        for (one in arguments) {
            if ('=' in one) System.setProperty(one.substringBefore('='), one.substringAfter('=')) else System.load(one)
        }
        repeat(2) {
            try {
                Library.load()
                CallKey.generate().close()
                println("loaded ${Library.version} from ${System.getProperty("callkey.library.loaded")}")
            } catch (e: UnsatisfiedLinkError) {
                println("refused: ${e.message}")
            }
        }
    }

    private fun twice() {
        val path = System.getProperty("java.class.path").split(File.pathSeparator).map { File(it).toURI().toURL() }
        repeat(2) {
            val other = URLClassLoader(path.toTypedArray(), ClassLoader.getPlatformClassLoader())
            val main = other.loadClass("callkey.Loaded").getMethod("main", Array<String>::class.java)
            main.invoke(null, arrayOf<String>())
        }
    }
}
