/*
 * libcallkey: the call-key protocol behind a plain C interface.
 *
 * A call key is 32 random bytes that the caller makes for one call and sends to every device of
 * the callee inside that device's Signal session. Both sides then derive the call's media keys
 * from it. This header is complete: the library exports what is declared here and nothing
 * else.
 *
 * These rules hold for every function:
 *
 *  1. Arguments come in this order: handle, outputs, inputs, scalars. A length is a size_t right
 *     after its pointer, in bytes, or in elements if an element is larger than a byte.
 *  2. CALLKEY_OK (0) is the only success. Status numbers never change.
 *  3. A fixed output is an array or struct of a named size. After a failure it is zero-filled,
 *     except after CALLKEY_ERR_BUFFER, which changes nothing. One struct is filled after failures
 *     too: see callkey_call_info.
 *  4. A variable output is a pair `out, out_len`. Before the call *out_len is the capacity of out;
 *     after success it is the number of bytes written. If out is too small, the status is
 *     CALLKEY_ERR_BUFFER, *out_len is the size needed, and nothing else has changed anywhere: no
 *     ratchet step, no prekey used. To ask for the size, pass out NULL and *out_len 0. After any
 *     other failure *out_len is 0 and out is unchanged. A text output counts its terminating NUL.
 *  5. Inputs are never modified or kept, and must not overlap outputs. A pointer that has a length
 *     may be NULL if the length is 0. A NULL that is not allowed, in a list too, a length above
 *     2^30 bytes or a list of more than 4096 elements is CALLKEY_ERR_ARGUMENT. An output of more
 *     elements is not written either.
 *  6. Nothing that the library allocates crosses this interface, so there is nothing to free. The
 *     only handles are 64-bit tokens below 2^63; 0, a closed token and an invented token are
 *     CALLKEY_ERR_HANDLE.
 *  7. Text inputs are NUL-terminated UTF-8. A JID, participant id or call id has at most 127 bytes
 *     before its NUL; a longer one, or one that is not UTF-8, is CALLKEY_ERR_ARGUMENT.
 *  8. Any function may be called from any thread at any time. There are no callbacks. Signals to a
 *     thread wait while it is in a call, except those of a fault. When the call returns, the
 *     thread's signal mask, errno and floating-point state are as before. docs/host.md says what a
 *     host can rely on. A call may wait for the disk, a lock, another process (busy_ms) or memory,
 *     so call nothing per packet or on an audio thread: get the keys on a thread that may wait.
 *  9. In a child of fork(), _Fork() or clone() every function with a status returns
 *     CALLKEY_ERR_FORKED, because the Go runtime inside does not survive a fork. Exec a fresh
 *     program there instead.
 * 10. CALLKEY_ERR_INTERNAL means a bug in the library, or that it could not start: too little
 *     address space, or no thread, when it was loaded. From then on every function with a status
 *     returns it, except callkey_last_error, which says what went wrong.
 * 11. Secrets are marked "secret" below. They never appear in a status, an error text or a log.
 *     Pass each one to callkey_wipe when you are done with it and no call uses it any more. A
 *     function that seals, encodes, adds or opens a key rejects 32 zero bytes, a wiped key, with
 *     CALLKEY_ERR_INVALID_KEY. Derivations and messages accept any bytes.
 * 12. A struct that starts with struct_size may grow; all others are frozen forever. Initialize it
 *     with its *_INIT macro, or set struct_size before each call, for an output too. The library
 *     never changes struct_size. A size that the struct never had is CALLKEY_ERR_ARGUMENT, and
 *     nothing is written then. Members that an older program's struct lacks count as zero. Members
 *     that a newer program's struct adds must be zero in an input (CALLKEY_ERR_UNSUPPORTED) and
 *     are zero in an output. reserved must be zero too.
 */
#ifndef CALLKEY_H
#define CALLKEY_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Version of this interface. A program may run with any library that has the same ABI major (the
 * number in the soname) and a callkey_abi_version() not below the CALLKEY_ABI_VERSION that the
 * program was compiled with. */
#define CALLKEY_VERSION "0.3.0"
#define CALLKEY_ABI_MAJOR 0
#define CALLKEY_ABI_MINOR 3
#define CALLKEY_ABI_VERSION ((CALLKEY_ABI_MAJOR << 16) | CALLKEY_ABI_MINOR)

/* CALLKEY_BUILD is defined only while the library itself is compiled. A program for Windows that
 * links the static archive defines CALLKEY_STATIC. */
#if defined(_WIN32) && defined(CALLKEY_STATIC)
#  define CALLKEY_EXPORT
#elif defined(_WIN32)
#  if defined(CALLKEY_BUILD)
#    define CALLKEY_EXPORT __declspec(dllexport)
#  else
#    define CALLKEY_EXPORT __declspec(dllimport)
#  endif
#elif defined(__GNUC__)
#  define CALLKEY_EXPORT __attribute__((visibility("default")))
#else
#  define CALLKEY_EXPORT
#endif

/* Lets a caller's compiler warn if a result is ignored. A program can ignore the status of a
 * function that closes, frees or removes something: these are only CALLKEY_EXPORT. */
#if defined(__GNUC__)
#  define CALLKEY_API CALLKEY_EXPORT __attribute__((warn_unused_result))
#else
#  define CALLKEY_API CALLKEY_EXPORT
#endif

/* Lets a caller's compiler warn about a literal NULL. The library itself must not see it: it
 * checks every pointer, and a compiler would remove those checks. Define CALLKEY_NO_NONNULL to
 * pass NULL on purpose, as a test of those checks must. */
#if defined(__GNUC__) && !defined(CALLKEY_BUILD) && !defined(CALLKEY_NO_NONNULL)
#  define CALLKEY_NONNULL(arguments) __attribute__((nonnull arguments))
#else
#  define CALLKEY_NONNULL(arguments)
#endif

/* ---- Sizes, in bytes. Each has a function twin of the same name in lower case. --------------- */

#define CALLKEY_KEY_BYTES 32             /* a call key: secret */
#define CALLKEY_FINGERPRINT_BYTES 8      /* output of callkey_fingerprint: not secret */
#define CALLKEY_RAW_E2E_MIN_BYTES 32     /* the shortest raw_e2e; only the first 32 are used */
#define CALLKEY_SRTP_KEYS_BYTES 130      /* sizeof(callkey_srtp_keys): secret */
#define CALLKEY_SFRAME_KEY_BYTES 32      /* AES-128-GCM key in the first 16: secret */
#define CALLKEY_SFRAME_OVERHEAD_MAX_BYTES 37 /* the most that sealing adds to a payload */
#define CALLKEY_WARP_AUTH_KEY_BYTES 32   /* secret */
#define CALLKEY_WARP_TAG_BYTES 4         /* at the end of a media packet: not secret */
#define CALLKEY_HBH_KEY_BYTES 30         /* hop-by-hop key as the relay sends it: secret */
#define CALLKEY_SSRC_COUNT 9             /* streams of one participant (elements, not bytes) */
#define CALLKEY_PLAINTEXT_MAX_BYTES 52   /* 36 of protobuf and 1 to 16 of padding: secret */
#define CALLKEY_MESSAGE_OVERHEAD_MAX_BYTES 171 /* the most that sealing adds to a plaintext */
#define CALLKEY_PUBLIC_KEY_BYTES 32      /* raw X25519, without the type byte 05 */
#define CALLKEY_PRIVATE_KEY_BYTES 32     /* X25519 scalar: secret */
#define CALLKEY_SIGNATURE_BYTES 64       /* XEdDSA */
#define CALLKEY_STORAGE_KEY_BYTES 32     /* encrypts the records of a store: secret */
#define CALLKEY_JID_BYTES 128            /* a JID or call id with its NUL */
#define CALLKEY_RECORD_SLACK_BYTES 589824 /* the most that one call adds to a session record */

/* The same as functions, for languages that cannot see macros. Since 0.2.0; those of messages and
 * records since 0.3.0. */
CALLKEY_API size_t callkey_key_bytes(void);
CALLKEY_API size_t callkey_fingerprint_bytes(void);
CALLKEY_API size_t callkey_raw_e2e_min_bytes(void);
CALLKEY_API size_t callkey_srtp_keys_bytes(void);
CALLKEY_API size_t callkey_sframe_key_bytes(void);
CALLKEY_API size_t callkey_sframe_overhead_max_bytes(void);
CALLKEY_API size_t callkey_warp_auth_key_bytes(void);
CALLKEY_API size_t callkey_warp_tag_bytes(void);
CALLKEY_API size_t callkey_hbh_key_bytes(void);
CALLKEY_API size_t callkey_ssrc_count(void);
CALLKEY_API size_t callkey_plaintext_max_bytes(void);
CALLKEY_API size_t callkey_message_overhead_max_bytes(void);
CALLKEY_API size_t callkey_public_key_bytes(void);
CALLKEY_API size_t callkey_private_key_bytes(void);
CALLKEY_API size_t callkey_signature_bytes(void);
CALLKEY_API size_t callkey_storage_key_bytes(void);
CALLKEY_API size_t callkey_jid_bytes(void);
CALLKEY_API size_t callkey_record_slack_bytes(void);

/* ---- Statuses ---------------------------------------------------------------------------------*/

typedef int32_t callkey_status;

/* Each comment is the text that callkey_status_text returns. */
#define CALLKEY_OK 0                         /* success */
#define CALLKEY_ERR_ARGUMENT (-1)            /* an argument is missing or not allowed */
#define CALLKEY_ERR_BUFFER (-2)              /* the output is too small; the size needed was set */
#define CALLKEY_ERR_HANDLE (-3)              /* the handle is not open */
#define CALLKEY_ERR_KEY_LENGTH (-4)          /* a secret has the wrong length */
#define CALLKEY_ERR_PARTICIPANT (-5)         /* the participant id is empty */
#define CALLKEY_ERR_INVALID_KEY (-6)         /* a key or signature is not valid */
#define CALLKEY_ERR_MALFORMED (-7)           /* the bytes do not parse */
#define CALLKEY_ERR_UNSUPPORTED (-8)         /* a version, keygen or field is not supported */
#define CALLKEY_ERR_AUTHENTICATION (-9)      /* the data is not authentic */
#define CALLKEY_ERR_DUPLICATE (-10)          /* the message was seen before */
#define CALLKEY_ERR_TOO_FAR (-11)            /* the message counter is too far ahead */
#define CALLKEY_ERR_NO_SESSION (-12)         /* there is no session with the device */
#define CALLKEY_ERR_NO_PREKEY (-13)          /* the store lacks the prekey that the message names */
#define CALLKEY_ERR_UNTRUSTED_IDENTITY (-14) /* the device's identity key is not the trusted one */
#define CALLKEY_ERR_NO_IDENTITY (-15)        /* the store has no identity yet */
#define CALLKEY_ERR_NOT_FOR_THIS_DEVICE (-16) /* the stanza has no ciphertext for this device */
#define CALLKEY_ERR_NO_DEVICES (-17)         /* no device succeeded; each status says why */
#define CALLKEY_ERR_DEVICE_IDENTITY (-18)    /* a pkmsg needs device_identity and none was given */
#define CALLKEY_ERR_STALE (-19)              /* the epoch is older than the one in force */
#define CALLKEY_ERR_CONFLICT (-20)           /* the input conflicts with what is already there */
#define CALLKEY_ERR_STORE (-21)              /* the store could not be read or written */
#define CALLKEY_ERR_STORE_KEY (-22)          /* the storage key is wrong or missing */
#define CALLKEY_ERR_STORE_CORRUPT (-23)      /* the store is damaged or is not a store */
#define CALLKEY_ERR_FORKED (-24)             /* the library cannot be used in a child of fork() */
#define CALLKEY_ERR_INTERNAL (-25)           /* an internal error; the library refuses to work */
#define CALLKEY_ERR_NOT_FOUND (-26)          /* there is no such store, identity, prekey or epoch */
#define CALLKEY_ERR_BUSY (-27)               /* another process held the store for too long */

/* ---- Types ------------------------------------------------------------------------------------*/

/* The media keys of one participant's streams: 130 bytes, no padding, all secret. master_key and
 * then master_salt are the 30 bytes that libsrtp takes. The rest are the session keys that RFC
 * 3711 section 4.3 derives from them with rate 0, for an engine that does SRTP itself.
 * End to end the suite is AES_CM_128_HMAC_SHA1_32 (RFC 4568 section 6.2): tags of 4 bytes in SRTP
 * and of 10 in SRTCP. With AES_CM_128_HMAC_SHA1_80 the peer rejects every SRTP packet. */
typedef struct callkey_srtp_keys {
	uint8_t master_key[16];
	uint8_t master_salt[14];
	uint8_t srtp_cipher_key[16];
	uint8_t srtp_auth_key[20];
	uint8_t srtp_salt[14];
	uint8_t srtcp_cipher_key[16];
	uint8_t srtcp_auth_key[20];
	uint8_t srtcp_salt[14];
} callkey_srtp_keys;

/* Which hop-by-hop key callkey_derive_hbh_keys derives. */
#define CALLKEY_HBH_UPLINK 0
#define CALLKEY_HBH_DOWNLINK 1
#define CALLKEY_HBH_SRTP 2
#define CALLKEY_HBH_SRTCP 3

/* The stream of each number that callkey_derive_ssrcs writes: indexes of its output. */
#define CALLKEY_SSRC_AUDIO 0
#define CALLKEY_SSRC_AUDIO_FEC 1
#define CALLKEY_SSRC_AUDIO_NACK 2
#define CALLKEY_SSRC_VIDEO 3
#define CALLKEY_SSRC_VIDEO_FEC 4
#define CALLKEY_SSRC_VIDEO_NACK 5
#define CALLKEY_SSRC_HBH_FEC_1 6 /* hop by hop, to and from the relay */
#define CALLKEY_SSRC_HBH_FEC_2 7
#define CALLKEY_SSRC_APP_DATA 8

/* The type attribute of an <enc>. */
#define CALLKEY_ENC_NONE 0
#define CALLKEY_ENC_MSG 1   /* Signal message in a session that the peer has acknowledged */
#define CALLKEY_ENC_PKMSG 2 /* prekey message: also starts the session on the peer's side */

/* A store of one account: identity, prekeys and sessions. */
typedef uint64_t callkey_store;

#define CALLKEY_STORE_NO_IDENTITY 1 /* do not make an identity; one will be imported */
#define CALLKEY_STORE_PLAINTEXT 2   /* a file without a storage key: anyone can read it */
#define CALLKEY_STORE_MUST_EXIST 4  /* never make a store or an identity: NOT_FOUND */
#define CALLKEY_STORE_KEEP_OPENED 8 /* keep opened messages until callkey_message_done */
#define CALLKEY_STORE_RESTORED 16   /* the file may be an old copy; implies MUST_EXIST */

/* How callkey_store_open opens a store. NULL means all zero. */
typedef struct callkey_store_options {
	size_t struct_size; /* sizeof(callkey_store_options); the rest must be zero where unused */
	uint32_t flags;     /* CALLKEY_STORE_* */
	uint32_t busy_ms;   /* how long a call waits for another process, in milliseconds; 0: 5000 */
} callkey_store_options;

#define CALLKEY_STORE_OPTIONS_INIT { sizeof(callkey_store_options), 0, 0 }

/* The epochs of one group call. */
typedef uint64_t callkey_epochs;

/* The public part of a device's own identity. */
typedef struct callkey_identity {
	uint32_t registration_id; /* 1 to 16380 if the library made it */
	uint8_t public_key[CALLKEY_PUBLIC_KEY_BYTES];
} callkey_identity;

/* A one-time prekey to publish. */
typedef struct callkey_prekey {
	uint32_t id; /* 1 to 16777215 */
	uint8_t public_key[CALLKEY_PUBLIC_KEY_BYTES];
} callkey_prekey;

/* A signed prekey to publish. */
typedef struct callkey_signed_prekey {
	uint32_t id; /* 1 to 16777215 */
	uint8_t public_key[CALLKEY_PUBLIC_KEY_BYTES];
	uint8_t signature[CALLKEY_SIGNATURE_BYTES]; /* by the identity key over 05 and public_key */
} callkey_signed_prekey;

/* What a device publishes so that others can begin a session with it (X3DH). */
typedef struct callkey_prekey_bundle {
	size_t struct_size; /* sizeof(callkey_prekey_bundle) */
	uint32_t registration_id;
	uint32_t prekey_id; /* 0: there is no one-time prekey, and prekey is not read */
	uint32_t signed_prekey_id;
	uint32_t reserved; /* 0 */
	uint8_t identity_key[CALLKEY_PUBLIC_KEY_BYTES];
	uint8_t prekey[CALLKEY_PUBLIC_KEY_BYTES];
	uint8_t signed_prekey[CALLKEY_PUBLIC_KEY_BYTES];
	uint8_t signed_prekey_signature[CALLKEY_SIGNATURE_BYTES];
} callkey_prekey_bundle;

#define CALLKEY_PREKEY_BUNDLE_INIT \
	{ sizeof(callkey_prekey_bundle), 0, 0, 0, 0, {0}, {0}, {0}, {0} }

/* A device's own private identity: a store's, to move an account, or a program's that keeps its
 * sessions itself. */
typedef struct callkey_account {
	size_t struct_size;       /* sizeof(callkey_account) */
	uint32_t registration_id; /* as in callkey_identity */
	uint32_t reserved;        /* 0 */
	uint8_t private_key[CALLKEY_PRIVATE_KEY_BYTES]; /* secret */
} callkey_account;

#define CALLKEY_ACCOUNT_INIT { sizeof(callkey_account), 0, 0, {0} }

/* What callkey_store_next lists. */
#define CALLKEY_LIST_SESSIONS 1   /* devices with a session */
#define CALLKEY_LIST_IDENTITIES 2 /* devices with a known identity key */
#define CALLKEY_LIST_ALIASES 3    /* names that callkey_store_alias made */

#define CALLKEY_SESSION_CAN_SEAL 1       /* as callkey_session_check */
#define CALLKEY_SESSION_UNACKNOWLEDGED 2 /* the device has not answered yet: it gets pkmsg */
#define CALLKEY_SESSION_STALE 4          /* of an old copy of the store: it opens, and seals none */

/* What a session record says, without its secrets. Flags, registration id and identity are those of
 * the newest session, the only one that seals. */
