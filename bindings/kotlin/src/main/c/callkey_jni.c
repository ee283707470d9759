/*
 * callkey.h for the JVM and Android: each function here is the external function of the same name in Native.kt.
 *
 * A secret is in a direct buffer, which no garbage collector moves or copies. Other bytes and all texts are arrays.
 * They are copied in and out, because a call may wait for a disk and may not hold up the collector, as
 * GetPrimitiveArrayCritical would. A text is UTF-8 with its NUL, never the JVM's modified UTF-8.
 *
 * A failure is thrown here and not in Kotlin: the library keeps its error text for the thread, and a virtual thread may
 * be on another one when the next native function runs.
 */
#include <jni.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "callkey.h"

#define NATIVE(type, name) JNIEXPORT type JNICALL Java_callkey_Native_##name

/* The longest text of callkey_last_error, with its NUL. */
#define LAST_ERROR_BYTES 512

static jclass failure, secret_bytes;
static jmethodID failure_raise, secret_bytes_room;

JNIEXPORT jint JNICALL JNI_OnLoad(JavaVM *vm, void *reserved)
{
	JNIEnv *env;
	(void)reserved;
	if ((*vm)->GetEnv(vm, (void **)&env, JNI_VERSION_1_6) != JNI_OK)
		return JNI_ERR;
	jclass found = (*env)->FindClass(env, "callkey/Failure");
	if (found == NULL || (failure = (*env)->NewGlobalRef(env, found)) == NULL)
		return JNI_ERR;
	failure_raise = (*env)->GetStaticMethodID(env, failure, "raise", "(I[BI)V");
	if (failure_raise == NULL || (found = (*env)->FindClass(env, "callkey/SecretBytes")) == NULL)
		return JNI_ERR;
	if ((secret_bytes = (*env)->NewGlobalRef(env, found)) == NULL)
		return JNI_ERR;
	secret_bytes_room = (*env)->GetStaticMethodID(env, secret_bytes, "room", "(I)Ljava/nio/ByteBuffer;");
	return secret_bytes_room == NULL ? JNI_ERR : JNI_VERSION_1_6;
}

/* ---- Failures --------------------------------------------------------------------------------*/

static jbyteArray array_of(JNIEnv *env, const void *bytes, size_t len)
{
	jbyteArray array = (*env)->NewByteArray(env, (jsize)len);
	if (array != NULL && len > 0)
		(*env)->SetByteArrayRegion(env, array, 0, (jsize)len, bytes);
	return array;
}

static void out_of_memory(JNIEnv *env)
{
	jclass error = (*env)->FindClass(env, "java/lang/OutOfMemoryError");
	if (error != NULL)
		(*env)->ThrowNew(env, error, "no memory for a call of libcallkey");
}

/* Whether the status is CALLKEY_OK; if not, its exception is thrown. */
static bool ok(JNIEnv *env, callkey_status status)
{
	char text[LAST_ERROR_BYTES];
	size_t len = sizeof text;
	uint32_t number = 0;
	if (status == CALLKEY_OK)
		return true;
	if (callkey_last_error(text, &len) != CALLKEY_OK || len == 0)
		len = 1;
	if (callkey_last_errno(&number) != CALLKEY_OK)
		number = 0;
	jbyteArray words = array_of(env, text, len - 1);
	if (words != NULL)
		(*env)->CallStaticVoidMethod(env, failure, failure_raise, (jint)status, words, (jint)number);
	return false;
}

/* ---- Inputs ----------------------------------------------------------------------------------*/

/* A secret's own bytes; NULL if there is no buffer. */
struct secret {
	uint8_t *bytes;
	size_t len;
};

static struct secret secret_of(JNIEnv *env, jobject buffer)
{
	struct secret s = { NULL, 0 };
	if (buffer != NULL) {
		s.bytes = (*env)->GetDirectBufferAddress(env, buffer);
		s.len = (size_t)(*env)->GetDirectBufferCapacity(env, buffer);
	}
	return s;
}

/* A copy of an array, erased when it is dropped; NULL if there is no array. */
struct copy {
	uint8_t *bytes;
	size_t len;
};

static bool take(JNIEnv *env, struct copy *copy, jbyteArray array)
{
	copy->bytes = NULL;
	copy->len = 0;
	if (array == NULL)
		return true;
	size_t len = (size_t)(*env)->GetArrayLength(env, array);
	/* One more, because empty bytes are not NULL. */
	copy->bytes = malloc(len + 1);
	if (copy->bytes == NULL) {
		out_of_memory(env);
		return false;
	}
	copy->len = len;
	(*env)->GetByteArrayRegion(env, array, 0, (jsize)len, (jbyte *)copy->bytes);
	return true;
}

