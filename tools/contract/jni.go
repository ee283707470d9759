package main

import (
	"fmt"
	"slices"
	"strings"

	"libcallkey/tools/contract/header"
)

// jni makes callkey_jni.c: for each function of the contract the native function that Kotlin calls.
// It follows the parameters' roles; call.h says what crosses as what.
func jni(c *header.Contract) ([]byte, error) {
	natives, err := natives(c)
	if err != nil {
		return nil, err
	}
	s := &source{}
	s.line("/* %s */", origin)
	s.line("/* The external functions of Native.kt, in the header's order; call.h says how arguments cross. */")
	s.line(`#include "call.h"`)
	s.line("")
	s.line("#include <string.h>")
	s.line("\n/* ---- Structs ---- */")
	s.line("\n#define MEMBER(type, name) {offsetof(type, name), sizeof(((type *)0)->name)}")
	for _, t := range crossing(c, natives) {
		if err := s.jniStruct(c, t); err != nil {
			return nil, fmt.Errorf("%s:%d: %s: %w", headerPath, t.Line, t.Name, err)
		}
	}
	section := ""
	for _, n := range natives {
		if n.function.Section != section {
			section = n.function.Section
			title, _, _ := strings.Cut(section, ":")
			s.line("\n/* ---- %s ---- */", title)
		}
		s.jniFunction(n)
	}
	return s.Bytes(), nil
}

// crossing are the structs of the functions' parameters, and those that their members point to, in
// the header's order.
func crossing(c *header.Contract, natives []*native) []*header.Struct {
	used := map[string]bool{}
	for _, n := range natives {
		for _, name := range n.structs {
			used[name] = true
			for _, m := range growingMembers(c, name) {
				used[m.Type] = true
			}
		}
	}
	var all []*header.Struct
	for i := range c.Structs {
		if used[c.Structs[i].Name] {
			all = append(all, &c.Structs[i])
		}
	}
	return all
}

// jniStruct writes the shape of a struct, or the function that fills one with pointers.
func (s *source) jniStruct(c *header.Contract, t *header.Struct) error {
	initial := "{0}"
	if t.Grows() {
		initial = strings.ToUpper(t.Name) + "_INIT"
	}
	if !pointers(t) {
		s.line("\nstatic const %s initial_%s = %s;", t.Name, noun(t), initial)
		s.line("static const struct member members_%s[] = {", noun(t))
		for _, m := range t.Members {
			if m.Name != "struct_size" {
				s.line("\tMEMBER(%s, %s),", t.Name, m.Name)
			}
		}
		s.line("};")
		s.line("static const struct shape shape_%s = {", noun(t))
		s.line("\tsizeof(%s),", t.Name)
		s.line("\t&initial_%s,", noun(t))
		s.line("\tmembers_%s,", noun(t))
		s.line("\tsizeof members_%s / sizeof *members_%[1]s,", noun(t))
		s.line("};")
		return nil
	}
	places, numbers, err := objectMembers(t)
	if err != nil {
		return err
	}
	s.line("\nstatic void fill_%s(struct call *call, void *out, jobjectArray members)", noun(t))
	s.line("{")
	s.line("\t%s *s = out;", t.Name)
	if slices.ContainsFunc(places, func(p objectMember) bool { return p.length != "" }) {
		s.line("\tstruct bytes b;")
	}
	if t.Grows() {
		s.line("\tmemcpy(s, &(%s)%s, sizeof *s);", t.Name, initial)
	}
	for i, p := range places {
		read := fmt.Sprintf("%s_at(call, members, %d)", map[bool]string{true: "buffer", false: "array"}[p.secret], i)
		m := p.member
		switch target := structOf(c, m.Type); {
		case target != nil:
			s.statement(fmt.Sprintf("s->%s = struct_in(call, &shape_%s, %s, %[1]q)", m.Name, noun(target), read))
		case p.length != "":
			s.line("\tb = %s;", read)
			s.line("\ts->%s = b.bytes;", m.Name)
			s.line("\ts->%s = b.len;", p.length)
		case m.Type == "char":
			s.line("\ts->%s = (const char *)%s.bytes;", m.Name, read)
		default:
			s.statement(fmt.Sprintf("s->%s = sized(call, %s, %s, %[1]q)", m.Name, read, p.size))
		}
	}
	for i, m := range numbers {
		s.line("\ts->%s = number_at(call, members, %d, %d);", m.Name, len(places), i)
	}
	s.line("}")
	return nil
}