typedef struct callkey_session_info {
	size_t struct_size;       /* sizeof(callkey_session_info) */
	uint32_t registration_id; /* the device's */
	uint64_t begun;           /* Unix seconds, while unacknowledged; then 0: no record keeps it */
	uint32_t flags;           /* CALLKEY_SESSION_* */
	uint32_t archived;        /* earlier sessions that still open messages: at most 40 */
	uint32_t kept_keys;       /* of skipped messages, in all sessions: at most 8000 */
	uint32_t reserved;        /* 0 */
	uint8_t identity_key[CALLKEY_PUBLIC_KEY_BYTES]; /* the device's */
} callkey_session_info;

#define CALLKEY_SESSION_INFO_INIT { sizeof(callkey_session_info), 0, 0, 0, 0, 0, 0, {0} }

/* What a Signal message says before anything is opened, so nothing of it is authenticated. For a
 * msg all but struct_size is zero. */
typedef struct callkey_message_info {
	size_t struct_size;        /* sizeof(callkey_message_info) */
	uint32_t prekey_id;        /* the one-time prekey of ours that it was sealed for; 0: none */
	uint32_t signed_prekey_id; /* the signed prekey of ours that it was sealed for */
	uint32_t registration_id;  /* the sender's */
	uint32_t reserved;         /* 0 */
	uint8_t identity_key[CALLKEY_PUBLIC_KEY_BYTES]; /* the sender's */
	uint8_t base_key[CALLKEY_PUBLIC_KEY_BYTES]; /* of the session: one session per base key */
} callkey_message_info;

#define CALLKEY_MESSAGE_INFO_INIT { sizeof(callkey_message_info), 0, 0, 0, 0, {0}, {0} }

/* What a program that keeps session records itself knows beside a record. What a call does not need
 * may be NULL and is not read. */
typedef struct callkey_record_keys {
	size_t struct_size;             /* sizeof(callkey_record_keys) */
	const callkey_account *account; /* secret: the own one, for a session that begins */
	const uint8_t *identity_key; /* CALLKEY_PUBLIC_KEY_BYTES: the one that is trusted for the device;
	                              * NULL: none is, this is the first contact */
	const uint8_t *prekey_private; /* CALLKEY_PRIVATE_KEY_BYTES, secret: of the one-time prekey that
	                                * a first message names */
	const uint8_t *signed_prekey_private; /* CALLKEY_PRIVATE_KEY_BYTES, secret: of the signed prekey
	                                       * that a first message names */
} callkey_record_keys;

#define CALLKEY_RECORD_KEYS_INIT { sizeof(callkey_record_keys), NULL, NULL, NULL, NULL }

/* One device's ciphertext, for callkey_offer_build and callkey_rekey_build. */
typedef struct callkey_enc {
	const char *jid;
	uint32_t enc_type; /* CALLKEY_ENC_MSG or CALLKEY_ENC_PKMSG */
	const uint8_t *ciphertext;
	size_t ciphertext_len;
} callkey_enc;

#define CALLKEY_OFFER_VIDEO 1        /* write <video> */
#define CALLKEY_OFFER_MULTI_DEVICE 2 /* write <destination> even for one device: the callee has more */

/* The stanza around the ciphertexts. With NULL the result is only the key node, <enc> or
 * <destination>; otherwise it is a whole <call><offer>, and to, call_id and call_creator are
 * required. Clients write device 0 of a user without its number, so a stanza has user@lid for both
 * user@lid and user:0@lid. */
typedef struct callkey_offer_options {
	size_t struct_size; /* sizeof(callkey_offer_options); the rest must be zero where unused */
	uint32_t flags;     /* CALLKEY_OFFER_* */
	const char *stanza_id;    /* the id of <call>; NULL: the app's socket layer adds it */
	const char *to;           /* the callee: to of <call> */
	const char *call_id;      /* written unchanged: the SSRCs depend on it */
	const char *call_creator; /* the caller's own LID with device */
	const uint8_t *capability; /* NULL: 01 05 f7 09 e0 bb 13; of a video offer 01 05 f7 09 e0 bb 53 */
	size_t capability_len;
	const uint8_t *privacy_token; /* NULL: no <privacy> */
	size_t privacy_token_len;
	const uint8_t *device_identity; /* opaque; required if any ciphertext is a pkmsg */
	size_t device_identity_len;
	/* The attributes of <video>, each at most 127 bytes. Without CALLKEY_OFFER_VIDEO all must be NULL
	 * or 0. */
	const char *video_enc; /* the attribute enc; NULL: "h.264"; since 0.3.0 */
	const char *video_dec; /* the attribute dec; NULL: "H264"; since 0.3.0 */
	uint32_t video_width;  /* the attribute screen_width; since 0.3.0 */
	uint32_t video_height; /* the attribute screen_height; since 0.3.0 */
	uint32_t video_device_orientation; /* the attribute device_orientation; since 0.3.0 */
	uint32_t reserved; /* 0; since 0.3.0 */
} callkey_offer_options;

#define CALLKEY_OFFER_OPTIONS_INIT \
	{ sizeof(callkey_offer_options), 0, NULL, NULL, NULL, NULL, NULL, 0, NULL, 0, NULL, 0, NULL, \
	  NULL, 0, 0, 0, 0 }

/* The kind of a stanza. */
#define CALLKEY_KIND_NONE 0   /* a bare <enc> or <destination> */
#define CALLKEY_KIND_OFFER 1
#define CALLKEY_KIND_ACCEPT 2
#define CALLKEY_KIND_REKEY 3  /* an <enc_rekey> */
#define CALLKEY_KIND_OTHER 4  /* any other child of <call>, e.g. <terminate>: it carries no key */

#define CALLKEY_INFO_VIDEO 1
#define CALLKEY_INFO_GROUP 2
#define CALLKEY_INFO_ACCEPT 4 /* the stanza is an <accept>; without a key it names who answered */

/* What a stanza says about its call. It is filled whenever the stanza parsed, whatever the status,
 * even CALLKEY_ERR_BUFFER: with it an app can reject the call, ask for the key again or show a
 * changed identity. If the stanza did not parse, or was not looked at, all but struct_size is zero.
 *
 * Texts are NUL-terminated, and "" where the stanza has none. A device's JID has one spelling,
 * whatever the stanza's, and is its own participant id: user:device@server without an agent, with
 * device 0 as user:0@lid on server lid and as user@server on any other, and with s.whatsapp.net for
 * c.us, its old name. Another name (of a group, a bot, a device above 255, another server) is told
 * as it came, and is never a sender. CALLKEY_OK proves the session of sender and nothing else. Any
 * other status proves nothing. */
typedef struct callkey_call_info {
	size_t struct_size;      /* sizeof(callkey_call_info); CALLKEY_CALL_INFO_INIT sets it */
	uint32_t kind;           /* CALLKEY_KIND_* */
	uint32_t keygen;         /* of <encopt>; 0: none that can be read */
	uint32_t enc_type;       /* CALLKEY_ENC_*; NONE: no <enc> for this device, or an unknown type */
	uint32_t enc_version;    /* v of <enc>: 2 (also without v) or 3; 0: no <enc>, or an unknown v */
	uint32_t flags;          /* CALLKEY_INFO_* */
	uint32_t transaction_id; /* of <enc_rekey> only, else 0 */
	char call_id[CALLKEY_JID_BYTES];
	char call_creator[CALLKEY_JID_BYTES];
	char from[CALLKEY_JID_BYTES];   /* of <call>: the sender, or group, by the server's word */
	char sender[CALLKEY_JID_BYTES]; /* the device of the session that was, or would be, used;
	                                 * without a key, the device that sent the stanza */
	/* The identity key in a pkmsg that parses, else zero. Anyone can have written it there, unless
	 * the status is CALLKEY_OK. */
	uint8_t sender_identity[CALLKEY_PUBLIC_KEY_BYTES];
} callkey_call_info;

/* Use: callkey_call_info info = CALLKEY_CALL_INFO_INIT; */
#define CALLKEY_CALL_INFO_INIT \
	{ sizeof(callkey_call_info), 0, 0, 0, 0, 0, 0, "", "", "", "", { 0 } }

/* ---- Library ----------------------------------------------------------------------------------*/

/** Return the library's CALLKEY_ABI_VERSION: major in the upper 16 bits, minor in the lower.
 *
 *  Since:   0.2.0
 */
CALLKEY_API uint32_t callkey_abi_version(void);

/** Return the library's CALLKEY_VERSION, a static string.
 *
 *  Since:   0.2.0
 */
CALLKEY_API const char *callkey_version(void);

/** Return the name of a status's macro, a static string; "CALLKEY_ERR_UNKNOWN" for any other
 *  number.
 *
 *  In:      status  any number
 *  Since:   0.2.0
 */
CALLKEY_API const char *callkey_status_name(callkey_status status);

/** Return a status's text for a person, a static string; "not a callkey_status" for any other
 *  number.
 *
 *  In:      status  any number
 *  Since:   0.2.0
 */
CALLKEY_API const char *callkey_status_text(callkey_status status);

/** Copy out the text of this thread's last failure: which argument, which device. It never holds a
 *  secret. The text stays until the thread's next failure; failures of this function are not
 *  recorded.
 *
 *  Returns: CALLKEY_OK               also if nothing has failed yet: the text is ""
 *           CALLKEY_ERR_ARGUMENT     out_len is NULL, or out is NULL and *out_len is not 0
 *           CALLKEY_ERR_BUFFER       *out_len is the size needed, at most 512
 *           CALLKEY_ERR_FORKED
 *  Out:     out      NUL-terminated UTF-8; unchanged after a failure
 *  In/Out:  out_len  capacity; then the size with NUL; 0 after a failure other than BUFFER
 *  Since:   0.2.0
 */
CALLKEY_API callkey_status callkey_last_error(char *out, size_t *out_len) CALLKEY_NONNULL((2));

/** Tell the operating system's error number of this thread's last failure: why a store can't be read
 *  or written, e.g. ENOSPC for a full disk. It is errno's value, on Windows GetLastError's. Failures of
 *  this function are not recorded.
 *
 *  Returns: CALLKEY_OK
 *           CALLKEY_ERR_ARGUMENT     out is NULL
 *           CALLKEY_ERR_FORKED
 *  Out:     out  0 if the failure was not one of the system, or nothing has failed yet
 *  Since:   0.3.0
 */
CALLKEY_API callkey_status callkey_last_errno(uint32_t *out) CALLKEY_NONNULL((1));

/** Check every primitive of this library against known answers. It takes milliseconds.
 *
 *  Returns: CALLKEY_OK
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL     a primitive gave a wrong answer; callkey_last_error names it
 *  Since:   0.2.0
 */
CALLKEY_API callkey_status callkey_selftest(void);

/* ---- The key ----------------------------------------------------------------------------------*/

/** Make a call key from the operating system's random source. Make a fresh one for every call id;
 *  if you send the same offer again, send the same key again (CRY-01).
 *
 *  Returns: CALLKEY_OK
 *           CALLKEY_ERR_ARGUMENT     key is NULL
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *  Out:     key  secret; zero after a failure
 *  Since:   0.2.0
 */
CALLKEY_API callkey_status
callkey_generate(uint8_t key[CALLKEY_KEY_BYTES]) CALLKEY_NONNULL((1));

/** Check that bytes from elsewhere can be a call key: there must be exactly 32 (CRY-01).
 *
 *  Returns: CALLKEY_OK
 *           CALLKEY_ERR_ARGUMENT     key is NULL and key_len is not 0
 *           CALLKEY_ERR_KEY_LENGTH   key_len is not CALLKEY_KEY_BYTES
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *  In:      key      secret
 *           key_len  its length in bytes
 *  Since:   0.2.0
 */
CALLKEY_API callkey_status callkey_check(const uint8_t *key, size_t key_len);

/** Hash a call key to a short fingerprint that logs and user interfaces can compare. It is not
 *  part of the protocol.
 *
 *  Returns: CALLKEY_OK
 *           CALLKEY_ERR_ARGUMENT     out is NULL, or key is NULL and key_len is not 0
 *           CALLKEY_ERR_KEY_LENGTH   key_len is not CALLKEY_KEY_BYTES
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *  Out:     out      not secret; zero after a failure
 *  In:      key      secret
 *           key_len  its length in bytes
 *  Since:   0.2.0
 */
CALLKEY_API callkey_status callkey_fingerprint(uint8_t out[CALLKEY_FINGERPRINT_BYTES],
                                               const uint8_t *key, size_t key_len)
    CALLKEY_NONNULL((1));

/** Set n bytes at p to zero; no compiler removes this. It works everywhere, even after fork(). On
 *  amd64 (not on Windows) and arm64 it clears the vector registers too, where a copy may be left.
 *
 *  Out:     p  zero afterwards; may be NULL: then nothing happens
 *  In:      n  number of bytes
 *  Since:   0.2.0
 */
CALLKEY_EXPORT void callkey_wipe(void *p, size_t n);

/* ---- Derivation: pure, needs no store ---------------------------------------------------------*/

/** Write the participant id of a JID, the form that the derivations use: cut at the first '/',
 *  trimmed, and "user@lid" changed to "user:0@lid" (CRY-06, REL-06). A bare phone-number JID stays
 *  bare. The derivations do this themselves.
 *
 *  Returns: CALLKEY_OK
 *           CALLKEY_ERR_ARGUMENT     jid or out_len is NULL, out is NULL and *out_len is not 0, or
 *                                    jid is longer than 127 bytes or not UTF-8; any other text is
 *                                    accepted
 *           CALLKEY_ERR_BUFFER       *out_len is the size needed
 *           CALLKEY_ERR_PARTICIPANT  nothing is left of jid
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *  Out:     out      NUL-terminated; at most CALLKEY_JID_BYTES; unchanged after a failure
 *  In/Out:  out_len  capacity; then the size with NUL; 0 after a failure other than BUFFER
 *  In:      jid      e.g. "111111111111111@lid"
 *  Since:   0.2.0
 */
CALLKEY_API callkey_status
callkey_participant_id(char *out, size_t *out_len, const char *jid) CALLKEY_NONNULL((2, 3));

/** Derive the media keys of the streams that one participant sends (CRY-02; RFC 5869 and RFC 3711
 *  section 4.3). Your own id gives the keys to send with, a peer's id the keys to receive with.
 *
 *  Derive again for the device that answers. With another device's id nothing fails, but the audio
 *  is noise.
 *
 *  Returns: CALLKEY_OK
 *           CALLKEY_ERR_ARGUMENT     out or participant is NULL, key is NULL and key_len is not 0,
 *                                    or participant is longer than 127 bytes or not UTF-8
 *           CALLKEY_ERR_KEY_LENGTH   key_len is not CALLKEY_KEY_BYTES
 *           CALLKEY_ERR_PARTICIPANT  participant is empty
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *  Out:     out          secret; zero after a failure
 *  In:      key          secret
 *           key_len      its length in bytes
 *           participant  JID of the sending device
 *  Since:   0.2.0
 */
CALLKEY_API callkey_status
callkey_derive_e2e_keys(callkey_srtp_keys *out, const uint8_t *key, size_t key_len,
                        const char *participant) CALLKEY_NONNULL((1, 4));

/** Derive media keys from a raw_e2e secret instead of the call key (CRY-01). SFrame and WARP keys
 *  still come from the call key.
 *
 *  Returns: CALLKEY_OK
 *           CALLKEY_ERR_ARGUMENT     out or participant is NULL, raw_e2e is NULL and raw_e2e_len
 *                                    is not 0, or participant is longer than 127 bytes or not
 *                                    UTF-8
 *           CALLKEY_ERR_KEY_LENGTH   raw_e2e_len is below CALLKEY_RAW_E2E_MIN_BYTES
 *           CALLKEY_ERR_PARTICIPANT  participant is empty
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *  Out:     out          secret; zero after a failure
 *  In:      raw_e2e      secret: the decoded bytes (see callkey_raw_e2e_decode); the first 32 are
 *                        used
 *           raw_e2e_len  its length in bytes
 *           participant  JID of the sending device
 *  Since:   0.2.0
 */
CALLKEY_API callkey_status
callkey_derive_e2e_keys_raw(callkey_srtp_keys *out, const uint8_t *raw_e2e, size_t raw_e2e_len,
                            const char *participant) CALLKEY_NONNULL((1, 4));

/** Derive the media keys of many participants in one call (CRY-02). An unusable participant does
 *  not stop the others.
 *
 *  Returns: CALLKEY_OK               look at each status; n may be 0
 *           CALLKEY_ERR_ARGUMENT     out, statuses or participants is NULL and n is not 0, key is
 *                                    NULL and key_len is not 0, a participant is NULL, or n is
 *                                    above 4096
 *           CALLKEY_ERR_KEY_LENGTH   key_len is not CALLKEY_KEY_BYTES
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *  Out:     out           n elements, secret; zero where its status is not CALLKEY_OK
 *           statuses      n elements: CALLKEY_OK, or CALLKEY_ERR_ARGUMENT or
 *                         CALLKEY_ERR_PARTICIPANT as from callkey_derive_e2e_keys; after a failure
 *                         all are the returned status
 *  In:      key           secret
 *           key_len       its length in bytes
 *           participants  n texts, JIDs of the sending devices
 *           n             number of participants
 *  Since:   0.2.0
 */
CALLKEY_API callkey_status
callkey_derive_e2e_keys_batch(callkey_srtp_keys *out, callkey_status *statuses, const uint8_t *key,
                              size_t key_len, const char *const *participants, size_t n);

/** Derive an SFrame key (CRY-04). Its first 16 bytes are the AES-128-GCM key.
 *
 *  Implementations disagree about the id for a direction: some use the sender's, some the peer's.
 *  The caller decides.
 *
 *  Returns: CALLKEY_OK
 *           CALLKEY_ERR_ARGUMENT     out or participant is NULL, key is NULL and key_len is not 0,
 *                                    or participant is longer than 127 bytes or not UTF-8
 *           CALLKEY_ERR_KEY_LENGTH   key_len is not CALLKEY_KEY_BYTES
 *           CALLKEY_ERR_PARTICIPANT  participant is empty
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *  Out:     out          secret; zero after a failure
 *  In:      key          secret
 *           key_len      its length in bytes
 *           participant  JID
 *  Since:   0.2.0
 */
CALLKEY_API callkey_status
callkey_derive_e2e_sframe_key(uint8_t out[CALLKEY_SFRAME_KEY_BYTES], const uint8_t *key,
                              size_t key_len, const char *participant) CALLKEY_NONNULL((1, 4));