static void drop(struct copy *copy)
{
	callkey_wipe(copy->bytes, copy->len);
	free(copy->bytes);
}

static const char *text(const struct copy *copy) { return (const char *)copy->bytes; }

/* Copies of the arrays in a list. */
struct copies {
	size_t n;
	struct copy *each;
	const uint8_t **bytes; /* the place of each */
	size_t *lens;
};

static void drop_all(struct copies *all)
{
	for (size_t i = 0; all->each != NULL && i < all->n; i++)
		drop(&all->each[i]);
	free(all->each);
	free(all->bytes);
	free(all->lens);
}

static bool take_all(JNIEnv *env, struct copies *all, jobjectArray list)
{
	all->n = list == NULL ? 0 : (size_t)(*env)->GetArrayLength(env, list);
	all->each = calloc(all->n + 1, sizeof *all->each);
	all->bytes = calloc(all->n + 1, sizeof *all->bytes);
	all->lens = calloc(all->n + 1, sizeof *all->lens);
	if (all->each == NULL || all->bytes == NULL || all->lens == NULL) {
		out_of_memory(env);
		drop_all(all);
		return false;
	}
	for (size_t i = 0; i < all->n; i++) {
		jbyteArray one = (*env)->GetObjectArrayElement(env, list, (jsize)i);
		if ((*env)->ExceptionCheck(env) || !take(env, &all->each[i], one)) {
			drop_all(all);
			return false;
		}
		(*env)->DeleteLocalRef(env, one);
		all->bytes[i] = all->each[i].bytes;
		all->lens[i] = all->each[i].len;
	}
	return true;
}

static const char *const *texts(const struct copies *all) { return (const char *const *)all->bytes; }

/* ---- Outputs ---------------------------------------------------------------------------------*/

/* A variable output. Its size is asked for first; it may grow until the next attempt, because padding is random and
 * other threads advance the session:
 *
 *     do
 *         status = callkey_...(out.bytes, &out.len, ...);
 *     while (again(&out, status));
 */
struct output {
	uint8_t *bytes;
	size_t len, capacity;
	bool lost; /* there was no memory */
};

static bool again(struct output *out, callkey_status status)
{
	if (status != CALLKEY_ERR_BUFFER || out->len <= out->capacity)
		return false;
	if (out->bytes != NULL)
		callkey_wipe(out->bytes, out->capacity);
	free(out->bytes);
	out->capacity = out->len;
	out->bytes = malloc(out->len);
	out->lost = out->bytes == NULL;
	return !out->lost;
}

static bool made(JNIEnv *env, const struct output *out, callkey_status status)
{
	if (out->lost) {
		out_of_memory(env);
		return false;
	}
	return ok(env, status);
}

static void forget(struct output *out)
{
	if (out->bytes != NULL)
		callkey_wipe(out->bytes, out->capacity);
	free(out->bytes);
}

/* The output as an array. NULL if the exception of the status, or another one, is thrown. */
static jbyteArray array_made(JNIEnv *env, struct output *out, callkey_status status)
{
	jbyteArray array = made(env, out, status) ? array_of(env, out->bytes, out->len) : NULL;
	forget(out);
	return array;
}

/* The same for a text, which leaves out its NUL. */
static jbyteArray text_made(JNIEnv *env, struct output *out, callkey_status status)
{
	jbyteArray array = made(env, out, status) ? array_of(env, out->bytes, out->len - 1) : NULL;
	forget(out);
	return array;
}

/* The same for a secret: a new direct buffer. */
static jobject buffer_of(JNIEnv *env, const uint8_t *bytes, size_t len)
{
	jobject buffer = (*env)->CallStaticObjectMethod(env, secret_bytes, secret_bytes_room, (jint)len);
	if ((*env)->ExceptionCheck(env))
		return NULL;
	if (len > 0)
		memcpy((*env)->GetDirectBufferAddress(env, buffer), bytes, len);
	return buffer;
}

static jobject buffer_made(JNIEnv *env, struct output *out, callkey_status status)
{
	jobject buffer = made(env, out, status) ? buffer_of(env, out->bytes, out->len) : NULL;
	forget(out);
	return buffer;
}

/* ---- Library ---------------------------------------------------------------------------------*/

NATIVE(jint, abiVersion)(JNIEnv *env, jobject self)
{
	(void)env, (void)self;
	return (jint)callkey_abi_version();
}

