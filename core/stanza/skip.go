package stanza

import "bytes"

// skipTo reads past a <to> that is written as ours are, as all clients write them, and names another
// device. It reports whether there was one: any other is read like the rest, and then dropped. Of an
// offer to many devices that is most of the work.
//
// What is skipped is valid, counts as if it was read, and would not be kept.
func (d *decoder) skipTo(depth int) bool {
	in, ok := bytes.CutPrefix(d.in[d.at:], toHeader)
	if !ok || depth+1 > maxDepth {
		return false
	}
	to, in, ok := cutDevice(in)
	if !ok || to.isOneOf(d.own) {
		return false
	}
	if in, ok = bytes.CutPrefix(in, oneNode); !ok {
		return false
	}
	enc := in
	for _, header := range encHeaders[EncMsg:] {
		if in, ok = bytes.CutPrefix(enc, header); ok {
			break
		}
	}
	if !ok {
		return false
	}
	if in, ok = cutCiphertext(in); !ok {
		return false
	}
	d.at = len(d.in) - len(in)
	d.claim(1+3, minAttrBytes)
	d.claim(1, minNodeBytes)
	return true
}

// oneNode is the start of a content of one node.
var oneNode = appendList(nil, 1)

// cutCiphertext reads past binary data in one of the forms that appendBinary writes.
func cutCiphertext(in []byte) (rest []byte, ok bool) {
	var n int
	switch {
	case len(in) >= 2 && in[0] == tagBinary8:
		n, in = int(in[1]), in[2:]
	case len(in) >= 4 && in[0] == tagBinary20:
		n, in = (int(in[1])<<16|int(in[2])<<8|int(in[3]))&(1<<20-1), in[4:]
	default:
		return nil, false
	}
	if n > len(in) {
		return nil, false
	}
	return in[n:], true
}

// A wireDevice is a JID on the wire: of a user of digits only, which are packed.
type wireDevice struct {
	agent, device uint8
	digits        int
	packed        []byte
}

// cutDevice reads a JID at the start of in. ok is false if it is written in another way, or none.
func cutDevice(in []byte) (w wireDevice, rest []byte, ok bool) {
	if len(in) < 2 {
		return w, nil, false
	}
	pair := in[0] == tagJIDPair
	switch {
	case pair:
		in = in[1:]
	case in[0] == tagADJID && len(in) > 3:
		w.agent, w.device, in = in[1], in[2], in[3:]
	default:
		return w, nil, false
	}
	if len(in) < 2 || in[0] != tagNibble8 {
		return w, nil, false
	}
	header := int(in[1])
	n := header &^ packedOdd
	if in = in[2:]; n == 0 || n > len(in) {
		return w, nil, false
	}
	w.digits, w.packed, in = 2*n-header/packedOdd, in[:n], in[n:]
	for i := range w.digits {
		if w.digit(i) > 9 {
			return w, nil, false
		}
	}
	if !pair {
		_, ok = serverOf(w.agent)
		return w, in, ok
	}
	for i, text := range serverTexts {
		if rest, ok = bytes.CutPrefix(in, text); ok {
			w.agent = domains[i].agent
			return w, rest, true
		}
	}
	return w, nil, false
}

// serverTexts are the servers of the domains on the wire.
var serverTexts = func() (texts [len(domains)][]byte) {
	for i := range domains {
		texts[i] = appendText(nil, domains[i].server)
	}
	return texts
}()

func (w *wireDevice) digit(i int) byte {
	if i%2 == 0 {
		return w.packed[i/2] >> 4
	}
	return w.packed[i/2] & 15
}

func (w *wireDevice) isOneOf(own ownDevices) bool {
	for _, a := range own {
		if a.agent == w.agent && a.device == w.device && w.isUser(a.user) {
			return true
		}
	}
	return false
}

func (w *wireDevice) isUser(user string) bool {
	if len(user) != w.digits {
		return false
	}
	for i := range w.digits {
		if user[i] != '0'+w.digit(i) {
			return false
		}
	}
	return true
}
