/*
 * callkey.h for the JVM and Android: each function here is the external function of the same name
 * in Native.kt.
 *
 * A secret is in a direct buffer, which no garbage collector moves or copies. Other bytes and all
 * texts are arrays. They are copied in and out, because a call may wait for a disk and may not hold
 * up the collector, as GetPrimitiveArrayCritical would. A text is UTF-8 with its NUL, never the
 * JVM's modified UTF-8.
 *
 * A failure is thrown here and not in Kotlin: the library keeps its error text for the thread, and
 * a virtual thread may be on another one when the next native function runs.
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
	secret_bytes_room = (*env)->GetStaticMethodID(env, secret_bytes, "room",
	                                              "(I)Ljava/nio/ByteBuffer;");
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
		(*env)->CallStaticVoidMethod(env, failure, failure_raise, (jint)status, words,
		                             (jint)number);
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
	struct secret s = {NULL, 0};
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

static const char *const *texts(const struct copies *all)
{
	return (const char *const *)all->bytes;
}

/* ---- Outputs ---------------------------------------------------------------------------------*/

/* A variable output. Its size is asked for first; it may grow until the next attempt, because
 * padding is random and other threads advance the session:
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
	jobject buffer = (*env)->CallStaticObjectMethod(env, secret_bytes, secret_bytes_room,
	                                                (jint)len);
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
	return ok(env, callkey_fingerprint(out, k.bytes, k.len)) ? array_of(env, out, sizeof out)
	                                                         : NULL;
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
	struct output out = {0};
	callkey_status status;
	if (!take(env, &j, jid))
		return NULL;
	do
		status = callkey_participant_id((char *)out.bytes, &out.len, text(&j));
	while (again(&out, status));
	drop(&j);
	return text_made(env, &out, status);
}

NATIVE(void, deriveE2eKeys)
(JNIEnv *env, jobject self, jobject out, jobject key, jbyteArray participant)
{
	(void)self;
	struct secret o = secret_of(env, out), k = secret_of(env, key);
	struct copy p;
	if (!take(env, &p, participant))
		return;
	ok(env, callkey_derive_e2e_keys((callkey_srtp_keys *)o.bytes, k.bytes, k.len, text(&p)));
	drop(&p);
}

NATIVE(void, deriveE2eKeysRaw)
(JNIEnv *env, jobject self, jobject out, jobject raw, jbyteArray participant)
{
	(void)self;
	struct secret o = secret_of(env, out), r = secret_of(env, raw);
	struct copy p;
	if (!take(env, &p, participant))
		return;
	ok(env, callkey_derive_e2e_keys_raw((callkey_srtp_keys *)o.bytes, r.bytes, r.len, text(&p)));
	drop(&p);
}

NATIVE(void, deriveE2eKeysBatch)
(JNIEnv *env, jobject self, jobject out, jintArray statuses, jobject key, jobjectArray participants)
{
	(void)self;
	struct secret o = secret_of(env, out), k = secret_of(env, key);
	struct copies p;
	if (!take_all(env, &p, participants))
		return;
	callkey_status *each = calloc(p.n + 1, sizeof *each);
	if (each == NULL)
		out_of_memory(env);
	else if (ok(env, callkey_derive_e2e_keys_batch((callkey_srtp_keys *)o.bytes, each, k.bytes,
	                                               k.len, texts(&p), p.n)))
		(*env)->SetIntArrayRegion(env, statuses, 0, (jsize)p.n, each);
	free(each);
	drop_all(&p);
}

NATIVE(void, deriveE2eSframeKey)
(JNIEnv *env, jobject self, jobject out, jobject key, jbyteArray participant)
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
	ok(env, callkey_derive_hbh_keys((callkey_srtp_keys *)o.bytes, secret_of(env, hbh_key).bytes,
	                                (uint32_t)which));
}

NATIVE(jintArray, deriveSsrcs)
(JNIEnv *env, jobject self, jbyteArray call_id, jbyteArray participant)
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
	struct output out = {0};
	callkey_status status;
	do
		status = callkey_raw_e2e_decode(out.bytes, &out.len, c.bytes, c.len);
	while (again(&out, status));
	return buffer_made(env, &out, status);
}

NATIVE(jint, selectParticipant)
(JNIEnv *env, jobject self, jobject key, jobjectArray participants, jbyteArray packet, jint roc,
 jint tag_len)
{
	(void)self;
	struct secret k = secret_of(env, key);
	struct copies p;
	struct copy rtp;
	size_t index = 0;
	if (!take_all(env, &p, participants))
		return 0;
	if (take(env, &rtp, packet)) {
		ok(env, callkey_select_participant(&index, k.bytes, k.len, texts(&p), p.n, rtp.bytes,
		                                   rtp.len, (uint32_t)roc, (uint32_t)tag_len));
		drop(&rtp);
	}
	drop_all(&p);
	return (jint)index;
}

/* ---- Media frames ----------------------------------------------------------------------------*/

NATIVE(jbyteArray, warpTag)
(JNIEnv *env, jobject self, jobject auth_key, jbyteArray packet, jint roc)
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

NATIVE(jbyteArray, sframeSeal)
(JNIEnv *env, jobject self, jobject key, jbyteArray payload, jlong counter, jlong key_id)
{
	(void)self;
	struct secret k = secret_of(env, key);
	struct output out = {0};
	struct copy p;
	callkey_status status;
	if (!take(env, &p, payload))
		return NULL;
	do
		status = callkey_sframe_seal(out.bytes, &out.len, k.bytes, k.len, p.bytes, p.len,
		                             (uint64_t)counter, (uint64_t)key_id);
	while (again(&out, status));
	drop(&p);
	return array_made(env, &out, status);
}

/* numbers: counter, key id. */
NATIVE(jbyteArray, sframeOpen)
(JNIEnv *env, jobject self, jlongArray numbers, jobject key, jbyteArray frame)
{
	(void)self;
	struct secret k = secret_of(env, key);
	struct output out = {0};
	struct copy f;
	uint64_t counter, key_id;
	callkey_status status;
	if (!take(env, &f, frame))
		return NULL;
	do
		status = callkey_sframe_open(out.bytes, &out.len, &counter, &key_id, k.bytes, k.len,
		                             f.bytes, f.len);
	while (again(&out, status));
	const jlong both[] = {(jlong)counter, (jlong)key_id};
	if (status == CALLKEY_OK)
		(*env)->SetLongArrayRegion(env, numbers, 0, 2, both);
	drop(&f);
	return array_made(env, &out, status);
}

