package stanza

import "libcallkey/core/status"

// BuildKey writes only the node that carries the call key (wacrg:CRY-01): <enc>, or
// <destination> for more than one device, or if multiDevice is set because the callee
// has more.
//
// The node is in memory, if that is enough; what was there is lost.
//
// Errors: NO_DEVICES without devices; ARGUMENT.
func BuildKey(memory []byte, tos []To, multiDevice bool) ([]byte, error) {
	content := contentBytes(tos, nil)
	if content >= MaxBytes {
		return nil, errTooLarge()
	}
	if err := checkKey(tos, multiDevice); err != nil {
		return nil, err
	}
	w := newWriter(memory, content+framesBytes(tos))
	w.key(tos, multiDevice)
	return w.end()
}

// key writes the node that carries the call key (wacrg:CRY-01): a bare <enc>, or
// <destination> with one <to> per device, in the order given.
func (w *writer) key(tos []To, multiDevice bool) {
	w.child()
	if isBare(tos, multiDevice) {
		w.out = appendEnc(w.out, &tos[0])
		return
	}
	w.out = append(w.out, destinationHeader...)
	w.out = appendList(w.out, len(tos))
	for i := range tos {
		w.out = appendTo(w.out, &tos[i])
	}
}

// isBare reports an <enc> without a <to>.
func isBare(tos []To, multiDevice bool) bool { return len(tos) == 1 && !multiDevice }

// destinationHeader is a <destination> up to its nodes.
var destinationHeader = appendText(appendList(nil, 2), "destination") // tag, content

// checkKey rejects what is no key node.
func checkKey(tos []To, multiDevice bool) error {
	switch {
	case len(tos) == 0:
		return status.New(status.NoDevices, "the offer has no <enc>")
	case len(tos) > MaxDevices:
		return status.New(status.Argument, "the offer has %d <enc>; the limit is %d", len(tos), MaxDevices)
	case isBare(tos, multiDevice):
		return nil
	}
	return checkDevices(tos)
}
