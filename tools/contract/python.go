package main

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"libcallkey/tools/contract/header"
)

// python makes _declarations.py, the Python package's declarations of the library.
func python(c *header.Contract) ([]byte, error) {
	p := pythonWriter{contract: c, used: map[string]bool{}}
	if err := p.write(); err != nil {
		return nil, err
	}
	imports := slices.DeleteFunc(slices.Clone(ctypes), func(name string) bool { return !p.used[name] })
	var b bytes.Buffer
	fmt.Fprintf(&b, `# %s
"""What callkey.h declares: every number, struct and function."""

from __future__ import annotations

import ctypes
from ctypes import %s
from typing import Any

`, origin, strings.Join(imports, ", "))
	b.Write(p.body.Bytes())
	return b.Bytes(), nil
}

// ctypes are the names that the file may import, as Python's formatters order them.
var ctypes = []string{"POINTER", "c_char", "c_char_p", "c_int32", "c_size_t", "c_uint8", "c_uint16", "c_uint32", "c_uint64", "c_void_p"}

// pythonTests makes contract.py, the header's facts for the tests of the Python package.
func pythonTests(c *header.Contract) ([]byte, error) {
	var b bytes.Buffer
	fmt.Fprintf(&b, `# %s
"""What callkey.h says in its comments, to hold the package to."""

from __future__ import annotations

TAKE_A_SECRET = [
`, origin)
	for _, f := range c.Functions {
		if slices.ContainsFunc(f.Params, func(p header.Param) bool { return p.Input() && p.Secret() }) {
			fmt.Fprintf(&b, "    %q,\n", f.Name)
		}
	}
	b.WriteString("]\n")
	return b.Bytes(), nil
}

type pythonWriter struct {
	contract *header.Contract
	body     bytes.Buffer
	used     map[string]bool // names of ctypes
}

// ctype is a name of ctypes, which the file imports.
func (p *pythonWriter) ctype(name string) string {
	p.used[name] = true
	return name
}

func (p *pythonWriter) pointer(to string) string { return p.ctype("POINTER") + "(" + to + ")" }

func (p *pythonWriter) line(format string, args ...any) {
	fmt.Fprintf(&p.body, format+"\n", args...)
}

func (p *pythonWriter) write() error {
	c := p.contract
	p.line("ABI_MAJOR = %d", c.Major)
	p.line("ABI_MINOR = %d", c.Minor)
	p.numbers(c.Sizes)
	for i := 0; i < len(c.Numbers); {
		end := i + 1
		for end < len(c.Numbers) && family(c.Numbers[end]) == family(c.Numbers[i]) {
			end++
		}
		p.numbers(c.Numbers[i:end])
		i = end
	}
	p.numbers(c.Statuses)
	p.line("")
	p.line("STATUS_NAMES: dict[int, str] = {")
	for _, s := range c.Statuses {
		p.line("    %s: %q,", pythonName(s), s.Name)
	}
	p.line("}")
	p.line(`

class GrowingStruct(ctypes.Structure):
    """A struct that starts with its own size, so that later versions may add members."""

    def __init__(self, **members: Any) -> None:
        super().__init__(struct_size=ctypes.sizeof(self), **members)`)
	for _, s := range c.Structs {
		if err := p.structure(s); err != nil {
			return err
		}
	}
	p.line("\n\nSTRUCTS: dict[str, type[ctypes.Structure]] = {")
	for _, s := range c.Structs {
		p.line("    %q: %s,", s.Name, structName(s.Name))
	}
	p.line("}")
	p.line("")
	p.line("_status = %s", p.ctype("c_int32"))
	for _, h := range c.Handles {
		p.line("%s = %s", handleName(h), p.ctype("c_uint64"))
	}
	p.line("_bytes = %s", p.pointer(p.ctype("c_uint8")))
	p.line("_len = %s", p.ctype("c_size_t"))
	p.line("_len_out = %s", p.pointer(p.ctype("c_size_t")))
	p.line("_text = %s", p.ctype("c_char_p"))
	p.line("_text_out = %s", p.pointer(p.ctype("c_char")))
	p.line("_texts = %s", p.pointer(p.ctype("c_char_p")))
	p.line("")
	p.line("# name → (result, arguments), in the header's order.")
	p.line("FUNCTIONS: dict[str, tuple[Any, list[Any]]] = {")
	section := ""
	for _, f := range c.Functions {
		if f.Section != section {
			section = f.Section
			title, _, _ := strings.Cut(section, ":")
			title, _, _ = strings.Cut(title, ",")
			p.line("    # %s", title)
		}
		result, err := p.result(f.Result)
		if err != nil {
			return fmt.Errorf("%s:%d: %s: %w", headerPath, f.Line, f.Name, err)
		}
		arguments := bracketed{open: "[", close: "]"}
		for _, param := range f.Params {
			t, err := p.parameter(param)
			if err != nil {
				return fmt.Errorf("%s:%d: %s: %w", headerPath, f.Line, f.Name, err)
			}
			arguments.items = append(arguments.items, leaf(t))
		}
		row := bracketed{open: "(", items: []expression{leaf(result), arguments}, close: ")"}
		p.line("%s", layOut("    ", fmt.Sprintf("%q: ", f.Name), row, ","))
	}
	p.line("}")
	return nil
}

