package stanza

import "libcallkey/core/status"

// A node is one element. Attributes and children keep the order of the wire.
type node struct {
	tag     string
	attrs   []attr
	content content
	data    []byte // contentData and contentText
	nodes   []node // contentNodes
}

type content uint8

const (
	contentNone content = iota
	contentNodes
	contentData // BINARY: bytes of any kind
	contentText // a word of the dictionaries, packed digits or a JID
)

// An attr is one attribute. A node that was read has a word of the dictionaries in value, and any
// other text, also a JID, in text. One from XML has every value as on the wire in written.
type attr struct {
	name, value   string
	text, written []byte
}

// shown returns the value of an attribute that was read.
func (a *attr) shown() string {
	if a.text != nil {
		return string(a.text)
	}
	return a.value
}

// attr returns the value of an attribute, "" if the node does not have it.
func (n *node) attr(name string) string {
	if a := n.find(name); a != nil {
		return a.shown()
	}
	return ""
}

func (n *node) has(name string) bool { return n.find(name) != nil }

// find returns an attribute, nil if the node does not have it.
func (n *node) find(name string) *attr {
	for i := range n.attrs {
		if n.attrs[i].name == name {
			return &n.attrs[i]
		}
	}
	return nil
}

// children returns the children with the given tag, in order.
func (n *node) children(tag string) []*node {
	var found []*node
	for i := range n.nodes {
		if n.nodes[i].tag == tag {
			found = append(found, &n.nodes[i])
		}
	}
	return found
}

// child returns the only child with the given tag, nil if there is none. Two are
// ambiguous: MALFORMED.
func (n *node) child(tag string) (only *node, err error) {
	found := 0
	for i := range n.nodes {
		if n.nodes[i].tag == tag {
			only = &n.nodes[i]
			found++
		}
	}
	if found > 1 {
		return nil, status.New(status.Malformed, "<%s> has %d <%s>", n.tag, found, tag)
	}
	return only, nil
}
