package stanza

// element makes a node for writing: attributes as name, value, name, value.
func element(tag string, attrs ...string) node {
	n := node{tag: tag, attrs: make([]attr, 0, len(attrs)/2+1)}
	for i := 0; i < len(attrs); i += 2 {
		n.attrs = append(n.attrs, attr{name: attrs[i], value: attrs[i+1]})
	}
	return n
}

func (n node) withData(data []byte) node {
	n.content, n.data = contentData, data
	return n
}

func (n node) withNodes(nodes ...node) node {
	n.content, n.nodes = contentNodes, nodes
	return n
}
