package main

import (
	"bytes"
	"fmt"
	"strings"

	"libcallkey/tools/contract/header"
)

// constants makes capi/constants.c: the functions that return a number or text of the header.
func constants(c *header.Contract) ([]byte, error) {
	last := c.Statuses[len(c.Statuses)-1].Name
	var b bytes.Buffer
	fmt.Fprintf(&b, `/* %s */
/*
 * The versions, status texts and sizes of callkey.h. Nothing here enters Go, so all of it works
 * in a child of fork() and after an internal error too.
 */
#include "callkey.h"

uint32_t callkey_abi_version(void)
{
	return CALLKEY_ABI_VERSION;
}

const char *callkey_version(void)
{
	return CALLKEY_VERSION;
}

/* In the order of the numbers: row i is status -i. */
static const struct {
	const char *name;
	const char *text;
} statuses[] = {
`, origin)
	for _, s := range c.Statuses {
		if s.Comment == "" {
			return nil, fmt.Errorf("%s:%d: %s has no comment; it is the status's text", headerPath, s.Line, s.Name)
		}
		fmt.Fprintf(&b, "\t{%q, %s},\n", s.Name, cText(s.Comment))
	}
	fmt.Fprintf(&b, `};

static int known(callkey_status status)
{
	return status <= CALLKEY_OK && status >= %s;
}

const char *callkey_status_name(callkey_status status)
{
	return known(status) ? statuses[-status].name : %q;
}

const char *callkey_status_text(callkey_status status)
{
	return known(status) ? statuses[-status].text : %q;
}

`, last, unknownName, unknownText)
	for _, s := range c.Sizes {
		fmt.Fprintf(&b, "size_t %s(void) { return %s; }\n", twin(s), s.Name)
	}
	return b.Bytes(), nil
}

// The name and the text of a number that is not a status.
const (
	unknownName = "CALLKEY_ERR_UNKNOWN"
	unknownText = "not a callkey_status"
)

// twin returns the name of the function that returns a size.
func twin(size header.Number) string { return strings.ToLower(size.Name) }

// cText quotes a text for C. The header has no bytes that C and Go quote differently.
func cText(text string) string { return fmt.Sprintf("%q", text) }