/** Derive the WARP authentication key (CRY-07). All participants have the same one.
 *
 *  Returns: CALLKEY_OK
 *           CALLKEY_ERR_ARGUMENT     out is NULL, or key is NULL and key_len is not 0
 *           CALLKEY_ERR_KEY_LENGTH   key_len is not CALLKEY_KEY_BYTES
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *  Out:     out      secret; zero after a failure
 *  In:      key      secret
 *           key_len  its length in bytes
 *  Since:   0.2.0
 */
CALLKEY_API callkey_status
callkey_derive_warp_auth_key(uint8_t out[CALLKEY_WARP_AUTH_KEY_BYTES], const uint8_t *key,
                             size_t key_len) CALLKEY_NONNULL((1));

/** Derive the keys between this client and the relay from the relay's hop-by-hop key, which is
 *  independent of the call key (CRY-03).
 *
 *  Returns: CALLKEY_OK
 *           CALLKEY_ERR_ARGUMENT     a pointer is NULL, or which is not one of CALLKEY_HBH_*
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *  Out:     out      secret; zero after a failure
 *  In:      hbh_key  secret: salt in bytes 0 to 13, key in bytes 14 to 29
 *           which    CALLKEY_HBH_*
 *  Since:   0.2.0
 */
CALLKEY_API callkey_status
callkey_derive_hbh_keys(callkey_srtp_keys *out, const uint8_t hbh_key[CALLKEY_HBH_KEY_BYTES],
                        uint32_t which) CALLKEY_NONNULL((1, 2));

/** Derive the SSRCs of one participant's streams (REL-06).
 *
 *  Returns: CALLKEY_OK
 *           CALLKEY_ERR_ARGUMENT     a pointer is NULL, call_id is empty, or a text is longer than
 *                                    127 bytes or not UTF-8
 *           CALLKEY_ERR_PARTICIPANT  participant is empty
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *  Out:     out          one per stream, at the indexes CALLKEY_SSRC_*; zero after a failure
 *  In:      call_id      exactly as in the stanza
 *           participant  JID of the sending device
 *  Since:   0.2.0
 */
CALLKEY_API callkey_status
callkey_derive_ssrcs(uint32_t out[CALLKEY_SSRC_COUNT], const char *call_id,
                     const char *participant) CALLKEY_NONNULL((1, 2, 3));

/** Decode the content of a raw_e2e node: base64, or the bytes themselves (CRY-01).
 *
 *  Returns: CALLKEY_OK
 *           CALLKEY_ERR_ARGUMENT     out_len is NULL, out is NULL and *out_len is not 0, or
 *                                    content is NULL and content_len is not 0
 *           CALLKEY_ERR_BUFFER       *out_len is the size needed
 *           CALLKEY_ERR_KEY_LENGTH   fewer than CALLKEY_RAW_E2E_MIN_BYTES, read either way
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *  Out:     out          secret; unchanged after a failure
 *  In/Out:  out_len      capacity; then the size, at most content_len; 0 after a failure other
 *                        than BUFFER
 *  In:      content      secret
 *           content_len  its length in bytes
 *  Since:   0.2.0
 */
CALLKEY_API callkey_status
callkey_raw_e2e_decode(uint8_t *out, size_t *out_len, const uint8_t *content, size_t content_len)
    CALLKEY_NONNULL((2));

/** Find the sender of an SRTP packet, e.g. of the first one after the answer: the first
 *  participant with an SRTP authentication key that gives the packet's tag (CRY-05; RFC 3711
 *  section 4.2). Candidates are the called devices, each with its device number; a bare LID means
 *  device 0.
 *
 *  Every participant takes the same work, and a match does not stop the search. An unusable one
 *  (empty, too long, not UTF-8) takes the same work and never matches. A wrong one matches a
 *  4-byte tag once in 2^32 packets. With many participants in a group, call this once per new
 *  SSRC.
 *
 *  Returns: CALLKEY_OK
 *           CALLKEY_ERR_ARGUMENT     index is NULL, key, participants or rtp_packet is NULL and
 *                                    its length is not 0, a participant is NULL, n is above 4096,
 *                                    or tag_len is neither 4 nor 10
 *           CALLKEY_ERR_KEY_LENGTH   key_len is not CALLKEY_KEY_BYTES
 *           CALLKEY_ERR_MALFORMED    the packet is not of RTP version 2, is longer than 65535
 *                                    bytes, is too short for a header and the tag, or matches no
 *                                    participant and is cut short: its header announces more than
 *                                    there is
 *           CALLKEY_ERR_AUTHENTICATION  no participant matches, or n is 0
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *  Out:     index           index into participants; 0 after a failure
 *  In:      key             secret: the call key, the epoch of a group call, or the first 32 bytes
 *                           of a raw_e2e
 *           key_len         its length in bytes
 *           participants    n texts, JIDs of the devices that may have sent it
 *           n               number of participants
 *           rtp_packet      as received: header with CSRCs and extension, encrypted payload, tag
 *           rtp_packet_len  its length in bytes
 *           roc             roll-over counter of its SSRC; 0 for a stream's first 65536 packets
 *           tag_len         4 (AES_CM_128_HMAC_SHA1_32) or 10 (AES_CM_128_HMAC_SHA1_80)
 *  Since:   0.2.0
 */
CALLKEY_API callkey_status
callkey_select_participant(size_t *index, const uint8_t *key, size_t key_len,
                           const char *const *participants, size_t n, const uint8_t *rtp_packet,
                           size_t rtp_packet_len, uint32_t roc, uint32_t tag_len)
    CALLKEY_NONNULL((1));

/* ---- Media frames: pure, needs no store -------------------------------------------------------*/

/** Compute the 4-byte tag of a packet: the start of HMAC-SHA1 over the packet and its roll-over
 *  counter (CRY-07; RFC 3711 section 4.2). This is for tools that check captures. In a call,
 *  libsrtp does it for each packet, and callkey_select_participant finds the sender of one.
 *
 *  Returns: CALLKEY_OK
 *           CALLKEY_ERR_ARGUMENT     out is NULL, or auth_key or packet is NULL and its length is
 *                                    not 0
 *           CALLKEY_ERR_KEY_LENGTH   auth_key_len is neither 20 nor CALLKEY_WARP_AUTH_KEY_BYTES
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *  Out:     out           zero after a failure; compare it in constant time
 *  In:      auth_key      secret: srtp_auth_key of the sender's keys, as on media packets, or the
 *                         key from callkey_derive_warp_auth_key
 *           auth_key_len  its length in bytes
 *           packet        the whole packet up to the tag
 *           packet_len    its length in bytes
 *           roc           roll-over counter
 *  Since:   0.2.0
 */
CALLKEY_API callkey_status
callkey_warp_tag(uint8_t out[CALLKEY_WARP_TAG_BYTES], const uint8_t *auth_key, size_t auth_key_len,
                 const uint8_t *packet, size_t packet_len, uint32_t roc) CALLKEY_NONNULL((1));

/** Seal one media frame in the variant of SFrame that these calls use: AES-128-GCM with a nonce
 *  made from the counter, then a 16-byte tag, the counter, the key id and the length of both
 *  (CRY-04).
 *
 *  Nothing is kept between frames, so keep the counter yourself. Two frames with one counter under
 *  one key give their contents away.
 *
 *  Returns: CALLKEY_OK
 *           CALLKEY_ERR_ARGUMENT     out_len is NULL, out is NULL and *out_len is not 0,
 *                                    sframe_key or payload is NULL and its length is not 0, or
 *                                    payload_len is above 16777216
 *           CALLKEY_ERR_BUFFER       *out_len is the size needed; payload_len +
 *                                    CALLKEY_SFRAME_OVERHEAD_MAX_BYTES is always enough
 *           CALLKEY_ERR_KEY_LENGTH   sframe_key_len is not CALLKEY_SFRAME_KEY_BYTES
 *           CALLKEY_ERR_INVALID_KEY  sframe_key is 32 zero bytes: a wiped one
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *  Out:     out             the frame; unchanged after a failure
 *  In/Out:  out_len         capacity; then the size; 0 after a failure other than BUFFER
 *  In:      sframe_key      secret, from callkey_derive_e2e_sframe_key. The caller chooses the id
 *                           of this direction when deriving it
 *           sframe_key_len  its length in bytes
 *           payload         secret; may be empty
 *           payload_len     its length in bytes
 *           counter         never the same twice under one key
 *           key_id          for the receiver's use; not authenticated
 *  Since:   0.2.0
 */
CALLKEY_API callkey_status
callkey_sframe_seal(uint8_t *out, size_t *out_len, const uint8_t *sframe_key, size_t sframe_key_len,
                    const uint8_t *payload, size_t payload_len, uint64_t counter, uint64_t key_id)
    CALLKEY_NONNULL((2));

/** Open one media frame (CRY-04). A frame that was not sealed with this key is rejected, whatever
 *  it looks like; never play a frame that was not opened.
 *
 *  A replayed frame opens again: detect it by its counter, which is authentic. key_id is not
 *  authenticated.
 *
 *  Returns: CALLKEY_OK
 *           CALLKEY_ERR_ARGUMENT     out_len, counter or key_id is NULL, out is NULL and *out_len
 *                                    is not 0, or sframe_key or frame is NULL and its length is
 *                                    not 0
 *           CALLKEY_ERR_BUFFER       the frame is authentic and *out_len is the size needed;
 *                                    frame_len is always enough
 *           CALLKEY_ERR_KEY_LENGTH   sframe_key_len is not CALLKEY_SFRAME_KEY_BYTES
 *           CALLKEY_ERR_MALFORMED    the end of frame does not parse, or frame is longer than
 *                                    callkey_sframe_seal makes
 *           CALLKEY_ERR_AUTHENTICATION  frame was not sealed with this key
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *  Out:     out             the payload, secret; unchanged after a failure
 *           counter         zero after a failure other than BUFFER (unchanged)
 *           key_id          as counter
 *  In/Out:  out_len         capacity; then the size, which may be 0; 0 after a failure other than
 *                           BUFFER
 *  In:      sframe_key      secret, as in callkey_sframe_seal. If nothing opens, derive it with
 *                           the other side's id: implementations disagree about the id
 *           sframe_key_len  its length in bytes
 *           frame           as received
 *           frame_len       its length in bytes
 *  Since:   0.2.0
 */
CALLKEY_API callkey_status
callkey_sframe_open(uint8_t *out, size_t *out_len, uint64_t *counter, uint64_t *key_id,
                    const uint8_t *sframe_key, size_t sframe_key_len, const uint8_t *frame,
                    size_t frame_len) CALLKEY_NONNULL((2, 3, 4));

/* ---- Plaintexts and stanzas: for a program with its own Signal sessions -----------------------*/

/** Write the plaintext to encrypt for one device (CRY-01): protobuf Message.call.callKey (36 bytes)
 *  and the padding of <enc v="2"> (1 to 16 bytes, at random). Make a new one for each device.
 *
 *  Returns: CALLKEY_OK
 *           CALLKEY_ERR_ARGUMENT     out_len is NULL, out is NULL and *out_len is not 0, or key is
 *                                    NULL and key_len is not 0
 *           CALLKEY_ERR_BUFFER       the capacity is below CALLKEY_PLAINTEXT_MAX_BYTES; *out_len
 *                                    is set to that, however long the padding is
 *           CALLKEY_ERR_KEY_LENGTH   key_len is not CALLKEY_KEY_BYTES
 *           CALLKEY_ERR_INVALID_KEY  key is 32 zero bytes: a wiped one
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *  Out:     out      secret; unchanged after a failure
 *  In/Out:  out_len  capacity; then the size, 37 to 52; 0 after a failure other than BUFFER
 *  In:      key      secret
 *           key_len  its length in bytes
 *  Since:   0.2.0
 */
CALLKEY_API callkey_status
callkey_plaintext_encode(uint8_t *out, size_t *out_len, const uint8_t *key, size_t key_len)
    CALLKEY_NONNULL((2));

/** Read the call key from a decrypted plaintext (CRY-01). Padding is checked strictly. The protobuf
 *  is read as usual: unknown fields are skipped, any order, the last value wins.
 *
 *  Returns: CALLKEY_OK
 *           CALLKEY_ERR_ARGUMENT     key is NULL, or plaintext is NULL and plaintext_len is not 0
 *           CALLKEY_ERR_KEY_LENGTH   the call key in it is not 32 bytes long
 *           CALLKEY_ERR_INVALID_KEY  the call key in it is 32 zero bytes: its sender had wiped it
 *           CALLKEY_ERR_MALFORMED    the padding or the protobuf does not parse, or there is no
 *                                    call key
 *           CALLKEY_ERR_UNSUPPORTED  enc_version is neither 2 nor 3
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *  Out:     key            secret; zero after a failure
 *  In:      plaintext      secret
 *           plaintext_len  its length in bytes
 *           enc_version    v of <enc>: 2 is padded, 3 is not
 *  Since:   0.2.0
 */
CALLKEY_API callkey_status
callkey_plaintext_decode(uint8_t key[CALLKEY_KEY_BYTES], const uint8_t *plaintext,
                         size_t plaintext_len, uint32_t enc_version) CALLKEY_NONNULL((1));

/** Build the stanza for ciphertexts that were made elsewhere. The same input gives the same bytes.
 *
 *  Returns: CALLKEY_OK
 *           CALLKEY_ERR_ARGUMENT     out_len is NULL, out is NULL and *out_len is not 0, a pointer
 *                                    with a length is NULL, a required text is missing, too long
 *                                    or not UTF-8, a text of <video> is empty, an attribute of
 *                                    <video> is set without CALLKEY_OFFER_VIDEO, an enc_type or
 *                                    flag is unknown, a ciphertext is empty, or n is above 4096
 *           CALLKEY_ERR_BUFFER       *out_len is the size needed
 *           CALLKEY_ERR_UNSUPPORTED  options has members that are newer than this library, or
 *                                    options->reserved is not 0
 *           CALLKEY_ERR_NO_DEVICES   n is 0
 *           CALLKEY_ERR_DEVICE_IDENTITY  a ciphertext is a pkmsg, but options has no
 *                                    device_identity
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *  Out:     out      binary XML, flag byte first; unchanged after a failure
 *  In/Out:  out_len  capacity; then the size; 0 after a failure other than BUFFER
 *  In:      encs     n elements; jid may be NULL only for a lone <enc>, which has none
 *           n        number of devices
 *           options  NULL: only the key node
 *  Since:   0.2.0
 */
CALLKEY_API callkey_status
callkey_offer_build(uint8_t *out, size_t *out_len, const callkey_enc *encs, size_t n,
                    const callkey_offer_options *options) CALLKEY_NONNULL((2));

/** Read this device's ciphertext, and what the stanza says about the call. The root may be any of
 *  <call>, <offer>, <accept>, <enc_rekey>, <destination> and <enc>.
 *
 *  The ciphertext is that of the <to> of the first own JID that has one, else of a lone <enc>. What
 *  is damaged or newer beside it (another device's <to>, another <enc>, <encopt>) is passed over.
 *
 *  Returns: CALLKEY_OK
 *           CALLKEY_ERR_ARGUMENT     info or ciphertext_len is NULL, info->struct_size is not a
 *                                    size of the struct, ciphertext is NULL and its capacity is
 *                                    not 0, stanza or own_jids is NULL and its length is not 0, an
 *                                    own JID is not the JID of a device, or n_own is above 4096
 *           CALLKEY_ERR_BUFFER       *ciphertext_len is the size needed; info is filled
 *           CALLKEY_ERR_MALFORMED    stanza does not parse, inflates beyond bounds, has another root,
 *                                    has two actions, two <destination> or two readable <enc> for
 *                                    this device, or its <enc> has no type or no content
 *           CALLKEY_ERR_UNSUPPORTED  the encoding or <enc> is newer than this library, or the keygen
 *                                    of an <enc_rekey> is not 2
 *           CALLKEY_ERR_NOT_FOR_THIS_DEVICE  the stanza has no key, or none for this device: no <to>
 *                                    names an own JID and there is no lone <enc>, or the stanza is
 *                                    CALLKEY_KIND_OTHER
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *  Out:     ciphertext      unchanged after a failure
 *           info            filled whenever the stanza parsed. sender is the first sender that the
 *                           stanza names, as in callkey_offer_open. If from names another user,
 *                           find out who it is before you accept an unknown identity under either
 *                           name
 *  In/Out:  ciphertext_len  capacity; then the size; 0 after a failure other than BUFFER
 *  In:      stanza          binary XML, flag byte first, compressed or not
 *           stanza_len      its length in bytes
 *           own_jids        n_own texts: this device's JIDs, LID and phone number, with device
 *           n_own           number of own JIDs; 0 accepts only a lone <enc>
 *  Since:   0.2.0
 */
CALLKEY_API callkey_status
callkey_offer_parse(uint8_t *ciphertext, size_t *ciphertext_len, callkey_call_info *info,
                    const uint8_t *stanza, size_t stanza_len, const char *const *own_jids,
                    size_t n_own) CALLKEY_NONNULL((2, 3));

/** Build the <call><enc_rekey> for an epoch that was encrypted elsewhere, for one device of a group
 *  call (SIG-06): callkey_rekey_seal without its store. The ciphertext is that of the plaintext of
 *  callkey_plaintext_encode with the epoch as the key. The same input gives the same bytes.
 *
 *  Returns: CALLKEY_OK
 *           CALLKEY_ERR_ARGUMENT     out_len, enc, its jid or options is NULL, out is NULL and
 *                                    *out_len is not 0, a pointer with a length is NULL,
 *                                    transaction_id is 0, jid or call_creator is not the JID of a
 *                                    device, call_id is missing, a text is too long or not UTF-8,
 *                                    enc_type or a flag is unknown, the ciphertext is empty, or the
 *                                    stanza would be larger than 1 MiB
 *           CALLKEY_ERR_BUFFER       *out_len is the size needed
 *           CALLKEY_ERR_UNSUPPORTED  options has members that are newer than this library, or
 *                                    options->reserved is not 0
 *           CALLKEY_ERR_DEVICE_IDENTITY  the ciphertext is a pkmsg, but options has no
 *                                    device_identity
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *  Out:     out             binary XML, flag byte first; unchanged after a failure
 *  In/Out:  out_len         capacity; then the size; 0 after a failure other than BUFFER
 *  In:      enc             the device and its ciphertext, at least 1 byte
 *           transaction_id  the epoch's number in its call, above all earlier ones
 *           options         as for callkey_rekey_seal
 *  Since:   0.3.0
 */
