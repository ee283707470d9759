package main

import (
	"fmt"
	"strings"

	"libcallkey/tools/contract/header"
)

// derived are the secrets that a method can return: by the type or size of the output, the class
// and the name of its size in Sizes.kt.
var derived = map[string]struct{ class, size, field string }{
	"callkey_srtp_keys":        {class: "SRTPKeys", size: "SRTP_KEYS"},
	"CALLKEY_SFRAME_KEY_BYTES": {class: "SFrameKey", size: "SFRAME_KEY"},
}

// derivation is a function that gets its method in Derivations.kt.
type derivation struct {
	function    *header.Function
	method      string
	class, size string
	texts       []string
}

func derivations(c *header.Contract) ([]derivation, error) {
	var all []derivation
	for i := range c.Functions {
		f := &c.Functions[i]
		if !f.DerivesFromKey() {
			continue
		}
		out := f.Params[0]
		kind := out.Array
		if kind == "" {
			kind = out.Type
		}
		found, ok := derived[kind]
		if !ok {
			return nil, fmt.Errorf("%s:%d: %s: tools/contract/kotlinderivations.go knows no Kotlin class of a %s", headerPath, f.Line, f.Name, kind)
		}
		// The keys are those of the call from end to end; others have a noun of their own.
		name := strings.TrimPrefix(f.Name, "callkey_derive_")
		if rest := strings.TrimPrefix(name, "e2e_"); rest != "keys" {
			name = rest
		}
		d := derivation{function: f, method: header.Camel(name), class: found.class, size: found.size}
		for _, p := range f.Params[3:] {
			d.texts = append(d.texts, p.Name)
		}
		all = append(all, d)
	}
	return all, nil
}

// kotlinDerivations makes Derivations.kt, the methods of a call key and an epoch that derive one
// secret.
func kotlinDerivations(c *header.Contract) ([]byte, error) {
	all, err := derivations(c)
	if err != nil {
		return nil, err
	}
	s := &source{}
	s.line("// %s", origin)
	s.line("package callkey\n")
	s.line("/** The media keys that are derived from a [CallKey] or an [Epoch]. */")
	s.line("public abstract class Derivations internal constructor(bytes: SecretBytes, noun: String) : Secret(bytes, noun) {")
	for i, d := range all {
		if i > 0 {
			s.line("")
		}
		paragraphs := strings.Split(inKotlin(c, d.function.Doc.Summary), "\n\n")
		for _, r := range d.function.Doc.Returns {
			if r.Status == "CALLKEY_ERR_PARTICIPANT" {
				paragraphs = append(paragraphs, "@throws CallKeyException.Participant if "+inKotlin(c, r.When)+".")
			}
		}
		paragraphs = append(paragraphs, "@throws CallKeyException.Argument if a text is over 127 bytes or is not UTF-8.")
		s.kdoc("    ", paragraphs...)
		var params []string
		arguments := []string{"it", "key"}
		for _, t := range d.texts {
			params = append(params, header.Camel(t)+": String")
			arguments = append(arguments, header.Camel(t+"_text"))
		}
		s.kotlinCall("    public fun "+d.method+"(", params, "): "+d.class+" = bytes.lend { key ->")
		for _, t := range d.texts {
			s.line("        val %s = utf8(%s, %q)", header.Camel(t+"_text"), header.Camel(t), header.Camel(t))
		}
		call := fmt.Sprintf("native.%s(%s)", nativeName(d.function), strings.Join(arguments, ", "))
		s.line("        %s(SecretBytes.filled(Sizes.%s) { %s })", d.class, d.size, call)
		s.line("    }")
	}
	s.line("}")
	return s.Bytes(), nil
}

// inKotlin is a text of the header with the names of Kotlin.
func inKotlin(c *header.Contract, text string) string {
	var b strings.Builder
	for i, word := range strings.Split(strings.ReplaceAll(text, "NULL", "null"), " ") {
		if i > 0 {
			b.WriteByte(' ')
		}
		name := strings.Trim(word, ".,;:()\n")
		switch {
		case strings.HasPrefix(name, "CALLKEY_OFFER_"):
			b.WriteString(strings.Replace(word, name, "["+header.Camel("is_"+strings.ToLower(strings.TrimPrefix(name, "CALLKEY_OFFER_")))+"]", 1))
		case strings.Contains(name, "_"), strings.HasPrefix(name, "<"):
			b.WriteString(strings.Replace(word, name, "`"+name+"`", 1))
		default:
			b.WriteString(word)
		}
	}
	return b.String()
}