// numbers are a group of constants.
func (p *pythonWriter) numbers(group []header.Number) {
	p.line("")
	for _, n := range group {
		p.line("%s = %d", pythonName(n), n.Value)
	}
}

func pythonName(n header.Number) string { return strings.TrimPrefix(n.Name, "CALLKEY_") }

// family returns the common prefix of a group of numbers, e.g. HBH.
func family(n header.Number) string {
	first, _, _ := strings.Cut(pythonName(n), "_")
	return first
}

func (p *pythonWriter) structure(s header.Struct) error {
	base := "ctypes.Structure"
	if s.Grows() {
		base = "GrowingStruct"
	}
	fields := bracketed{open: "[", close: "]"}
	for _, m := range s.Members {
		t, err := p.member(m)
		if err != nil {
			return fmt.Errorf("%s:%d: %s.%s: %w", headerPath, s.Line, s.Name, m.Name, err)
		}
		fields.items = append(fields.items, leaf(fmt.Sprintf("(%q, %s)", m.Name, t)))
	}
	p.line("\n\nclass %s(%s):", structName(s.Name), base)
	p.line("%s", layOut("    ", "_fields_ = ", fields, ""))
	return nil
}

// spelled are the parts of names that are not words.
var spelled = map[string]string{"srtp": "SRTP"}

// structName is the class of a struct: callkey_srtp_keys is SRTPKeysStruct.
func structName(name string) string {
	var b strings.Builder
	for word := range strings.SplitSeq(strings.TrimPrefix(name, "callkey_"), "_") {
		if known, ok := spelled[word]; ok {
			b.WriteString(known)
		} else {
			b.WriteString(strings.ToUpper(word[:1]) + word[1:])
		}
	}
	return b.String() + "Struct"
}

// handleName is a handle's type: callkey_store is _store.
func handleName(name string) string { return strings.TrimPrefix(name, "callkey") }

// scalar is the ctypes type of a type that is passed by value.
func (p *pythonWriter) scalar(name string) (string, error) {
	switch {
	case name == "callkey_status":
		return "_status", nil
	case name == "size_t":
		return "_len", nil
	case slices.Contains(p.contract.Handles, name):
		return handleName(name), nil
	case slices.Contains([]string{"uint8_t", "uint16_t", "uint32_t", "uint64_t", "int32_t"}, name):
		return p.ctype("c_" + strings.TrimSuffix(name, "_t")), nil
	}
	return "", fmt.Errorf("no rule makes Python's type of %s", name)
}

func (p *pythonWriter) result(name string) (string, error) {
	switch name {
	case "void":
		return "None", nil
	case "const char *":
		return p.ctype("c_char_p"), nil
	case "size_t":
		return p.ctype("c_size_t"), nil
	}
	return p.scalar(name)
}

func (p *pythonWriter) member(m header.Member) (string, error) {
	switch {
	case m.Pointer && m.Type == "char":
		return p.ctype("c_char_p"), nil
	case m.Pointer && p.isStruct(m.Type):
		return p.pointer(structName(m.Type)), nil
	case m.Pointer:
		to, err := p.result(m.Type)
		return p.pointer(to), err
	}
	element, err := p.result(m.Type)
	if m.Type == "char" {
		element, err = p.ctype("c_char"), nil
	}
	if m.Count > 0 {
		element += fmt.Sprintf(" * %d", m.Count)
	}
	return element, err
}

func (p *pythonWriter) parameter(param header.Param) (string, error) {
	if param.Stars == 0 {
		return p.scalar(param.Type)
	}
	var to string
	switch {
	case param.Type == "void":
		return p.ctype("c_void_p"), nil
	case param.Type == "char" && param.Stars == 2:
		return "_texts", nil
	case param.Type == "char" && param.Const:
		return "_text", nil
	case param.Type == "char":
		return "_text_out", nil
	case param.Type == "uint8_t":
		to = "_bytes"
	case param.Type == "size_t":
		to = "_len_out"
	case p.isStruct(param.Type):
		to = p.pointer(structName(param.Type))
	default:
		element, err := p.scalar(param.Type)
		if err != nil {
			return "", err
		}
		to = p.pointer(element)
	}
	if param.Stars == 2 {
		to = p.pointer(to)
	}
	return to, nil
}

func (p *pythonWriter) isStruct(name string) bool {
	return slices.ContainsFunc(p.contract.Structs, func(s header.Struct) bool { return s.Name == name })
}

// pythonWidth is the maximum width of a line of the package, in columns.
const pythonWidth = 120

// expression is a Python expression that may be too long for one line.
type expression interface{ short() string }

// leaf is never broken.
type leaf string

func (l leaf) short() string { return string(l) }

// bracketed is a list or tuple.
type bracketed struct {
	open  string
	items []expression
	close string
}

func (b bracketed) short() string {
	var items []string
	for _, item := range b.items {
		items = append(items, item.short())
	}
	return b.open + strings.Join(items, ", ") + b.close
}

// layOut formats an expression as Python's formatters do: in one line, or each item in its own
// with a comma behind it.
func layOut(indent, before string, e expression, after string) string {
	line := indent + before + e.short() + after
	b, ok := e.(bracketed)
	if !ok || len([]rune(line)) <= pythonWidth {
		return line
	}
	lines := []string{indent + before + b.open}
	for _, item := range b.items {
		lines = append(lines, layOut(indent+"    ", "", item, ","))
	}
	return strings.Join(append(lines, indent+b.close+after), "\n")
}