CALLKEY_API callkey_status
callkey_rekey_build(uint8_t *out, size_t *out_len, const callkey_enc *enc, uint32_t transaction_id,
                    const callkey_offer_options *options) CALLKEY_NONNULL((2, 3, 5));

/** Write a stanza as XML text for people to read: one node per line, indented by two spaces,
 *  attributes in the order of the stanza. What does not print becomes \xNN of its bytes, and a
 *  backslash is doubled. A content of bytes becomes lower-case hexadecimal; one of text that could
 *  be taken for hexadecimal has its first character as \xNN.
 *
 *  Returns: CALLKEY_OK
 *           CALLKEY_ERR_ARGUMENT     out_len is NULL, out is NULL and *out_len is not 0, or stanza
 *                                    is NULL and stanza_len is not 0
 *           CALLKEY_ERR_BUFFER       *out_len is the size needed
 *           CALLKEY_ERR_MALFORMED    stanza does not parse or inflates beyond bounds
 *           CALLKEY_ERR_UNSUPPORTED  the encoding is newer than this library
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *  Out:     out         NUL-terminated UTF-8; unchanged after a failure
 *  In/Out:  out_len     capacity; then the size with NUL; 0 after a failure other than BUFFER
 *  In:      stanza      binary XML, flag byte first
 *           stanza_len  its length in bytes
 *  Since:   0.2.0
 */
CALLKEY_API callkey_status
callkey_stanza_to_xml(char *out, size_t *out_len, const uint8_t *stanza, size_t stanza_len)
    CALLKEY_NONNULL((2));

/** Read the text of callkey_stanza_to_xml back into a stanza. Between nodes there may be other
 *  white space; all else must be as that function writes it, so what is accepted is written again
 *  unchanged.
 *
 *  A value that reads as a JID on a server that clients know is written as a JID, and every other
 *  text in the form of callkey_offer_build. The XML does not show, and so the stanza does not keep:
 *  compression, the form that a text had on the wire, whether a node without content had an empty
 *  one, and a content of text that clients would write as bytes, which becomes bytes.
 *
 *  Returns: CALLKEY_OK
 *           CALLKEY_ERR_ARGUMENT     out_len or xml is NULL, out is NULL and *out_len is not 0, or
 *                                    xml is not UTF-8 or is longer than 16777216 bytes
 *           CALLKEY_ERR_BUFFER       *out_len is the size needed
 *           CALLKEY_ERR_MALFORMED    xml does not parse, or not as one stanza of at most 1 MiB, 16
 *                                    levels, 32768 nodes and attributes, and 64 attributes of a
 *                                    node; callkey_last_error has the line and column in bytes
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *  Out:     out      binary XML, flag byte first, not compressed; unchanged after a failure
 *  In/Out:  out_len  capacity; then the size; 0 after a failure other than BUFFER
 *  In:      xml      one node, and white space around it
 *  Since:   0.3.0
 */
CALLKEY_API callkey_status
callkey_stanza_from_xml(uint8_t *out, size_t *out_len, const char *xml) CALLKEY_NONNULL((2, 3));

/* ---- Store: identity, prekeys, sessions -------------------------------------------------------*/

/** Open a store; make the store and its identity if they do not exist yet. Several processes may
 *  have the same file open. A file from an older version is migrated, completely or not at all;
 *  after that the older version can no longer open it.
 *
 *  An open file has one name: links are followed, and opening it under a second name (a hard link,
 *  a bind mount of the file alone) is CALLKEY_ERR_STORE. A store has three files: the file itself
 *  and the two beside it that end in -wal and -shm. They must stay where they are while the store
 *  is open. If one is removed, renamed or replaced, every call is CALLKEY_ERR_STORE until all
 *  handles on the file are closed. The same happens if other code in this process, e.g. a second
 *  SQLite, opens and closes one of them, because that drops the store's file locks. Use
 *  callkey_store_copy for backups. New files have mode 0600.
 *
 *  With CALLKEY_STORE_KEEP_OPENED, an opened message opens again, with the same result and no
 *  change, until callkey_message_done. An app that is killed between this library's commit and its
 *  own then loses nothing. The last 256 messages are kept, besides the newest at most 16 MiB of
 *  plaintext; beyond that the oldest is dropped and becomes DUPLICATE.
 *
 *  With CALLKEY_STORE_RESTORED, the file is treated as an old copy: a backup, or one that
 *  callkey_store_copy made. Its sessions still open messages but seal none (NO_SESSION) until
 *  callkey_session_begin or a first message from the peer, because the original may have used
 *  their next keys. If the original had opened that first message, the peer rejects what the copy
 *  seals in its session: begin a new one then. New prekeys get ids 65536 higher. Pass the flag when
 *  you first open the copy, until the call returns OK; the effect stays in the file.
 *
 *  Returns: CALLKEY_OK
 *           CALLKEY_ERR_ARGUMENT     out is NULL, storage_key is NULL and storage_key_len is not
 *                                    0, path is empty, longer than 4096 bytes or not UTF-8,
 *                                    struct_size is not the size of the struct, a flag is unknown,
 *                                    a storage key is given with CALLKEY_STORE_PLAINTEXT, or
 *                                    CALLKEY_STORE_MUST_EXIST or _RESTORED is set without a path
 *           CALLKEY_ERR_KEY_LENGTH   storage_key_len is neither 0 nor CALLKEY_STORAGE_KEY_BYTES
 *           CALLKEY_ERR_UNSUPPORTED  a newer library wrote the file, or options has members that
 *                                    are newer than this library
 *           CALLKEY_ERR_STORE        the file cannot be opened, read or written, is open under
 *                                    another name, or is a folder, a pipe or a device;
 *                                    callkey_last_error says which. A rejected path leaves no file
 *           CALLKEY_ERR_STORE_KEY    storage_key is not the file's, or is missing
 *           CALLKEY_ERR_STORE_CORRUPT  the file is damaged or is not a store
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *           CALLKEY_ERR_NOT_FOUND    with CALLKEY_STORE_MUST_EXIST or _RESTORED: there is no file,
 *                                    it is empty, or (without CALLKEY_STORE_NO_IDENTITY) it has no
 *                                    identity; nothing is made
 *           CALLKEY_ERR_BUSY         another process held the store longer than busy_ms
 *  Out:     out              handle for callkey_store_close; 0 after a failure
 *  In:      path             the file; NULL: in memory, gone when closed
 *           storage_key      secret; NULL only in memory or with CALLKEY_STORE_PLAINTEXT
 *           storage_key_len  its length in bytes
 *           options          NULL: all zero
 *  Since:   0.2.0
 */
CALLKEY_API callkey_status
callkey_store_open(callkey_store *out, const char *path, const uint8_t *storage_key,
                   size_t storage_key_len, const callkey_store_options *options)
    CALLKEY_NONNULL((1));

/** Close a store and erase its memory. Calls that are already running on it finish first; later
 *  calls return CALLKEY_ERR_HANDLE. The handle is closed even after CALLKEY_ERR_STORE.
 *
 *  Returns: CALLKEY_OK
 *           CALLKEY_ERR_HANDLE       store is not open
 *           CALLKEY_ERR_STORE        closing the file failed; everything committed is safe
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *  Args:    store  from callkey_store_open
 *  Since:   0.2.0
 */
CALLKEY_EXPORT callkey_status callkey_store_close(callkey_store store);

/** Copy a store to a new file, in the state between two commits, while this and other processes
 *  keep using it. The copy has mode 0600 and the same storage key. It is outdated as soon as the
 *  store changes: open it with CALLKEY_STORE_RESTORED.
 *
 *  Returns: CALLKEY_OK               the copy is complete and on the disk
 *           CALLKEY_ERR_ARGUMENT     path is NULL, empty, longer than 4096 bytes or not UTF-8, or
 *                                    the store is in memory
 *           CALLKEY_ERR_HANDLE       store is not open
 *           CALLKEY_ERR_CONFLICT     there is a file at path already; it stays unchanged
 *           CALLKEY_ERR_STORE        the copy could not be written; no file is left
 *           CALLKEY_ERR_STORE_CORRUPT
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *           CALLKEY_ERR_BUSY
 *  Args:    store  an open store
 *  In:      path   the new file
 *  Since:   0.2.0
 */
CALLKEY_API callkey_status
callkey_store_copy(callkey_store store, const char *path) CALLKEY_NONNULL((2));

/** Change the storage key of a file. One row changes, atomically; processes that have the store
 *  open keep working. The old key still opens older copies of the file, and whatever the disk
 *  keeps of them.
 *
 *  Returns: CALLKEY_OK
 *           CALLKEY_ERR_ARGUMENT     storage_key is NULL and storage_key_len is not 0, or the
 *                                    store is in memory or plaintext
 *           CALLKEY_ERR_HANDLE       store is not open
 *           CALLKEY_ERR_KEY_LENGTH   storage_key_len is not CALLKEY_STORAGE_KEY_BYTES
 *           CALLKEY_ERR_STORE        the file could not be written, or was removed, renamed or
 *                                    replaced meanwhile; keep both keys, because either may be the
 *                                    right one
 *           CALLKEY_ERR_STORE_CORRUPT
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *           CALLKEY_ERR_BUSY
 *  Args:    store            an open store
 *  In:      storage_key      secret: the new key
 *           storage_key_len  its length in bytes
 *  Since:   0.2.0
 */
CALLKEY_API callkey_status
callkey_store_change_key(callkey_store store, const uint8_t *storage_key, size_t storage_key_len);

/** Read the store's own identity.
 *
 *  Returns: CALLKEY_OK
 *           CALLKEY_ERR_ARGUMENT     out is NULL
 *           CALLKEY_ERR_HANDLE       store is not open
 *           CALLKEY_ERR_UNSUPPORTED  a newer library wrote the account
 *           CALLKEY_ERR_NO_IDENTITY  none was made or imported
 *           CALLKEY_ERR_STORE
 *           CALLKEY_ERR_STORE_CORRUPT
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *           CALLKEY_ERR_BUSY
 *  Args:    store  an open store
 *  Out:     out    zero after a failure
 *  Since:   0.2.0
 */
CALLKEY_API callkey_status
callkey_store_identity(callkey_store store, callkey_identity *out) CALLKEY_NONNULL((2));

/** Read the store's own private identity, to move the account. A second store with it is a second
 *  device under one name; its sessions break those of the first.
 *
 *  Returns: CALLKEY_OK
 *           CALLKEY_ERR_ARGUMENT     out is NULL or out->struct_size is not a size of the struct
 *           CALLKEY_ERR_HANDLE       store is not open
 *           CALLKEY_ERR_UNSUPPORTED  a newer library wrote the account
 *           CALLKEY_ERR_NO_IDENTITY
 *           CALLKEY_ERR_STORE
 *           CALLKEY_ERR_STORE_CORRUPT
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *           CALLKEY_ERR_BUSY
 *  Args:    store  an open store
 *  Out:     out    secret; initialize with CALLKEY_ACCOUNT_INIT; all behind struct_size is zero
 *                  after a failure
 *  Since:   0.3.0
 */
CALLKEY_API callkey_status
callkey_store_account(callkey_store store, callkey_account *out) CALLKEY_NONNULL((2));

/** Import an identity into a store that has none.
 *
 *  Returns: CALLKEY_OK               also if exactly this identity is there already
 *           CALLKEY_ERR_ARGUMENT     private_key is NULL
 *           CALLKEY_ERR_HANDLE       store is not open
 *           CALLKEY_ERR_UNSUPPORTED  a newer library wrote the account
 *           CALLKEY_ERR_CONFLICT     the store has another identity
 *           CALLKEY_ERR_STORE
 *           CALLKEY_ERR_STORE_CORRUPT
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *           CALLKEY_ERR_BUSY
 *  Args:    store            opened with CALLKEY_STORE_NO_IDENTITY
 *  In:      private_key      secret
 *           registration_id  as registered with the server
 *  Since:   0.2.0
 */
CALLKEY_API callkey_status
callkey_store_import_identity(callkey_store store,
                              const uint8_t private_key[CALLKEY_PRIVATE_KEY_BYTES],
                              uint32_t registration_id) CALLKEY_NONNULL((2));

/** Make one-time prekeys and write their public halves for publishing. callkey_store_take_bundle
 *  never uses them. Call callkey_store_published when the server has them; until then
 *  callkey_store_unpublished returns them again.
 *
 *  Returns: CALLKEY_OK               n may be 0
 *           CALLKEY_ERR_ARGUMENT     out is NULL and n is not 0, or n is above 4096
 *           CALLKEY_ERR_HANDLE       store is not open
 *           CALLKEY_ERR_UNSUPPORTED  a newer library wrote the account
 *           CALLKEY_ERR_NO_IDENTITY
 *           CALLKEY_ERR_STORE
 *           CALLKEY_ERR_STORE_CORRUPT
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *           CALLKEY_ERR_BUSY
 *  Args:    store  an open store
 *  Out:     out    n elements; zero after a failure, and then none was made
 *  In:      n      number of prekeys
 *  Since:   0.2.0
 */
CALLKEY_API callkey_status
callkey_store_add_prekeys(callkey_store store, callkey_prekey *out, size_t n);

/** Read the public halves of the prekeys that callkey_store_add_prekeys made and
 *  callkey_store_published has not named yet. Upload them when the app starts: a crash between
 *  making and uploading leaves some. Prekeys that a peer has used in the meantime are left out.
 *  A crash between uploading and callkey_store_published uploads the same ones again: a server
 *  must not hand one out a second time, because the second peer's first message is NO_PREKEY here.
 *
 *  Returns: CALLKEY_OK               *n may be 0: all are published
 *           CALLKEY_ERR_ARGUMENT     n is NULL, or out is NULL and *n is not 0
 *           CALLKEY_ERR_BUFFER       *n is the number of elements needed
 *           CALLKEY_ERR_HANDLE       store is not open
 *           CALLKEY_ERR_UNSUPPORTED  a newer library wrote the account
 *           CALLKEY_ERR_NO_IDENTITY
 *           CALLKEY_ERR_STORE
 *           CALLKEY_ERR_STORE_CORRUPT
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *           CALLKEY_ERR_BUSY
 *  Args:    store  an open store
 *  Out:     out    in ascending order of their ids; unchanged after a failure
 *  In/Out:  n      capacity in elements; then the number of elements; 0 after a failure other than
 *                  BUFFER
 *  Since:   0.3.0
 */
CALLKEY_API callkey_status
callkey_store_unpublished(callkey_store store, callkey_prekey *out, size_t *n) CALLKEY_NONNULL((3));

/** Mark prekeys of callkey_store_add_prekeys as published. Call it once the server has confirmed
 *  them. If one id is rejected, none is marked.
 *
 *  Returns: CALLKEY_OK               n may be 0; a prekey that is marked already, or used up by
 *                                    now, is fine
 *           CALLKEY_ERR_ARGUMENT     ids is NULL and n is not 0, n is above 4096, or an id is 0 or
 *                                    above 16777215
 *           CALLKEY_ERR_HANDLE       store is not open
 *           CALLKEY_ERR_UNSUPPORTED  a newer library wrote the account
 *           CALLKEY_ERR_NO_IDENTITY
 *           CALLKEY_ERR_STORE
 *           CALLKEY_ERR_STORE_CORRUPT
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *           CALLKEY_ERR_NOT_FOUND    no prekey with that id was made, or it belongs to a bundle
 *           CALLKEY_ERR_BUSY
 *  Args:    store  an open store
 *  In:      ids    n elements
 *           n      number of ids
 *  Since:   0.3.0
 */
CALLKEY_API callkey_status
callkey_store_published(callkey_store store, const uint32_t *ids, size_t n);

/** Count the published prekeys that are still unused, to see when more are due: those that
 *  callkey_store_published marked, and those from callkey_store_import_prekey. In a store from
 *  version 0.2.0, all count as published. It takes about 5 ms for each 1000 in a file.
 *
 *  Returns: CALLKEY_OK
 *           CALLKEY_ERR_ARGUMENT     n is NULL
 *           CALLKEY_ERR_HANDLE       store is not open
 *           CALLKEY_ERR_UNSUPPORTED  a newer library wrote the account
 *           CALLKEY_ERR_NO_IDENTITY
 *           CALLKEY_ERR_STORE
 *           CALLKEY_ERR_STORE_CORRUPT
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *           CALLKEY_ERR_BUSY
 *  Args:    store  an open store
 *  Out:     n      0 after a failure
 *  Since:   0.3.0
 */
CALLKEY_API callkey_status
callkey_store_prekeys_left(callkey_store store, size_t *n) CALLKEY_NONNULL((2));

/** Make a new signed prekey and write its public half for publishing. Do this once a month or more
 *  often. Earlier ones still open messages for 30 days. The first rotation after that removes
 *  them, with the unused one-time prekeys of their bundles.
 *
 *  Returns: CALLKEY_OK
 *           CALLKEY_ERR_ARGUMENT     out is NULL
 *           CALLKEY_ERR_HANDLE       store is not open
 *           CALLKEY_ERR_UNSUPPORTED  a newer library wrote the account
 *           CALLKEY_ERR_NO_IDENTITY
 *           CALLKEY_ERR_STORE
 *           CALLKEY_ERR_STORE_CORRUPT
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *           CALLKEY_ERR_BUSY
 *  Args:    store  an open store
 *  Out:     out    zero after a failure
 *  Since:   0.2.0
 */
CALLKEY_API callkey_status
callkey_store_rotate_signed_prekey(callkey_store store, callkey_signed_prekey *out)
    CALLKEY_NONNULL((2));

/** Read the signed prekey in use, the one that the server should have, and the time it came into
 *  use. At its start an app rotates if there is none or it is too old, and uploads the result:
 *  then a crash between rotating and uploading does no harm.
 *
 *  Returns: CALLKEY_OK
 *           CALLKEY_ERR_ARGUMENT     out or since is NULL
 *           CALLKEY_ERR_HANDLE       store is not open
 *           CALLKEY_ERR_UNSUPPORTED  a newer library wrote the account
 *           CALLKEY_ERR_NO_IDENTITY
 *           CALLKEY_ERR_STORE
 *           CALLKEY_ERR_STORE_CORRUPT
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *           CALLKEY_ERR_NOT_FOUND    none was made or imported yet: see
 *                                    callkey_store_rotate_signed_prekey
 *           CALLKEY_ERR_BUSY
 *  Args:    store  an open store
 *  Out:     out    its signature is made anew, with other bytes, each time; zero after a failure
 *           since  Unix time of the rotation or import, in seconds; 0 after a failure
 *  Since:   0.3.0
 */
