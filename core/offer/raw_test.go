package offer_test

// A raw node is written as it stands: whatsmeow's encoder keeps attributes in a map, so it
// has none twice, and it leaves out empty ones.
type raw struct {
	tag   string
	attrs [][2]string
	nodes []raw
	data  []byte
}

// wire is the stanza: lists of up to 255 elements, texts and bytes of up to 255.
func (n raw) wire() []byte { return n.append([]byte{0}) }

func (n raw) append(wire []byte) []byte {
	size := 1 + 2*len(n.attrs)
	if len(n.nodes) != 0 || n.data != nil {
		size++
	}
	wire = appendBytes(append(wire, 248, byte(size)), n.tag)
	for _, a := range n.attrs {
		wire = appendBytes(appendBytes(wire, a[0]), a[1])
	}
	switch {
	case len(n.nodes) != 0:
		wire = append(wire, 248, byte(len(n.nodes)))
		for _, child := range n.nodes {
			wire = child.append(wire)
		}
	case n.data != nil:
		wire = appendBytes(wire, string(n.data))
	}
	return wire
}

func appendBytes(wire []byte, s string) []byte {
	return append(append(wire, 252, byte(len(s))), s...)
}
