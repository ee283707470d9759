// Package header reads include/callkey.h, the one source of the names, numbers, structs and
// prototypes of the C contract. It accepts only the forms that the header uses, so that it
// overlooks no declaration.
package header

import (
	"fmt"
	"regexp"
	"strings"
)

// Contract holds the header's declarations, each list in the header's order.
type Contract struct {
	Version      string // CALLKEY_VERSION
	Major, Minor int    // CALLKEY_ABI_MAJOR, CALLKEY_ABI_MINOR
	Sizes        []Number
	Statuses     []Number
	Numbers      []Number // flags, kinds and indexes
	Handles      []string // the names of the handle types
	Structs      []Struct
	Functions    []Function
	// Macros are the names of all other macros: versions, attributes and initialisers.
	Macros []string
}

// Number is a macro that stands for a number.
type Number struct {
	Name    string // e.g. CALLKEY_KEY_BYTES
	Value   int64
	Comment string // behind it on its line, or ""
	Line    int
}

// Struct is a struct of the contract.
type Struct struct {
	Name    string // e.g. callkey_srtp_keys
	Members []Member
	Place   Place
	Line    int
}

// Grows reports whether later versions may add members.
func (s Struct) Grows() bool { return s.Members[0].Name == "struct_size" }

// Member is a member of a struct.
type Member struct {
	Name    string
	Type    string // without const and stars: uint8_t, char, size_t, ...
	Const   bool
	Pointer bool
	Count   int // of an array, else 0
	Place   Place
	Comment string
	Since   string // the version that added it to its struct, e.g. 0.4.0; "" if it was always there
}

// C returns the member's declaration in C.
func (m Member) C() string {
	s := m.Type + " "
	if m.Const {
		s = "const " + s
	}
	if m.Pointer {
		s += "*"
	}
	s += m.Name
	if m.Count > 0 {
		s += fmt.Sprintf("[%d]", m.Count)
	}
	return s
}

// Function is a function of the contract.
type Function struct {
	Name    string // e.g. callkey_generate
	Section string // the heading that it stands under
	Result  string // callkey_status, size_t, uint32_t, void or const char *
	Params  []Param
	Doc     Doc
	Line    int
}

// HasStatus reports whether the function can fail.
func (f Function) HasStatus() bool { return f.Result == "callkey_status" }

// Signature returns the function's type, as programs are compiled with it.
func (f Function) Signature() string {
	params := []string{"void"}
	if len(f.Params) > 0 {
		params = nil
	}
	for _, p := range f.Params {
		p.Name = ""
		params = append(params, strings.TrimSpace(p.C()))
	}
	return f.Result + "(" + strings.Join(params, ", ") + ")"
}

// SaysSize reports whether the function is the twin of a size.
func (f Function) SaysSize() bool {
	return strings.HasSuffix(f.Name, "_bytes") || strings.HasSuffix(f.Name, "_count")
}

// DerivesFromKey reports whether the function derives one secret from a call key and texts only.
// Bindings can give it a method by rule.
func (f Function) DerivesFromKey() bool {
	if !strings.HasPrefix(f.Name, "callkey_derive_e2e_") || len(f.Params) < 3 {
		return false
	}
	for i, p := range f.Params {
		ok := p.Role == Text
		switch i {
		case 0:
			ok = p.Role == FixedOut && p.Secret()
		case 1:
			ok = p.Role == Bytes && p.Name == "key" && p.Secret()
		case 2:
			ok = p.Role == Length
		}
		if !ok {
			return false
		}
	}
	return true
}

// Camel is a name of the header as Swift and Kotlin write it: srtp_keys is srtpKeys.
func Camel(name string) string {
	words := strings.Split(name, "_")
	for i, word := range words[1:] {
		words[i+1] = strings.ToUpper(word[:1]) + word[1:]
	}
	return strings.Join(words, "")
}

// Param is a parameter of a function.
type Param struct {
	Name  string
	Type  string // without const, stars and array: uint8_t, char, callkey_srtp_keys, ...
	Const bool   // its target is not written
	Stars int    // 1 for an array, 2 for a list of pointers
	Array string // how an array's size is written, e.g. CALLKEY_KEY_BYTES, else ""
	Role  Role
	// Count is the parameter with the number of bytes or elements, "" for one element.
	Count string
	// Null says that NULL is allowed: of a counted one with a count of 0.
	Null bool
	Text string // its text in the comment
}

// C returns the parameter's declaration in C.
func (p Param) C() string {
	s := p.Type
	if p.Const {
		s = "const " + s
	}
	switch {
	case p.Array != "":
		return s + " " + p.Name + "[" + p.Array + "]"
	case p.Stars == 2:
		return s + " *const *" + p.Name
	case p.Stars == 1:
		return s + " *" + p.Name
	}
	return s + " " + p.Name
}

// Input reports whether the function reads the parameter's target.
func (p Param) Input() bool {
	return p.Role == Bytes || p.Role == FixedIn || p.Role == GrowIn || p.Role == List || p.Role == Text
}

// Structs reports whether the parameter is a list of pointers to structs.
func (p Param) Structs() bool { return p.Role == List && p.Stars == 2 && !p.Texts() && !p.Pieces() }

// Sparse reports whether some of the structs may be NULL.
func (p Param) Sparse() bool { return p.Structs() && saysNull.MatchString(p.Text) }

// Texts reports whether the parameter is a list of texts.
func (p Param) Texts() bool { return p.Role == List && p.Stars == 2 && p.Type == "char" }

// Pieces reports whether the parameter is a list of pointers to bytes. Lengths is the list of
// their lengths: that of plaintexts is plaintext_lens.
func (p Param) Pieces() bool { return p.Role == List && p.Stars == 2 && p.Type == "uint8_t" }

func (p Param) Lengths() string { return strings.TrimSuffix(p.Name, "s") + "_lens" }

// Secret reports whether the comment calls it a secret (rule 11).
func (p Param) Secret() bool { return secretMark.MatchString(p.Text) }

var secretMark = regexp.MustCompile(`^secret\b`)

// Role is the use of a parameter: rules 1 to 5 and 12 of the header.
type Role string

const (
	Handle    Role = "handle"
	FixedOut  Role = "fixed output"    // an array of a named size, a struct or a number
	GrowOut   Role = "growing output"  // a struct that starts with struct_size
	Variable  Role = "variable output" // Count is the parameter with its capacity and size
	Capacity  Role = "capacity"        // in: capacity, out: size
	ListOut   Role = "output list"     // Count is the parameter with the number of elements
	Bytes     Role = "bytes"           // Count is the parameter with their length
	FixedIn   Role = "fixed input"     // an array of a named size, or a struct
	GrowIn    Role = "growing input"   // a struct that starts with struct_size
	List      Role = "list"            // Count is the parameter with the number of elements
	Text      Role = "text"
	Length    Role = "length" // of bytes or of a list
	Scalar    Role = "scalar"
	Untouched Role = "memory" // of callkey_wipe: any bytes
)

// Doc is the comment of a function.
type Doc struct {
	Summary string // all before Returns
	Returns []Return
	Entries []Entry // Args, Out, In/Out and In, in this order
	Since   string  // the version that added the function; "" before there were any
}

// Return is a status that a function returns, and when.
type Return struct{ Status, When string }

// Entry is a parameter in a function's comment.
type Entry struct{ Column, Name, Text string }