/* ---- Structs ---------------------------------------------------------------------------------*/

/* A struct crosses as its bytes. One that starts with its size crosses without it, so that it has
 * the same bytes on every processor of one byte order. */
_Static_assert(sizeof(callkey_identity) == 36 && sizeof(callkey_prekey) == 36,
               "a struct has padding");
_Static_assert(sizeof(callkey_signed_prekey) == 100, "a struct has padding");
_Static_assert(sizeof(callkey_prekey_bundle) == sizeof(size_t) + 176, "a struct has padding");
_Static_assert(sizeof(callkey_message_info) == sizeof(size_t) + 80, "a struct has padding");
_Static_assert(sizeof(callkey_call_info) == sizeof(size_t) + 568, "a struct has padding");

#define BEHIND_SIZE(s) ((uint8_t *)(s) + sizeof(size_t)), (sizeof *(s) - sizeof(size_t))

static callkey_prekey_bundle bundle_of(const struct copy *copy)
{
	callkey_prekey_bundle b = CALLKEY_PREKEY_BUNDLE_INIT;
	memcpy((uint8_t *)&b + sizeof b.struct_size, copy->bytes, sizeof b - sizeof b.struct_size);
	return b;
}

/* The info of a stanza goes into the array whatever the status. */
static void tell(JNIEnv *env, jbyteArray out, const callkey_call_info *info)
{
	(*env)->SetByteArrayRegion(env, out, 0, (jsize)(sizeof *info - sizeof info->struct_size),
	                           (const jbyte *)info + sizeof info->struct_size);
}

/* numbers: registration id, begun, flags, archived, kept keys. The result is the identity key. */
static jbyteArray session_info(JNIEnv *env, jlongArray numbers, const callkey_session_info *info,
                               callkey_status status)
{
	if (!ok(env, status))
		return NULL;
	const jlong all[] = {info->registration_id, (jlong)info->begun, info->flags, info->archived,
	                     info->kept_keys};
	(*env)->SetLongArrayRegion(env, numbers, 0, sizeof all / sizeof *all, all);
	return array_of(env, info->identity_key, sizeof info->identity_key);
}

/* The options of an offer. parts: stanza_id, to, call_id, call_creator, capability, privacy_token,
 * device_identity, video_enc, video_dec, each may be null; numbers: flags, video_width,
 * video_height, video_device_orientation. */
struct options {
	struct copies parts;
	callkey_offer_options c;
	const callkey_offer_options *given; /* NULL without numbers */
};

static bool take_options(JNIEnv *env, struct options *o, jobjectArray parts, jintArray numbers)
{
	jint n[4];
	o->given = NULL;
	if (!take_all(env, &o->parts, parts))
		return false;
	if (numbers == NULL)
		return true;
	(*env)->GetIntArrayRegion(env, numbers, 0, 4, n);
	const uint8_t **bytes = o->parts.bytes;
	const size_t *lens = o->parts.lens;
	o->c = (callkey_offer_options)CALLKEY_OFFER_OPTIONS_INIT;
	o->c.stanza_id = (const char *)bytes[0];
	o->c.to = (const char *)bytes[1];
	o->c.call_id = (const char *)bytes[2];
	o->c.call_creator = (const char *)bytes[3];
	o->c.capability = bytes[4];
	o->c.capability_len = lens[4];
	o->c.privacy_token = bytes[5];
	o->c.privacy_token_len = lens[5];
	o->c.device_identity = bytes[6];
	o->c.device_identity_len = lens[6];
	o->c.video_enc = (const char *)bytes[7];
	o->c.video_dec = (const char *)bytes[8];
	o->c.flags = (uint32_t)n[0];
	o->c.video_width = (uint32_t)n[1];
	o->c.video_height = (uint32_t)n[2];
	o->c.video_device_orientation = (uint32_t)n[3];
	o->given = &o->c;
	return true;
}

/* ---- Plaintexts and stanzas ------------------------------------------------------------------*/

NATIVE(jobject, plaintextEncode)(JNIEnv *env, jobject self, jobject key)
{
	(void)self;
	struct secret k = secret_of(env, key);
	struct output out = {0};
	callkey_status status;
	do
		status = callkey_plaintext_encode(out.bytes, &out.len, k.bytes, k.len);
	while (again(&out, status));
	return buffer_made(env, &out, status);
}

NATIVE(void, plaintextDecode)
(JNIEnv *env, jobject self, jobject out, jobject plaintext, jint version)
{
	(void)self;
	struct secret p = secret_of(env, plaintext);
	ok(env, callkey_plaintext_decode(secret_of(env, out).bytes, p.bytes, p.len, (uint32_t)version));
}

NATIVE(jbyteArray, offerBuild)
(JNIEnv *env, jobject self, jobjectArray jids, jintArray types, jobjectArray ciphertexts,
 jobjectArray parts, jintArray numbers)
{
	(void)self;
	struct copies j, c;
	struct options o;
	struct output out = {0};
	callkey_status status = CALLKEY_OK;
	jbyteArray stanza = NULL;
	if (!take_all(env, &j, jids))
		return NULL;
	if (take_all(env, &c, ciphertexts)) {
		if (take_options(env, &o, parts, numbers)) {
			callkey_enc *encs = calloc(j.n + 1, sizeof *encs);
			jint *kinds = calloc(j.n + 1, sizeof *kinds);
			if (encs == NULL || kinds == NULL) {
				out_of_memory(env);
			} else {
				(*env)->GetIntArrayRegion(env, types, 0, (jsize)j.n, kinds);
				for (size_t i = 0; i < j.n; i++)
					encs[i] = (callkey_enc){texts(&j)[i], (uint32_t)kinds[i], c.bytes[i],
					                        c.lens[i]};
				do
					status = callkey_offer_build(out.bytes, &out.len, encs, j.n, o.given);
				while (again(&out, status));
				stanza = array_made(env, &out, status);
			}
			free(encs);
			free(kinds);
			drop_all(&o.parts);
		}
		drop_all(&c);
	}
	drop_all(&j);
	return stanza;
}

