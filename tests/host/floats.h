/* The floating point environment of a thread: control (rounding, precision, which exceptions trap,
 * whether tiny numbers are zero) and flags. */
#ifndef FLOATS_H
#define FLOATS_H

#include <stdint.h>

typedef struct floats {
	uint32_t control, flags;
	uint32_t x87_control, x87_flags; /* on x86 only */
} floats;

/* One of the environments that programs set; 0 is the default one. */
floats floats_number(unsigned number);
floats floats_now(void);
void floats_set(const floats *f);
void floats_default(void);
/* NULL, or a text with the difference. */
const char *floats_differ(const floats *is, const floats *was);

#endif
