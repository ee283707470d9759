package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"libcallkey/tools/contract/header"
)

// shim makes capi/shim.c: for each function that enters Go, the code between the caller and the
// Go function. It follows callkey.h: the parameters' roles, which of them may be NULL, and the
// documented contents of an output after a failure.
func shim(c *header.Contract) ([]byte, error) {
	s := &source{}
	s.line("/* %s */", origin)
	s.line("/*")
	s.line(" * The exported functions that enter Go, in the header's order; check.h describes the macros.")
	s.line(" * callkey.h and _cgo_export.h are both included, so a difference between the contract and the Go")
	s.line(" * code does not compile.")
	s.line(" *")
	s.line(" * Go functions take the thread's failure text as their first argument and get inputs without")
	s.line(" * const, which cgo cannot express; they do not write to them.")
	s.line(" */")
	s.line(`#include "callkey.h"`)
	s.line(`#include "check.h"`)
	s.line(`#include "_cgo_export.h"`)
	s.line("")
	s.line("#include <string.h>")
	section := ""
	for _, f := range c.Functions {
		if !entersGo(f) {
			continue
		}
		if f.Section != section {
			section = f.Section
			title, _, _ := strings.Cut(section, ":")
			s.line("\n/* ---- %s ---- */", title)
		}
		if err := s.shimFunction(c, f); err != nil {
			return nil, fmt.Errorf("%s:%d: %s: %w", headerPath, f.Line, f.Name, err)
		}
	}
	return s.Bytes(), nil
}

// entersGo reports whether the function runs Go code: only these return INTERNAL (rule 10).
func entersGo(f header.Function) bool { return returns(f, "CALLKEY_ERR_INTERNAL") }

func returns(f header.Function, status string) bool {
	return slices.ContainsFunc(f.Doc.Returns, func(r header.Return) bool { return r.Status == status })
}

func (s *source) shimFunction(c *header.Contract, f header.Function) error {
	// late checks need those of later parameters.
	var copies, checks, late, afterwards []string
	arguments := []string{"guard.text"}
	for _, p := range f.Params {
		argument := p.Name
		check := func(format string, args ...any) { checks = append(checks, fmt.Sprintf(format, args...)) }
		after := func(format string, args ...any) { afterwards = append(afterwards, fmt.Sprintf(format, args...)) }
		switch p.Role {
		case header.FixedOut:
			check("NEED(%s)", p.Name)
			after("clear_unless_ok(status, %s, %s)", p.Name, bytesOf(p))
		case header.Variable:
			check("ROOM(%s, %s)", p.Name, p.Count)
			after("no_size_unless_ok(status, %s)", p.Count)
		case header.ListOut:
			check("ELEMENTS(%s, %s)", p.Name, p.Count)
			if p.Type != "callkey_status" {
				after("clear_elements_unless_ok(status, %s, %s, sizeof *%[1]s)", p.Name, p.Count)
				break
			}
			unspread, err := unspread(p)
			if err != nil {
				return err
			}
			after("%sspread_unless_ok(status, %s, %s)", unspread, p.Name, p.Count)
		case header.GrowOut:
			copies = append(copies, p.Type+" "+p.Name+"_copy")
			argument = "&" + p.Name + "_copy"
			last, err := firstEnd(c, p.Type)
			if err != nil {
				return err
			}
			filled, err := filled(p)
			if err != nil {
				return err
			}
			check("SHAPE(%s_copy, %[1]s, %s)", p.Name, last)
			after("GIVE(%s, %s, %[2]s_copy, %s)", filled, p.Name, last)
			if p.Secret() {
				after("callkey_wipe(&%s_copy, sizeof %[1]s_copy)", p.Name)
			}
		case header.GrowIn:
			copies = append(copies, p.Type+" "+p.Name+"_copy")
			argument = "&" + p.Name + "_copy"
			last, err := firstEnd(c, p.Type)
			if err != nil {
				return err
			}
			if p.Null {
				argument = p.Name + " == NULL ? NULL : " + argument
			} else {
				check("NEED(%s)", p.Name)
			}
			check("TAKE(%s_copy, %[1]s, %s)", p.Name, last)
			if p.Secret() {
				after("callkey_wipe(&%s_copy, sizeof %[1]s_copy)", p.Name)
			}
			for _, m := range growingMembers(c, p.Type) {
				last, err := firstEnd(c, m.Type)
				if err != nil {
					return err
				}
				copies = append(copies, fmt.Sprintf("%s %s_%s", m.Type, p.Name, m.Name))
				check("TAKE_MEMBER(%s_%s, %[1]s, %[2]s, %s)", p.Name, m.Name, last)
				after("callkey_wipe(&%s_%s, sizeof %[1]s_%[2]s)", p.Name, m.Name)
			}
		case header.Bytes:
			check("BYTES(%s, %s)", p.Name, p.Count)
			argument = unconst(p)
		case header.List:
			check("ELEMENTS(%s, %s)", p.Name, p.Count)
			switch {
			case p.Structs():
				last, err := firstEnd(c, p.Type)
				if err != nil {
					return err
				}
				macro := "STRUCTS"
				if p.Sparse() {
					macro = "SPARSE_STRUCTS"
				}
				check("%s(%s, %s, %s, %s)", macro, p.Name, p.Count, p.Type, last)
			case p.Pieces():
				late = append(late, fmt.Sprintf("PIECES(%s, %s, %s)", p.Name, p.Lengths(), p.Count))
			}
			argument = unconst(p)
		case header.FixedIn, header.Text:
			if !p.Null {
				check("NEED(%s)", p.Name)
			}
			argument = unconst(p)
		case header.Handle, header.Capacity, header.Length, header.Scalar:
		default:
			return fmt.Errorf("nothing says how %s is checked", p.Name)
		}
		arguments = append(arguments, argument)
	}

	s.line("")
	s.prototype(f.Result, f.Name, f.Params, "")
	s.line("{")
	for _, copied := range copies {
		s.line("\t%s;", copied)
	}
	onStore := slices.ContainsFunc(f.Params, func(p header.Param) bool { return p.Name == "store" })
	switch {
	case !returns(f, "CALLKEY_ERR_STORE"):
		s.line("\tENTER();")
	case onStore:
		s.line("\tENTER_STORE();")
	default: // opens one
		s.line("\tENTER_FILES();")
	}
	for _, check := range append(checks, late...) {
		s.line("\t%s;", check)
	}
	s.call("\tRUN(ck_"+strings.TrimPrefix(f.Name, "callkey_")+"(", arguments, "));")
	for _, after := range afterwards {
		s.line("\t%s;", after)
	}
	s.line("\tLEAVE();")
	s.line("}")
	return nil
}

