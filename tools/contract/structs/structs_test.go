package structs

import (
	"reflect"
	"testing"
	"unsafe"

	"libcallkey/tools/contract/header"
)

// here is a place on this machine.
func here(p header.Place) (offset, size uintptr) {
	if unsafe.Sizeof(uintptr(0)) == 8 {
		return uintptr(p.Offset64), uintptr(p.Size64)
	}
	return uintptr(p.Offset32), uintptr(p.Size32)
}

// member finds a field by its C name: cgo puts _ before a Go keyword.
func member(structure reflect.Type, name string) (offset, size uintptr) {
	for _, name := range []string{name, "_" + name} {
		if field, ok := structure.FieldByName(name); ok {
			return field.Offset, field.Type.Size()
		}
	}
	return 0, 0
}

// If this failed, Go code would read a member at another place than the C program wrote it.
func TestGoLayout(t *testing.T) {
	c, err := header.Read("../../../include/callkey.h")
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Structs) != len(types) {
		t.Fatalf("the header has %d structs, Go %d", len(c.Structs), len(types))
	}
	for _, s := range c.Structs {
		structure := types[s.Name]
		if structure == nil {
			t.Errorf("%s is not in structs.go", s.Name)
			continue
		}
		if _, size := here(s.Place); structure.Size() != size {
			t.Errorf("%s has %d bytes in Go, not %d", s.Name, structure.Size(), size)
		}
		for _, m := range s.Members {
			offset, size := here(m.Place)
			if o, n := member(structure, m.Name); o != offset || n != size {
				t.Errorf("%s.%s is at %d with %d bytes in Go, not at %d with %d", s.Name, m.Name, o, n, offset, size)
			}
		}
	}
}
