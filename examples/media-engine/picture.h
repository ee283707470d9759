/* What the camera sees: bytes that stand for an encoded picture, so that a receiver knows what to expect. */
#ifndef PICTURE_H
#define PICTURE_H

#include <stddef.h>
#include <stdint.h>

#define PICTURE_MAX 4096 /* bytes */

/* The same number gives the same picture. Its size in bytes. */
size_t picture_draw(uint8_t out[PICTURE_MAX], uint64_t number);

#endif
