package abi

import (
	"encoding/json"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"unsafe"
)

// row is a member of a struct, or with an empty member the struct.
type row struct {
	Struct, Member   string
	Offset64, Size64 uintptr
	Offset32, Size32 uintptr
}

// here is the row's place on this machine.
func (r row) here() (offset, size uintptr) {
	if unsafe.Sizeof(uintptr(0)) == 8 {
		return r.Offset64, r.Size64
	}
	return r.Offset32, r.Size32
}

func readTable(t *testing.T) []row {
	t.Helper()
	content, err := os.ReadFile("layout.json")
	if err != nil {
		t.Fatal(err)
	}
	var table []row
	if err := json.Unmarshal(content, &table); err != nil {
		t.Fatal(err)
	}
	return table
}

// If this failed, Go code would read a member where the C program did not write it.
func TestGoLayout(t *testing.T) {
	for _, r := range readTable(t) {
		structure := Structs[r.Struct]
		if structure == nil {
			t.Errorf("%s is in layout.json and not in Structs", r.Struct)
			continue
		}
		offset, size := r.here()
		if r.Member == "" {
			if structure.Size() != size {
				t.Errorf("%s has %d bytes, not %d", r.Struct, structure.Size(), size)
			}
			continue
		}
		field, ok := member(structure, r.Member)
		if !ok || field.Offset != offset || field.Type.Size() != size {
			t.Errorf("%s.%s is at %d with %d bytes in Go, at %d with %d in layout.json", r.Struct, r.Member, field.Offset, field.Type.Size(), offset, size)
		}
	}
}

// member finds a field by its C name: cgo puts _ before one that is a word of Go.
func member(structure reflect.Type, name string) (reflect.StructField, bool) {
	if field, ok := structure.FieldByName(name); ok {
		return field, true
	}
	field, ok := structure.FieldByName("_" + name)
	if !ok {
		field.Type = reflect.TypeFor[struct{}]()
	}
	return field, ok
}

// If this failed, a member or a whole struct of the header could move without anybody
// noticing, because the table does not have it.
func TestTableIsComplete(t *testing.T) {
	rows := map[string]int{}
	for _, r := range readTable(t) {
		rows[r.Struct]++
	}
	header, err := os.ReadFile("../include/callkey.h")
	if err != nil {
		t.Fatal(err)
	}
	names := regexp.MustCompile(`(?m)^typedef struct (\w+) \{`).FindAllStringSubmatch(string(header), -1)
	if len(names) < 8 || len(names) != len(rows) || len(names) != len(Structs) {
		t.Fatalf("callkey.h has %d structs, layout.json %d, Structs %d", len(names), len(rows), len(Structs))
	}
	for _, name := range names {
		structure := Structs[name[1]]
		if structure == nil {
			t.Errorf("%s is not in Structs", name[1])
			continue
		}
		members := 0
		for i := range structure.NumField() {
			if !strings.HasPrefix(structure.Field(i).Name, "pad_") && structure.Field(i).Name != "_" {
				members++
			}
		}
		if rows[name[1]] != 1+members {
			t.Errorf("%s has %d members, layout.json has %d", name[1], members, rows[name[1]]-1)
		}
	}
}

// If this failed, a member that a later version adds would lie in what an older program never
// set, or the library would look for the struct's size where it is not.
func TestGrowingStructsHaveNoPaddingAtTheirEnd(t *testing.T) {
	table := readTable(t)
	grows, size, end := map[string]bool{}, map[string]row{}, map[string]row{}
	for _, r := range table {
		switch r.Member {
		case "":
			size[r.Struct] = r
			continue
		case "struct_size":
			grows[r.Struct] = true
			if r.Offset64 != 0 || r.Offset32 != 0 {
				t.Errorf("%s does not start with its struct_size", r.Struct)
			}
		}
		end[r.Struct] = r // the last member
	}
	if !grows["callkey_prekey_bundle"] || !grows["callkey_offer_options"] {
		t.Fatalf("these have a struct_size: %v", grows)
	}
	for name := range grows {
		whole, last := size[name], end[name]
		if last.Offset64+last.Size64 != whole.Size64 || last.Offset32+last.Size32 != whole.Size32 {
			t.Errorf("%s has padding behind %s", name, last.Member)
		}
	}
}
