#!/bin/sh
# Writes tests/c/layout.h, the table abi/layout.json as assertions for a C compiler. A row
# without a member is the struct as a whole.
set -eu
cd "$(dirname "$0")/.."

cat <<'HEAD'
/* Made from abi/layout.json by abi/asserts.sh: where each member of each struct is, on machines
 * with 64-bit and with 32-bit pointers. It fails to compile where that does not hold; C89 has no
 * static assert. */
#ifndef LAYOUT_H
#define LAYOUT_H

#include "callkey.h"

#define WORD(bits64, bits32) (sizeof(void *) == 8 ? (bits64) : (bits32))
#define SIZE(type, size) typedef char type##_size[sizeof(type) == (size) ? 1 : -1]
#define MEMBER(type, member, offset, size) \
	typedef char type##_##member[offsetof(type, member) == (offset) && \
	                             sizeof(((type *)0)->member) == (size) ? 1 : -1]

HEAD
number='\([0-9]*\)'
sed -n \
	-e "s/^{\"struct\": \"\([a-z_]*\)\", \"member\": \"\", \"offset64\": 0, \"size64\": $number, \"offset32\": 0, \"size32\": $number},*$/SIZE(\1, WORD(\2, \3));/p" \
	-e "s/^{\"struct\": \"\([a-z_]*\)\", \"member\": \"\([a-z_]*\)\", \"offset64\": $number, \"size64\": $number, \"offset32\": $number, \"size32\": $number},*$/MEMBER(\1, \2, WORD(\3, \5), WORD(\4, \6));/p" \
	abi/layout.json
printf '\n#endif\n'
