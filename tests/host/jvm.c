/* The JNI functions of tests/host/Jvm.java: plain calls, with byte arrays copied in and out. */
#include <callkey.h>
#include <jni.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#define NATIVE(type, name) JNIEXPORT type JNICALL Java_Jvm_##name

enum { PATH_ROOM = 4096, CIPHERTEXT_ROOM = 1024 };

/* The result of a native method if an array was too short: it has thrown an exception. */
enum { THROWN = 1 };

/* Java sends ASCII only. */
static int text(JNIEnv *env, jstring from, char *to, size_t room)
{
	jsize n = (*env)->GetStringUTFLength(env, from);

	if ((size_t)n >= room)
		return 0;
	(*env)->GetStringUTFRegion(env, from, 0, (*env)->GetStringLength(env, from), to);
	to[n] = 0;
	return !(*env)->ExceptionCheck(env);
}

static int get(JNIEnv *env, jbyteArray from, void *to, jsize n)
{
	(*env)->GetByteArrayRegion(env, from, 0, n, to);
	return !(*env)->ExceptionCheck(env);
}

static int put(JNIEnv *env, jbyteArray to, const void *from, jsize n)
{
	(*env)->SetByteArrayRegion(env, to, 0, n, from);
	return !(*env)->ExceptionCheck(env);
}

NATIVE(jint, generate)(JNIEnv *env, jclass class, jbyteArray key)
{
	uint8_t bytes[CALLKEY_KEY_BYTES];
	callkey_status status = callkey_generate(bytes);

	(void)class;
	if (!put(env, key, bytes, sizeof bytes))
		status = THROWN;
	callkey_wipe(bytes, sizeof bytes);
	return status;
}

NATIVE(jint, derive)(JNIEnv *env, jclass class, jbyteArray keys, jbyteArray key, jstring participant)
{
	uint8_t bytes[CALLKEY_KEY_BYTES];
	char who[CALLKEY_JID_BYTES];
	callkey_srtp_keys out;
	callkey_status status;

	(void)class;
	if (!get(env, key, bytes, sizeof bytes) || !text(env, participant, who, sizeof who))
		return THROWN;
	status = callkey_derive_e2e_keys(&out, bytes, sizeof bytes, who);
	if (!put(env, keys, &out, sizeof out))
		status = THROWN;
	callkey_wipe(bytes, sizeof bytes);
	callkey_wipe(&out, sizeof out);
	return status;
}

/* path null: in memory. */
NATIVE(jint, open)(JNIEnv *env, jclass class, jlongArray store, jstring path, jbyteArray storage_key)
{
	uint8_t key[CALLKEY_STORAGE_KEY_BYTES];
	char at[PATH_ROOM];
	callkey_store opened = 0;
	callkey_status status;
	jlong handle;

	(void)class;
	if (path == NULL) {
		status = callkey_store_open(&opened, NULL, NULL, 0, NULL);
	} else {
		if (!text(env, path, at, sizeof at) || !get(env, storage_key, key, sizeof key))
			return THROWN;
		status = callkey_store_open(&opened, at, key, sizeof key, NULL);
		callkey_wipe(key, sizeof key);
	}
	handle = (jlong)opened;
	(*env)->SetLongArrayRegion(env, store, 0, 1, &handle);
	return status;
}

NATIVE(jint, close)(JNIEnv *env, jclass class, jlong store)
{
	(void)env;
	(void)class;
	return callkey_store_close((callkey_store)store);
}

/* The caller begins a session with the callee, which it knows as jid. */
NATIVE(jint, begin)(JNIEnv *env, jclass class, jlong caller, jlong callee, jstring jid)
{
	callkey_prekey_bundle bundle = CALLKEY_PREKEY_BUNDLE_INIT;
	char device[CALLKEY_JID_BYTES];
	callkey_status status;

	(void)class;
	if (!text(env, jid, device, sizeof device))
		return THROWN;
	status = callkey_store_take_bundle((callkey_store)callee, &bundle);
	if (status != CALLKEY_OK)
		return status;
	return callkey_session_begin((callkey_store)caller, device, &bundle);
}

/* size[0] and size[1] become the ciphertext's length and type. */
NATIVE(jint, seal)(JNIEnv *env, jclass class, jlong store, jbyteArray ciphertext, jintArray size, jstring jid, jbyteArray key)
{
	uint8_t bytes[CALLKEY_KEY_BYTES], sealed[CIPHERTEXT_ROOM];
	char device[CALLKEY_JID_BYTES];
	size_t n = sizeof sealed;
	uint32_t type;
	callkey_status status;
	jint sizes[2];

	(void)class;
	if (!get(env, key, bytes, sizeof bytes) || !text(env, jid, device, sizeof device))
		return THROWN;
	status = callkey_enc_seal((callkey_store)store, sealed, &n, &type, device, bytes, sizeof bytes);
	callkey_wipe(bytes, sizeof bytes);
	sizes[0] = (jint)n;
	sizes[1] = (jint)type;
	if (!put(env, ciphertext, sealed, (jsize)n))
		return THROWN;
	(*env)->SetIntArrayRegion(env, size, 0, 2, sizes);
	return status;
}

NATIVE(jint, unseal)(JNIEnv *env, jclass class, jlong store, jbyteArray key, jstring jid, jbyteArray ciphertext, jintArray size)
{
	uint8_t bytes[CALLKEY_KEY_BYTES] = {0}, sealed[CIPHERTEXT_ROOM];
	char device[CALLKEY_JID_BYTES];
	callkey_status status;
	jint sizes[2];

	(void)class;
	(*env)->GetIntArrayRegion(env, size, 0, 2, sizes);
	if ((*env)->ExceptionCheck(env) || !get(env, ciphertext, sealed, sizes[0]) || !text(env, jid, device, sizeof device))
		return THROWN;
	status = callkey_enc_open((callkey_store)store, bytes, device, (uint32_t)sizes[1], 2, sealed, (size_t)sizes[0]);
	if (!put(env, key, bytes, sizeof bytes))
		status = THROWN;
	callkey_wipe(bytes, sizeof bytes);
	return status;
}

/* Sends the JVM a signal, like a terminal or a service manager. */
NATIVE(void, signal)(JNIEnv *env, jclass class, jint number)
{
	(void)env;
	(void)class;
	kill(getpid(), number);
}

/* Counts SIGSEGV and passes it on to the previous handler, the JVM's. */
static struct sigaction before;
static atomic_int faults;

static void fault(int number, siginfo_t *info, void *context)
{
	atomic_fetch_add(&faults, 1);
	before.sa_sigaction(number, info, context);
}

NATIVE(void, watchFaults)(JNIEnv *env, jclass class)
{
	struct sigaction ours;

	(void)env;
	(void)class;
	sigaction(SIGSEGV, NULL, &before);
	ours = before;
	ours.sa_sigaction = fault;
	sigaction(SIGSEGV, &ours, NULL);
}

NATIVE(jint, faults)(JNIEnv *env, jclass class)
{
	(void)env;
	(void)class;
	return atomic_load(&faults);
}