NATIVE(jbyteArray, offerParse)
(JNIEnv *env, jobject self, jbyteArray info, jbyteArray stanza, jobjectArray own)
{
	(void)self;
	struct copy s;
	struct copies o;
	struct output out = {0};
	callkey_call_info c = CALLKEY_CALL_INFO_INIT;
	callkey_status status;
	if (!take(env, &s, stanza))
		return NULL;
	if (!take_all(env, &o, own)) {
		drop(&s);
		return NULL;
	}
	do
		status = callkey_offer_parse(out.bytes, &out.len, &c, s.bytes, s.len, texts(&o), o.n);
	while (again(&out, status));
	tell(env, info, &c);
	drop_all(&o);
	drop(&s);
	return array_made(env, &out, status);
}

NATIVE(jbyteArray, rekeyBuild)
(JNIEnv *env, jobject self, jbyteArray jid, jint type, jbyteArray ciphertext, jint transaction_id,
 jobjectArray parts, jintArray numbers)
{
	(void)self;
	struct copy j, c;
	struct options o;
	struct output out = {0};
	callkey_status status;
	jbyteArray stanza = NULL;
	if (!take(env, &j, jid))
		return NULL;
	if (take(env, &c, ciphertext)) {
		if (take_options(env, &o, parts, numbers)) {
			const callkey_enc enc = {text(&j), (uint32_t)type, c.bytes, c.len};
			do
				status = callkey_rekey_build(out.bytes, &out.len, &enc, (uint32_t)transaction_id,
				                             &o.c);
			while (again(&out, status));
			stanza = array_made(env, &out, status);
			drop_all(&o.parts);
		}
		drop(&c);
	}
	drop(&j);
	return stanza;
}

NATIVE(jbyteArray, stanzaToXml)(JNIEnv *env, jobject self, jbyteArray stanza)
{
	(void)self;
	struct copy s;
	struct output out = {0};
	callkey_status status;
	if (!take(env, &s, stanza))
		return NULL;
	do
		status = callkey_stanza_to_xml((char *)out.bytes, &out.len, s.bytes, s.len);
	while (again(&out, status));
	drop(&s);
	return text_made(env, &out, status);
}

NATIVE(jbyteArray, stanzaFromXml)(JNIEnv *env, jobject self, jbyteArray xml)
{
	(void)self;
	struct copy x;
	struct output out = {0};
	callkey_status status;
	if (!take(env, &x, xml))
		return NULL;
	do
		status = callkey_stanza_from_xml(out.bytes, &out.len, text(&x));
	while (again(&out, status));
	drop(&x);
	return array_made(env, &out, status);
}

/* ---- Store -----------------------------------------------------------------------------------*/

/* A function of a store and one text. */
static void with_text(JNIEnv *env, jlong store, jbyteArray jid,
                      callkey_status call(callkey_store, const char *))
{
	struct copy j;
	if (!take(env, &j, jid))
		return;
	ok(env, call((callkey_store)store, text(&j)));
	drop(&j);
}

NATIVE(jlong, storeOpen)
(JNIEnv *env, jobject self, jbyteArray path, jobject storage_key, jint flags, jint busy_ms)
{
	(void)self;
	struct secret k = secret_of(env, storage_key);
	callkey_store_options o = CALLKEY_STORE_OPTIONS_INIT;
	callkey_store store = 0;
	struct copy p;
	if (!take(env, &p, path))
		return 0;
	o.flags = (uint32_t)flags;
	o.busy_ms = (uint32_t)busy_ms;
	ok(env, callkey_store_open(&store, text(&p), k.bytes, k.len, &o));
	drop(&p);
	return (jlong)store;
}

NATIVE(void, storeClose)(JNIEnv *env, jobject self, jlong store)
{
	(void)self;
	ok(env, callkey_store_close((callkey_store)store));
}

NATIVE(void, storeCopy)(JNIEnv *env, jobject self, jlong store, jbyteArray path)
{
	(void)self;
	with_text(env, store, path, callkey_store_copy);
}

NATIVE(void, storeChangeKey)(JNIEnv *env, jobject self, jlong store, jobject storage_key)
{
	(void)self;
	struct secret k = secret_of(env, storage_key);
	ok(env, callkey_store_change_key((callkey_store)store, k.bytes, k.len));
}

NATIVE(jbyteArray, storeIdentity)(JNIEnv *env, jobject self, jlong store)
{
	(void)self;
	callkey_identity out;
	return ok(env, callkey_store_identity((callkey_store)store, &out))
	           ? array_of(env, &out, sizeof out)
	           : NULL;
}

/* The result is the registration id. */
NATIVE(jint, storeAccount)(JNIEnv *env, jobject self, jlong store, jobject private_key)
{
	(void)self;
	callkey_account a = CALLKEY_ACCOUNT_INIT;
	if (ok(env, callkey_store_account((callkey_store)store, &a)))
		memcpy(secret_of(env, private_key).bytes, a.private_key, sizeof a.private_key);
	const jint id = (jint)a.registration_id;
	callkey_wipe(&a, sizeof a);
	return id;
}

NATIVE(void, storeImportIdentity)
(JNIEnv *env, jobject self, jlong store, jobject private_key, jint registration_id)
{
	(void)self;
	ok(env, callkey_store_import_identity((callkey_store)store, secret_of(env, private_key).bytes,
	                                      (uint32_t)registration_id));
}

NATIVE(jbyteArray, storeAddPrekeys)(JNIEnv *env, jobject self, jlong store, jint n)
{
	(void)self;
	jbyteArray made = NULL;
	callkey_prekey *out = calloc((size_t)n + 1, sizeof *out);
	if (out == NULL)
		out_of_memory(env);
	else if (ok(env, callkey_store_add_prekeys((callkey_store)store, out, (size_t)n)))
		made = array_of(env, out, (size_t)n * sizeof *out);
	free(out);
	return made;
}

NATIVE(jbyteArray, storeUnpublished)(JNIEnv *env, jobject self, jlong store)
{
	(void)self;
	size_t n = 0, capacity = 0;
	callkey_prekey *out = NULL;
	jbyteArray listed = NULL;
	callkey_status status = callkey_store_unpublished((callkey_store)store, NULL, &n);
	/* Other threads may add some in between. */
	while (status == CALLKEY_ERR_BUFFER && n > capacity) {
		free(out);
		capacity = n;
		out = calloc(n, sizeof *out);
		if (out == NULL) {
			out_of_memory(env);
			return NULL;
		}
		status = callkey_store_unpublished((callkey_store)store, out, &n);
	}
	if (ok(env, status))
		listed = array_of(env, out, n * sizeof *out);
	free(out);
	return listed;
}

