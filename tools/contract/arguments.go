package main

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"libcallkey/tools/contract/header"
)

// arguments makes tests/c/arguments.inc: each function's parameters as tables, and a function
// that collects one call's arguments. argument.h describes them.
func arguments(c *header.Contract) ([]byte, error) {
	s := &source{}
	s.line("/* %s */", origin)
	s.line("/* What callkey.h says of the structs and functions with a status: see argument.h. */")
	for _, t := range c.Structs {
		if err := s.layout(c, t); err != nil {
			return nil, fmt.Errorf("%s:%d: %s: %w", headerPath, t.Line, t.Name, err)
		}
	}
	var names []string
	for _, f := range c.Functions {
		if !f.HasStatus() {
			continue
		}
		if err := s.tables(c, f); err != nil {
			return nil, fmt.Errorf("%s:%d: %s: %w", headerPath, f.Line, f.Name, err)
		}
		names = append(names, "&of_"+f.Name)
	}
	s.line("\n/* All of them, in the header's order. */")
	s.line("static const function *const functions[] = {")
	for _, name := range names {
		s.line("\t%s,", name)
	}
	s.line("};")

	s.line("\n#ifdef ENTRY")
	for _, f := range c.Functions {
		if f.HasStatus() && len(f.Params) > 0 {
			s.entry(f)
		}
	}
	s.line("\n#endif")
	return s.Bytes(), nil
}

// names makes tests/c/trial_names.h: it puts trial.c between a source file and the library.
func trialNames(c *header.Contract) ([]byte, error) {
	s := &source{}
	s.line("/* %s */", origin)
	s.line("/* Behind this, a call of a function with arguments goes through trial.c. */")
	s.line("#ifndef TRIAL_NAMES_H\n#define TRIAL_NAMES_H\n\n#include \"callkey.h\"\n")
	for _, f := range c.Functions {
		if f.HasStatus() && len(f.Params) > 0 {
			s.prototype(f.Result, "trial_"+f.Name, f.Params, ";")
			s.line("#undef %s\n#define %[1]s trial_%[1]s", f.Name)
		}
	}
	s.line("\n#endif")
	return s.Bytes(), nil
}

// layout writes the members of a struct that grows or has pointers.
func (s *source) layout(c *header.Contract, t header.Struct) error {
	if !hasLayout(c, t.Name) {
		return nil
	}
	s.line("\nstatic const member members_%s[] = {", t.Name)
	for i, m := range t.Members {
		kind, known := "MEMBER_NUMBER", "0"
		lengthAt, fixed, layout := "0", "0", "NULL"
		next := header.Member{}
		if i+1 < len(t.Members) {
			next = t.Members[i+1]
		}
		switch {
		case m.Pointer && m.Type == "char":
			kind = "MEMBER_TEXT"
		case m.Pointer && next.Name == m.Name+"_len":
			kind = "MEMBER_BYTES"
			lengthAt = fmt.Sprintf("offsetof(%s, %s)", t.Name, next.Name)
		case m.Pointer && hasLayout(c, m.Type):
			kind, layout = "MEMBER_STRUCT", "&layout_"+m.Type
		case m.Pointer && fixedSize(c, m) != "":
			kind, fixed = "MEMBER_FIXED", fixedSize(c, m)
		case m.Pointer:
			return fmt.Errorf("no length comes after %s, and its comment does not begin with its size", m.Name)
		case m.Name == "flags":
			kind = "MEMBER_FLAGS"
			family, ok := strings.CutSuffix(m.Comment, "*")
			for _, n := range c.Numbers {
				if ok && strings.HasPrefix(n.Name, family) {
					known += " | " + n.Name
				}
			}
			if known == "0" {
				return fmt.Errorf("the comment of flags names no family of flags such as CALLKEY_OFFER_*")
			}
		case m.Name == "reserved":
			kind = "MEMBER_RESERVED"
		}
		s.line("\t{%q, %s, offsetof(%s, %[1]s), sizeof(((%[3]s *)0)->%[1]s), %[4]s, %[5]s, %[6]s, %[7]s},", m.Name, kind, t.Name, lengthAt, known, fixed, layout)
	}
	s.line("};")
	s.line("static const layout layout_%s = {sizeof(%[1]s), members_%[1]s, %d, %s};", t.Name, len(t.Members), flag(t.Grows()))
	return nil
}

