package stanza

import (
	"slices"
	"strconv"

	"libcallkey/core/status"
)

// A writer writes the nodes of a stanza one after another, without a tree of them in between. The
// lengths of the lists that are open count what follows.
//
// It only goes down: after children, all nodes that follow are children of that node, to the end of
// the stanza. Every list has less than 256 elements, apart from that of a <destination> (key).
type writer struct {
	out   []byte
	size  int // where the length of the last node's list stands
	nodes int // where the number of the innermost nodes stands; 0 before the root
}

// newWriter begins a stanza of at most size bytes, or of more than that with another allocation. It is
// written into memory, if that is enough.
func newWriter(memory []byte, size int) writer {
	return writer{out: append(slices.Grow(memory[:0], size), 0)} // no flags
}

// node begins a node without attributes and content.
func (w *writer) node(tag word) {
	w.out = append(w.out, tagList8, 1)
	w.size = len(w.out) - 1
	w.out = append(w.out, tag...)
	w.child()
}

// whole writes a node that is the same in every stanza.
func (w *writer) whole(node []byte) {
	w.out = append(w.out, node...)
	w.child()
}

// child counts a node among its parent's.
func (w *writer) child() {
	if w.nodes != 0 {
		w.out[w.nodes]++
	}
}

// text writes an attribute of the node.
func (w *writer) text(name word, value string) {
	w.name(name)
	w.out = appendText(w.out, value)
}

// number writes an attribute of the node.
func (w *writer) number(name word, value uint32) {
	var digits [10]byte
	w.text(name, string(strconv.AppendUint(digits[:0], uint64(value), 10))) // no copy on the heap
}

// jid writes an attribute of the node.
func (w *writer) jid(name word, value JID) {
	w.name(name)
	w.out = appendJID(w.out, value)
}

func (w *writer) name(name word) {
	w.out = append(w.out, name...)
	w.out[w.size] += 2
}

// data writes the node's content.
func (w *writer) data(b []byte) {
	w.out[w.size]++
	w.out = appendBinary(w.out, b)
}

// children begins the node's content. At least one node must follow.
func (w *writer) children() {
	w.out[w.size]++
	w.out = append(w.out, tagList8, 0)
	w.nodes = len(w.out) - 1
}

// end returns the stanza.
func (w *writer) end() ([]byte, error) {
	if len(w.out) > MaxBytes {
		return nil, errTooLarge()
	}
	return w.out, nil
}

func errTooLarge() error {
	return status.New(status.Argument, "the stanza is larger than %d bytes", MaxBytes)
}