NATIVE(void, storePublished)(JNIEnv *env, jobject self, jlong store, jintArray ids)
{
	(void)self;
	const size_t n = (size_t)(*env)->GetArrayLength(env, ids);
	uint32_t *all = calloc(n + 1, sizeof *all);
	if (all == NULL) {
		out_of_memory(env);
		return;
	}
	(*env)->GetIntArrayRegion(env, ids, 0, (jsize)n, (jint *)all);
	ok(env, callkey_store_published((callkey_store)store, all, n));
	free(all);
}

NATIVE(jint, storePrekeysLeft)(JNIEnv *env, jobject self, jlong store)
{
	(void)self;
	size_t n = 0;
	ok(env, callkey_store_prekeys_left((callkey_store)store, &n));
	return (jint)n;
}

NATIVE(jbyteArray, storeRotateSignedPrekey)(JNIEnv *env, jobject self, jlong store)
{
	(void)self;
	callkey_signed_prekey out;
	return ok(env, callkey_store_rotate_signed_prekey((callkey_store)store, &out))
	           ? array_of(env, &out, sizeof out)
	           : NULL;
}

NATIVE(jbyteArray, storeSignedPrekey)(JNIEnv *env, jobject self, jlong store, jlongArray since)
{
	(void)self;
	callkey_signed_prekey out;
	uint64_t seconds;
	if (!ok(env, callkey_store_signed_prekey((callkey_store)store, &out, &seconds)))
		return NULL;
	(*env)->SetLongArrayRegion(env, since, 0, 1, (const jlong[]){(jlong)seconds});
	return array_of(env, &out, sizeof out);
}

NATIVE(void, storeImportPrekey)
(JNIEnv *env, jobject self, jlong store, jint id, jobject private_key)
{
	(void)self;
	ok(env, callkey_store_import_prekey((callkey_store)store, (uint32_t)id,
	                                    secret_of(env, private_key).bytes));
}

NATIVE(void, storeImportSignedPrekey)
(JNIEnv *env, jobject self, jlong store, jint id, jobject private_key)
{
	(void)self;
	ok(env, callkey_store_import_signed_prekey((callkey_store)store, (uint32_t)id,
	                                           secret_of(env, private_key).bytes));
}

NATIVE(jbyteArray, storeTakeBundle)(JNIEnv *env, jobject self, jlong store)
{
	(void)self;
	callkey_prekey_bundle out = CALLKEY_PREKEY_BUNDLE_INIT;
	return ok(env, callkey_store_take_bundle((callkey_store)store, &out))
	           ? array_of(env, BEHIND_SIZE(&out))
	           : NULL;
}

NATIVE(void, storeAlias)(JNIEnv *env, jobject self, jlong store, jbyteArray alias, jbyteArray jid)
{
	(void)self;
	struct copy a, j;
	if (!take(env, &a, alias))
		return;
	if (take(env, &j, jid)) {
		ok(env, callkey_store_alias((callkey_store)store, text(&a), text(&j)));
		drop(&j);
	}
	drop(&a);
}

NATIVE(void, storeUnalias)(JNIEnv *env, jobject self, jlong store, jbyteArray alias)
{
	(void)self;
	with_text(env, store, alias, callkey_store_unalias);
}

NATIVE(jbyteArray, storeNext)
(JNIEnv *env, jobject self, jlong store, jint what, jbyteArray user, jbyteArray after)
{
	(void)self;
	struct copy u, a;
	struct output out = {0};
	callkey_status status;
	if (!take(env, &u, user))
		return NULL;
	if (!take(env, &a, after)) {
		drop(&u);
		return NULL;
	}
	do
		status = callkey_store_next((callkey_store)store, (char *)out.bytes, &out.len,
		                            (uint32_t)what, text(&u), text(&a));
	while (again(&out, status));
	drop(&a);
	drop(&u);
	return text_made(env, &out, status);
}

/* ---- Sessions and identities of other devices ------------------------------------------------*/

NATIVE(void, sessionBegin)
(JNIEnv *env, jobject self, jlong store, jbyteArray jid, jbyteArray bundle)
{
	(void)self;
	struct copy j, b;
	if (!take(env, &j, jid))
		return;
	if (take(env, &b, bundle)) {
		const callkey_prekey_bundle c = bundle_of(&b);
		ok(env, callkey_session_begin((callkey_store)store, text(&j), &c));
		drop(&b);
	}
	drop(&j);
}

NATIVE(void, sessionBeginBatch)
(JNIEnv *env, jobject self, jlong store, jintArray statuses, jobjectArray jids,
 jobjectArray bundles)
{
	(void)self;
	struct copies j, b;
	if (!take_all(env, &j, jids))
		return;
	if (take_all(env, &b, bundles)) {
		callkey_prekey_bundle *each = calloc(j.n + 1, sizeof *each);
		const callkey_prekey_bundle **places = calloc(j.n + 1, sizeof *places);
		callkey_status *told = calloc(j.n + 1, sizeof *told);
		if (each == NULL || places == NULL || told == NULL) {
			out_of_memory(env);
		} else {
			for (size_t i = 0; i < j.n; i++) {
				each[i] = bundle_of(&b.each[i]);
				places[i] = &each[i];
			}
			const callkey_status status = callkey_session_begin_batch((callkey_store)store, told,
			                                                          texts(&j), places, j.n);
			(*env)->SetIntArrayRegion(env, statuses, 0, (jsize)j.n, told);
			ok(env, status);
		}
		free(each);
		free(places);
		free(told);
		drop_all(&b);
	}
	drop_all(&j);
}

NATIVE(void, sessionCheck)(JNIEnv *env, jobject self, jlong store, jbyteArray jid)
{
	(void)self;
	with_text(env, store, jid, callkey_session_check);
}

