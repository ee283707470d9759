/*
 * What the functions of callkey_jni.c have in common: how arguments come from Java, how results go
 * back, and how a failure becomes an exception.
 *
 * A secret is in a direct buffer, which no garbage collector moves or copies. Other bytes and all
 * texts are arrays. They are copied in and out, because a call may wait for a disk and may not hold
 * up the collector, as GetPrimitiveArrayCritical would. A text is UTF-8 with its NUL, never the
 * JVM's modified UTF-8.
 *
 * A failure is thrown here and not in Kotlin: the library keeps its error text for the thread, and
 * a virtual thread may be on another one when the next native function runs.
 *
 * Once an exception is pending, each function here does nothing and returns zero, so a caller asks
 * only once, with ready, before it calls the library.
 */
#ifndef CALL_H
#define CALL_H

#include <jni.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "callkey.h"

#define NATIVE(type, name) JNIEXPORT type JNICALL Java_callkey_Native_##name

/* One call from Java. Its memory is erased and freed by end. */
struct call {
	JNIEnv *env;
	struct block *blocks;
	size_t taken; /* bytes of inputs, and some for each text of a list */
	callkey_status status;
	bool made;   /* the library was called */
	bool failed; /* an exception is pending */
};

struct call begin(JNIEnv *env);

/* Whether the library can be called. */
bool ready(struct call *call);

/* Whether the library returned CALLKEY_OK and all its outputs could be passed on; if not, an
 * exception is pending. */
bool ok(struct call *call);

void end(struct call *call);

/* Zeros for n elements. NULL if there is no memory. */
void *take(struct call *call, size_t n, size_t size);

/* ---- Inputs. What is null in Java is NULL. ----------------------------------------------------*/

struct bytes {
	uint8_t *bytes;
	size_t len;
};

struct bytes array_in(struct call *call, jbyteArray array);
struct bytes buffer_in(struct call *call, jobject buffer);

/* Throws unless they have the size; name is the argument's. Also for a buffer that is an output. */
uint8_t *sized(struct call *call, struct bytes bytes, size_t size, const char *name);

size_t length(struct call *call, jarray array);

/* Throws unless the list has n elements. */
void counted(struct call *call, jarray list, size_t n, const char *name);

const char *const *texts_in(struct call *call, jobjectArray list);
const uint32_t *numbers_in(struct call *call, jintArray list);

/* The bytes of a list of direct buffers. lens gets their lengths. */
const uint8_t *const *buffers_in(struct call *call, jobjectArray list, size_t **lens);

/* ---- Structs ----------------------------------------------------------------------------------*/

/* A struct without pointers crosses as its members, one behind the other without struct_size and
 * padding, so that it has the same bytes on every processor of one byte order. */
struct member {
	size_t offset, size;
};

struct shape {
	size_t size;         /* of the struct */
	const void *initial; /* one as its _INIT macro makes it */
	const struct member *members;
	size_t n;
};

void *struct_in(struct call *call, const struct shape *shape, struct bytes from, const char *name);
void *struct_room(struct call *call, const struct shape *shape);

/* Pointers to the structs of a list of arrays. A null is NULL here too: the library refuses it, and
 * names its place, unless the function's comment gives it a meaning. */
void *structs_in(struct call *call, const struct shape *shape, jobjectArray list, const char *name);

/* The members of n structs, one struct behind the other. */
struct bytes packed(struct call *call, const struct shape *shape, const void *structs, size_t n);

/* A struct with pointers crosses as an array of objects: one for each pointer, in their order, and
 * an int[] of the numbers. fill reads one. */
typedef void fill(struct call *call, void *out, jobjectArray members);

void *object_in(struct call *call, size_t size, fill *fill, jobjectArray members);
void *objects_in(struct call *call, size_t size, fill *fill, jobjectArray list);
struct bytes array_at(struct call *call, jobjectArray members, jsize place);
struct bytes buffer_at(struct call *call, jobjectArray members, jsize place);
uint32_t number_at(struct call *call, jobjectArray members, jsize place, jsize number);

/* ---- Outputs ----------------------------------------------------------------------------------*/

/* A variable output. It may be too small, or grow until the next attempt, because padding is random
 * and other threads advance the session:
 *
 *     do
 *         call.status = callkey_...(out.bytes, &out.len, ...);
 *     while (again(&call, &out, NULL));
 */
struct output {
	uint8_t *bytes;
	size_t len, capacity; /* in elements */
	size_t size;          /* of one */
};

struct output room(struct call *call, size_t size);

/* Whether the library must be called again: it returned BUFFER, and there is more room now. The
 * second output may be NULL. */
bool again(struct call *call, struct output *one, struct output *two);

/* These write into the caller's array, whatever the status. */
void put_bytes(struct call *call, jbyteArray array, struct bytes bytes);
void put_ints(struct call *call, jintArray array, const void *numbers, size_t n);
void put_sizes(struct call *call, jintArray array, const size_t *numbers, size_t n);
void put_longs(struct call *call, jlongArray array, const uint64_t *numbers, size_t n);

/* These make an object. */
jbyteArray new_array(struct call *call, const void *bytes, size_t len);
jobject new_buffer(struct call *call, const void *bytes, size_t len);
jintArray new_ints(struct call *call, const uint32_t *numbers, size_t n);
jobjectArray new_pair(struct call *call, jobject one, jobject two);

#endif /* CALL_H */
