package main

import (
	"fmt"
	"slices"
	"strings"

	"libcallkey/tools/contract/header"
)

// kotlinTests makes Derived.kt: what the tests of the known answers need of what is generated.
func kotlinTests(c *header.Contract) ([]byte, error) {
	all, err := derivations(c)
	if err != nil {
		return nil, err
	}
	places, numbers, err := objectMembers(structOf(c, optionsStruct))
	if err != nil {
		return nil, err
	}
	s := &source{}
	s.line("// %s", origin)
	s.line("package callkey\n")
	s.line("/** The failure with the lowest number. */")
	s.line("internal const val LAST_FAILURE = Header.%s\n", macro(c.Statuses[len(c.Statuses)-1]))
	s.line("/** The functions whose methods are generated, with the inputs of a known answer. */")
	s.line("internal val derived: Map<String, (CallKey, Fields) -> Secret> = mapOf(")
	for _, d := range all {
		var texts []string
		for _, t := range d.texts {
			texts = append(texts, fmt.Sprintf("fields.text(%q)", t))
		}
		s.line("    %q to { key, fields -> key.%s(%s) },", d.function.Name, d.method, strings.Join(texts, ", "))
	}
	s.line(")\n")
	s.line("/** The options of a known answer: without a call id it has none, and others only where they are set. */")
	s.line("internal fun options(fields: Fields): OfferOptions? {")
	s.line("    if (\"call_id\" !in fields) return null")
	var texts []string
	for _, name := range required {
		texts = append(texts, fmt.Sprintf("fields.optional(%q) ?: \"\"", name))
	}
	s.kotlinCall("    return OfferOptions(", texts, ").apply {")
	for _, n := range c.Numbers {
		if name, ok := strings.CutPrefix(n.Name, "CALLKEY_OFFER_"); ok {
			s.line("        %s = fields.count(\"flags\") and %dL != 0L", header.Camel("is_"+strings.ToLower(name)), n.Value)
		}
	}
	for _, p := range places {
		name := p.member.Name
		switch {
		case slices.Contains(required, name):
		case p.member.Type == "char":
			s.line("        %s = fields.optional(%q)", header.Camel(name), name)
		default:
			s.line("        %s = fields.content(%q)", header.Camel(name), name)
		}
	}
	for _, m := range numbers {
		if m.Name != "flags" {
			s.line("        %s = fields.count(%q)", header.Camel(m.Name), m.Name)
		}
	}
	s.line("    }\n}")
	return s.Bytes(), nil
}