NATIVE(jbyteArray, sessionInfo)
(JNIEnv *env, jobject self, jlong store, jlongArray numbers, jbyteArray jid)
{
	(void)self;
	callkey_session_info out = CALLKEY_SESSION_INFO_INIT;
	struct copy j;
	if (!take(env, &j, jid))
		return NULL;
	const callkey_status status = callkey_session_info_get((callkey_store)store, &out, text(&j));
	drop(&j);
	return session_info(env, numbers, &out, status);
}

NATIVE(void, sessionRemove)(JNIEnv *env, jobject self, jlong store, jbyteArray jid)
{
	(void)self;
	with_text(env, store, jid, callkey_session_remove);
}

NATIVE(jobject, sessionExport)(JNIEnv *env, jobject self, jlong store, jbyteArray jid)
{
	(void)self;
	struct output out = {0};
	struct copy j;
	callkey_status status;
	if (!take(env, &j, jid))
		return NULL;
	do
		status = callkey_session_export((callkey_store)store, out.bytes, &out.len, text(&j));
	while (again(&out, status));
	drop(&j);
	return buffer_made(env, &out, status);
}

NATIVE(void, sessionImport)(JNIEnv *env, jobject self, jlong store, jbyteArray jid, jobject record)
{
	(void)self;
	struct secret r = secret_of(env, record);
	struct copy j;
	if (!take(env, &j, jid))
		return;
	ok(env, callkey_session_import((callkey_store)store, text(&j), r.bytes, r.len));
	drop(&j);
}

NATIVE(jbyteArray, identityGet)(JNIEnv *env, jobject self, jlong store, jbyteArray jid)
{
	(void)self;
	uint8_t out[CALLKEY_PUBLIC_KEY_BYTES];
	struct copy j;
	jbyteArray key = NULL;
	if (!take(env, &j, jid))
		return NULL;
	if (ok(env, callkey_identity_get((callkey_store)store, out, text(&j))))
		key = array_of(env, out, sizeof out);
	drop(&j);
	return key;
}

NATIVE(void, identityTrust)
(JNIEnv *env, jobject self, jlong store, jbyteArray jid, jbyteArray public_key)
{
	(void)self;
	struct copy j, k;
	if (!take(env, &j, jid))
		return;
	if (take(env, &k, public_key)) {
		ok(env, callkey_identity_trust((callkey_store)store, text(&j), k.bytes));
		drop(&k);
	}
	drop(&j);
}

NATIVE(void, identityRemove)(JNIEnv *env, jobject self, jlong store, jbyteArray jid)
{
	(void)self;
	with_text(env, store, jid, callkey_identity_remove);
}

NATIVE(void, userRemove)(JNIEnv *env, jobject self, jlong store, jbyteArray user)
{
	(void)self;
	with_text(env, store, user, callkey_user_remove);
}

/* ---- Delivery --------------------------------------------------------------------------------*/

static void set_int(JNIEnv *env, jintArray array, uint32_t number)
{
	(*env)->SetIntArrayRegion(env, array, 0, 1, (const jint[]){(jint)number});
}

NATIVE(jbyteArray, encSeal)
(JNIEnv *env, jobject self, jlong store, jintArray type, jbyteArray jid, jobject key)
{
	(void)self;
	struct secret k = secret_of(env, key);
	struct output out = {0};
	struct copy j;
	uint32_t enc_type = CALLKEY_ENC_NONE;
	callkey_status status;
	if (!take(env, &j, jid))
		return NULL;
	do
		status = callkey_enc_seal((callkey_store)store, out.bytes, &out.len, &enc_type, text(&j),
		                          k.bytes, k.len);
	while (again(&out, status));
	set_int(env, type, enc_type);
	drop(&j);
	return array_made(env, &out, status);
}

NATIVE(void, encOpen)
(JNIEnv *env, jobject self, jlong store, jobject out, jbyteArray jid, jint type, jint version,
 jbyteArray ciphertext)
{
	(void)self;
	struct copy j, c;
	if (!take(env, &j, jid))
		return;
	if (take(env, &c, ciphertext)) {
		ok(env, callkey_enc_open((callkey_store)store, secret_of(env, out).bytes, text(&j),
		                         (uint32_t)type, (uint32_t)version, c.bytes, c.len));
		drop(&c);
	}
	drop(&j);
}

NATIVE(jbyteArray, messageSeal)
(JNIEnv *env, jobject self, jlong store, jintArray type, jbyteArray jid, jobject plaintext)
{
	(void)self;
	struct secret p = secret_of(env, plaintext);
	struct output out = {0};
	struct copy j;
	uint32_t enc_type = CALLKEY_ENC_NONE;
	callkey_status status;
	if (!take(env, &j, jid))
		return NULL;
	do
		status = callkey_message_seal((callkey_store)store, out.bytes, &out.len, &enc_type,
		                              text(&j), p.bytes, p.len);
	while (again(&out, status));
	set_int(env, type, enc_type);
	drop(&j);
	return array_made(env, &out, status);
}

NATIVE(jobject, messageOpen)
(JNIEnv *env, jobject self, jlong store, jbyteArray jid, jint type, jbyteArray ciphertext)
{
	(void)self;
	struct output out = {0};
	struct copy j, c;
	callkey_status status;
	if (!take(env, &j, jid))
		return NULL;
	if (!take(env, &c, ciphertext)) {
		drop(&j);
		return NULL;
	}
	do
		status = callkey_message_open((callkey_store)store, out.bytes, &out.len, text(&j),
		                              (uint32_t)type, c.bytes, c.len);
	while (again(&out, status));
	drop(&c);
	drop(&j);
	return buffer_made(env, &out, status);
}

/* What a batch tells of each device: the end of its part of the output, its status, the type of its
 * message. */
struct told {
	size_t n;
	size_t *ends;
	callkey_status *statuses;
	uint32_t *types;
};

static bool begin_batch(JNIEnv *env, struct told *told, size_t n)
{
	told->n = n;
	told->ends = calloc(n + 1, sizeof *told->ends);
	told->statuses = calloc(n + 1, sizeof *told->statuses);
	told->types = calloc(n + 1, sizeof *told->types);
	if (told->ends != NULL && told->statuses != NULL && told->types != NULL)
		return true;
	out_of_memory(env);
	return false;
}

