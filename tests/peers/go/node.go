package main

import (
	"fmt"
	"maps"
	"slices"

	"go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/types"
)

// Node is one element as JSON. The content is children or bytes, or neither.
type Node struct {
	Tag      string  `json:"tag"`
	Attrs    []Attr  `json:"attrs"` // by name: the peer keeps no order
	Children []*Node `json:"children,omitempty"`
	Bytes    Hex     `json:"bytes,omitempty"`
}

// Attr is one attribute. A value that is a JID on the wire, and not a text, says so.
type Attr struct {
	Name  string `json:"name"`
	Value string `json:"value"`
	IsJID bool   `json:"is_jid,omitempty"`
}

func (n *Node) theirs() (binary.Node, error) {
	to := binary.Node{Tag: n.Tag, Attrs: binary.Attrs{}}
	for _, a := range n.Attrs {
		if !a.IsJID {
			to.Attrs[a.Name] = a.Value
			continue
		}
		jid, err := types.ParseJID(a.Value)
		if err != nil {
			return to, err
		}
		to.Attrs[a.Name] = jid
	}
	switch {
	case n.Children != nil:
		nodes := make([]binary.Node, len(n.Children))
		for i, child := range n.Children {
			var err error
			if nodes[i], err = child.theirs(); err != nil {
				return to, err
			}
		}
		to.Content = nodes
	case n.Bytes != nil:
		to.Content = []byte(n.Bytes)
	}
	return to, nil
}

func ours(from *binary.Node) (*Node, error) {
	n := &Node{Tag: from.Tag, Attrs: []Attr{}}
	for _, name := range slices.Sorted(maps.Keys(from.Attrs)) {
		switch value := from.Attrs[name].(type) {
		case types.JID:
			n.Attrs = append(n.Attrs, Attr{name, value.String(), true})
		case string:
			n.Attrs = append(n.Attrs, Attr{name, value, false})
		default:
			return nil, fmt.Errorf("attribute %s of <%s> is a %T", name, from.Tag, value)
		}
	}
	switch content := from.Content.(type) {
	case nil:
	case []byte:
		n.Bytes = content
	case string:
		n.Bytes = []byte(content)
	case []binary.Node:
		for i := range content {
			child, err := ours(&content[i])
			if err != nil {
				return nil, err
			}
			n.Children = append(n.Children, child)
		}
	default:
		return nil, fmt.Errorf("the content of <%s> is a %T", from.Tag, content)
	}
	return n, nil
}

func unmarshal(wire []byte) (*binary.Node, error) {
	body, err := binary.Unpack(wire)
	if err != nil {
		return nil, err
	}
	return binary.Unmarshal(body)
}

func decode(r *Request) (Answer, error) {
	node, err := unmarshal(r.Wire)
	if err != nil {
		return nil, err
	}
	n, err := ours(node)
	return Answer{"node": n}, err
}

func encode(r *Request) (Answer, error) {
	node, err := r.Node.theirs()
	if err != nil {
		return nil, err
	}
	wire, err := binary.Marshal(node)
	return Answer{"wire": Hex(wire)}, err
}