// hasLayout says whether a test must look into a struct: it grows, or has pointers to copy.
func hasLayout(c *header.Contract, name string) bool {
	i := slices.IndexFunc(c.Structs, func(t header.Struct) bool { return t.Name == name })
	return i >= 0 && (c.Structs[i].Grows() || slices.ContainsFunc(c.Structs[i].Members, func(m header.Member) bool { return m.Pointer }))
}

// fixedSize is the size of what a member points to: the macro at the start of its comment.
func fixedSize(c *header.Contract, m header.Member) string {
	for _, size := range c.Sizes {
		if strings.HasPrefix(m.Comment, size.Name) {
			return size.Name
		}
	}
	return ""
}

func flag(b bool) string {
	if b {
		return "1"
	}
	return "0"
}

var roles = map[header.Role]string{
	header.Handle: "ROLE_HANDLE", header.FixedOut: "ROLE_FIXED_OUT", header.GrowOut: "ROLE_GROWING_OUT",
	header.Variable: "ROLE_VARIABLE_OUT", header.Capacity: "ROLE_CAPACITY", header.ListOut: "ROLE_LIST_OUT",
	header.Bytes: "ROLE_BYTES", header.FixedIn: "ROLE_FIXED_IN", header.GrowIn: "ROLE_GROWING_IN",
	header.List: "ROLE_LIST", header.Text: "ROLE_TEXT", header.Length: "ROLE_LENGTH", header.Scalar: "ROLE_SCALAR",
}

// tables writes a function's parameters, and how to run it.
func (s *source) tables(c *header.Contract, f header.Function) error {
	var values []string
	if len(f.Params) > 0 {
		s.line("\nstatic const parameter parameters_%s[] = {", f.Name)
	} else {
		s.line("")
	}
	for i, p := range f.Params {
		text, err := describe(c, f, p)
		if err != nil {
			return err
		}
		s.line("\t{%s},", text)
		if p.Stars > 0 {
			values = append(values, fmt.Sprintf("a[%d].pointer", i))
		} else {
			values = append(values, fmt.Sprintf("(%s)a[%d].number", p.Type, i))
		}
	}
	if len(f.Params) > 0 {
		s.line("};")
	}
	if len(f.Params) > 0 {
		s.line("DECLARED(%s REAL(%s)(%s);)", f.Result, f.Name, written(f.Params))
		s.line("static callkey_status run_%s(const argument *a)", f.Name)
		s.line("{")
		s.call("\treturn REAL("+f.Name+")(", values, ");")
	} else {
		s.line("static callkey_status run_%s(const argument *a)", f.Name)
		s.line("{")
		s.line("\t(void)a;")
		s.line("\treturn %s();", f.Name)
	}
	s.line("}")
	parameters := "NULL"
	if len(f.Params) > 0 {
		parameters = "parameters_" + f.Name
	}
	s.line("static const function of_%s = {%[1]q, %s, %d, run_%[1]s};", f.Name, parameters, len(f.Params))
	return nil
}

func written(params []header.Param) string {
	var all []string
	for _, p := range params {
		all = append(all, p.C())
	}
	return strings.Join(all, ", ")
}

