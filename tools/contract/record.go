package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"

	"libcallkey/tools/contract/header"
)

const recordPath = "abi/recorded.json"

// recorded is the interface that programs rely on: all of it stays, with its values, until
// CALLKEY_ABI_MAJOR changes. A program's source relies on the macros, its binary on the rest.
type recorded struct {
	Major     int               `json:"abi_major"`
	Macros    []string          `json:"macros"`
	Numbers   map[string]int64  `json:"numbers"`
	Handles   []string          `json:"handles"`
	Structs   []recordedStruct  `json:"structs"`
	Functions map[string]string `json:"functions"` // by name: its type
}

type recordedStruct struct {
	Name    string           `json:"struct"`
	Grows   bool             `json:"grows"`
	Size64  int              `json:"size64"`
	Size32  int              `json:"size32"`
	Members []recordedMember `json:"members"`
}

type recordedMember struct {
	Name     string `json:"member"`
	Type     string `json:"type"`
	Offset64 int    `json:"offset64"`
	Size64   int    `json:"size64"`
	Offset32 int    `json:"offset32"`
	Size32   int    `json:"size32"`
}

// toRecord converts the header's declarations to the form of the record.
func toRecord(c *header.Contract) recorded {
	r := recorded{Major: c.Major, Macros: c.Macros, Handles: c.Handles, Numbers: map[string]int64{}, Functions: map[string]string{}}
	for _, n := range slices.Concat(c.Sizes, c.Statuses, c.Numbers) {
		r.Numbers[n.Name] = n.Value
	}
	for _, s := range c.Structs {
		row := recordedStruct{Name: s.Name, Grows: s.Grows(), Size64: s.Place.Size64, Size32: s.Place.Size32}
		for _, m := range s.Members {
			p := m.Place
			row.Members = append(row.Members, recordedMember{m.Name, m.C(), p.Offset64, p.Size64, p.Offset32, p.Size32})
		}
		r.Structs = append(r.Structs, row)
	}
	for _, f := range c.Functions {
		r.Functions[f.Name] = f.Signature()
	}
	return r
}

// text returns the record as it is stored, one fact per line.
func (r recorded) text() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	err := e.Encode(r)
	return b.Bytes(), err
}

func readRecord() (recorded, error) {
	var r recorded
	content, err := os.ReadFile(recordPath)
	if err != nil {
		return r, err
	}
	if err := json.Unmarshal(content, &r); err != nil {
		return r, fmt.Errorf("%s: %w", recordPath, err)
	}
	return r, nil
}

// against lists the facts of the record that no longer hold in now, and counts the new ones.
func (r recorded) against(now recorded) (broken []error, added int) {
	lost := func(what string) { broken = append(broken, fmt.Errorf("%s is gone", what)) }
	lists := func(old, new []string) {
		for _, name := range old {
			if !slices.Contains(new, name) {
				lost(name)
			}
		}
		added += len(new) - len(old)
	}
	lists(r.Macros, now.Macros)
	lists(r.Handles, now.Handles)
	for _, name := range keys(r.Numbers) {
		if value, ok := now.Numbers[name]; !ok {
			lost(name)
		} else if value != r.Numbers[name] {
			broken = append(broken, fmt.Errorf("%s is %d, recorded as %d", name, value, r.Numbers[name]))
		}
	}
	for _, name := range keys(r.Functions) {
		if f, ok := now.Functions[name]; !ok {
			lost(name)
		} else if f != r.Functions[name] {
			broken = append(broken, fmt.Errorf("%s is %s, recorded as %s", name, f, r.Functions[name]))
		}
	}
	for _, old := range r.Structs {
		place := slices.IndexFunc(now.Structs, func(s recordedStruct) bool { return s.Name == old.Name })
		if place < 0 {
			lost(old.Name)
			continue
		}
		problems := old.against(now.Structs[place])
		broken = append(broken, problems...)
		if len(problems) == 0 {
			added += len(now.Structs[place].Members) - len(old.Members)
		}
	}
	added += len(now.Numbers) - len(r.Numbers) + len(now.Functions) - len(r.Functions) + len(now.Structs) - len(r.Structs)
	return broken, added
}

// against describes how a struct differs from the recorded one.
func (s recordedStruct) against(now recordedStruct) (broken []error) {
	for i, m := range s.Members {
		switch {
		case i >= len(now.Members):
			broken = append(broken, fmt.Errorf("%s.%s is gone", s.Name, m.Name))
		case now.Members[i] != m:
			n := now.Members[i]
			broken = append(broken, fmt.Errorf("%s has %q at %d (32-bit: %d), recorded is %q at %d (%d)",
				s.Name, n.Type, n.Offset64, n.Offset32, m.Type, m.Offset64, m.Offset32))
		}
	}
	if len(broken) == 0 && !s.Grows && (len(now.Members) > len(s.Members) || now.Size64 != s.Size64 || now.Size32 != s.Size32) {
		broken = append(broken, fmt.Errorf("%s has a new member; a struct without struct_size is frozen", s.Name))
	}
	return broken
}

func keys[V any](m map[string]V) []string {
	var names []string
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// checkRecord compares the header with the recorded interface and counts additions.
func checkRecord(c *header.Contract) (added int, err error) {
	old, err := readRecord()
	if err != nil {
		return 0, fmt.Errorf("%w: run make abi", err)
	}
	if old.Major != c.Major {
		return 0, fmt.Errorf("%s is of ABI major %d and %s of %d: record the new interface with make abi", recordPath, old.Major, headerPath, c.Major)
	}
	broken, added := old.against(toRecord(c))
	if len(broken) > 0 {
		return 0, fmt.Errorf("%w\n%s breaks programs made for the interface in %s: undo it, or raise CALLKEY_ABI_MAJOR and run make abi",
			errors.Join(broken...), headerPath, recordPath)
	}
	return added, errors.Join(old.undated(c)...)
}

// undated lists declarations that are not in the record and do not name their first version.
func (r recorded) undated(c *header.Contract) (wrong []error) {
	for _, f := range c.Functions {
		if !f.SaysSize() && f.Doc.Since == "" {
			wrong = append(wrong, fmt.Errorf("%s:%d: the comment of %s lacks Since", headerPath, f.Line, f.Name))
		}
	}
	for _, s := range c.Structs {
		place := slices.IndexFunc(r.Structs, func(old recordedStruct) bool { return old.Name == s.Name })
		if place < 0 {
			continue
		}
		for _, m := range s.Members[len(r.Structs[place].Members):] {
			if m.Since == "" {
				wrong = append(wrong, fmt.Errorf("%s:%d: %s.%s is new; its comment lacks \"since\" and the version", headerPath, s.Line, s.Name, m.Name))
			}
		}
	}
	return wrong
}

// since returns the end of a line about the record: the number of additions.
func since(added int) string {
	if added == 0 {
		return ""
	}
	return fmt.Sprintf(", %d added since", added)
}

// record writes the record of the header and of a library with debug information.
func record(c *header.Contract, args []string) error {
	library, err := one(args, "record LIBRARY")
	if err != nil {
		return err
	}
	text, err := toRecord(c).text()
	if err != nil {
		return err
	}
	if err := os.WriteFile(recordPath, text, 0o644); err != nil {
		return err
	}
	if err := recordBinary(library); err != nil {
		return err
	}
	fmt.Printf("%s, %s: %d functions\n", recordPath, binaryPath, len(c.Functions))
	return nil
}