NATIVE(jbyteArray, version)(JNIEnv *env, jobject self)
{
	(void)self;
	const char *version = callkey_version();
	return array_of(env, version, strlen(version));
}

NATIVE(jbyteArray, statusName)(JNIEnv *env, jobject self, jint status)
{
	(void)self;
	const char *name = callkey_status_name(status);
	return array_of(env, name, strlen(name));
}

NATIVE(jbyteArray, statusText)(JNIEnv *env, jobject self, jint status)
{
	(void)self;
	const char *words = callkey_status_text(status);
	return array_of(env, words, strlen(words));
}

NATIVE(void, selftest)(JNIEnv *env, jobject self)
{
	(void)self;
	ok(env, callkey_selftest());
}

/* ---- The key ---------------------------------------------------------------------------------*/

NATIVE(void, generate)(JNIEnv *env, jobject self, jobject out)
{
	(void)self;
	ok(env, callkey_generate(secret_of(env, out).bytes));
}

NATIVE(void, check)(JNIEnv *env, jobject self, jobject key)
{
	(void)self;
	struct secret k = secret_of(env, key);
	ok(env, callkey_check(k.bytes, k.len));
}

NATIVE(jbyteArray, fingerprint)(JNIEnv *env, jobject self, jobject key)
{
	(void)self;
	struct secret k = secret_of(env, key);
	uint8_t out[CALLKEY_FINGERPRINT_BYTES];
	return ok(env, callkey_fingerprint(out, k.bytes, k.len)) ? array_of(env, out, sizeof out) : NULL;
}

NATIVE(void, wipe)(JNIEnv *env, jobject self, jobject secret)
{
	(void)self;
	struct secret s = secret_of(env, secret);
	callkey_wipe(s.bytes, s.len);
}

/* ---- Derivation ------------------------------------------------------------------------------*/

NATIVE(jbyteArray, participantId)(JNIEnv *env, jobject self, jbyteArray jid)
{
	(void)self;
	struct copy j;
	struct output out = { 0 };
	callkey_status status;
	if (!take(env, &j, jid))
		return NULL;
	do
		status = callkey_participant_id((char *)out.bytes, &out.len, text(&j));
	while (again(&out, status));
	drop(&j);
	return text_made(env, &out, status);
}

NATIVE(void, deriveE2eKeys)(JNIEnv *env, jobject self, jobject out, jobject key, jbyteArray participant)
{
	(void)self;
	struct secret o = secret_of(env, out), k = secret_of(env, key);
	struct copy p;
	if (!take(env, &p, participant))
		return;
	ok(env, callkey_derive_e2e_keys((callkey_srtp_keys *)o.bytes, k.bytes, k.len, text(&p)));
	drop(&p);
}

NATIVE(void, deriveE2eKeysRaw)(JNIEnv *env, jobject self, jobject out, jobject raw, jbyteArray participant)
{
	(void)self;
	struct secret o = secret_of(env, out), r = secret_of(env, raw);
	struct copy p;
	if (!take(env, &p, participant))
		return;
	ok(env, callkey_derive_e2e_keys_raw((callkey_srtp_keys *)o.bytes, r.bytes, r.len, text(&p)));
	drop(&p);
}

NATIVE(void, deriveE2eKeysBatch)(JNIEnv *env, jobject self, jobject out, jintArray statuses, jobject key,
                                 jobjectArray participants)
{
	(void)self;
	struct secret o = secret_of(env, out), k = secret_of(env, key);
	struct copies p;
	if (!take_all(env, &p, participants))
		return;
	callkey_status *each = calloc(p.n + 1, sizeof *each);
	if (each == NULL)
		out_of_memory(env);
	else if (ok(env, callkey_derive_e2e_keys_batch((callkey_srtp_keys *)o.bytes, each, k.bytes, k.len, texts(&p), p.n)))
		(*env)->SetIntArrayRegion(env, statuses, 0, (jsize)p.n, each);
	free(each);
	drop_all(&p);
}

NATIVE(void, deriveE2eSframeKey)(JNIEnv *env, jobject self, jobject out, jobject key, jbyteArray participant)
{
	(void)self;
	struct secret k = secret_of(env, key);
	struct copy p;
	if (!take(env, &p, participant))
		return;
	ok(env, callkey_derive_e2e_sframe_key(secret_of(env, out).bytes, k.bytes, k.len, text(&p)));
	drop(&p);
}