CALLKEY_API callkey_status
callkey_store_signed_prekey(callkey_store store, callkey_signed_prekey *out, uint64_t *since)
    CALLKEY_NONNULL((2, 3));

/** Import a one-time prekey that was published elsewhere. No bundle uses it.
 *  callkey_store_prekeys_left counts it if the store had an identity at that time.
 *
 *  Returns: CALLKEY_OK               also if exactly this prekey is there already
 *           CALLKEY_ERR_ARGUMENT     private_key is NULL, or id is out of range
 *           CALLKEY_ERR_HANDLE       store is not open
 *           CALLKEY_ERR_UNSUPPORTED  a newer library wrote the account
 *           CALLKEY_ERR_CONFLICT     another prekey has that id
 *           CALLKEY_ERR_STORE
 *           CALLKEY_ERR_STORE_CORRUPT
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *           CALLKEY_ERR_BUSY
 *  Args:    store        an open store
 *  In:      id           1 to 16777215
 *           private_key  secret
 *  Since:   0.2.0
 */
CALLKEY_API callkey_status
callkey_store_import_prekey(callkey_store store, uint32_t id,
                            const uint8_t private_key[CALLKEY_PRIVATE_KEY_BYTES])
    CALLKEY_NONNULL((3));

/** Import a signed prekey that was published elsewhere. It is the one in use from now on; bundles
 *  carry it with a new signature by the store's identity.
 *
 *  Returns: CALLKEY_OK               also if exactly this prekey is there already
 *           CALLKEY_ERR_ARGUMENT     private_key is NULL, or id is out of range
 *           CALLKEY_ERR_HANDLE       store is not open
 *           CALLKEY_ERR_UNSUPPORTED  a newer library wrote the account
 *           CALLKEY_ERR_NO_IDENTITY
 *           CALLKEY_ERR_CONFLICT     another signed prekey has that id
 *           CALLKEY_ERR_STORE
 *           CALLKEY_ERR_STORE_CORRUPT
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *           CALLKEY_ERR_BUSY
 *  Args:    store        an open store
 *  In:      id           1 to 16777215
 *           private_key  secret
 *  Since:   0.2.0
 */
CALLKEY_API callkey_status
callkey_store_import_signed_prekey(callkey_store store, uint32_t id,
                                   const uint8_t private_key[CALLKEY_PRIVATE_KEY_BYTES])
    CALLKEY_NONNULL((3));

/** Make a bundle for a server or peer that accepts whole bundles. Its one-time prekey is made for
 *  it alone: it is in no other bundle and not among those to publish. The first bundle makes a
 *  signed prekey if there is none.
 *
 *  The one-time prekey stays in the store until a peer uses it, or until the signed prekey of the
 *  bundle is removed: see callkey_store_rotate_signed_prekey. An app that never rotates keeps all
 *  that were not used.
 *
 *  Returns: CALLKEY_OK
 *           CALLKEY_ERR_ARGUMENT     out is NULL, or out->struct_size is not a size of the struct
 *           CALLKEY_ERR_HANDLE       store is not open
 *           CALLKEY_ERR_UNSUPPORTED  a newer library wrote the account
 *           CALLKEY_ERR_NO_IDENTITY
 *           CALLKEY_ERR_STORE
 *           CALLKEY_ERR_STORE_CORRUPT
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *           CALLKEY_ERR_BUSY
 *  Args:    store  an open store
 *  Out:     out    initialize with CALLKEY_PREKEY_BUNDLE_INIT; all behind struct_size is zero after a
 *                  failure
 *  Since:   0.3.0
 */
CALLKEY_API callkey_status
callkey_store_take_bundle(callkey_store store, callkey_prekey_bundle *out) CALLKEY_NONNULL((2));

/** Make alias_jid another name of the device jid, e.g. a phone-number JID for a LID. From then on
 *  every function accepts either JID: they share one session, one identity and one lock.
 *
 *  If alias_jid is an alias already, it now names the new device: the number has a new owner.
 *  Nothing else changes; sessions and identities stay with their devices. callkey_session_begin
 *  with a bundle of the new owner begins a session with the new device.
 *
 *  If alias_jid is a device of its own, its identity, sessions and aliases move to the other
 *  device. Sessions of both are merged: the one that is further along seals, and every message
 *  that has not been opened still opens, once.
 *
 *  An alias names a device, not another name: if jid later becomes a name of another device,
 *  alias_jid stays. Any number of aliases, in any order, costs about the same.
 *
 *  Returns: CALLKEY_OK               also if alias_jid is already an alias of that device, or both
 *                                    are spellings of one JID: nothing changes
 *           CALLKEY_ERR_ARGUMENT     a JID is NULL or not the JID of a device
 *           CALLKEY_ERR_HANDLE       store is not open
 *           CALLKEY_ERR_UNSUPPORTED  a newer library wrote a session or an alias
 *           CALLKEY_ERR_UNTRUSTED_IDENTITY  alias_jid is a device of its own, and the two have
 *                                    different identity keys
 *           CALLKEY_ERR_CONFLICT     a circle: jid is an alias of alias_jid
 *           CALLKEY_ERR_STORE
 *           CALLKEY_ERR_STORE_CORRUPT
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *           CALLKEY_ERR_BUSY
 *  Args:    store      an open store
 *  In:      alias_jid  the other name
 *           jid        the device, or any name of it
 *  Since:   0.2.0
 */
CALLKEY_API callkey_status
callkey_store_alias(callkey_store store, const char *alias_jid, const char *jid)
    CALLKEY_NONNULL((2, 3));

/** Make an alias a device of its own again. Nothing is stored about that device, so the next
 *  contact with it is the first. Sessions and identity stay with the device that the alias named.
 *
 *  Returns: CALLKEY_OK               also if it is not an alias
 *           CALLKEY_ERR_ARGUMENT     alias_jid is NULL or not the JID of a device
 *           CALLKEY_ERR_HANDLE       store is not open
 *           CALLKEY_ERR_UNSUPPORTED  a newer library wrote an alias
 *           CALLKEY_ERR_STORE
 *           CALLKEY_ERR_STORE_CORRUPT
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *           CALLKEY_ERR_BUSY
 *  Args:    store      an open store
 *  In:      alias_jid  the alias
 *  Since:   0.3.0
 */
CALLKEY_API callkey_status callkey_store_unalias(callkey_store store, const char *alias_jid)
    CALLKEY_NONNULL((2));

/** Return the next JID in a list of what the store holds: start with after NULL, then pass the JID
 *  that the last call returned, until NOT_FOUND. The order is fixed but means nothing. The list may
 *  change between two calls, in this or another process, and after need not be in it any more: no
 *  JID comes twice, and none that was there all the time is left out.
 *
 *  Sessions and identities are listed by device, under the device's own name, not its aliases. With
 *  a user, the list is what callkey_user_remove would remove: all devices that a name of the user
 *  means, and for CALLKEY_LIST_ALIASES all names of those devices. That list of aliases, unlike the
 *  others, reads every alias in the store for each call.
 *
 *  Records that version 0.2 wrote in a sealed store do not tell their names, and appear in the list
 *  of all once they are written again: a session when it is next used, an identity when it is next
 *  trusted or met, an alias when it is set to another device. With a user they are listed, apart
 *  from aliases that are not the user's own names.
 *
 *  Returns: CALLKEY_OK
 *           CALLKEY_ERR_ARGUMENT     jid_len is NULL, jid is NULL and *jid_len is not 0, what is not
 *                                    one of CALLKEY_LIST_*, user is not the JID of a user or names a
 *                                    device, or after is not the JID of a device
 *           CALLKEY_ERR_BUFFER       *jid_len is the size needed; CALLKEY_JID_BYTES is always enough
 *           CALLKEY_ERR_HANDLE       store is not open
 *           CALLKEY_ERR_UNSUPPORTED  a newer library wrote a record
 *           CALLKEY_ERR_STORE
 *           CALLKEY_ERR_STORE_CORRUPT
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *           CALLKEY_ERR_NOT_FOUND    the list ends
 *           CALLKEY_ERR_BUSY
 *  Args:    store    an open store
 *  Out:     jid      NUL-terminated, spelled as in callkey_call_info; unchanged after a failure
 *  In/Out:  jid_len  capacity; then the size with NUL; 0 after a failure other than BUFFER
 *  In:      what     CALLKEY_LIST_*
 *           user     user@server, without a device; NULL: all users
 *           after    the last result; NULL: from the start
 *  Since:   0.3.0
 */
CALLKEY_API callkey_status
callkey_store_next(callkey_store store, char *jid, size_t *jid_len, uint32_t what, const char *user,
                   const char *after) CALLKEY_NONNULL((3));

/* ---- Sessions and identities of other devices -------------------------------------------------*/

/** Begin a session with a device from its published bundle (X3DH). Messages sealed for it are
 *  pkmsg until it answers.
 *
 *  Returns: CALLKEY_OK
 *           CALLKEY_ERR_ARGUMENT     a pointer is NULL, jid is not the JID of a device, or
 *                                    bundle->struct_size is not a size of the struct
 *           CALLKEY_ERR_HANDLE       store is not open
 *           CALLKEY_ERR_INVALID_KEY  a public key is of low order or non-canonical, or the
 *                                    signature is wrong
 *           CALLKEY_ERR_UNSUPPORTED  bundle has members that are newer than this library, or a
 *                                    newer library wrote the account or the session
 *           CALLKEY_ERR_UNTRUSTED_IDENTITY  the identity differs from the known one; see
 *                                    callkey_identity_trust
 *           CALLKEY_ERR_NO_IDENTITY
 *           CALLKEY_ERR_STORE
 *           CALLKEY_ERR_STORE_CORRUPT
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *           CALLKEY_ERR_BUSY
 *  Args:    store   an open store
 *  In:      jid     the device
 *           bundle  as the device published it; initialize with CALLKEY_PREKEY_BUNDLE_INIT
 *  Since:   0.2.0
 */
CALLKEY_API callkey_status
callkey_session_begin(callkey_store store, const char *jid, const callkey_prekey_bundle *bundle)
    CALLKEY_NONNULL((2, 3));

/** Begin sessions with several devices, in one commit. A device that fails is left out and
 *  reported.
 *
 *  Returns: CALLKEY_OK               at least one session was begun; look at each status
 *           CALLKEY_ERR_ARGUMENT     statuses, jids or bundles is NULL and n is not 0, a JID or
 *                                    bundle is NULL, the struct_size of a bundle is not a size of
 *                                    the struct, or n is above 4096
 *           CALLKEY_ERR_HANDLE       store is not open
 *           CALLKEY_ERR_UNSUPPORTED  a bundle has members that are newer than this library, or a
 *                                    newer library wrote the account
 *           CALLKEY_ERR_NO_IDENTITY
 *           CALLKEY_ERR_NO_DEVICES   n is 0, or every device failed; each status says why
 *           CALLKEY_ERR_STORE        nothing was written
 *           CALLKEY_ERR_STORE_CORRUPT
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *           CALLKEY_ERR_BUSY
 *  Args:    store     an open store
 *  Out:     statuses  n elements: the status of callkey_session_begin for that device, or
 *                     CALLKEY_ERR_DUPLICATE for a device named before, under whatever name. After
 *                     a failure other than NO_DEVICES all are the returned status
 *  In:      jids      n texts: the devices
 *           bundles   n elements: that of each device
 *           n         number of devices
 *  Since:   0.3.0
 */
CALLKEY_API callkey_status
callkey_session_begin_batch(callkey_store store, callkey_status *statuses, const char *const *jids,
                            const callkey_prekey_bundle *const *bundles, size_t n);

/** Check that a key can be sealed for a device without a new bundle.
 *
 *  Returns: CALLKEY_OK
 *           CALLKEY_ERR_ARGUMENT     jid is NULL or not the JID of a device
 *           CALLKEY_ERR_HANDLE       store is not open
 *           CALLKEY_ERR_UNSUPPORTED  a newer library wrote the session
 *           CALLKEY_ERR_NO_SESSION   there is none, or it was not answered within 30 days
 *           CALLKEY_ERR_STORE
 *           CALLKEY_ERR_STORE_CORRUPT
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *           CALLKEY_ERR_BUSY
 *  Args:    store  an open store
 *  In:      jid    the device
 *  Since:   0.2.0
 */
CALLKEY_API callkey_status
callkey_session_check(callkey_store store, const char *jid) CALLKEY_NONNULL((2));

/** Read what the session with a device is like.
 *
 *  Returns: CALLKEY_OK
 *           CALLKEY_ERR_ARGUMENT     a pointer is NULL, jid is not the JID of a device, or
 *                                    out->struct_size is not a size of the struct
 *           CALLKEY_ERR_HANDLE       store is not open
 *           CALLKEY_ERR_UNSUPPORTED  a newer library wrote the session
 *           CALLKEY_ERR_NO_SESSION   there is none
 *           CALLKEY_ERR_STORE
 *           CALLKEY_ERR_STORE_CORRUPT
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *           CALLKEY_ERR_BUSY
 *  Args:    store  an open store
 *  Out:     out    initialize with CALLKEY_SESSION_INFO_INIT; all behind struct_size is zero after
 *                  a failure
 *  In:      jid    the device
 *  Since:   0.3.0
 */
CALLKEY_API callkey_status
callkey_session_info_get(callkey_store store, callkey_session_info *out, const char *jid)
    CALLKEY_NONNULL((2, 3));

/** Remove the session with a device; its identity stays known.
 *
 *  Returns: CALLKEY_OK               also if there is none: then nothing is written
 *           CALLKEY_ERR_ARGUMENT     jid is NULL or not the JID of a device
 *           CALLKEY_ERR_HANDLE       store is not open
 *           CALLKEY_ERR_UNSUPPORTED  a newer library wrote an alias
 *           CALLKEY_ERR_STORE
 *           CALLKEY_ERR_STORE_CORRUPT
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *           CALLKEY_ERR_BUSY
 *  Args:    store  an open store
 *  In:      jid    the device
 *  Since:   0.2.0
 */
CALLKEY_EXPORT callkey_status callkey_session_remove(callkey_store store, const char *jid)
    CALLKEY_NONNULL((2));

/** Export the session with a device as Signal's own storage protobuf. Two programs that both use
 *  one session break it: if it moves, remove it here.
 *
 *  Returns: CALLKEY_OK
 *           CALLKEY_ERR_ARGUMENT     jid or out_len is NULL, out is NULL and *out_len is not 0, or
 *                                    jid is not the JID of a device
 *           CALLKEY_ERR_BUFFER       *out_len is the size needed
 *           CALLKEY_ERR_HANDLE       store is not open
 *           CALLKEY_ERR_UNSUPPORTED  a newer library wrote the session or an alias
 *           CALLKEY_ERR_NO_SESSION
 *           CALLKEY_ERR_STORE
 *           CALLKEY_ERR_STORE_CORRUPT
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *           CALLKEY_ERR_BUSY
 *  Args:    store    an open store
 *  Out:     out      secret; unchanged after a failure
 *  In/Out:  out_len  capacity; then the size; 0 after a failure other than BUFFER
 *  In:      jid      the device
 *  Since:   0.2.0
 */
CALLKEY_API callkey_status
callkey_session_export(callkey_store store, uint8_t *out, size_t *out_len, const char *jid)
    CALLKEY_NONNULL((3, 4));

/** Import a session, as Signal's storage protobuf or as the JSON of the Go Signal library. It
 *  replaces the one that is there. An old copy would use message keys a second time: import only a
 *  session that was not used since it was copied.
 *
 *  Returns: CALLKEY_OK
 *           CALLKEY_ERR_ARGUMENT     jid is NULL or not the JID of a device, or record is NULL and
 *                                    record_len is not 0
 *           CALLKEY_ERR_HANDLE       store is not open
 *           CALLKEY_ERR_INVALID_KEY  record holds a key that is not valid
 *           CALLKEY_ERR_MALFORMED    record does not parse, or is JSON with an escape in it, which
 *                                    that library never writes
 *           CALLKEY_ERR_UNSUPPORTED  the session has another protocol version, or record is JSON and
 *                                    the library was built WITHOUT_LIBSIGNAL
 *           CALLKEY_ERR_UNTRUSTED_IDENTITY  record's identity differs from the known one
 *           CALLKEY_ERR_STORE
 *           CALLKEY_ERR_STORE_CORRUPT
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *           CALLKEY_ERR_BUSY
 *  Args:    store       an open store
 *  In:      jid         the device
 *           record      secret
 *           record_len  its length in bytes
 *  Since:   0.2.0
 */
CALLKEY_API callkey_status
callkey_session_import(callkey_store store, const char *jid, const uint8_t *record,
                       size_t record_len) CALLKEY_NONNULL((2));

/** Read the known identity key of a device.
 *
 *  Returns: CALLKEY_OK
 *           CALLKEY_ERR_ARGUMENT     a pointer is NULL, or jid is not the JID of a device
 *           CALLKEY_ERR_HANDLE       store is not open
 *           CALLKEY_ERR_UNSUPPORTED  a newer library wrote the identity or an alias
 *           CALLKEY_ERR_STORE
 *           CALLKEY_ERR_STORE_CORRUPT
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *           CALLKEY_ERR_NOT_FOUND    none is known
 *           CALLKEY_ERR_BUSY
 *  Args:    store       an open store
 *  Out:     public_key  zero after a failure
 *  In:      jid         the device
 *  Since:   0.2.0
 */
CALLKEY_API callkey_status
callkey_identity_get(callkey_store store, uint8_t public_key[CALLKEY_PUBLIC_KEY_BYTES],
                     const char *jid) CALLKEY_NONNULL((2, 3));

/** Trust a device's identity key from now on, in place of the known one.
 *
 *  Returns: CALLKEY_OK
 *           CALLKEY_ERR_ARGUMENT     a pointer is NULL, or jid is not the JID of a device
 *           CALLKEY_ERR_HANDLE       store is not open
 *           CALLKEY_ERR_INVALID_KEY  public_key is of low order or non-canonical
 *           CALLKEY_ERR_UNSUPPORTED  a newer library wrote the identity or an alias
 *           CALLKEY_ERR_STORE
 *           CALLKEY_ERR_STORE_CORRUPT
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *           CALLKEY_ERR_BUSY
 *  Args:    store       an open store
 *  In:      jid         the device
 *           public_key  the identity key to trust
 *  Since:   0.2.0
 */
CALLKEY_API callkey_status
callkey_identity_trust(callkey_store store, const char *jid,
                       const uint8_t public_key[CALLKEY_PUBLIC_KEY_BYTES])
    CALLKEY_NONNULL((2, 3));

