package signalclient_test

import (
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
)

// part is what one byte of a message belongs to.
type part string

const (
	partVersion    part = "version byte"
	partFrame      part = "tag or length"
	partRatchet    part = "ratchet key"
	partCounter    part = "counter"
	partPrevious   part = "previous counter"
	partCiphertext part = "ciphertext"
	partMAC        part = "MAC"

	partOuterVersion part = "version byte of the pkmsg"
	partPrekey       part = "prekey id"
	partBase         part = "base key"
	partIdentity     part = "identity key"
	partRegistration part = "registration id"
	partSignedPrekey part = "signed prekey id"
)

const macBytes = 8

// msgFields and pkmsgFields are the field numbers of SignalMessage and
// PreKeySignalMessage in Signal's wire format.
var (
	msgFields   = map[protowire.Number]part{1: partRatchet, 2: partCounter, 3: partPrevious, 4: partCiphertext}
	pkmsgFields = map[protowire.Number]part{
		1: partPrekey, 2: partBase, 3: partIdentity, 5: partRegistration, 6: partSignedPrekey,
	}
)

const pkmsgMessage protowire.Number = 4 // a whole msg

// partsOfMsg names every byte of a msg: version, protobuf, MAC.
func partsOfMsg(t *testing.T, msg []byte) []part {
	t.Helper()
	body := msg[1 : len(msg)-macBytes]
	parts := append([]part{partVersion}, partsOfFields(t, body, msgFields)...)
	for range macBytes {
		parts = append(parts, partMAC)
	}
	return parts
}

// partsOfPkmsg names every byte of a pkmsg: version, protobuf, and in it a msg.
func partsOfPkmsg(t *testing.T, pkmsg []byte) []part {
	t.Helper()
	return append([]part{partOuterVersion}, partsOfFields(t, pkmsg[1:], pkmsgFields)...)
}

func partsOfFields(t *testing.T, body []byte, fields map[protowire.Number]part) (parts []part) {
	t.Helper()
	repeat := func(p part, n int) {
		for range n {
			parts = append(parts, p)
		}
	}
	for len(body) > 0 {
		number, wireType, tag := protowire.ConsumeTag(body)
		if tag < 0 {
			t.Fatal(protowire.ParseError(tag))
		}
		value := protowire.ConsumeFieldValue(number, wireType, body[tag:])
		if value < 0 {
			t.Fatal(protowire.ParseError(value))
		}
		repeat(partFrame, tag)
		content := value
		if wireType == protowire.BytesType {
			inside, _ := protowire.ConsumeBytes(body[tag:])
			content = len(inside)
			repeat(partFrame, value-content)
			if number == pkmsgMessage && fields[number] == "" {
				parts = append(parts, partsOfMsg(t, inside)...)
				content = 0
			}
		}
		repeat(fields[number], content)
		body = body[tag+value:]
	}
	return parts
}
