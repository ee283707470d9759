package main

import (
	"strings"
	"testing"

	"libcallkey/tools/contract/header"
)

// A collector would copy the secret and leave the copies in memory.
func TestSecretsStayOutOfTheHeap(t *testing.T) {
	all, err := natives(readHeader(t))
	if err != nil {
		t.Fatal(err)
	}
	secrets := 0
	for _, n := range all {
		passed := map[string]string{}
		for _, p := range n.params {
			passed[p.name] = p.kotlin
		}
		for _, p := range n.function.Params {
			if !p.Secret() {
				continue
			}
			secrets++
			if p.Role == header.Variable {
				if made := n.made + strings.Join(n.pair, ""); !strings.Contains(made, "new_buffer(&call, "+p.Name+"_to.") {
					t.Errorf("%s: %s becomes no buffer: %s", n.function.Name, p.Name, made)
				}
			} else if !strings.Contains(passed[p.Name], buffer) {
				t.Errorf("%s: %s crosses as %q", n.function.Name, p.Name, passed[p.Name])
			}
		}
	}
	if secrets == 0 {
		t.Error("no function has a secret")
	}
}

// A new kind of parameter would cross in a wrong way, or be forgotten.
func TestUnknownShapes(t *testing.T) {
	for _, p := range []header.Param{
		{Name: "odd", Type: "uint16_t", Stars: 1, Role: header.List, Count: "n"},
		{Name: "odd", Type: "uint16_t", Stars: 1, Role: header.ListOut, Count: "n"},
		{Name: "odd", Type: "uint16_t", Stars: 1, Role: header.FixedOut},
		{Name: "odd", Type: "uint16_t", Stars: 1, Role: header.FixedIn, Array: "CALLKEY_KEY_BYTES"},
		{Name: "odd", Type: "uint16_t", Stars: 1, Role: header.Variable, Count: "n"},
		{Name: "odd", Type: "uint32_t", Stars: 1, Role: header.FixedOut, Text: "secret"},
		{Name: "odd", Type: "uint16_t", Role: header.Scalar},
		{Name: "odd", Type: "uint16_t", Role: "a new role"},
	} {
		c := readHeader(t)
		c.Functions = append(c.Functions, header.Function{Name: "callkey_odd", Result: "callkey_status", Params: []header.Param{p}})
		if _, err := natives(c); err == nil || !strings.Contains(err.Error(), "callkey_odd: odd: ") {
			t.Errorf("%s %s: %v", p.Role, p.Type, err)
		}
	}
}

// Kotlin could not leave a struct out where the contract allows it, or could where the library refuses it.
func TestStructsThatMayBeMissing(t *testing.T) {
	odd := func(text string) string {
		c := readHeader(t)
		c.Functions = []header.Function{{Name: "callkey_odd", Result: "callkey_status", Params: []header.Param{
			{Name: "bundles", Type: "callkey_prekey_bundle", Const: true, Stars: 2, Role: header.List, Count: "n", Text: text},
			{Name: "n", Type: "size_t", Role: header.Length},
		}}}
		all, err := natives(c)
		if err != nil {
			t.Fatal(err)
		}
		if p := all[0].params; len(p) != 1 || p[0].jni != "jobjectArray" {
			t.Errorf("%q: it crosses as %v", text, p)
		}
		return all[0].params[0].kotlin
	}
	for text, kotlin := range map[string]string{
		"n elements: that of each device":                    "Array<ByteArray>",
		"n elements: that of each device; NULL: it has none": "Array<ByteArray?>",
	} {
		if got := odd(text); got != kotlin {
			t.Errorf("%q: %s, not %s", text, got, kotlin)
		}
	}
}