NATIVE(void, deriveWarpAuthKey)(JNIEnv *env, jobject self, jobject out, jobject key)
{
	(void)self;
	struct secret k = secret_of(env, key);
	ok(env, callkey_derive_warp_auth_key(secret_of(env, out).bytes, k.bytes, k.len));
}

NATIVE(void, deriveHbhKeys)(JNIEnv *env, jobject self, jobject out, jobject hbh_key, jint which)
{
	(void)self;
	struct secret o = secret_of(env, out);
	ok(env, callkey_derive_hbh_keys((callkey_srtp_keys *)o.bytes, secret_of(env, hbh_key).bytes, (uint32_t)which));
}

NATIVE(jintArray, deriveSsrcs)(JNIEnv *env, jobject self, jbyteArray call_id, jbyteArray participant)
{
	(void)self;
	uint32_t out[CALLKEY_SSRC_COUNT];
	jintArray array = NULL;
	struct copy c, p;
	if (!take(env, &c, call_id))
		return NULL;
	if (take(env, &p, participant)) {
		if (ok(env, callkey_derive_ssrcs(out, text(&c), text(&p))) &&
		    (array = (*env)->NewIntArray(env, CALLKEY_SSRC_COUNT)) != NULL)
			(*env)->SetIntArrayRegion(env, array, 0, CALLKEY_SSRC_COUNT, (const jint *)out);
		drop(&p);
	}
	drop(&c);
	return array;
}

NATIVE(jobject, rawE2eDecode)(JNIEnv *env, jobject self, jobject content)
{
	(void)self;
	struct secret c = secret_of(env, content);
	struct output out = { 0 };
	callkey_status status;
	do
		status = callkey_raw_e2e_decode(out.bytes, &out.len, c.bytes, c.len);
	while (again(&out, status));
	return buffer_made(env, &out, status);
}

NATIVE(jint, selectParticipant)(JNIEnv *env, jobject self, jobject key, jobjectArray participants, jbyteArray packet,
                                jint roc, jint tag_len)
{
	(void)self;
	struct secret k = secret_of(env, key);
	struct copies p;
	struct copy rtp;
	size_t index = 0;
	if (!take_all(env, &p, participants))
		return 0;
	if (take(env, &rtp, packet)) {
		ok(env, callkey_select_participant(&index, k.bytes, k.len, texts(&p), p.n, rtp.bytes, rtp.len, (uint32_t)roc,
		                                   (uint32_t)tag_len));
		drop(&rtp);
	}
	drop_all(&p);
	return (jint)index;
}

/* ---- Media frames ----------------------------------------------------------------------------*/

NATIVE(jbyteArray, warpTag)(JNIEnv *env, jobject self, jobject auth_key, jbyteArray packet, jint roc)
{
	(void)self;
	struct secret k = secret_of(env, auth_key);
	uint8_t out[CALLKEY_WARP_TAG_BYTES];
	struct copy p;
	if (!take(env, &p, packet))
		return NULL;
	jbyteArray tag = NULL;
	if (ok(env, callkey_warp_tag(out, k.bytes, k.len, p.bytes, p.len, (uint32_t)roc)))
		tag = array_of(env, out, sizeof out);
	drop(&p);
	return tag;
}

NATIVE(jbyteArray, sframeSeal)(JNIEnv *env, jobject self, jobject key, jbyteArray payload, jlong counter, jlong key_id)
{
	(void)self;
	struct secret k = secret_of(env, key);
	struct output out = { 0 };
	struct copy p;
	callkey_status status;
	if (!take(env, &p, payload))
		return NULL;
	do
		status = callkey_sframe_seal(out.bytes, &out.len, k.bytes, k.len, p.bytes, p.len, (uint64_t)counter,
		                             (uint64_t)key_id);
	while (again(&out, status));
	drop(&p);
	return array_made(env, &out, status);
}

/* numbers: counter, key id. */
NATIVE(jbyteArray, sframeOpen)(JNIEnv *env, jobject self, jlongArray numbers, jobject key, jbyteArray frame)
{
	(void)self;
	struct secret k = secret_of(env, key);
	struct output out = { 0 };
	struct copy f;
	uint64_t counter, key_id;
	callkey_status status;
	if (!take(env, &f, frame))
		return NULL;
	do
		status = callkey_sframe_open(out.bytes, &out.len, &counter, &key_id, k.bytes, k.len, f.bytes, f.len);
	while (again(&out, status));
	const jlong both[] = { (jlong)counter, (jlong)key_id };
	if (status == CALLKEY_OK)
		(*env)->SetLongArrayRegion(env, numbers, 0, 2, both);
	drop(&f);
	return array_made(env, &out, status);
}
