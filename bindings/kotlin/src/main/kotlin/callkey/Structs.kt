package callkey

import java.nio.ByteBuffer
import java.nio.ByteOrder

/** A struct of `callkey.h` to read, without its size if it has one. */
internal fun struct(bytes: ByteArray): ByteBuffer = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder())

/** The next [size] bytes. */
internal fun bytes(from: ByteBuffer, size: Int): ByteArray = ByteArray(size).also { from.get(it) }

/** The next number of 32 bits without a sign. */
internal fun number(from: ByteBuffer): Long = from.int.unsigned()
