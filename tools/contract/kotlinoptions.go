package main

import (
	"fmt"
	"slices"
	"strings"

	"libcallkey/tools/contract/header"
)

// optionsStruct is the struct that OfferOptions.kt is made of.
const optionsStruct = "callkey_offer_options"

// required are the options that an offer needs (the struct's comment): OfferOptions takes them in
// its constructor.
var required = []string{"to", "call_id", "call_creator"}

// kotlinOptions makes OfferOptions.kt.
func kotlinOptions(c *header.Contract) ([]byte, error) {
	t := structOf(c, optionsStruct)
	places, numbers, err := objectMembers(t)
	if err != nil {
		return nil, err
	}
	s := &source{}
	s.line("// %s", origin)
	s.line("package callkey\n")
	s.kdoc("", "The stanza around the ciphertexts of an offer: with options it is a whole `<call><offer>`, without them only the key node, `<enc>` or `<destination>`.")
	s.line("public class OfferOptions(")
	for _, p := range places {
		if slices.Contains(required, p.member.Name) {
			s.kdoc("    ", sentence(c, p.member.Comment))
			s.line("    public var %s: String,", header.Camel(p.member.Name))
		}
	}
	s.line(") {")
	var flags []string
	for _, n := range c.Numbers {
		if name, ok := strings.CutPrefix(n.Name, "CALLKEY_OFFER_"); ok {
			member := header.Camel("is_" + strings.ToLower(name))
			text := "Write " + strings.ToLower(strings.ReplaceAll(name, "_", " ")) + " into the offer"
			if n.Comment != "" {
				text = n.Comment
			}
			s.kdoc("    ", sentence(c, text))
			s.line("    public var %s: Boolean = false\n", member)
			flags = append(flags, fmt.Sprintf("(if (%s) Header.%s else 0)", member, macro(n)))
		}
	}
	var members, ints []string
	for _, p := range places {
		name := header.Camel(p.member.Name)
		switch {
		case slices.Contains(required, p.member.Name):
			members = append(members, fmt.Sprintf("utf8(%s, %q)", name, name))
			continue
		case p.member.Type == "char":
			s.kdoc("    ", sentence(c, p.member.Comment))
			s.line("    public var %s: String? = null\n", name)
			members = append(members, fmt.Sprintf("%s?.let { utf8(it, %q) }", name, name))
		case p.length != "" && !p.secret:
			s.kdoc("    ", sentence(c, p.member.Comment))
			s.line("    public var %s: ByteArray? = null\n", name)
			members = append(members, name)
		default:
			return nil, fmt.Errorf("%s:%d: %s: no rule says what %s is in OfferOptions.kt", headerPath, t.Line, t.Name, p.member.Name)
		}
	}
	for _, m := range numbers {
		if m.Name == "flags" {
			ints = append(ints, strings.Join(flags, " or "))
			continue
		}
		name := header.Camel(m.Name)
		s.kdoc("    ", sentence(c, m.Comment))
		s.line("    public var %s: Long = 0\n", name)
		ints = append(ints, fmt.Sprintf("u32(%s, %q)", name, name))
	}
	s.line("    /** The library's struct, to pass to [Native]. */")
	s.line("    internal fun members(): Array<Any?> = arrayOf(")
	for _, m := range members {
		s.line("        %s,", m)
	}
	s.line("        intArrayOf(")
	for _, n := range ints {
		s.line("            %s,", n)
	}
	s.line("        ),\n    )\n}")
	return s.Bytes(), nil
}

// sentence is the comment of a member as a sentence.
func sentence(c *header.Contract, comment string) string {
	parts := strings.Split(comment, "; ")
	parts = slices.DeleteFunc(parts, func(p string) bool { return strings.HasPrefix(p, "since ") })
	text := inKotlin(c, strings.Join(parts, "; "))
	return strings.ToUpper(text[:1]) + text[1:] + "."
}
