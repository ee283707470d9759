#include "call.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The longest text of callkey_last_error, with its NUL. */
#define LAST_ERROR_BYTES 512

/* What a call gives back is seldom longer than what it got and this. */
#define GROWTH 2048

/* What a device adds to what is sealed for many is seldom longer: its name, and a message that begins
 * a session. A second attempt would compute all of them anew. */
#define EACH_DEVICE 256

static jclass failure, secret_bytes, object;
static jmethodID failure_raise, secret_bytes_room;

static jclass kept(JNIEnv *env, const char *name)
{
	jclass found = (*env)->FindClass(env, name);
	return found == NULL ? NULL : (*env)->NewGlobalRef(env, found);
}

JNIEXPORT jint JNICALL JNI_OnLoad(JavaVM *vm, void *reserved)
{
	JNIEnv *env;
	(void)reserved;
	if ((*vm)->GetEnv(vm, (void **)&env, JNI_VERSION_1_6) != JNI_OK)
		return JNI_ERR;
	if ((failure = kept(env, "callkey/Failure")) == NULL ||
	    (secret_bytes = kept(env, "callkey/SecretBytes")) == NULL ||
	    (object = kept(env, "java/lang/Object")) == NULL)
		return JNI_ERR;
	failure_raise = (*env)->GetStaticMethodID(env, failure, "raise", "(I[BI)V");
	if (failure_raise == NULL)
		return JNI_ERR;
	secret_bytes_room = (*env)->GetStaticMethodID(env, secret_bytes, "room",
	                                              "(I)Ljava/nio/ByteBuffer;");
	return secret_bytes_room == NULL ? JNI_ERR : JNI_VERSION_1_6;
}

/* ---- The call --------------------------------------------------------------------------------*/

struct block {
	struct block *next;
	size_t size;
	max_align_t bytes[];
};

struct call begin(JNIEnv *env)
{
	return (struct call){.env = env, .status = CALLKEY_OK};
}

/* Notices an exception of the JVM's own. */
static bool fine(struct call *call)
{
	if (!call->failed && (*call->env)->ExceptionCheck(call->env))
		call->failed = true;
	return !call->failed;
}

static void out_of_memory(struct call *call)
{
	JNIEnv *env = call->env;
	if (call->failed)
		return;
	call->failed = true;
	jclass error = (*env)->FindClass(env, "java/lang/OutOfMemoryError");
	if (error != NULL)
		(*env)->ThrowNew(env, error, "no memory for a call of libcallkey");
}

static void raise_status(struct call *call, callkey_status status, const char *text, size_t len,
                         uint32_t number)
{
	JNIEnv *env = call->env;
	jbyteArray words = new_array(call, text, len);
	if (words != NULL)
		(*env)->CallStaticVoidMethod(env, failure, failure_raise, (jint)status, words,
		                             (jint)number);
	call->failed = true;
}

bool ready(struct call *call)
{
	call->made = !call->failed;
	return call->made;
}

bool ok(struct call *call)
{
	char text[LAST_ERROR_BYTES];
	size_t len = sizeof text;
	uint32_t number = 0;
	if (!fine(call))
		return false;
	if (call->status == CALLKEY_OK)
		return true;
	if (callkey_last_error(text, &len) != CALLKEY_OK || len == 0)
		len = 1;
	if (callkey_last_errno(&number) != CALLKEY_OK)
		number = 0;
	raise_status(call, call->status, text, len - 1, number);
	return false;
}

void end(struct call *call)
{
	while (call->blocks != NULL) {
		struct block *next = call->blocks->next;
		callkey_wipe(call->blocks, sizeof *call->blocks + call->blocks->size);
		free(call->blocks);
		call->blocks = next;
	}
}

void *take(struct call *call, size_t n, size_t size)
{
	if (call->failed)
		return NULL;
	struct block *block = NULL;
	if (size == 0 || n <= (SIZE_MAX - sizeof *block) / size)
		block = calloc(1, sizeof *block + n * size);
	if (block == NULL) {
		out_of_memory(call);
		return NULL;
	}
	block->size = n * size;
	block->next = call->blocks;
	call->blocks = block;
	return block->bytes;
}

/* ---- Inputs ----------------------------------------------------------------------------------*/

struct bytes array_in(struct call *call, jbyteArray array)
{
	JNIEnv *env = call->env;
	struct bytes b = {NULL, 0};
	if (call->failed || array == NULL)
		return b;
	const size_t len = (size_t)(*env)->GetArrayLength(env, array);
	b.bytes = take(call, len, 1);
	if (b.bytes == NULL)
		return b;
	b.len = len;
	call->taken += len;
	(*env)->GetByteArrayRegion(env, array, 0, (jsize)len, (jbyte *)b.bytes);
	return b;
}