/* ends and types may be NULL. */
static void end_batch(JNIEnv *env, struct told *told, jintArray ends, jintArray statuses,
                      jintArray types)
{
	const jsize n = (jsize)told->n;
	for (jsize i = 0; ends != NULL && i < n; i++)
		(*env)->SetIntArrayRegion(env, ends, i, 1, (const jint[]){(jint)told->ends[i]});
	(*env)->SetIntArrayRegion(env, statuses, 0, n, told->statuses);
	if (types != NULL)
		(*env)->SetIntArrayRegion(env, types, 0, n, (const jint *)told->types);
}

static void free_batch(struct told *told)
{
	free(told->ends);
	free(told->statuses);
	free(told->types);
}

/* plaintexts: one direct buffer, with the end of each in it. */
NATIVE(jbyteArray, messageSealBatch)
(JNIEnv *env, jobject self, jlong store, jintArray ends, jintArray statuses, jintArray types,
 jobjectArray jids, jobject plaintexts, jintArray plaintext_ends)
{
	(void)self;
	struct secret p = secret_of(env, plaintexts);
	struct copies j;
	struct told told;
	struct output out = {0};
	callkey_status status;
	jbyteArray made = NULL;
	if (!take_all(env, &j, jids))
		return NULL;
	if (begin_batch(env, &told, j.n)) {
		const uint8_t **places = calloc(j.n + 1, sizeof *places);
		size_t *lens = calloc(j.n + 1, sizeof *lens);
		if (places == NULL || lens == NULL) {
			out_of_memory(env);
		} else {
			jint start = 0, end;
			for (size_t i = 0; i < j.n; i++, start = end) {
				(*env)->GetIntArrayRegion(env, plaintext_ends, (jsize)i, 1, &end);
				places[i] = p.bytes + start;
				lens[i] = (size_t)(end - start);
			}
			do
				status = callkey_message_seal_batch((callkey_store)store, out.bytes, &out.len,
				                                    told.ends, told.statuses, told.types, texts(&j),
				                                    places, lens, j.n);
			while (again(&out, status));
			end_batch(env, &told, ends, statuses, types);
			made = array_made(env, &out, status);
		}
		free(places);
		free(lens);
	}
	free_batch(&told);
	drop_all(&j);
	return made;
}

NATIVE(void, messageDone)
(JNIEnv *env, jobject self, jlong store, jbyteArray jid, jbyteArray ciphertext)
{
	(void)self;
	struct copy j, c;
	if (!take(env, &j, jid))
		return;
	if (take(env, &c, ciphertext)) {
		ok(env, callkey_message_done((callkey_store)store, text(&j), c.bytes, c.len));
		drop(&c);
	}
	drop(&j);
}

NATIVE(jbyteArray, offerSeal)
(JNIEnv *env, jobject self, jlong store, jintArray statuses, jintArray types, jobject key,
 jobjectArray jids, jobjectArray parts, jintArray numbers)
{
	(void)self;
	struct secret k = secret_of(env, key);
	struct copies j;
	struct options o;
	struct told told;
	struct output out = {0};
	callkey_status status;
	jbyteArray stanza = NULL;
	if (!take_all(env, &j, jids))
		return NULL;
	if (take_options(env, &o, parts, numbers)) {
		if (begin_batch(env, &told, j.n)) {
			do
				status = callkey_offer_seal((callkey_store)store, out.bytes, &out.len,
				                            told.statuses, told.types, k.bytes, k.len, texts(&j),
				                            j.n, o.given);
			while (again(&out, status));
			end_batch(env, &told, NULL, statuses, types);
			stanza = array_made(env, &out, status);
		}
		free_batch(&told);
		drop_all(&o.parts);
	}
	drop_all(&j);
	return stanza;
}

NATIVE(void, offerOpen)
(JNIEnv *env, jobject self, jlong store, jobject out, jbyteArray info, jbyteArray stanza,
 jobjectArray own, jbyteArray sender)
{
	(void)self;
	struct copy s, from;
	struct copies o;
	callkey_call_info c = CALLKEY_CALL_INFO_INIT;
	if (!take(env, &s, stanza))
		return;
	if (take(env, &from, sender)) {
		if (take_all(env, &o, own)) {
			const callkey_status status = callkey_offer_open((callkey_store)store,
			                                                 secret_of(env, out).bytes, &c, s.bytes,
			                                                 s.len, texts(&o), o.n, text(&from));
			tell(env, info, &c);
			ok(env, status);
			drop_all(&o);
		}
		drop(&from);
	}
	drop(&s);
}

NATIVE(jbyteArray, rekeySeal)
(JNIEnv *env, jobject self, jlong store, jobject epoch, jint transaction_id, jbyteArray jid,
 jobjectArray parts, jintArray numbers)
{
	(void)self;
	struct secret e = secret_of(env, epoch);
	struct copy j;
	struct options o;
	struct output out = {0};
	callkey_status status;
	jbyteArray stanza = NULL;
	if (!take(env, &j, jid))
		return NULL;
	if (take_options(env, &o, parts, numbers)) {
		do
			status = callkey_rekey_seal((callkey_store)store, out.bytes, &out.len, e.bytes, e.len,
			                            (uint32_t)transaction_id, text(&j), &o.c);
		while (again(&out, status));
		stanza = array_made(env, &out, status);
		drop_all(&o.parts);
	}
	drop(&j);
	return stanza;
}

NATIVE(jbyteArray, rekeySealBatch)
(JNIEnv *env, jobject self, jlong store, jintArray ends, jintArray statuses, jobject epoch,
 jint transaction_id, jobjectArray jids, jobjectArray parts, jintArray numbers)
{
	(void)self;
	struct secret e = secret_of(env, epoch);
	struct copies j;
	struct options o;
	struct told told;
	struct output out = {0};
	callkey_status status;
	jbyteArray stanzas = NULL;
	if (!take_all(env, &j, jids))
		return NULL;
	if (take_options(env, &o, parts, numbers)) {
		if (begin_batch(env, &told, j.n)) {
			do
				status = callkey_rekey_seal_batch((callkey_store)store, out.bytes, &out.len,
				                                  told.ends, told.statuses, e.bytes, e.len,
				                                  (uint32_t)transaction_id, texts(&j), j.n, &o.c);
			while (again(&out, status));
			end_batch(env, &told, ends, statuses, NULL);
			stanzas = array_made(env, &out, status);
		}
		free_batch(&told);
		drop_all(&o.parts);
	}
	drop_all(&j);
	return stanzas;
}