/** Remove the known identity key of a device. The next contact with it is the first: whichever key
 *  it presents is trusted. Its sessions stay, and neither seal nor open (UNTRUSTED_IDENTITY) until
 *  their identity is known again: remove them too if the device is to start anew.
 *
 *  Returns: CALLKEY_OK               also if none is known: then nothing is written
 *           CALLKEY_ERR_ARGUMENT     jid is NULL or not the JID of a device
 *           CALLKEY_ERR_HANDLE       store is not open
 *           CALLKEY_ERR_UNSUPPORTED  a newer library wrote an alias
 *           CALLKEY_ERR_STORE
 *           CALLKEY_ERR_STORE_CORRUPT
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *           CALLKEY_ERR_BUSY
 *  Args:    store  an open store
 *  In:      jid    the device
 *  Since:   0.3.0
 */
CALLKEY_EXPORT callkey_status callkey_identity_remove(callkey_store store, const char *jid)
    CALLKEY_NONNULL((2));

/** Remove all that the store holds about a user: the sessions, identities and aliases of all its
 *  devices, and the messages of theirs that CALLKEY_STORE_KEEP_OPENED keeps. It is one commit. The
 *  next contact with the user is the first. The call reads all aliases of the store, twice: with
 *  10,000 of them in a file it takes about half a second.
 *
 *  The user's devices are those that its JID means with any device number. If a phone number is an
 *  alias of a LID's device, that device goes with the number, and the number's alias goes with the
 *  LID. Other devices of the LID, which no name of the number means, stay, and so do hosted devices:
 *  remove user@hosted and user@hosted.lid too. An alias of version 0.2 that is not one of the user's
 *  own names may stay: see callkey_store_next.
 *
 *  What stays, so that no message opens twice: hashes of the base keys of first messages that were
 *  opened without a one-time prekey, until their signed prekey is removed.
 *
 *  Returns: CALLKEY_OK               also if there is nothing: then nothing is written
 *           CALLKEY_ERR_ARGUMENT     user_jid is NULL, is not the JID of a user, or names a device
 *           CALLKEY_ERR_HANDLE       store is not open
 *           CALLKEY_ERR_UNSUPPORTED  a newer library wrote an alias or a kept message
 *           CALLKEY_ERR_STORE        nothing was removed
 *           CALLKEY_ERR_STORE_CORRUPT
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *           CALLKEY_ERR_BUSY
 *  Args:    store     an open store
 *  In:      user_jid  user@server, without a device
 *  Since:   0.3.0
 */
CALLKEY_EXPORT callkey_status callkey_user_remove(callkey_store store, const char *user_jid)
    CALLKEY_NONNULL((2));

/* ---- Delivery ---------------------------------------------------------------------------------*/

/** Encrypt a call key for one device. The advanced ratchet is stored before the ciphertext is
 *  written.
 *
 *  Returns: CALLKEY_OK
 *           CALLKEY_ERR_ARGUMENT     ciphertext_len, enc_type or jid is NULL, ciphertext is NULL
 *                                    and its capacity is not 0, key is NULL and key_len is not 0,
 *                                    or jid is not the JID of a device
 *           CALLKEY_ERR_BUFFER       *ciphertext_len is a size that is always enough; the
 *                                    ciphertext may turn out shorter
 *           CALLKEY_ERR_HANDLE       store is not open
 *           CALLKEY_ERR_KEY_LENGTH   key_len is not CALLKEY_KEY_BYTES
 *           CALLKEY_ERR_INVALID_KEY  key is 32 zero bytes: a wiped one
 *           CALLKEY_ERR_UNSUPPORTED  a newer library wrote the session
 *           CALLKEY_ERR_NO_SESSION   see callkey_session_begin
 *           CALLKEY_ERR_UNTRUSTED_IDENTITY  the device's identity is not the trusted one
 *           CALLKEY_ERR_STORE        nothing was written and the ratchet did not move
 *           CALLKEY_ERR_STORE_CORRUPT
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *           CALLKEY_ERR_BUSY
 *  Args:    store           an open store
 *  Out:     ciphertext      content of <enc v="2">; unchanged after a failure
 *           enc_type        CALLKEY_ENC_*; CALLKEY_ENC_NONE after a failure other than BUFFER
 *  In/Out:  ciphertext_len  capacity; then the size; 0 after a failure other than BUFFER
 *  In:      jid             the device
 *           key             secret
 *           key_len         its length in bytes
 *  Since:   0.2.0
 */
CALLKEY_API callkey_status
callkey_enc_seal(callkey_store store, uint8_t *ciphertext, size_t *ciphertext_len,
                 uint32_t *enc_type, const char *jid, const uint8_t *key, size_t key_len)
    CALLKEY_NONNULL((3, 4, 5));

/** Decrypt a call key from one device. The store changes only if that succeeds, and before the key
 *  is written.
 *
 *  Returns: CALLKEY_OK
 *           CALLKEY_ERR_ARGUMENT     key or jid is NULL, ciphertext is NULL and ciphertext_len is
 *                                    not 0, or jid is not the JID of a device
 *           CALLKEY_ERR_HANDLE       store is not open
 *           CALLKEY_ERR_KEY_LENGTH   the message is authentic, but the key inside is not 32 bytes
 *                                    long
 *           CALLKEY_ERR_INVALID_KEY  a public key in it is of low order or non-canonical; or it is
 *                                    authentic, but the key inside is 32 zero bytes: its sender
 *                                    had wiped it, and everyone could listen
 *           CALLKEY_ERR_MALFORMED    ciphertext or plaintext does not parse, or the ciphertext is
 *                                    of the other enc_type or longer than 65536 bytes
 *           CALLKEY_ERR_UNSUPPORTED  this library does not know the Signal version, a post-quantum
 *                                    field, enc_type or enc_version, or a newer library wrote the
 *                                    account or the session
 *           CALLKEY_ERR_AUTHENTICATION  the message is not from the other end of any session with
 *                                    jid
 *           CALLKEY_ERR_DUPLICATE    the message was opened before, under this jid or another; or
 *                                    it is a pkmsg of a session that began under another jid:
 *                                    callkey_store_alias makes them one device, and then it opens
 *           CALLKEY_ERR_TOO_FAR      the message is more than 2000 messages ahead
 *           CALLKEY_ERR_NO_SESSION   the message is a msg, but there is no session
 *           CALLKEY_ERR_NO_PREKEY    the message is a pkmsg for a prekey that is not there; or,
 *                                    without a one-time prekey, for a signed prekey that began too
 *                                    many sessions (about 50,000, or about 2,000 of one user):
 *                                    rotate it
 *           CALLKEY_ERR_UNTRUSTED_IDENTITY  the message is a pkmsg with an identity that is not
 *                                    the known one
 *           CALLKEY_ERR_NO_IDENTITY
 *           CALLKEY_ERR_STORE
 *           CALLKEY_ERR_STORE_CORRUPT
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *           CALLKEY_ERR_BUSY
 *  Args:    store           an open store
 *  Out:     key             secret; zero after a failure
 *  In:      jid             the sending device
 *           enc_type        type of <enc>
 *           enc_version     v of <enc>
 *           ciphertext      content of <enc>
 *           ciphertext_len  its length in bytes
 *  Since:   0.2.0
 */
CALLKEY_API callkey_status
callkey_enc_open(callkey_store store, uint8_t key[CALLKEY_KEY_BYTES], const char *jid,
                 uint32_t enc_type, uint32_t enc_version, const uint8_t *ciphertext,
                 size_t ciphertext_len) CALLKEY_NONNULL((2, 3));

/** Encrypt any other message of the app for one device. A device has one session for calls and for
 *  everything else, so messages and call keys may come in any order. The advanced ratchet is stored
 *  before the ciphertext is written.
 *
 *  The plaintext is encrypted as it is: pad it first if the app's protocol has padding.
 *
 *  Returns: CALLKEY_OK
 *           CALLKEY_ERR_ARGUMENT     ciphertext_len, enc_type or jid is NULL, ciphertext is NULL
 *                                    and its capacity is not 0, plaintext is NULL and
 *                                    plaintext_len is not 0, plaintext_len is above 16777216, or
 *                                    jid is not the JID of a device
 *           CALLKEY_ERR_BUFFER       the capacity is below plaintext_len +
 *                                    CALLKEY_MESSAGE_OVERHEAD_MAX_BYTES, which *ciphertext_len is
 *                                    set to; the ciphertext is usually shorter
 *           CALLKEY_ERR_HANDLE       store is not open
 *           CALLKEY_ERR_UNSUPPORTED  a newer library wrote the session
 *           CALLKEY_ERR_NO_SESSION   see callkey_session_begin
 *           CALLKEY_ERR_UNTRUSTED_IDENTITY  the device's identity is not the trusted one
 *           CALLKEY_ERR_STORE        nothing was written and the ratchet did not move
 *           CALLKEY_ERR_STORE_CORRUPT
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *           CALLKEY_ERR_BUSY
 *  Args:    store           an open store
 *  Out:     ciphertext      a Signal message; unchanged after a failure
 *           enc_type        CALLKEY_ENC_*; CALLKEY_ENC_NONE after a failure other than BUFFER
 *  In/Out:  ciphertext_len  capacity; then the size; 0 after a failure other than BUFFER
 *  In:      jid             the device
 *           plaintext       secret; may be empty
 *           plaintext_len   its length in bytes
 *  Since:   0.3.0
 */
CALLKEY_API callkey_status
callkey_message_seal(callkey_store store, uint8_t *ciphertext, size_t *ciphertext_len,
                     uint32_t *enc_type, const char *jid, const uint8_t *plaintext,
                     size_t plaintext_len) CALLKEY_NONNULL((3, 4, 5));

/** Decrypt any other message from one device. The store changes only if that succeeds, and before
 *  the plaintext is written.
 *
 *  A message opens once, either here or as a call key. One that callkey_enc_open,
 *  callkey_offer_open or callkey_rekey_open rejected can still be opened here.
 *
 *  Returns: CALLKEY_OK
 *           CALLKEY_ERR_ARGUMENT     plaintext_len or jid is NULL, plaintext is NULL and its
 *                                    capacity is not 0, ciphertext is NULL and ciphertext_len is
 *                                    not 0, or jid is not the JID of a device
 *           CALLKEY_ERR_BUFFER       the message is authentic and *plaintext_len is the size
 *                                    needed; ciphertext_len is always enough
 *           CALLKEY_ERR_HANDLE       store is not open
 *           CALLKEY_ERR_INVALID_KEY  a public key in it is of low order or non-canonical
 *           CALLKEY_ERR_MALFORMED    ciphertext does not parse, is of the other enc_type, or is
 *                                    longer than callkey_message_seal makes
 *           CALLKEY_ERR_UNSUPPORTED  this library does not know the Signal version, a post-quantum
 *                                    field or enc_type, or a newer library wrote the account or
 *                                    the session
 *           CALLKEY_ERR_AUTHENTICATION  as callkey_enc_open
 *           CALLKEY_ERR_DUPLICATE    as callkey_enc_open; also if it was opened as a call key
 *           CALLKEY_ERR_TOO_FAR      as callkey_enc_open
 *           CALLKEY_ERR_NO_SESSION   as callkey_enc_open
 *           CALLKEY_ERR_NO_PREKEY    as callkey_enc_open
 *           CALLKEY_ERR_UNTRUSTED_IDENTITY  as callkey_enc_open
 *           CALLKEY_ERR_NO_IDENTITY
 *           CALLKEY_ERR_STORE
 *           CALLKEY_ERR_STORE_CORRUPT
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *           CALLKEY_ERR_BUSY
 *  Args:    store           an open store
 *  Out:     plaintext       secret; unchanged after a failure
 *  In/Out:  plaintext_len   capacity; then the size, which may be 0; 0 after a failure other than
 *                           BUFFER
 *  In:      jid             the sending device
 *           enc_type        CALLKEY_ENC_*
 *           ciphertext      a Signal message
 *           ciphertext_len  its length in bytes
 *  Since:   0.3.0
 */
CALLKEY_API callkey_status
callkey_message_open(callkey_store store, uint8_t *plaintext, size_t *plaintext_len,
                     const char *jid, uint32_t enc_type, const uint8_t *ciphertext,
                     size_t ciphertext_len) CALLKEY_NONNULL((3, 4));

/** Encrypt messages for several devices, one for each, in one commit. A device that fails is left
 *  out and reported. All advanced ratchets are stored before the ciphertexts are written.
 *
 *  Returns: CALLKEY_OK               at least one message was sealed; look at each status
 *           CALLKEY_ERR_ARGUMENT     out_len is NULL, out is NULL and *out_len is not 0, ends,
 *                                    statuses, enc_types, jids, plaintexts or plaintext_lens is
 *                                    NULL and n is not 0, a JID is NULL, a plaintext is NULL and
 *                                    its length is not 0, a length is above 2^30, n is above 4096,
 *                                    or all could need more than 2^28 bytes together
 *           CALLKEY_ERR_BUFFER       *out_len is the size that these devices could need: of each
 *                                    that does not fail, its length +
 *                                    CALLKEY_MESSAGE_OVERHEAD_MAX_BYTES
 *           CALLKEY_ERR_HANDLE       store is not open
 *           CALLKEY_ERR_NO_DEVICES   n is 0, or every device failed; each status says why
 *           CALLKEY_ERR_STORE        nothing was written and no ratchet moved
 *           CALLKEY_ERR_STORE_CORRUPT
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *           CALLKEY_ERR_BUSY
 *  Args:    store           an open store
 *  Out:     out             the ciphertexts, one after another; unchanged after a failure
 *           ends            n elements: where that device's ciphertext ends in out. It begins at
 *                           the end of the one before; a device that failed has none. 0 after a
 *                           failure other than BUFFER (unchanged)
 *           statuses        n elements: the status of callkey_message_seal for that device, or
 *                           CALLKEY_ERR_DUPLICATE for a device named before, under whatever name.
 *                           After a failure other than BUFFER (unchanged) and NO_DEVICES all are
 *                           the returned status
 *           enc_types       n elements: CALLKEY_ENC_*; CALLKEY_ENC_NONE where the status is not
 *                           CALLKEY_OK; unchanged after BUFFER
 *  In/Out:  out_len         capacity; then the size; 0 after a failure other than BUFFER
 *  In:      jids            n texts: the devices
 *           plaintexts      n elements: secret; each at most 16777216 bytes, or that device is
 *                           CALLKEY_ERR_ARGUMENT
 *           plaintext_lens  n elements: their lengths in bytes
 *           n               number of devices
 *  Since:   0.3.0
 */
CALLKEY_API callkey_status
callkey_message_seal_batch(callkey_store store, uint8_t *out, size_t *out_len, size_t *ends,
                           callkey_status *statuses, uint32_t *enc_types, const char *const *jids,
                           const uint8_t *const *plaintexts, const size_t *plaintext_lens,
                           size_t n) CALLKEY_NONNULL((3));

/** Drop a message that CALLKEY_STORE_KEEP_OPENED keeps, once the app has committed it. From now on
 *  the message is CALLKEY_ERR_DUPLICATE.
 *
 *  Returns: CALLKEY_OK               also if the message is not kept
 *           CALLKEY_ERR_ARGUMENT     jid is NULL or not the JID of a device, or ciphertext is NULL
 *                                    and ciphertext_len is not 0
 *           CALLKEY_ERR_HANDLE       store is not open
 *           CALLKEY_ERR_UNSUPPORTED  a newer library wrote the kept messages
 *           CALLKEY_ERR_STORE        the message is still kept
 *           CALLKEY_ERR_STORE_CORRUPT
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *           CALLKEY_ERR_BUSY
 *  Args:    store           an open store, with or without CALLKEY_STORE_KEEP_OPENED
 *  In:      jid             the sending device; after callkey_offer_open and callkey_rekey_open,
 *                           info->sender
 *           ciphertext      content of <enc>
 *           ciphertext_len  its length in bytes
 *  Since:   0.2.0
 */
CALLKEY_API callkey_status
callkey_message_done(callkey_store store, const char *jid, const uint8_t *ciphertext,
                     size_t ciphertext_len) CALLKEY_NONNULL((2));

/** Encrypt a call key for every device of the callee and write the offer stanza. A device that
 *  fails is left out and reported. All advanced ratchets are stored, in one transaction, before
 *  the stanza is written.
 *
 *  Returns: CALLKEY_OK               the key was sealed for at least one device; look at each
 *                                    status
 *           CALLKEY_ERR_ARGUMENT     out_len is NULL, out is NULL and *out_len is not 0, statuses,
 *                                    enc_types or jids is NULL and n is not 0, key is NULL and
 *                                    key_len is not 0, a JID is NULL, options is not valid, or n
 *                                    is above 4096
 *           CALLKEY_ERR_BUFFER       *out_len is a size that is always enough for these devices;
 *                                    the stanza may turn out shorter
 *           CALLKEY_ERR_HANDLE       store is not open
 *           CALLKEY_ERR_KEY_LENGTH   key_len is not CALLKEY_KEY_BYTES
 *           CALLKEY_ERR_INVALID_KEY  key is 32 zero bytes: a wiped one
 *           CALLKEY_ERR_UNSUPPORTED  options has members that are newer than this library, or
 *                                    options->reserved is not 0
 *           CALLKEY_ERR_NO_DEVICES   n is 0, or every device failed; each status says why
 *           CALLKEY_ERR_DEVICE_IDENTITY  a device needs a pkmsg, but options has no
 *                                    device_identity; nothing was sealed
 *           CALLKEY_ERR_STORE        nothing was written and no ratchet moved
 *           CALLKEY_ERR_STORE_CORRUPT
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *           CALLKEY_ERR_BUSY
 *  Args:    store      an open store
 *  Out:     out        binary XML, flag byte first; unchanged after a failure
 *           statuses   n elements: the status of callkey_enc_seal for that device, or
 *                      CALLKEY_ERR_DUPLICATE for a device named before. After a failure other than
 *                      BUFFER (unchanged) and NO_DEVICES all are the returned status
 *           enc_types  n elements: CALLKEY_ENC_*; CALLKEY_ENC_NONE where the status is not
 *                      CALLKEY_OK; unchanged after BUFFER
 *  In/Out:  out_len    capacity; then the size; 0 after a failure other than BUFFER
 *  In:      key        secret
 *           key_len    its length in bytes
 *           jids       n texts: the callee's devices
 *           n          number of devices
 *           options    NULL: only the key node
 *  Since:   0.2.0
 */
