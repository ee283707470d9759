package stanza

import "libcallkey/core/status"

// A To is the <to> of one device with its <enc>, checked. It has the ciphertext itself, not a
// copy.
type To struct {
	jid        JID // zero: no <to>, only the <enc>
	kind       EncType
	ciphertext []byte
}

// NewTo checks the <to> of one device. Without a JID there is only the <enc>, for an
// offer to one device. Errors: ARGUMENT.
func NewTo(e Enc) (To, error) {
	switch {
	case e.Type != EncMsg && e.Type != EncPkmsg:
		return To{}, status.New(status.Argument, "enc_type is neither msg nor pkmsg")
	case len(e.Ciphertext) == 0:
		return To{}, status.New(status.Argument, "ciphertext is empty")
	case len(e.Ciphertext) >= MaxBytes:
		return To{}, errTooLarge()
	}
	t := To{kind: e.Type, ciphertext: e.Ciphertext}
	if e.JID != "" {
		var err error
		if t.jid, err = ParseJID(e.JID); err != nil {
			return To{}, status.New(status.Argument, "jid: %v", err)
		}
	}
	return t, nil
}

// toHeader is a <to> up to its JID.
var toHeader = appendText(appendText(appendList(nil, 4), "to"), "jid") // tag, one attribute, content

func appendTo(dst []byte, t *To) []byte {
	dst = append(dst, toHeader...)
	dst = appendJID(dst, t.jid)
	dst = appendList(dst, 1)
	return appendEnc(dst, t)
}

func appendEnc(dst []byte, t *To) []byte {
	dst = append(dst, encHeaders[t.kind]...)
	return appendBinary(dst, t.ciphertext)
}

// encHeaders is an <enc> up to its ciphertext, for each type.
var encHeaders = [...][]byte{EncMsg: encHeader(EncMsg), EncPkmsg: encHeader(EncPkmsg)}

func encHeader(t EncType) []byte {
	header := appendList(nil, 8) // tag, three attributes, content
	for _, word := range []string{"enc", "v", encVersion, "type", t.String(), "count", "0"} {
		header = appendText(header, word)
	}
	return header
}

// framesBytes is at least what the <to> add to their ciphertexts.
func framesBytes(tos []To) int {
	n := len(destinationHeader) + 3 // their number
	for i := range tos {
		n += frameBytes + len(tos[i].jid.user) + len(tos[i].jid.server)
	}
	return n
}

// frameBytes is a <to> without the user, server and ciphertext.
var frameBytes = len(toHeader) + 5 /* the JID's own headers */ + len(oneNode) +
	max(len(encHeaders[EncMsg]), len(encHeaders[EncPkmsg])) + 4 /* the ciphertext's header */

func anyPkmsg(tos []To) bool {
	for i := range tos {
		if tos[i].kind == EncPkmsg {
			return true
		}
	}
	return false
}