NATIVE(void, rekeyOpen)
(JNIEnv *env, jobject self, jlong store, jobject out, jbyteArray info, jbyteArray stanza,
 jbyteArray sender)
{
	(void)self;
	struct copy s, from;
	callkey_call_info c = CALLKEY_CALL_INFO_INIT;
	if (!take(env, &s, stanza))
		return;
	if (take(env, &from, sender)) {
		const callkey_status status = callkey_rekey_open(
			(callkey_store)store, secret_of(env, out).bytes, &c, s.bytes, s.len, text(&from));
		tell(env, info, &c);
		ok(env, status);
		drop(&from);
	}
	drop(&s);
}

/* ---- Sessions without a store ----------------------------------------------------------------*/

/* Not a result: that could leave a copy on the stack. */
static void account_of(JNIEnv *env, callkey_account *out, jobject private_key, jint registration_id)
{
	*out = (callkey_account)CALLKEY_ACCOUNT_INIT;
	out->registration_id = (uint32_t)registration_id;
	memcpy(out->private_key, secret_of(env, private_key).bytes, sizeof out->private_key);
}

/* The result is the registration id. */
NATIVE(jint, accountGenerate)(JNIEnv *env, jobject self, jobject private_key)
{
	(void)self;
	callkey_account a = CALLKEY_ACCOUNT_INIT;
	if (ok(env, callkey_account_generate(&a)))
		memcpy(secret_of(env, private_key).bytes, a.private_key, sizeof a.private_key);
	const jint id = (jint)a.registration_id;
	callkey_wipe(&a, sizeof a);
	return id;
}

NATIVE(jbyteArray, accountIdentity)
(JNIEnv *env, jobject self, jobject private_key, jint registration_id)
{
	(void)self;
	callkey_account a;
	account_of(env, &a, private_key, registration_id);
	callkey_identity out;
	const callkey_status status = callkey_account_identity(&out, &a);
	callkey_wipe(&a, sizeof a);
	return ok(env, status) ? array_of(env, &out, sizeof out) : NULL;
}

NATIVE(jbyteArray, accountSign)
(JNIEnv *env, jobject self, jobject private_key, jint registration_id, jbyteArray message)
{
	(void)self;
	uint8_t out[CALLKEY_SIGNATURE_BYTES];
	struct copy m;
	if (!take(env, &m, message))
		return NULL;
	callkey_account a;
	account_of(env, &a, private_key, registration_id);
	const callkey_status status = callkey_account_sign(out, &a, m.bytes, m.len);
	callkey_wipe(&a, sizeof a);
	drop(&m);
	return ok(env, status) ? array_of(env, out, sizeof out) : NULL;
}

NATIVE(jbyteArray, prekeyGenerate)(JNIEnv *env, jobject self, jobject private_key, jint id)
{
	(void)self;
	callkey_prekey out;
	const callkey_status status = callkey_prekey_generate(&out, secret_of(env, private_key).bytes,
	                                                      (uint32_t)id);
	return ok(env, status) ? array_of(env, &out, sizeof out) : NULL;
}

NATIVE(jbyteArray, signedPrekeyGenerate)
(JNIEnv *env, jobject self, jobject private_key, jobject account, jint registration_id, jint id)
{
	(void)self;
	callkey_account a;
	account_of(env, &a, account, registration_id);
	callkey_signed_prekey out;
	const callkey_status status = callkey_signed_prekey_generate(
		&out, secret_of(env, private_key).bytes, &a, (uint32_t)id);
	callkey_wipe(&a, sizeof a);
	return ok(env, status) ? array_of(env, &out, sizeof out) : NULL;
}

NATIVE(jbyteArray, messageParse)(JNIEnv *env, jobject self, jint type, jbyteArray ciphertext)
{
	(void)self;
	callkey_message_info out = CALLKEY_MESSAGE_INFO_INIT;
	struct copy c;
	if (!take(env, &c, ciphertext))
		return NULL;
	const callkey_status status = callkey_message_parse(&out, (uint32_t)type, c.bytes, c.len);
	drop(&c);
	return ok(env, status) ? array_of(env, BEHIND_SIZE(&out)) : NULL;
}

/* What a program knows beside a record. The account may be null, and so may each key. */
struct keys {
	callkey_account account;
	struct copy identity;
	callkey_record_keys c;
};

static bool take_keys(JNIEnv *env, struct keys *k, jbyteArray identity, jobject account,
                      jint registration_id, jobject prekey, jobject signed_prekey)
{
	k->account = (callkey_account)CALLKEY_ACCOUNT_INIT;
	if (!take(env, &k->identity, identity))
		return false;
	if (account != NULL)
		account_of(env, &k->account, account, registration_id);
	k->c = (callkey_record_keys)CALLKEY_RECORD_KEYS_INIT;
	k->c.account = account == NULL ? NULL : &k->account;
	k->c.identity_key = k->identity.bytes;
	k->c.prekey_private = secret_of(env, prekey).bytes;
	k->c.signed_prekey_private = secret_of(env, signed_prekey).bytes;
	return true;
}

static void drop_keys(struct keys *k)
{
	callkey_wipe(&k->account, sizeof k->account);
	drop(&k->identity);
}

/* What a call adds to a record, unless messages were skipped: then it is made again with the size
 * that it tells. */
#define RECORD_GROWTH 2048

/* An output that has room from the start. */
static struct output roomy(size_t capacity)
{
	struct output out = {0};
	out.bytes = malloc(capacity + 1);
	out.lost = out.bytes == NULL;
	out.len = out.capacity = out.lost ? 0 : capacity;
	return out;
}

/* Like again, for two outputs. */
static bool again_both(struct output *one, struct output *two, callkey_status status)
{
	if (one->lost || two->lost || status != CALLKEY_ERR_BUFFER)
		return false;
	const bool first = again(one, status), second = again(two, status);
	one->len = one->capacity;
	two->len = two->capacity;
	return (first || second) && !one->lost && !two->lost;
}

