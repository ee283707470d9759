package main

import (
	"strings"
	"testing"

	"libcallkey/tools/contract/header"
)

// If this failed, a program that needs a new function would start with a library that lacks it, and
// end in the middle of a call.
func TestNodeOfEachRelease(t *testing.T) {
	function := func(name, since string) header.Function {
		f := header.Function{Name: name}
		f.Doc.Since = since
		return f
	}
	c := &header.Contract{Functions: []header.Function{
		function("callkey_later", "0.10.0"), function("callkey_wipe", ""), function("callkey_patched", "0.9.1"),
		function("callkey_check", "0.2.0"), function("callkey_added", "0.9.0"), function("callkey_also", "0.9.0"), function("callkey_first", "0.3.0"),
	}}
	const want = `CALLKEY_0.3 { global:
callkey_check;
callkey_first;
callkey_wipe;
local: *; };
CALLKEY_0.9 { global:
callkey_added;
callkey_also;
} CALLKEY_0.3;
CALLKEY_0.9.1 { global:
callkey_patched;
} CALLKEY_0.9;
CALLKEY_0.10 { global:
callkey_later;
} CALLKEY_0.9.1;
`
	text, err := exportMap(c)
	if err != nil {
		t.Fatal(err)
	}
	if _, got, _ := strings.Cut(string(text), "*/\n"); got != want {
		t.Errorf("%s", got)
	}
	c.Functions[0].Doc.Since = "0.x.0"
	if _, err := exportMap(c); err == nil || !strings.Contains(err.Error(), `"0.x.0" is not the number of a release`) {
		t.Errorf("%v", err)
	}
}
