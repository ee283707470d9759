// Package stanza builds and reads the stanzas that carry a call key: the offer
// with its <enc> nodes, and the accept and enc_rekey that may hold one too.
//
// An app that keeps its own Signal stack encrypts the plaintext of package
// envelope, gives the ciphertexts to BuildOffer and sends the result; on the
// other side ParseOffer picks the ciphertext that is meant for this device.
// Nothing here encrypts, keeps state or needs a Signal library.
//
// A stanza is WhatsApp binary XML as it travels inside the encrypted socket
// frame: one flag byte, then one node. The same input gives the same bytes:
// attributes are written in the order of the specification and each text in one
// fixed way. Reading takes every form the wire knows, compressed or not, and is
// bounded: MaxBytes, 16 levels of nodes, 32,768 nodes and attributes.
//
// What the wire says is not yet trusted when ParseOffer returns: it is genuine
// only after the Signal session of Info.Sender opened the ciphertext.
package stanza

import (
	"unicode/utf8"

	"libcallkey/core/status"
)

const (
	// MaxBytes bounds a stanza: what is read, what it inflates to and what is
	// built. An offer to 100 new devices is about 40 kB.
	MaxBytes = 1 << 20

	// MaxDevices bounds the devices of one offer, so that whatever BuildOffer
	// writes stays within the limits of ParseOffer.
	MaxDevices = 4096

	// MaxTextBytes bounds a JID, a call id and a stanza id: each must fit a
	// char[128] of the C contract with its NUL.
	MaxTextBytes = 127
)

// checkText accepts what a C string of 128 bytes can hold and any language can
// print: at most MaxTextBytes, UTF-8, no NUL. what names the text in the error.
func checkText(code status.Code, what, s string) error {
	switch {
	case len(s) > MaxTextBytes:
		return status.New(code, "%s is %d bytes long; the limit is %d", what, len(s), MaxTextBytes)
	case !utf8.ValidString(s):
		return status.New(code, "%s is not valid UTF-8", what)
	}
	for i := range len(s) {
		if s[i] == 0 {
			return status.New(code, "%s contains a NUL", what)
		}
	}
	return nil
}