/* The record, and the other output as a buffer or an array. */
static jobjectArray both_made(JNIEnv *env, struct output *record, struct output *other, bool buffer,
                              callkey_status status)
{
	jobjectArray both = NULL;
	if (record->lost || other->lost) {
		out_of_memory(env);
	} else if (ok(env, status)) {
		jobject first = buffer_of(env, record->bytes, record->len), second = NULL;
		if (first != NULL)
			second = buffer ? buffer_of(env, other->bytes, other->len)
			                : array_of(env, other->bytes, other->len);
		jclass object = second == NULL ? NULL : (*env)->FindClass(env, "java/lang/Object");
		both = object == NULL ? NULL : (*env)->NewObjectArray(env, 2, object, first);
		if (both != NULL)
			(*env)->SetObjectArrayElement(env, both, 1, second);
	}
	forget(record);
	forget(other);
	return both;
}

NATIVE(jobject, recordBegin)
(JNIEnv *env, jobject self, jobject record, jbyteArray identity, jobject account,
 jint registration_id, jbyteArray bundle, jlong now)
{
	(void)self;
	struct secret r = secret_of(env, record);
	struct copy b;
	struct keys k;
	callkey_status status;
	if (!take(env, &b, bundle))
		return NULL;
	if (!take_keys(env, &k, identity, account, registration_id, NULL, NULL)) {
		drop(&b);
		return NULL;
	}
	struct output out = roomy(r.len + RECORD_GROWTH);
	const callkey_prekey_bundle c = bundle_of(&b);
	do
		status = callkey_record_begin(out.bytes, &out.len, r.bytes, r.len, &k.c, &c, (uint64_t)now);
	while (again(&out, status));
	drop_keys(&k);
	drop(&b);
	return buffer_made(env, &out, status);
}

NATIVE(jobjectArray, recordSeal)
(JNIEnv *env, jobject self, jintArray type, jobject record, jbyteArray identity, jobject plaintext,
 jlong now)
{
	(void)self;
	struct secret r = secret_of(env, record), p = secret_of(env, plaintext);
	struct keys k;
	uint32_t enc_type = CALLKEY_ENC_NONE;
	callkey_status status;
	if (!take_keys(env, &k, identity, NULL, 0, NULL, NULL))
		return NULL;
	struct output out = roomy(r.len + RECORD_GROWTH),
				  ciphertext = roomy(p.len + CALLKEY_MESSAGE_OVERHEAD_MAX_BYTES);
	do
		status = callkey_record_seal(out.bytes, &out.len, ciphertext.bytes, &ciphertext.len,
		                             &enc_type, r.bytes, r.len, &k.c, p.bytes, p.len,
		                             (uint64_t)now);
	while (again_both(&out, &ciphertext, status));
	set_int(env, type, enc_type);
	drop_keys(&k);
	return both_made(env, &out, &ciphertext, false, status);
}

NATIVE(jobjectArray, recordOpen)
(JNIEnv *env, jobject self, jbyteArray sender, jobject record, jbyteArray identity, jobject account,
 jint registration_id, jobject prekey, jobject signed_prekey, jint type, jbyteArray ciphertext,
 jlong now)
{
	(void)self;
	struct secret r = secret_of(env, record);
	struct keys k;
	struct copy c;
	uint8_t from[CALLKEY_PUBLIC_KEY_BYTES] = {0};
	callkey_status status;
	if (!take(env, &c, ciphertext))
		return NULL;
	if (!take_keys(env, &k, identity, account, registration_id, prekey, signed_prekey)) {
		drop(&c);
		return NULL;
	}
	struct output out = roomy(r.len + RECORD_GROWTH), plaintext = roomy(c.len);
	do
		status = callkey_record_open(out.bytes, &out.len, plaintext.bytes, &plaintext.len, from,
		                             r.bytes, r.len, &k.c, (uint32_t)type, c.bytes, c.len,
		                             (uint64_t)now);
	while (again_both(&out, &plaintext, status));
	(*env)->SetByteArrayRegion(env, sender, 0, sizeof from, (const jbyte *)from);
	drop_keys(&k);
	drop(&c);
	return both_made(env, &out, &plaintext, true, status);
}

NATIVE(jbyteArray, recordInfo)
(JNIEnv *env, jobject self, jlongArray numbers, jobject record, jbyteArray identity, jlong now)
{
	(void)self;
	struct secret r = secret_of(env, record);
	callkey_session_info out = CALLKEY_SESSION_INFO_INIT;
	struct copy i;
	if (!take(env, &i, identity))
		return NULL;
	const callkey_status status = callkey_record_info(&out, r.bytes, r.len, i.bytes, (uint64_t)now);
	drop(&i);
	return session_info(env, numbers, &out, status);
}

NATIVE(jobject, recordMerge)(JNIEnv *env, jobject self, jobject record, jobject other)
{
	(void)self;
	struct secret r = secret_of(env, record), o = secret_of(env, other);
	struct output out = roomy(r.len + o.len + RECORD_GROWTH);
	callkey_status status;
	do
		status = callkey_record_merge(out.bytes, &out.len, r.bytes, r.len, o.bytes, o.len);
	while (again(&out, status));
	return buffer_made(env, &out, status);
}

/* ---- Group epochs ----------------------------------------------------------------------------*/

NATIVE(jlong, epochsNew)(JNIEnv *env, jobject self)
{
	(void)self;
	callkey_epochs epochs = 0;
	ok(env, callkey_epochs_new(&epochs));
	return (jlong)epochs;
}

NATIVE(void, epochsFree)(JNIEnv *env, jobject self, jlong epochs)
{
	(void)self;
	ok(env, callkey_epochs_free((callkey_epochs)epochs));
}

NATIVE(void, epochsAdd)(JNIEnv *env, jobject self, jlong epochs, jint transaction_id, jobject epoch)
{
	(void)self;
	struct secret e = secret_of(env, epoch);
	ok(env, callkey_epochs_add((callkey_epochs)epochs, (uint32_t)transaction_id, e.bytes, e.len));
}

NATIVE(void, epochsRoster)(JNIEnv *env, jobject self, jlong epochs, jint transaction_id)
{
	(void)self;
	ok(env, callkey_epochs_roster((callkey_epochs)epochs, (uint32_t)transaction_id));
}

/* The result is the transaction id. */
NATIVE(jint, epochsCurrent)(JNIEnv *env, jobject self, jlong epochs, jobject epoch)
{
	(void)self;
	uint32_t transaction_id = 0;
	ok(env, callkey_epochs_current((callkey_epochs)epochs, secret_of(env, epoch).bytes,
	                               &transaction_id));
	return (jint)transaction_id;
}
