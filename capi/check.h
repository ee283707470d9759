/*
 * The steps of every exported function that enters Go (shim.c): enter, check every pointer and length,
 * run the Go function of the same name, clear the outputs after a failure, leave. After a failed check
 * the other checks and RUN do nothing.
 */
#ifndef CALLKEY_CHECK_H
#define CALLKEY_CHECK_H

#include "callkey.h"
#include "growing.h"
#include "guard.h"

#define ENTER() struct guard guard; callkey_status status = guard_enter(&guard)
/* A call that may write files: ENTER_STORE's only if its store is in one, which its handle says (store.go). */
#define ENTER_FILES() ENTER(); guard.files = 1
#define ENTER_STORE() ENTER(); guard.files = (int)(store & 1)
#define NEED(pointer) \
	do { if (status == CALLKEY_OK && (pointer) == NULL) \
		status = guard_refuse(&guard, #pointer, "is NULL"); } while (0)
#define BYTES(pointer, length) \
	do { if (status == CALLKEY_OK) \
		status = check_bytes(&guard, #pointer, pointer, length); } while (0)
#define ELEMENTS(pointer, count) \
	do { if (status == CALLKEY_OK) \
		status = check_elements(&guard, #pointer, pointer, count); } while (0)
/* A list of pointers to growing structs of that type, or to bytes with their lengths in another list. */
#define STRUCTS(pointers, count, type, last) ANY_STRUCTS(pointers, count, type, last, 0)
/* Likewise; some of them may be NULL. */
#define SPARSE_STRUCTS(pointers, count, type, last) ANY_STRUCTS(pointers, count, type, last, 1)
#define ANY_STRUCTS(pointers, count, type, last, sparse) \
	do { if (status == CALLKEY_OK) \
		status = check_structs(&guard, #pointers, (const void *const *)(pointers), count, sizeof(type), \
		                       FIRST_SIZE(*(type *)NULL, last), sparse); } while (0)
#define PIECES(pointers, lengths, count) \
	do { if (status == CALLKEY_OK) \
		status = check_pieces(&guard, #pointers, pointers, lengths, count); } while (0)
#define ROOM(pointer, length) \
	do { if (status == CALLKEY_OK) status = check_room(&guard, #pointer, pointer, length); } while (0)
/* A growing struct, see growing.h: TAKE reads an input into a copy. SHAPE checks an output and makes an
 * empty copy; GIVE writes the copy to the output if filled, else it clears the output. */
#define TAKE(copy, in, last) \
	do { if (status == CALLKEY_OK) \
		status = growing_take(&guard, #in, &(copy), sizeof(copy), in, FIRST_SIZE(copy, last)); } while (0)
/* Likewise a struct that a member of in points to, which may be NULL; in has been taken. */
#define TAKE_MEMBER(copy, in, member, last) \
	do { if (status == CALLKEY_OK && in##_copy.member != NULL) { \
			status = growing_take(&guard, #in "->" #member, &(copy), sizeof(copy), \
			                      in##_copy.member, FIRST_SIZE(copy, last)); \
			in##_copy.member = &(copy); \
		} } while (0)
#define SHAPE(copy, out, last) \
	do { memset(&(copy), 0, sizeof(copy)); \
		if (status == CALLKEY_OK) \
			status = growing_check(&guard, #out, out, sizeof(copy), FIRST_SIZE(copy, last)); } while (0)
#define GIVE(filled, out, copy, last) \
	growing_give(filled, out, &(copy), sizeof(copy), FIRST_SIZE(copy, last))
#define RUN(call) \
	do { if (status == CALLKEY_OK) status = call; } while (0)
#define LEAVE() return guard_leave(&guard, status)

callkey_status check_bytes(struct guard *guard, const char *name, const void *p, size_t n);
callkey_status check_elements(struct guard *guard, const char *name, const void *p, size_t n);
callkey_status check_structs(struct guard *guard, const char *name, const void *const *pointers, size_t n,
                             size_t size, size_t first, int sparse);
callkey_status check_pieces(struct guard *guard, const char *name, const uint8_t *const *pointers,
                            const size_t *lengths, size_t n);
callkey_status check_room(struct guard *guard, const char *name, const void *out, const size_t *out_len);

/* After a failure: sets a fixed output, or a list of n elements of that size, to zero. */
void clear_unless_ok(callkey_status status, void *out, size_t n);
void clear_elements_unless_ok(callkey_status status, void *out, size_t n, size_t size);
/* After a failure: sets the length of a variable output to zero, unless it is the size needed. */
void no_size_unless_ok(callkey_status status, size_t *out_len);
/* After a failure: sets every status of a list to the failure, because 0 would mean success. */
void spread_unless_ok(callkey_status status, callkey_status *statuses, size_t n);

#endif
