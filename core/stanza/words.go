package stanza

// A word is a tag or the name of an attribute as on the wire.
type word []byte

func wordOf(s string) word { return appendText(nil, s) }

// constant writes a node that is the same in every stanza: attributes as name, value, name, value.
func constant(tag string, attrs ...string) []byte {
	var w writer
	w.node(wordOf(tag))
	for i := 0; i < len(attrs); i += 2 {
		w.text(wordOf(attrs[i]), attrs[i+1])
	}
	return w.out
}
