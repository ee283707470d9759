// Package stanza builds and reads the stanzas that carry a call key: the offer with its
// <enc> nodes, and the accept and enc_rekey that may have one too.
//
// An app with its own Signal stack encrypts the plaintext of package envelope, passes
// the ciphertexts to BuildOffer and sends the result; on the other side ParseOffer
// returns the ciphertext for this device. Nothing here encrypts, keeps state or needs a
// Signal library.
//
// A stanza is WhatsApp binary XML as it travels inside the encrypted socket frame: one
// flag byte, then one node. The same input gives the same bytes: attributes are written
// in the order of the specification and each text in one fixed form. Reading accepts
// every form of the wire, compressed or not, within limits: MaxBytes, 16 levels of
// nodes, 32,768 nodes and attributes.
//
// Do not trust the result of ParseOffer yet: it is authentic only after the Signal
// session of Info.Sender opened the ciphertext.
package stanza

import (
	"unicode/utf8"

	"libcallkey/core/status"
)

const (
	// MaxBytes is the limit of a stanza: of its input, its inflated form and its
	// output. An offer to 100 new devices is about 40 kB.
	MaxBytes = 1 << 20

	// MaxDevices is the limit of devices in one offer, so that ParseOffer can read
	// every output of BuildOffer.
	MaxDevices = 4096

	// MaxTextBytes is the limit of a JID, a call id and a stanza id: each must fit a
	// char[128] of the C header with its NUL.
	MaxTextBytes = 127
)

// checkText accepts texts that fit a C string of 128 bytes and that any language can
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