// describe is a parameter as an initializer.
func describe(c *header.Contract, f header.Function, p header.Param) (string, error) {
	role, ok := roles[p.Role]
	if !ok {
		return "", fmt.Errorf("%s has the role %s, which no test knows", p.Name, p.Role)
	}
	text := fmt.Sprintf(".name = %q, .role = %s", p.Name, role)
	if p.Stars > 0 {
		text += fmt.Sprintf(", .type = %q", p.Type)
		size := "sizeof(" + p.Type + ")"
		if p.Stars == 2 {
			size = "sizeof(char *)"
		}
		switch {
		case p.Texts():
			text += ", .texts = 1"
		case p.Structs():
			text += ", .structs = 1"
			if p.Sparse() {
				text += ", .sparse = 1"
			}
		case p.Pieces():
			i := slices.IndexFunc(f.Params, func(q header.Param) bool { return q.Name == p.Lengths() })
			text += fmt.Sprintf(", .lengths = %d", i)
		}
		if p.Array != "" {
			size = p.Array + " * " + size
		}
		text += ", .size = " + size
	}
	if p.Count != "" {
		i := slices.IndexFunc(f.Params, func(q header.Param) bool { return q.Name == p.Count })
		text += fmt.Sprintf(", .count = %d", i)
	}
	if p.Null && p.Count == "" {
		text += ", .optional = 1"
	}
	if p.Stars > 0 && hasLayout(c, p.Type) {
		text += ", .layout = &layout_" + p.Type
	}
	switch p.Role {
	case header.FixedOut:
		switch p.Type {
		case "callkey_store":
			text += ", .opens = OPENS_STORE"
		case "callkey_epochs":
			text += ", .opens = OPENS_EPOCHS"
		}
	case header.Variable:
		if p.Type == "char" {
			text += ", .text = 1"
		}
	case header.GrowOut:
		condition, err := filled(p)
		if err != nil {
			return "", err
		}
		if condition == "1" {
			text += ", .always = 1"
		}
	case header.ListOut:
		if p.Type != "callkey_status" {
			break
		}
		text += ", .statuses = 1"
		apart, err := apartFrom(p)
		if err != nil {
			return "", err
		}
		if len(apart) > 1 {
			return "", fmt.Errorf("%s has more than one status after which it is not spread", p.Name)
		}
		for _, status := range apart {
			text += ", .apart = " + status
		}
	case header.Text:
		text += ", .limit = " + limit(f, p.Name)
	case header.Bytes:
		lengths, err := lengths(f, p)
		if err != nil {
			return "", err
		}
		text += lengths
		if wipedKey(f, p.Name) {
			text += ", .wiped = 1"
		}
	}
	return text, nil
}

func when(f header.Function, status string) string {
	for _, r := range f.Doc.Returns {
		if r.Status == status {
			return r.When
		}
	}
	return ""
}

// limit returns the maximum bytes of a text: rule 7, unless the function says another number.
func limit(f header.Function, name string) string {
	found := regexp.MustCompile(`\b` + name + ` .*longer than (\d+) bytes`).FindStringSubmatch(when(f, "CALLKEY_ERR_ARGUMENT"))
	if found != nil {
		return found[1]
	}
	return "CALLKEY_JID_BYTES - 1"
}

var (
	exactly = regexp.MustCompile(`\b(\w+) is not (CALLKEY_\w+)`)
	neither = regexp.MustCompile(`\b(\w+) is neither (\w+) nor (\w+)`)
	below   = regexp.MustCompile(`\b(\w+) is below (CALLKEY_\w+)`)
)

// lengths returns the lengths that KEY_LENGTH allows for an input, as an initializer. The
// status may be about the input's contents instead.
func lengths(f header.Function, p header.Param) (string, error) {
	text := when(f, "CALLKEY_ERR_KEY_LENGTH")
	if !regexp.MustCompile(`\b` + p.Count + `\b`).MatchString(text) {
		return "", nil
	}
	for _, form := range []struct {
		form *regexp.Regexp
		text string
	}{
		{exactly, ", .measured = 1, .least = %[2]s, .most = %[2]s, .also = %[2]s"},
		{neither, ", .measured = 1, .least = %[3]s, .most = %[3]s, .also = %[2]s"},
		{below, ", .measured = 1, .least = %[2]s, .most = (size_t)-1, .also = %[2]s"},
	} {
		if found := form.form.FindStringSubmatch(text); found != nil && found[1] == p.Count {
			return fmt.Sprintf(form.text, found[1], found[2], cmp.Or(append(found, "")[3], found[2])), nil
		}
	}
	return "", fmt.Errorf("KEY_LENGTH says of %s neither \"is not CALLKEY_...\", nor \"is neither ... nor ...\", nor \"is below CALLKEY_...\"", p.Count)
}

// wipedKey says whether the function rejects 32 zero bytes as that parameter.
func wipedKey(f header.Function, name string) bool {
	return strings.HasPrefix(when(f, "CALLKEY_ERR_INVALID_KEY"), name+" is "+strconv.Itoa(32)+" zero bytes")
}

// entry writes the substitute for f, which passes its arguments on.
func (s *source) entry(f header.Function) {
	s.line("")
	s.prototype(f.Result, "ENTRY("+f.Name+")", f.Params, "")
	s.line("{")
	var values []string
	for _, p := range f.Params {
		if p.Stars > 0 {
			values = append(values, "{(void *)"+p.Name+", 0}")
		} else {
			values = append(values, "{NULL, "+p.Name+"}")
		}
	}
	s.call("\tconst argument a[] = {", values, "};")
	s.line("\treturn PASS(&of_%s, a);", f.Name)
	s.line("}")
}