CALLKEY_API callkey_status
callkey_offer_seal(callkey_store store, uint8_t *out, size_t *out_len, callkey_status *statuses,
                   uint32_t *enc_types, const uint8_t *key, size_t key_len,
                   const char *const *jids, size_t n, const callkey_offer_options *options)
    CALLKEY_NONNULL((3));

/** Begin sessions with new devices of the callee and seal an offer for all of its devices:
 *  callkey_session_begin_batch and callkey_offer_seal in one transaction, which waits for the disk
 *  once. A device that fails, in either, is left out and reported, and no session begins with it.
 *
 *  Returns: CALLKEY_OK               the key was sealed for at least one device; look at each
 *                                    status
 *           CALLKEY_ERR_ARGUMENT     out_len is NULL, out is NULL and *out_len is not 0, statuses,
 *                                    enc_types, jids or bundles is NULL and n is not 0, key is NULL
 *                                    and key_len is not 0, a JID is NULL, the struct_size of a
 *                                    bundle is not a size of the struct, options is not valid, or
 *                                    n is above 4096
 *           CALLKEY_ERR_BUFFER       *out_len is a size that is always enough for these devices;
 *                                    the stanza may turn out shorter. Asking for it begins nothing
 *           CALLKEY_ERR_HANDLE       store is not open
 *           CALLKEY_ERR_KEY_LENGTH   key_len is not CALLKEY_KEY_BYTES
 *           CALLKEY_ERR_INVALID_KEY  key is 32 zero bytes: a wiped one
 *           CALLKEY_ERR_UNSUPPORTED  options or a bundle has members that are newer than this
 *                                    library, options->reserved is not 0, or a newer library wrote
 *                                    the account
 *           CALLKEY_ERR_NO_IDENTITY
 *           CALLKEY_ERR_NO_DEVICES   n is 0, or every device failed; each status says why
 *           CALLKEY_ERR_DEVICE_IDENTITY  a device needs a pkmsg, but options has no
 *                                    device_identity; nothing was begun or sealed
 *           CALLKEY_ERR_STORE        nothing was written and no ratchet moved
 *           CALLKEY_ERR_STORE_CORRUPT
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *           CALLKEY_ERR_BUSY
 *  Args:    store      an open store
 *  Out:     out        binary XML, flag byte first; unchanged after a failure
 *           statuses   n elements: the status of callkey_session_begin, or else of
 *                      callkey_enc_seal, for that device, or CALLKEY_ERR_DUPLICATE for a device
 *                      named before. After a failure other than BUFFER (unchanged) and NO_DEVICES
 *                      all are the returned status
 *           enc_types  n elements: CALLKEY_ENC_*; CALLKEY_ENC_NONE where the status is not
 *                      CALLKEY_OK; unchanged after BUFFER
 *  In/Out:  out_len    capacity; then the size; 0 after a failure other than BUFFER
 *  In:      key        secret
 *           key_len    its length in bytes
 *           jids       n texts: the callee's devices
 *           bundles    n elements: that of each device, with which a session begins; NULL: the
 *                      device has a session
 *           n          number of devices
 *           options    NULL: only the key node
 *  Since:   0.3.0
 */
CALLKEY_API callkey_status
callkey_offer_begin(callkey_store store, uint8_t *out, size_t *out_len, callkey_status *statuses,
                    uint32_t *enc_types, const uint8_t *key, size_t key_len,
                    const char *const *jids, const callkey_prekey_bundle *const *bundles, size_t n,
                    const callkey_offer_options *options) CALLKEY_NONNULL((3));

/** Find this device's ciphertext in a stanza and decrypt the call key.
 *
 *  The app may name the sending device. Otherwise the stanza does: an offer has call-creator, the
 *  peer's word, and from of <call> (or participant, if that names a device), the server's word. If
 *  these are different users and no callkey_store_alias links them, the function tries one that is
 *  known, call-creator first: by its session, or by its identity in a pkmsg. It accepts no new
 *  identity under either name: that is CALLKEY_ERR_CONFLICT. Find out who it is and pass it as
 *  sender_jid.
 *
 *  Returns: CALLKEY_OK
 *           CALLKEY_ERR_ARGUMENT     key or info is NULL, info->struct_size is not a size of the
 *                                    struct, stanza or own_jids is NULL and its length is not 0, a
 *                                    JID is not the JID of a device, n_own is above 4096, or
 *                                    sender_jid is NULL and the stanza names no device as its
 *                                    sender
 *           CALLKEY_ERR_HANDLE       store is not open
 *           CALLKEY_ERR_KEY_LENGTH   as callkey_enc_open
 *           CALLKEY_ERR_INVALID_KEY  as callkey_enc_open
 *           CALLKEY_ERR_MALFORMED    stanza, ciphertext or plaintext does not parse
 *           CALLKEY_ERR_UNSUPPORTED  as callkey_offer_parse and callkey_enc_open
 *           CALLKEY_ERR_AUTHENTICATION  as callkey_enc_open
 *           CALLKEY_ERR_DUPLICATE    the message was opened before: the server delivered it twice
 *           CALLKEY_ERR_TOO_FAR      as callkey_enc_open
 *           CALLKEY_ERR_NO_SESSION   as callkey_enc_open
 *           CALLKEY_ERR_NO_PREKEY    as callkey_enc_open
 *           CALLKEY_ERR_UNTRUSTED_IDENTITY  as callkey_enc_open
 *           CALLKEY_ERR_NO_IDENTITY
 *           CALLKEY_ERR_NOT_FOR_THIS_DEVICE  as callkey_offer_parse
 *           CALLKEY_ERR_CONFLICT     sender_jid is NULL, the stanza names different users as its
 *                                    sender, or beside one a name that is not a device, and none
 *                                    of them is known to have the pkmsg's identity; nothing changed
 *           CALLKEY_ERR_STORE
 *           CALLKEY_ERR_STORE_CORRUPT
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *           CALLKEY_ERR_BUSY
 *  Args:    store       an open store
 *  Out:     key         secret; zero after a failure, DUPLICATE too: do not pass the memory of a
 *                       key in use
 *           info        filled whenever the stanza parsed. sender is the device of the session;
 *                       after CONFLICT it is the device that the server names, or "" if it names
 *                       none
 *  In:      stanza      binary XML, flag byte first, compressed or not
 *           stanza_len  its length in bytes
 *           own_jids    n_own texts: this device's JIDs, LID and phone number, with device
 *           n_own       number of own JIDs; 0 accepts only a lone <enc>
 *           sender_jid  the sending device; NULL: the one that the stanza names. An accept or
 *                       enc_rekey does not come from call-creator: there it is participant or from
 *                       of <call>. call-creator is used if <call> has neither; if they are not
 *                       devices (e.g. a group), only if it is known
 *  Since:   0.2.0
 */
CALLKEY_API callkey_status
callkey_offer_open(callkey_store store, uint8_t key[CALLKEY_KEY_BYTES], callkey_call_info *info,
                   const uint8_t *stanza, size_t stanza_len, const char *const *own_jids,
                   size_t n_own, const char *sender_jid) CALLKEY_NONNULL((2, 3));

/** Encrypt a group call's epoch for one device and write the <call><enc_rekey> that carries it.
 *  The advanced ratchet is stored before the stanza is written. Each device of the other
 *  participants gets one, with one epoch and one transaction_id: callkey_rekey_seal_batch makes
 *  them in one commit.
 *
 *  Returns: CALLKEY_OK
 *           CALLKEY_ERR_ARGUMENT     out_len, jid or options is NULL, out is NULL and *out_len is
 *                                    not 0, epoch is NULL and epoch_len is not 0, transaction_id
 *                                    is 0, jid is not the JID of a device, or options is not valid
 *           CALLKEY_ERR_BUFFER       *out_len is a size that is always enough for this device; the
 *                                    stanza may turn out shorter
 *           CALLKEY_ERR_HANDLE       store is not open
 *           CALLKEY_ERR_KEY_LENGTH   epoch_len is not CALLKEY_KEY_BYTES
 *           CALLKEY_ERR_INVALID_KEY  epoch is 32 zero bytes: a wiped one
 *           CALLKEY_ERR_UNSUPPORTED  options has members that are newer than this library,
 *                                    options->reserved is not 0, or a newer library wrote the
 *                                    session
 *           CALLKEY_ERR_NO_SESSION   see callkey_session_begin
 *           CALLKEY_ERR_UNTRUSTED_IDENTITY  the device's identity is not the trusted one
 *           CALLKEY_ERR_DEVICE_IDENTITY  the device needs a pkmsg, but options has no
 *                                    device_identity; nothing was sealed
 *           CALLKEY_ERR_STORE        nothing was written and the ratchet did not move
 *           CALLKEY_ERR_STORE_CORRUPT
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *           CALLKEY_ERR_BUSY
 *  Args:    store           an open store
 *  Out:     out             binary XML, flag byte first; unchanged after a failure
 *  In/Out:  out_len         capacity; then the size; 0 after a failure other than BUFFER
 *  In:      epoch           secret: 32 bytes from callkey_generate, fresh for every transaction_id
 *           epoch_len       its length in bytes
 *           transaction_id  the epoch's number in its call, above all earlier ones
 *           jid             the device
 *           options         call_id and call_creator are required, stanza_id may be NULL, and a
 *                           pkmsg needs device_identity. Other members are ignored, except unknown
 *                           flags and reserved, so the options of an offer will do
 *  Since:   0.2.0
 */
CALLKEY_API callkey_status
callkey_rekey_seal(callkey_store store, uint8_t *out, size_t *out_len, const uint8_t *epoch,
                   size_t epoch_len, uint32_t transaction_id, const char *jid,
                   const callkey_offer_options *options) CALLKEY_NONNULL((3, 7, 8));

/** Encrypt a group call's epoch for several devices, in one commit, and write a <call><enc_rekey>
 *  for each. A device that fails is left out and reported. All advanced ratchets are stored before
 *  the stanzas are written.
 *
 *  Returns: CALLKEY_OK               the epoch was sealed for at least one device; look at each
 *                                    status
 *           CALLKEY_ERR_ARGUMENT     out_len or options is NULL, out is NULL and *out_len is not 0,
 *                                    ends, statuses or jids is NULL and n is not 0, epoch is NULL
 *                                    and epoch_len is not 0, a JID is NULL, transaction_id is 0,
 *                                    options is not valid, or n is above 4096
 *           CALLKEY_ERR_BUFFER       *out_len is a size that is always enough for these devices;
 *                                    the stanzas may turn out shorter
 *           CALLKEY_ERR_HANDLE       store is not open
 *           CALLKEY_ERR_KEY_LENGTH   epoch_len is not CALLKEY_KEY_BYTES
 *           CALLKEY_ERR_INVALID_KEY  epoch is 32 zero bytes: a wiped one
 *           CALLKEY_ERR_UNSUPPORTED  options has members that are newer than this library, or
 *                                    options->reserved is not 0
 *           CALLKEY_ERR_NO_DEVICES   n is 0, or every device failed; each status says why
 *           CALLKEY_ERR_STORE        nothing was written and no ratchet moved
 *           CALLKEY_ERR_STORE_CORRUPT
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *           CALLKEY_ERR_BUSY
 *  Args:    store           an open store
 *  Out:     out             the stanzas, one after another, each binary XML, flag byte first;
 *                           unchanged after a failure
 *           ends            n elements: where that device's stanza ends in out. It begins at the
 *                           end of the one before; a device that failed has none. 0 after a failure
 *                           other than BUFFER (unchanged)
 *           statuses        n elements: the status of callkey_rekey_seal for that device, e.g.
 *                           CALLKEY_ERR_DEVICE_IDENTITY, or CALLKEY_ERR_DUPLICATE for a device
 *                           named before, under whatever name. After a failure other than BUFFER
 *                           (unchanged) and NO_DEVICES all are the returned status
 *  In/Out:  out_len         capacity; then the size; 0 after a failure other than BUFFER
 *  In:      epoch           secret: 32 bytes from callkey_generate, fresh for every transaction_id
 *           epoch_len       its length in bytes
 *           transaction_id  the epoch's number in its call, above all earlier ones
 *           jids            n texts: the devices of the other participants
 *           n               number of devices
 *           options         as in callkey_rekey_seal. Each stanza has stanza_id, if it is not NULL
 *  Since:   0.3.0
 */
CALLKEY_API callkey_status
callkey_rekey_seal_batch(callkey_store store, uint8_t *out, size_t *out_len, size_t *ends,
                         callkey_status *statuses, const uint8_t *epoch, size_t epoch_len,
                         uint32_t transaction_id, const char *const *jids, size_t n,
                         const callkey_offer_options *options) CALLKEY_NONNULL((3, 11));

/** Decrypt the epoch in an <enc_rekey>, with or without its <call>, or in its <enc> alone, which
 *  names no transaction and no sender. Pass it to callkey_epochs_add.
 *
 *  Only the creator of the call, or a connected member of its roster, may send an epoch. Only the
 *  app knows who they are: check info->sender. The number is the stanza's word; nothing in the
 *  ciphertext confirms it.
 *
 *  Returns: CALLKEY_OK
 *           CALLKEY_ERR_ARGUMENT     epoch or info is NULL, info->struct_size is not a size of the
 *                                    struct, stanza is NULL and stanza_len is not 0, sender_jid is
 *                                    not the JID of a device, or sender_jid is NULL and the stanza
 *                                    names no device as its sender
 *           CALLKEY_ERR_HANDLE       store is not open
 *           CALLKEY_ERR_KEY_LENGTH   as callkey_enc_open
 *           CALLKEY_ERR_INVALID_KEY  as callkey_enc_open
 *           CALLKEY_ERR_MALFORMED    stanza, ciphertext or plaintext does not parse, the number is
 *                                    0, or the stanza is an offer, an accept or another kind
 *           CALLKEY_ERR_UNSUPPORTED  keygen is not 2; else as callkey_offer_open
 *           CALLKEY_ERR_AUTHENTICATION  as callkey_enc_open
 *           CALLKEY_ERR_DUPLICATE    the message was opened before: the server delivered it twice
 *           CALLKEY_ERR_TOO_FAR      as callkey_enc_open
 *           CALLKEY_ERR_NO_SESSION   as callkey_enc_open
 *           CALLKEY_ERR_NO_PREKEY    as callkey_enc_open
 *           CALLKEY_ERR_UNTRUSTED_IDENTITY  as callkey_enc_open
 *           CALLKEY_ERR_NO_IDENTITY
 *           CALLKEY_ERR_NOT_FOR_THIS_DEVICE  the stanza has no <enc>, or more than one
 *           CALLKEY_ERR_CONFLICT     as callkey_offer_open
 *           CALLKEY_ERR_STORE
 *           CALLKEY_ERR_STORE_CORRUPT
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *           CALLKEY_ERR_BUSY
 *  Args:    store       an open store
 *  Out:     epoch       secret; zero after a failure
 *           info        filled whenever the stanza parsed, as in callkey_offer_open; kind says
 *                       what another stanza is. transaction_id is the epoch's number, 0 for an
 *                       <enc> alone
 *  In:      stanza      binary XML, flag byte first, compressed or not
 *           stanza_len  its length in bytes
 *           sender_jid  the sending device; NULL: the one that the stanza names, as in
 *                       callkey_offer_open
 *  Since:   0.2.0
 */
CALLKEY_API callkey_status
callkey_rekey_open(callkey_store store, uint8_t epoch[CALLKEY_KEY_BYTES], callkey_call_info *info,
                   const uint8_t *stanza, size_t stanza_len, const char *sender_jid)
    CALLKEY_NONNULL((2, 3));

/* ---- Sessions without a store: for a program that keeps records in a database of its own -------*/

/* These functions are pure: no file, no clock, no lock, nothing kept between calls. A record holds
 * all sessions with one device, in Signal's storage protobuf, as callkey_session_export writes them.
 * Each call makes the next record from a record. Commit record_out before anything of the call is
 * used: before a ciphertext is sent, before a plaintext is shown. If two calls start from the same
 * record, both succeed and only one result may be committed, so hold a lock on the device's row.
 * docs/database.md has the order, and what goes wrong in another one.
 *
 * A record is read strictly as this library writes it, or as another Signal client does. Pass one
 * that comes from elsewhere through callkey_record_merge first, which also checks its keys. One over
 * 4 MiB is CALLKEY_ERR_MALFORMED.
 *
 * With CALLKEY_RECORD_SLACK_BYTES more room than the record, and as much room for a ciphertext as
 * the plaintext and CALLKEY_MESSAGE_OVERHEAD_MAX_BYTES, and for a plaintext as its ciphertext, one
 * call is enough. After CALLKEY_ERR_BUFFER both sizes are set, neither output is written, and the
 * sizes are enough for the same call on the same record. */

/** Make an identity: a private key and a registration id.
 *
 *  Returns: CALLKEY_OK
 *           CALLKEY_ERR_ARGUMENT     out is NULL, or out->struct_size is not a size of the struct
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *  Out:     out  secret; initialize with CALLKEY_ACCOUNT_INIT; all behind struct_size is zero after
 *                a failure
 *  Since:   0.3.0
 */
CALLKEY_API callkey_status callkey_account_generate(callkey_account *out) CALLKEY_NONNULL((1));

/** Compute the public part of an identity.
 *
 *  Returns: CALLKEY_OK
 *           CALLKEY_ERR_ARGUMENT     a pointer is NULL, or account->struct_size is not a size of the
 *                                    struct
 *           CALLKEY_ERR_INVALID_KEY  account->private_key is 32 zero bytes: a wiped one
 *           CALLKEY_ERR_UNSUPPORTED  account has a member that this library does not know
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *  Out:     out      to publish; zero after a failure
 *  In:      account  secret
 *  Since:   0.3.0
 */
CALLKEY_API callkey_status
callkey_account_identity(callkey_identity *out, const callkey_account *account)
    CALLKEY_NONNULL((1, 2));

/** Sign a message with an identity (XEdDSA). Signatures are random: each call makes another one.
 *
 *  Returns: CALLKEY_OK
 *           CALLKEY_ERR_ARGUMENT     signature or account is NULL, account->struct_size is not a
 *                                    size of the struct, or message is NULL and message_len is not 0
 *           CALLKEY_ERR_INVALID_KEY  account->private_key is 32 zero bytes: a wiped one
 *           CALLKEY_ERR_UNSUPPORTED  account has a member that this library does not know
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *  Out:     signature    not secret; zero after a failure
 *  In:      account      secret
 *           message      what is signed
 *           message_len  its length in bytes
 *  Since:   0.3.0
 */
