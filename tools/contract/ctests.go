package main

import (
	"bytes"
	"fmt"

	"libcallkey/tools/contract/header"
)

// layoutAssertions makes tests/c/layout.h: the place of each member of each struct.
func layoutAssertions(c *header.Contract) ([]byte, error) {
	var b bytes.Buffer
	fmt.Fprintf(&b, `/* %s */
/* Where each member of each struct is, on machines with 64-bit and with 32-bit pointers. It fails to
 * compile where that does not hold; C89 has no static assert. */
#ifndef LAYOUT_H
#define LAYOUT_H

#include "callkey.h"

#define WORD(bits64, bits32) (sizeof(void *) == 8 ? (bits64) : (bits32))
#define SIZE(type, size) typedef char type##_size[sizeof(type) == (size) ? 1 : -1]
#define MEMBER(type, member, offset, size) \
	typedef char type##_##member[offsetof(type, member) == (offset) && \
	                             sizeof(((type *)0)->member) == (size) ? 1 : -1]
`, origin)
	for _, s := range c.Structs {
		fmt.Fprintf(&b, "\nSIZE(%s, WORD(%d, %d));\n", s.Name, s.Place.Size64, s.Place.Size32)
		for _, m := range s.Members {
			p := m.Place
			fmt.Fprintf(&b, "MEMBER(%s, %s, WORD(%d, %d), WORD(%d, %d));\n", s.Name, m.Name, p.Offset64, p.Offset32, p.Size64, p.Size32)
		}
	}
	b.WriteString("\n#endif\n")
	return b.Bytes(), nil
}

// contractTables makes tests/c/contract.h: the sizes and statuses as lists, for tests that walk them.
func contractTables(c *header.Contract) ([]byte, error) {
	var b bytes.Buffer
	fmt.Fprintf(&b, `/* %s */
/* The sizes and statuses as numbers and texts, beside the macros that stand for them. */
#ifndef CONTRACT_H
#define CONTRACT_H

#include "callkey.h"

/* ROW(macro, twin, number) */
#define EACH_SIZE(ROW)`, origin)
	for _, s := range c.Sizes {
		fmt.Fprintf(&b, " \\\n\tROW(%s, %s, %d)", s.Name, twin(s), s.Value)
	}
	b.WriteString("\n\n/* ROW(macro, number, text) */\n#define EACH_STATUS(ROW)")
	for _, s := range c.Statuses {
		fmt.Fprintf(&b, " \\\n\tROW(%s, %d, %s)", s.Name, s.Value, cText(s.Comment))
	}
	b.WriteString("\n\n#endif\n")
	return b.Bytes(), nil
}