// objectMember is a pointer in a struct.
type objectMember struct {
	member header.Member
	length string // the member with its length, "" for a text, a struct and bytes of one size
	size   string // of bytes of one size
	secret bool
}

// objectMembers are the pointers of a struct, and its numbers.
func objectMembers(t *header.Struct) (places []objectMember, numbers []header.Member, err error) {
	for i, m := range t.Members {
		switch {
		case m.Pointer:
			p := objectMember{member: m, secret: strings.Contains(" "+m.Comment, " secret: ")}
			if i+1 < len(t.Members) && t.Members[i+1].Name == m.Name+"_len" {
				p.length = m.Name + "_len"
			} else if m.Type == "uint8_t" {
				size, _, _ := strings.Cut(m.Comment, ":")
				p.size, _, _ = strings.Cut(size, ",")
				if !strings.HasPrefix(p.size, "CALLKEY_") {
					return nil, nil, fmt.Errorf("the comment of %s does not begin with its size", m.Name)
				}
			}
			places = append(places, p)
		case m.Name == "struct_size", m.Name == "reserved", m.Type == "size_t":
		case m.Type == "uint32_t" && m.Count == 0:
			numbers = append(numbers, m)
		default:
			return nil, nil, fmt.Errorf("no rule says how its %s crosses", m.Name)
		}
	}
	return places, numbers, nil
}

func (s *source) jniFunction(n *native) {
	f := n.function
	params := []string{"JNIEnv *env", "jobject self"}
	for _, p := range n.params {
		params = append(params, p.jni+" "+p.name)
	}
	result := n.result.jni
	switch f.Result {
	case "uint32_t", "size_t":
		result = "jint"
	case "const char *":
		result = "jbyteArray"
	}
	if result == "" {
		result = "void"
	}
	s.line("")
	s.line("NATIVE(%s, %s)", result, nativeName(f))
	s.call("(", params, ")")
	s.line("{")
	s.line("\t(void)self;")
	if !f.HasStatus() {
		s.plain(n)
		s.line("}")
		return
	}
	s.line("\tstruct call call = begin(env);")
	for _, d := range slices.Concat(n.declared, n.outputs) {
		s.statement(d)
	}
	s.line("\tif (ready(&call))")
	if len(n.variable) > 0 {
		second := "NULL"
		if len(n.variable) == 2 {
			second = "&" + n.variable[1] + "_to"
		}
		s.line("\t\tdo")
		s.call("\t\t\tcall.status = "+f.Name+"(", n.arguments, ");")
		s.line("\t\twhile (again(&call, &%s_to, %s));", n.variable[0], second)
	} else {
		s.call("\t\tcall.status = "+f.Name+"(", n.arguments, ");")
	}
	for _, p := range n.put {
		s.statement(p)
	}
	s.line("\tok(&call);")
	for _, p := range n.pair {
		s.statement(p)
	}
	if result != "void" {
		s.line("\t%s result = %s;", result, n.made)
	}
	s.line("\tend(&call);")
	if result != "void" {
		s.line("\treturn result;")
	}
	s.line("}")
}

// statement writes one, with its arguments in lines of their own if they are too long.
func (s *source) statement(text string) {
	line := "\t" + text + ";"
	first, rest, _ := strings.Cut(line, "(")
	if len(line)+7 <= width || strings.Contains(line, "\n") || rest == "" {
		s.line("%s", line)
		return
	}
	s.call(first+"(", strings.Split(strings.TrimSuffix(rest, ");"), ", "), ");")
}

// plain writes the body of a function without a status.
func (s *source) plain(n *native) {
	call := n.function.Name + "(" + strings.Join(n.arguments, ", ") + ")"
	switch n.function.Result {
	case "const char *":
		s.line("\tstruct call call = begin(env);")
		s.line("\tconst char *text = %s;", call)
		s.line("\treturn new_array(&call, text, strlen(text));")
	case "void":
		s.line("\tstruct call call = begin(env);")
		for _, d := range n.declared {
			s.statement(d)
		}
		s.line("\t%s;", call)
		s.line("\tend(&call);")
	default:
		s.line("\t(void)env;")
		s.line("\treturn (jint)%s;", call)
	}
}

// nativeName is the function's name in Native.kt.
func nativeName(f *header.Function) string {
	return header.Camel(strings.TrimPrefix(f.Name, "callkey_"))
}