CALLKEY_API callkey_status
callkey_account_sign(uint8_t signature[CALLKEY_SIGNATURE_BYTES], const callkey_account *account,
                     const uint8_t *message, size_t message_len) CALLKEY_NONNULL((1, 2));

/** Make a one-time prekey. Store its private key under the id, and delete it in the commit that
 *  stores the record of the message that used it.
 *
 *  Returns: CALLKEY_OK
 *           CALLKEY_ERR_ARGUMENT     a pointer is NULL, or id is not 1 to 16777215
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *  Out:     out          to publish; zero after a failure
 *           private_key  secret; zero after a failure
 *  In:      id           1 to 16777215, not that of another prekey that is still there
 *  Since:   0.3.0
 */
CALLKEY_API callkey_status
callkey_prekey_generate(callkey_prekey *out, uint8_t private_key[CALLKEY_PRIVATE_KEY_BYTES],
                        uint32_t id) CALLKEY_NONNULL((1, 2));

/** Make a signed prekey. Store its private key under the id. Make a new one once a month or more
 *  often, and delete the old one 30 days after that, with its base keys: see callkey_message_parse.
 *
 *  Returns: CALLKEY_OK
 *           CALLKEY_ERR_ARGUMENT     a pointer is NULL, account->struct_size is not a size of the
 *                                    struct, or id is not 1 to 16777215
 *           CALLKEY_ERR_INVALID_KEY  account->private_key is 32 zero bytes: a wiped one
 *           CALLKEY_ERR_UNSUPPORTED  account has a member that this library does not know
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *  Out:     out          to publish; zero after a failure
 *           private_key  secret; zero after a failure
 *  In:      account      secret: it signs the prekey
 *           id           1 to 16777215, not that of another signed prekey that is still there
 *  Since:   0.3.0
 */
CALLKEY_API callkey_status
callkey_signed_prekey_generate(callkey_signed_prekey *out,
                               uint8_t private_key[CALLKEY_PRIVATE_KEY_BYTES],
                               const callkey_account *account, uint32_t id)
    CALLKEY_NONNULL((1, 2, 3));

/** Read what a Signal message says before anything is opened: which prekeys to fetch for it, and the
 *  base key of the session that it begins. Nothing of it is authenticated.
 *
 *  A pkmsg without a one-time prekey could begin a session twice. Remember (signed_prekey_id,
 *  base_key) in the commit that stores its record, until the signed prekey is deleted. For a pkmsg
 *  with a remembered pair leave keys->signed_prekey_private NULL in callkey_record_open: then it
 *  opens in the session that it began, and begins no other.
 *
 *  Returns: CALLKEY_OK
 *           CALLKEY_ERR_ARGUMENT     out is NULL, out->struct_size is not a size of the struct, or
 *                                    ciphertext is NULL and ciphertext_len is not 0
 *           CALLKEY_ERR_MALFORMED    ciphertext does not parse, or is of the other enc_type
 *           CALLKEY_ERR_UNSUPPORTED  this library does not know the Signal version, a post-quantum
 *                                    field, or enc_type
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *  Out:     out             initialize with CALLKEY_MESSAGE_INFO_INIT; all behind struct_size is
 *                           zero after a failure, and for a msg
 *  In:      enc_type        CALLKEY_ENC_MSG or CALLKEY_ENC_PKMSG
 *           ciphertext      content of <enc>: at most 2^24 bytes and
 *                           CALLKEY_MESSAGE_OVERHEAD_MAX_BYTES
 *           ciphertext_len  its length in bytes
 *  Since:   0.3.0
 */
CALLKEY_API callkey_status
callkey_message_parse(callkey_message_info *out, uint32_t enc_type, const uint8_t *ciphertext,
                      size_t ciphertext_len) CALLKEY_NONNULL((1));

/** Begin a session with the owner of a bundle (X3DH). Sessions that the record has still open
 *  messages. Messages sealed in the new one are pkmsg until the device answers.
 *
 *  Returns: CALLKEY_OK
 *           CALLKEY_ERR_ARGUMENT     record_out_len, keys or bundle is NULL, record_out is NULL and
 *                                    *record_out_len is not 0, record is NULL and record_len is not
 *                                    0, a struct_size is not a size of its struct, now is after the
 *                                    year 9999, or record_out overlaps record or
 *                                    a key of keys
 *           CALLKEY_ERR_BUFFER       *record_out_len is the size needed
 *           CALLKEY_ERR_INVALID_KEY  a key or the signature in the bundle is not valid, or
 *                                    keys->account->private_key is 32 zero bytes
 *           CALLKEY_ERR_MALFORMED    record does not parse
 *           CALLKEY_ERR_UNSUPPORTED  record has a session of a newer kind, or keys or bundle has a
 *                                    member that this library does not know
 *           CALLKEY_ERR_UNTRUSTED_IDENTITY  keys->identity_key is not the bundle's
 *           CALLKEY_ERR_NO_IDENTITY  keys->account is NULL
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *  Out:     record_out      secret; unchanged after a failure
 *  In/Out:  record_out_len  capacity; then the size; 0 after a failure other than BUFFER
 *  In:      record          secret: the device's record; NULL: none yet
 *           record_len      its length in bytes
 *           keys            account, and identity_key unless this is the first contact: then trust
 *                           the bundle's identity_key from now on
 *           bundle          the device's
 *           now             Unix seconds: after 30 days without an answer the session seals no more
 *  Since:   0.3.0
 */
CALLKEY_API callkey_status
callkey_record_begin(uint8_t *record_out, size_t *record_out_len, const uint8_t *record,
                     size_t record_len, const callkey_record_keys *keys,
                     const callkey_prekey_bundle *bundle, uint64_t now) CALLKEY_NONNULL((2, 5, 6));

/** Encrypt any message for a device. Commit record_out before the ciphertext leaves: two messages
 *  from one record use one key twice, and who sees both can read them.
 *
 *  Returns: CALLKEY_OK
 *           CALLKEY_ERR_ARGUMENT     record_out_len, ciphertext_len, enc_type or keys is NULL, an
 *                                    output is NULL and its capacity is not 0, an input is NULL and
 *                                    its length is not 0, keys->struct_size is not a size of the
 *                                    struct, plaintext_len is above 2^24, now is after the year
 *                                    9999, or an output overlaps an input or another output
 *           CALLKEY_ERR_BUFFER       *record_out_len and *ciphertext_len are the sizes needed
 *           CALLKEY_ERR_MALFORMED    record does not parse
 *           CALLKEY_ERR_UNSUPPORTED  record has a session of a newer kind, or keys has a member that
 *                                    this library does not know
 *           CALLKEY_ERR_NO_SESSION   record has no session, or none that seals: see
 *                                    callkey_record_info
 *           CALLKEY_ERR_UNTRUSTED_IDENTITY  keys->identity_key is not the session's, or NULL
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *  Out:     record_out      secret; unchanged after a failure
 *           ciphertext      content of <enc>; unchanged after a failure
 *           enc_type        CALLKEY_ENC_*; CALLKEY_ENC_NONE after a failure other than BUFFER
 *  In/Out:  record_out_len  capacity; then the size; 0 after a failure other than BUFFER
 *           ciphertext_len  capacity; then the size; 0 after a failure other than BUFFER
 *  In:      record          secret: the device's record
 *           record_len      its length in bytes
 *           keys            identity_key
 *           plaintext       secret; the program pads it: for a call key callkey_plaintext_encode does
 *           plaintext_len   its length in bytes, at most 2^24
 *           now             Unix seconds
 *  Since:   0.3.0
 */
CALLKEY_API callkey_status
callkey_record_seal(uint8_t *record_out, size_t *record_out_len, uint8_t *ciphertext,
                    size_t *ciphertext_len, uint32_t *enc_type, const uint8_t *record,
                    size_t record_len, const callkey_record_keys *keys, const uint8_t *plaintext,
                    size_t plaintext_len, uint64_t now) CALLKEY_NONNULL((2, 4, 5, 8));

/** Decrypt a message from a device. Call without prekeys first: CALLKEY_ERR_NO_PREKEY means that
 *  the message begins a session. Only then fetch the private keys that callkey_message_parse says
 *  it names, and call again. In one commit store record_out, trust sender_identity for the device
 *  if it had none, and, if the message began a session, delete the one-time prekey, or without one
 *  remember the base key. Then use the plaintext. The ids in a pkmsg of a session that is known are
 *  not authenticated: a server could use up others' prekeys if you deleted what those name.
 *
 *  Returns: CALLKEY_OK
 *           CALLKEY_ERR_ARGUMENT     record_out_len, plaintext_len, sender_identity or keys is NULL,
 *                                    an output is NULL and its capacity is not 0, an input is NULL
 *                                    and its length is not 0, a struct_size is not a size of its
 *                                    struct, now is after the year 9999, or an output overlaps an
 *                                    input or another output
 *           CALLKEY_ERR_BUFFER       *record_out_len and *plaintext_len are the sizes needed
 *           CALLKEY_ERR_INVALID_KEY  a public key in the message is of low order or non-canonical, or
 *                                    a private key that it needs is 32 zero bytes
 *           CALLKEY_ERR_MALFORMED    record or ciphertext does not parse, or the ciphertext is of the
 *                                    other enc_type
 *           CALLKEY_ERR_UNSUPPORTED  this library does not know the Signal version, a post-quantum
 *                                    field or enc_type; or record has a session of a newer kind, or
 *                                    keys a member that this library does not know
 *           CALLKEY_ERR_AUTHENTICATION  the message is not from the other end of any session of the
 *                                    record; for a first message also: a private key in keys is not
 *                                    the one that it names
 *           CALLKEY_ERR_DUPLICATE    the message was opened before
 *           CALLKEY_ERR_TOO_FAR      the message is more than 2000 messages ahead
 *           CALLKEY_ERR_NO_SESSION   the message is a msg, and record has no session
 *           CALLKEY_ERR_NO_PREKEY    the message begins a session with a prekey that is NULL in keys
 *           CALLKEY_ERR_UNTRUSTED_IDENTITY  keys->identity_key is not the sender's; or it is NULL and
 *                                    the message is a msg
 *           CALLKEY_ERR_NO_IDENTITY  the message begins a session, and keys->account is NULL
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *  Out:     record_out       secret; unchanged after a failure
 *           plaintext        secret; unchanged after a failure; never longer than the ciphertext
 *           sender_identity  the identity key that the message is from; zero after a failure
 *  In/Out:  record_out_len   capacity; then the size; 0 after a failure other than BUFFER
 *           plaintext_len    capacity; then the size; 0 after a failure other than BUFFER
 *  In:      record           secret: the device's record; NULL: none yet
 *           record_len       its length in bytes
 *           keys             identity_key, unless it is a pkmsg and the first contact; and for a
 *                            pkmsg that begins a session account and the prekeys that it names
 *           enc_type         CALLKEY_ENC_MSG or CALLKEY_ENC_PKMSG
 *           ciphertext       content of <enc>: at most 2^24 bytes and
 *                            CALLKEY_MESSAGE_OVERHEAD_MAX_BYTES
 *           ciphertext_len   its length in bytes
 *           now              Unix seconds
 *  Since:   0.3.0
 */
CALLKEY_API callkey_status
callkey_record_open(uint8_t *record_out, size_t *record_out_len, uint8_t *plaintext,
                    size_t *plaintext_len, uint8_t sender_identity[CALLKEY_PUBLIC_KEY_BYTES],
                    const uint8_t *record, size_t record_len, const callkey_record_keys *keys,
                    uint32_t enc_type, const uint8_t *ciphertext, size_t ciphertext_len,
                    uint64_t now) CALLKEY_NONNULL((2, 4, 5, 8));

/** Read what a record is like.
 *
 *  Returns: CALLKEY_OK
 *           CALLKEY_ERR_ARGUMENT     out is NULL, out->struct_size is not a size of the struct,
 *                                    record is NULL and record_len is not 0, or now is after the
 *                                    year 9999
 *           CALLKEY_ERR_MALFORMED    record does not parse
 *           CALLKEY_ERR_UNSUPPORTED  record has a session of a newer kind
 *           CALLKEY_ERR_NO_SESSION   record has no session
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *  Out:     out           initialize with CALLKEY_SESSION_INFO_INIT; all behind struct_size is zero
 *                         after a failure. CALLKEY_SESSION_CAN_SEAL is set if callkey_record_seal
 *                         would succeed with this identity key and time
 *  In:      record        secret: the device's record
 *           record_len    its length in bytes
 *           identity_key  the one that is trusted for the device; NULL: none is, so it cannot seal
 *           now           Unix seconds
 *  Since:   0.3.0
 */
CALLKEY_API callkey_status
callkey_record_info(callkey_session_info *out, const uint8_t *record, size_t record_len,
                    const uint8_t identity_key[CALLKEY_PUBLIC_KEY_BYTES], uint64_t now)
    CALLKEY_NONNULL((1));

/** Make one record of two records of one device: when two of its names turn out to be one, or, with
 *  other NULL, to take a record over from another program. Where both have the same session, the one
 *  that is further along stays, so that no message key is used twice. All keys are checked.
 *
 *  Returns: CALLKEY_OK               also if both are empty: then the size is 0
 *           CALLKEY_ERR_ARGUMENT     record_out_len is NULL, record_out is NULL and *record_out_len
 *                                    is not 0, an input is NULL and its length is not 0, or
 *                                    record_out overlaps an input
 *           CALLKEY_ERR_BUFFER       *record_out_len is the size needed
 *           CALLKEY_ERR_INVALID_KEY  an identity key is of low order or non-canonical
 *           CALLKEY_ERR_MALFORMED    a record does not parse, or has keys that do not fit together
 *           CALLKEY_ERR_UNSUPPORTED  a record has a session of a newer kind, or is JSON and the library
 *                                    was built WITHOUT_LIBSIGNAL
 *           CALLKEY_ERR_CONFLICT     the records are not of sessions between the same two identities
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *  Out:     record_out      secret; unchanged after a failure
 *  In/Out:  record_out_len  capacity; then the size; 0 after a failure other than BUFFER
 *  In:      record          secret: Signal's storage protobuf, or the JSON of the Go Signal library;
 *                           NULL: none
 *           record_len      its length in bytes
 *           other           secret: likewise
 *           other_len       its length in bytes
 *  Since:   0.3.0
 */
CALLKEY_API callkey_status
callkey_record_merge(uint8_t *record_out, size_t *record_out_len, const uint8_t *record,
                     size_t record_len, const uint8_t *other, size_t other_len)
    CALLKEY_NONNULL((2));

/* ---- Group epochs: which secret of a group call is in force; pure state, needs no store -------*/

/** Start to keep the epochs of one group call.
 *
 *  Returns: CALLKEY_OK
 *           CALLKEY_ERR_ARGUMENT     out is NULL
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *  Out:     out  handle for callkey_epochs_free; 0 after a failure
 *  Since:   0.2.0
 */
CALLKEY_API callkey_status callkey_epochs_new(callkey_epochs *out) CALLKEY_NONNULL((1));

/** Erase the epochs of a call and close the handle. Calls that are already running on it finish
 *  first.
 *
 *  Returns: CALLKEY_OK
 *           CALLKEY_ERR_HANDLE       epochs is not open
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *  Args:    epochs  from callkey_epochs_new
 *  Since:   0.2.0
 */
CALLKEY_EXPORT callkey_status callkey_epochs_free(callkey_epochs epochs);

/** Add an epoch that arrived or that this device made. It is installed if the roster has reached
 *  its number, unless a newer one is in force; without a roster, or ahead of it, it waits.
 *
 *  CALLKEY_OK does not mean that it is in force; callkey_epochs_current tells. At most 8 wait.
 *  Beyond that the one with the largest number is dropped, and even if it is this one, the status
 *  is CALLKEY_OK: if the roster reaches its number and callkey_epochs_current does not, ask for
 *  the epoch again.
 *
 *  Returns: CALLKEY_OK               it is installed, waiting, or known already with the same
 *                                    bytes
 *           CALLKEY_ERR_ARGUMENT     epoch is NULL and epoch_len is not 0, or transaction_id is 0
 *           CALLKEY_ERR_HANDLE       epochs is not open
 *           CALLKEY_ERR_KEY_LENGTH   epoch_len is not CALLKEY_KEY_BYTES
 *           CALLKEY_ERR_INVALID_KEY  epoch is 32 zero bytes: a wiped one
 *           CALLKEY_ERR_STALE        a newer epoch is in force; this one is ignored
 *           CALLKEY_ERR_CONFLICT     this number is known already with other bytes, which stay
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *  Args:    epochs          an open handle
 *  In:      transaction_id  the epoch's number, e.g. from callkey_rekey_open
 *           epoch           secret
 *           epoch_len       its length in bytes
 *  Since:   0.3.0
 */
CALLKEY_API callkey_status
callkey_epochs_add(callkey_epochs epochs, uint32_t transaction_id, const uint8_t *epoch,
                   size_t epoch_len);

/** Set the number of the roster that the server has announced. The newest waiting epoch that it
 *  reaches is installed, and older waiting ones are dropped.
 *
 *  Returns: CALLKEY_OK               also for an older or equal number, which changes nothing
 *           CALLKEY_ERR_HANDLE       epochs is not open
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *  Args:    epochs          an open handle
 *  In:      transaction_id  the roster's number
 *  Since:   0.2.0
 */
CALLKEY_API callkey_status
callkey_epochs_roster(callkey_epochs epochs, uint32_t transaction_id);

/** Read the epoch in force. Pass it as the key to callkey_derive_e2e_keys and its batch: with your
 *  own id to send, with each sender's id to receive. Call this after every callkey_epochs_add and
 *  callkey_epochs_roster.
 *
 *  Returns: CALLKEY_OK
 *           CALLKEY_ERR_ARGUMENT     epoch or transaction_id is NULL
 *           CALLKEY_ERR_HANDLE       epochs is not open
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *           CALLKEY_ERR_NOT_FOUND    no epoch is installed yet
 *  Args:    epochs          an open handle
 *  Out:     epoch           secret; zero after a failure
 *           transaction_id  its number; 0 after a failure
 *  Since:   0.2.0
 */
CALLKEY_API callkey_status
callkey_epochs_current(callkey_epochs epochs, uint8_t epoch[CALLKEY_KEY_BYTES],
                       uint32_t *transaction_id) CALLKEY_NONNULL((2, 3));

#ifdef __cplusplus
}
#endif

#endif /* CALLKEY_H */