struct bytes buffer_in(struct call *call, jobject buffer)
{
	JNIEnv *env = call->env;
	struct bytes b = {NULL, 0};
	if (call->failed || buffer == NULL)
		return b;
	b.bytes = (*env)->GetDirectBufferAddress(env, buffer);
	b.len = (size_t)(*env)->GetDirectBufferCapacity(env, buffer);
	call->taken += b.len;
	return b;
}

static void argument(struct call *call, const char *name, const char *what, size_t is, size_t wanted)
{
	char text[LAST_ERROR_BYTES];
	if (call->failed)
		return;
	const int len = snprintf(text, sizeof text, "%s has %zu %s, not %zu", name, is, what, wanted);
	raise_status(call, CALLKEY_ERR_ARGUMENT, text, (size_t)len, 0);
}

uint8_t *sized(struct call *call, struct bytes bytes, size_t size, const char *name)
{
	if (bytes.bytes != NULL && bytes.len != size)
		argument(call, name, "bytes", bytes.len, size);
	return call->failed ? NULL : bytes.bytes;
}

size_t length(struct call *call, jarray array)
{
	if (call->failed || array == NULL)
		return 0;
	return (size_t)(*call->env)->GetArrayLength(call->env, array);
}

void counted(struct call *call, jarray list, size_t n, const char *name)
{
	const size_t is = length(call, list);
	if (is != n)
		argument(call, name, "elements", is, n);
}

/* The object at a place of a list. */
static jobject element(struct call *call, jobjectArray list, size_t i)
{
	if (call->failed)
		return NULL;
	jobject found = (*call->env)->GetObjectArrayElement(call->env, list, (jsize)i);
	return fine(call) ? found : NULL;
}

static void leave(struct call *call, jobject reference)
{
	(*call->env)->DeleteLocalRef(call->env, reference);
}

const char *const *texts_in(struct call *call, jobjectArray list)
{
	const size_t n = length(call, list);
	const char **texts = take(call, n, sizeof *texts);
	call->taken += n * EACH_DEVICE;
	for (size_t i = 0; i < n && !call->failed; i++) {
		jobject one = element(call, list, i);
		texts[i] = (const char *)array_in(call, one).bytes;
		leave(call, one);
	}
	return texts;
}

const uint32_t *numbers_in(struct call *call, jintArray list)
{
	const size_t n = length(call, list);
	uint32_t *numbers = take(call, n, sizeof *numbers);
	if (numbers != NULL && n > 0)
		(*call->env)->GetIntArrayRegion(call->env, list, 0, (jsize)n, (jint *)numbers);
	return numbers;
}

const uint8_t *const *buffers_in(struct call *call, jobjectArray list, size_t **lens)
{
	const size_t n = length(call, list);
	const uint8_t **places = take(call, n, sizeof *places);
	*lens = take(call, n, sizeof **lens);
	for (size_t i = 0; i < n && !call->failed; i++) {
		jobject one = element(call, list, i);
		const struct bytes b = buffer_in(call, one);
		places[i] = b.bytes;
		(*lens)[i] = b.len;
		leave(call, one);
	}
	return places;
}

/* ---- Structs ---------------------------------------------------------------------------------*/

static size_t packed_size(const struct shape *shape)
{
	size_t size = 0;
	for (size_t i = 0; i < shape->n; i++)
		size += shape->members[i].size;
	return size;
}

void *struct_room(struct call *call, const struct shape *shape)
{
	void *room = take(call, 1, shape->size);
	if (room != NULL)
		memcpy(room, shape->initial, shape->size);
	return room;
}

void *struct_in(struct call *call, const struct shape *shape, struct bytes from, const char *name)
{
	const uint8_t *next = sized(call, from, packed_size(shape), name);
	if (next == NULL)
		return NULL;
	uint8_t *out = struct_room(call, shape);
	for (size_t i = 0; out != NULL && i < shape->n; i++) {
		memcpy(out + shape->members[i].offset, next, shape->members[i].size);
		next += shape->members[i].size;
	}
	return out;
}

void *structs_in(struct call *call, const struct shape *shape, jobjectArray list, const char *name)
{
	const size_t n = length(call, list);
	void **places = take(call, n, sizeof *places);
	for (size_t i = 0; i < n && !call->failed; i++) {
		jobject one = element(call, list, i);
		places[i] = struct_in(call, shape, array_in(call, one), name);
		leave(call, one);
	}
	return places;
}

struct bytes packed(struct call *call, const struct shape *shape, const void *structs, size_t n)
{
	struct bytes all = {NULL, n * packed_size(shape)};
	uint8_t *next = all.bytes = take(call, n, packed_size(shape));
	const uint8_t *from = structs;
	for (; next != NULL && n > 0; n--, from += shape->size)
		for (size_t i = 0; i < shape->n; i++) {
			memcpy(next, from + shape->members[i].offset, shape->members[i].size);
			next += shape->members[i].size;
		}
	return all;
}