// prototype writes the head of a function, or with ";" its declaration, with the result on its
// own line if necessary.
func (s *source) prototype(result, name string, params []header.Param, end string) {
	written := []string{"void"}
	if len(params) > 0 {
		written = nil
		for _, p := range params {
			written = append(written, p.C())
		}
	}
	before := result + " " + name + "("
	if slices.ContainsFunc(written, func(w string) bool { return len(before)+len(w) >= width }) {
		s.line("%s", result)
		before = name + "("
	}
	s.call(before, written, ")"+end)
}

// bytesOf is the size of a fixed output, as C writes it.
func bytesOf(p header.Param) string {
	switch {
	case p.Array == "":
		return "sizeof *" + p.Name
	case p.Type == "uint8_t" || p.Type == "char":
		return p.Array
	}
	return p.Array + " * sizeof *" + p.Name
}

// unconst returns an input as an argument of a Go function.
func unconst(p header.Param) string {
	return "(" + p.Type + " " + strings.Repeat("*", p.Stars) + ")" + p.Name
}

// firstEnd returns the last member of the first version of a growing struct. In a struct that
// may be NULL all members are options: its first version had only the first of them.
func firstEnd(c *header.Contract, name string) (string, error) {
	i := slices.IndexFunc(c.Structs, func(s header.Struct) bool { return s.Name == name })
	if i < 0 || len(c.Structs[i].Members) < 2 {
		return "", fmt.Errorf("%s is no struct with members", name)
	}
	members := c.Structs[i].Members
	for _, f := range c.Functions {
		for _, p := range f.Params {
			if p.Type == name && p.Role == header.GrowIn && p.Null {
				return members[1].Name, nil
			}
		}
	}
	last := members[0].Name
	for _, m := range members {
		if m.Since == "" {
			last = m.Name
		}
	}
	return last, nil
}

// growingMembers are the members of a struct that point to a struct which grows.
func growingMembers(c *header.Contract, name string) []header.Member {
	var found []header.Member
	for _, s := range c.Structs {
		for _, m := range s.Members {
			if s.Name == name && m.Pointer && slices.ContainsFunc(c.Structs, func(t header.Struct) bool { return t.Name == m.Type && t.Grows() }) {
				found = append(found, m)
			}
		}
	}
	return found
}

var (
	allReturned  = regexp.MustCompile(`[Aa]fter a failure(?: other than ([^;.]*))? all are the returned status`)
	statusInText = regexp.MustCompile(`\b[A-Z]{2}[A-Z_]*\b`)
)

// unspread is the condition under which a list of statuses gets the failure.
func unspread(p header.Param) (string, error) {
	apart, err := apartFrom(p)
	if err != nil || apart == nil {
		return "", err
	}
	return "if (status != " + strings.Join(apart, " && status != ") + ")\n\t\t", nil
}

// apartFrom returns the failures after which a list of statuses is not filled with the failure:
// those named in its text. After BUFFER no output changes anyway.
func apartFrom(p header.Param) (statuses []string, err error) {
	found := allReturned.FindStringSubmatch(p.Text)
	if found == nil {
		return nil, fmt.Errorf("the comment of %s does not say \"after a failure all are the returned status\"", p.Name)
	}
	for _, status := range statusInText.FindAllString(found[1], -1) {
		if status != "BUFFER" {
			statuses = append(statuses, "CALLKEY_ERR_"+status)
		}
	}
	return statuses, nil
}

// filled returns the condition under which a growing output is not just zeros.
func filled(p header.Param) (string, error) {
	switch {
	case strings.HasPrefix(p.Text, "filled whenever the stanza parsed"):
		return "1", nil
	case strings.Contains(p.Text, "zero after a failure"):
		return "status == CALLKEY_OK", nil
	}
	return "", fmt.Errorf("the comment of %s says neither \"filled whenever the stanza parsed\" nor \"zero after a failure\"", p.Name)
}
