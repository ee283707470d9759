package main

import (
	"strings"

	"libcallkey/tools/contract/header"
)

// kotlinWidth is the maximum width of a line in Kotlin, in columns.
const kotlinWidth = 120

// kotlinNative makes Native.kt, the external functions that callkey_jni.c has.
func kotlinNative(c *header.Contract) ([]byte, error) {
	natives, err := natives(c)
	if err != nil {
		return nil, err
	}
	s := &source{}
	s.line("// %s", origin)
	s.line(`package callkey

import java.nio.ByteBuffer

/**
 * The functions of ` + "`callkey.h`" + `: all that this package calls outside the JVM.
 *
 * A secret is a direct buffer; a text is UTF-8 with its NUL, as [utf8] makes it; a struct is its members without
 * struct_size and padding; a struct with pointers is an array that one of the functions below makes. An output that
 * does not fit into the result is an array or a buffer to fill. A failure is thrown as its [CallKeyException]. Use it
 * as [native], which loads the library.
 */
internal object Native {`)
	section := natives[0].function.Section
	for _, n := range natives {
		if n.function.Section != section {
			section = n.function.Section
			s.line("")
		}
		var params []string
		for _, p := range n.params {
			params = append(params, header.Camel(p.name)+": "+p.kotlin)
		}
		result := n.result.kotlin
		switch n.function.Result {
		case "uint32_t", "size_t":
			result = "Int"
		case "const char *":
			result = array
		}
		if result != "" {
			result = ": " + result
		}
		s.kotlinCall("    external fun "+nativeName(n.function)+"(", params, ")"+result)
	}
	s.line("}")
	for _, t := range crossing(c, natives) {
		if t.Name == optionsStruct || !pointers(t) {
			continue
		}
		places, numbers, err := objectMembers(t)
		if err != nil {
			return nil, err
		}
		var params, names []string
		for _, p := range places {
			kotlin := array
			if p.secret {
				kotlin = buffer
			}
			params = append(params, header.Camel(p.member.Name)+": "+kotlin+"?")
			names = append(names, header.Camel(p.member.Name))
		}
		var ints []string
		for _, m := range numbers {
			params = append(params, header.Camel(m.Name)+": Int")
			ints = append(ints, header.Camel(m.Name))
		}
		if len(ints) > 0 {
			names = append(names, "intArrayOf("+strings.Join(ints, ", ")+")")
		}
		s.line("\n/** `%s`, to pass to [Native]. */", t.Name)
		s.kotlinCall("internal fun "+header.Camel(noun(t))+"(", params, "): Array<Any?> =")
		s.line("    arrayOf(%s)", strings.Join(names, ", "))
	}
	return s.Bytes(), nil
}

// kotlinCall writes before, the arguments and after: in one line, or each in a line of its own.
func (s *source) kotlinCall(before string, arguments []string, after string) {
	if line := before + strings.Join(arguments, ", ") + after; len(line) <= kotlinWidth {
		s.line("%s", line)
		return
	}
	indent := strings.Repeat(" ", len(before)-len(strings.TrimLeft(before, " ")))
	s.line("%s", before)
	for _, a := range arguments {
		s.line("%s    %s,", indent, a)
	}
	s.line("%s%s", indent, after)
}

// kdoc writes a comment.
func (s *source) kdoc(indent string, paragraphs ...string) {
	if line := indent + "/** " + paragraphs[0] + " */"; len(paragraphs) == 1 && len(line) <= kotlinWidth {
		s.line("%s", line)
		return
	}
	s.line("%s/**", indent)
	for i, p := range paragraphs {
		if i > 0 && !strings.HasPrefix(p, "@throws") || i > 0 && !strings.HasPrefix(paragraphs[i-1], "@throws") {
			s.line("%s *", indent)
		}
		line := indent + " *"
		for _, word := range strings.Fields(p) {
			if len(line)+1+len(word) > kotlinWidth {
				s.line("%s", line)
				line = indent + " *"
				if strings.HasPrefix(p, "@") {
					line += "  "
				}
			}
			line += " " + word
		}
		s.line("%s", line)
	}
	s.line("%s */", indent)
}