void *object_in(struct call *call, size_t size, fill *fill, jobjectArray members)
{
	void *out = members == NULL ? NULL : take(call, 1, size);
	if (out != NULL)
		fill(call, out, members);
	return out;
}

void *objects_in(struct call *call, size_t size, fill *fill, jobjectArray list)
{
	const size_t n = length(call, list);
	uint8_t *out = take(call, n, size);
	for (size_t i = 0; i < n && !call->failed; i++) {
		jobject one = element(call, list, i);
		if (one != NULL)
			fill(call, out + i * size, one);
		leave(call, one);
	}
	return out;
}

struct bytes array_at(struct call *call, jobjectArray members, jsize place)
{
	jobject one = element(call, members, (size_t)place);
	const struct bytes b = array_in(call, one);
	leave(call, one);
	return b;
}

struct bytes buffer_at(struct call *call, jobjectArray members, jsize place)
{
	jobject one = element(call, members, (size_t)place);
	const struct bytes b = buffer_in(call, one);
	leave(call, one);
	return b;
}

uint32_t number_at(struct call *call, jobjectArray members, jsize place, jsize number)
{
	jobject numbers = element(call, members, (size_t)place);
	jint found = 0;
	if (numbers != NULL)
		(*call->env)->GetIntArrayRegion(call->env, numbers, number, 1, &found);
	fine(call);
	leave(call, numbers);
	return (uint32_t)found;
}

/* ---- Outputs ---------------------------------------------------------------------------------*/

struct output room(struct call *call, size_t size)
{
	struct output out = {.size = size, .len = (call->taken + GROWTH) / size};
	out.capacity = out.len;
	out.bytes = take(call, out.len, size);
	return out;
}

static bool grown(struct call *call, struct output *out)
{
	const bool more = out->len > out->capacity;
	if (more) {
		out->bytes = take(call, out->len, out->size);
		out->capacity = out->len;
	}
	out->len = out->capacity;
	return more;
}

bool again(struct call *call, struct output *one, struct output *two)
{
	if (call->status != CALLKEY_ERR_BUFFER)
		return false;
	const bool first = grown(call, one), second = two != NULL && grown(call, two);
	return (first || second) && !call->failed;
}

/* Whether the library has written outputs. */
static bool written(struct call *call) { return call->made && fine(call); }

void put_bytes(struct call *call, jbyteArray array, struct bytes bytes)
{
	if (written(call))
		(*call->env)->SetByteArrayRegion(call->env, array, 0, (jsize)bytes.len,
		                                 (const jbyte *)bytes.bytes);
}

void put_ints(struct call *call, jintArray array, const void *numbers, size_t n)
{
	if (written(call))
		(*call->env)->SetIntArrayRegion(call->env, array, 0, (jsize)n, numbers);
}

void put_sizes(struct call *call, jintArray array, const size_t *numbers, size_t n)
{
	jint *narrow = take(call, n, sizeof *narrow);
	for (size_t i = 0; narrow != NULL && i < n; i++)
		narrow[i] = (jint)numbers[i];
	put_ints(call, array, narrow, n);
}

void put_longs(struct call *call, jlongArray array, const uint64_t *numbers, size_t n)
{
	if (written(call))
		(*call->env)->SetLongArrayRegion(call->env, array, 0, (jsize)n, (const jlong *)numbers);
}

jbyteArray new_array(struct call *call, const void *bytes, size_t len)
{
	if (!fine(call))
		return NULL;
	jbyteArray array = (*call->env)->NewByteArray(call->env, (jsize)len);
	if (array != NULL && len > 0)
		(*call->env)->SetByteArrayRegion(call->env, array, 0, (jsize)len, bytes);
	return array;
}

jobject new_buffer(struct call *call, const void *bytes, size_t len)
{
	if (!fine(call))
		return NULL;
	jobject buffer = (*call->env)->CallStaticObjectMethod(call->env, secret_bytes,
	                                                      secret_bytes_room, (jint)len);
	if (!fine(call))
		return NULL;
	if (len > 0)
		memcpy((*call->env)->GetDirectBufferAddress(call->env, buffer), bytes, len);
	return buffer;
}

jintArray new_ints(struct call *call, const uint32_t *numbers, size_t n)
{
	if (!fine(call))
		return NULL;
	jintArray array = (*call->env)->NewIntArray(call->env, (jsize)n);
	if (array != NULL)
		(*call->env)->SetIntArrayRegion(call->env, array, 0, (jsize)n, (const jint *)numbers);
	return array;
}

jobjectArray new_pair(struct call *call, jobject one, jobject two)
{
	if (!fine(call))
		return NULL;
	jobjectArray pair = (*call->env)->NewObjectArray(call->env, 2, object, one);
	if (pair != NULL)
		(*call->env)->SetObjectArrayElement(call->env, pair, 1, two);
	return pair;
}
