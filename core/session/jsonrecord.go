//go:build !without_libsignal

package session

import (
	"bytes"
	"encoding/json"
	"reflect"

	librecord "go.mau.fi/libsignal/state/record"

	"libcallkey/core/curve"
	"libcallkey/core/status"
)

// decodeJSON reads such a record. States that the library archived before they began
// are left out. Errors: MALFORMED, UNSUPPORTED.
func (r *Record) decodeJSON(b []byte, now int64) error {
	if len(b) > maxRecordBytes {
		return malformed("session record is over 4 MiB")
	}
	// The library never writes one, and the decoder would unescape the text in memory that
	// can't be wiped.
	if bytes.IndexByte(b, '\\') >= 0 {
		return malformed("session record's JSON has an escape")
	}
	var from librecord.SessionStructure
	defer wipeBytes(reflect.ValueOf(&from))
	if err := json.Unmarshal(b, &from); err != nil {
		return malformed("session record is not the Signal library's JSON")
	}
	if begun(from.SessionState) {
		r.current = &r.own[0]
		if err := r.current.fromStructure(from.SessionState, now); err != nil {
			return err
		}
	}
	for _, previous := range from.PreviousStates {
		if !begun(previous) || len(r.archived) == maxArchived {
			continue
		}
		s := new(state)
		if err := s.fromStructure(previous, now); err != nil {
			s.wipe()
			return err
		}
		r.archived = append(r.archived, s)
	}
	return nil
}

// wipeBytes clears every []byte that v holds or points to: the keys that the JSON decoder
// allocated.
func wipeBytes(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			wipeBytes(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			wipeBytes(v.Field(i))
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			b := v.Bytes()
			clear(b[:cap(b)])
			return
		}
		for i := range v.Len() {
			wipeBytes(v.Index(i))
		}
	}
}

func begun(from *librecord.StateStructure) bool {
	return from != nil && from.SenderChain != nil && len(from.RootKey) != 0
}

func (s *state) fromStructure(from *librecord.StateStructure, now int64) error {
	if from.SessionVersion != version3 {
		return status.New(status.Unsupported, "the session has version %d; this library supports 3", from.SessionVersion)
	}
	s.localRegistration, s.remoteRegistration = from.LocalRegistrationID, from.RemoteRegistrationID
	s.previousCounter = from.PreviousCounter
	var c copier
	c.publicKey(&s.localIdentity, from.LocalIdentityPublic)
	c.publicKey(&s.remoteIdentity, from.RemoteIdentityPublic)
	c.publicKey(&s.baseKey, from.SenderBaseKey)
	c.key(s.root[:], from.RootKey)
	c.publicKey(&s.sender.public, from.SenderChain.SenderRatchetKeyPublic)
	c.key(s.sender.private[:], from.SenderChain.SenderRatchetKeyPrivate)
	c.chain(&s.sender.chain, from.SenderChain)
	s.receivers = s.room[:0]
	for _, chain := range newest(from.ReceiverChains, maxReceivers) {
		if chain == nil {
			continue
		}
		s.receivers = append(s.receivers, receiverChain{})
		receiver := &s.receivers[len(s.receivers)-1]
		c.publicKey(&receiver.ratchet, chain.SenderRatchetKeyPublic)
		c.chain(&receiver.chain, chain)
		for _, keys := range newest(chain.MessageKeys, maxSkipped) {
			if keys == nil {
				continue
			}
			var k skippedKey
			k.index = keys.Index
			c.key(k.cipher[:], keys.CipherKey)
			c.key(k.mac[:], keys.MacKey)
			c.key(k.iv[:], keys.IV)
			receiver.keep(k)
		}
	}
	if p := from.PendingPreKey; p != nil {
		s.pending = pendingPrekey{unacknowledged: true, signedPrekeyID: p.SignedPreKeyID, since: now}
		if p.PreKeyID != nil && !p.PreKeyID.IsEmpty {
			s.pending.prekeyID = p.PreKeyID.Value
		}
		c.publicKey(&s.baseKey, p.BaseKey)
	}
	return c.err
}

// newest returns the last n elements of a list.
func newest[T any](list []T, n int) []T { return list[max(0, len(list)-n):] }

// copier copies keys of the right length and remembers if one was not.
type copier struct{ err error }

func (c *copier) key(to, from []byte) {
	if copy(to, from); len(from) != len(to) {
		c.err = malformed("session record has a key of the wrong length")
	}
}

func (c *copier) publicKey(to *[32]byte, from []byte) {
	if len(from) != 1+curve.Bytes || from[0] != curve.TypeByte {
		c.err = malformed("session record has a bad public key")
		return
	}
	copy(to[:], from[1:])
}

func (c *copier) chain(to *chainKey, from *librecord.ChainStructure) {
	if from.ChainKey == nil {
		c.err = malformed("session record has a chain with no key")
		return
	}
	c.key(to.key[:], from.ChainKey.Key)
	to.index = from.ChainKey.Index
}
