package signal

import (
	"slices"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"libcallkey/core/secret"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

// Session records are kept, exported and imported in Signal's own storage protobuf
// (RecordStructure of storage.proto), so that they move between clients. Numbers of
// its fields:
const (
	recordCurrent  = 1
	recordPrevious = 2

	sessionVersion            = 1
	sessionLocalIdentity      = 2
	sessionRemoteIdentity     = 3
	sessionRoot               = 4
	sessionPreviousCounter    = 5
	sessionSender             = 6
	sessionReceiver           = 7
	sessionPendingExchange    = 8 // of a handshake that no client has used for years
	sessionPendingPrekey      = 9
	sessionRemoteRegistration = 10
	sessionLocalRegistration  = 11
	sessionNeedsRefresh       = 12 // Signal's own clients wrote it to request a new session
	sessionBaseKey            = 13

	chainRatchet     = 1
	chainPrivate     = 2
	chainKeyField    = 3
	chainMessageKeys = 4

	chainKeyIndex = 1
	chainKeyKey   = 2

	messageKeysIndex  = 1
	messageKeysCipher = 2
	messageKeysMAC    = 3
	messageKeysIV     = 4
	messageKeysSeed   = 5

	pendingPrekeyID     = 1
	pendingBaseKey      = 2
	pendingSignedPrekey = 3
	pendingTimestamp    = 4
)

// maxRecordBytes is the limit of an imported record: 41 states of 5 chains of 2,000
// skipped keys would be 42 MB; real records have a few hundred kilobytes at most.
const maxRecordBytes = 4 << 20

// version3 is the session version of X3DH; 4 is PQXDH.
const version3 = 3

// stage puts the record into the transaction.
func (r *record) stage(tx *store.Tx, d Device) {
	r.trim()
	encoded := make([]byte, 0, r.sizeHint())
	secret.Do(func() { encoded = r.encode(encoded) })
	tx.Put(store.Sessions, string(d), encoded)
}

// sizeHint is an upper bound for encode, so that no secret stays behind in an outgrown
// buffer.
func (r *record) sizeHint() int {
	n := 0
	if r.current != nil {
		n = r.current.sizeHint()
	}
	for _, s := range r.archived {
		n += s.sizeHint()
	}
	return n
}

func (s *state) sizeHint() int {
	n := 512
	for i := range s.receivers {
		n += 128 + 112*len(s.receivers[i].skipped)
	}
	return n
}

func (r *record) encode(b []byte) []byte {
	e := encoder{b}
	if r.current != nil {
		r.current.encode(&e, recordCurrent)
	}
	for _, s := range r.archived {
		s.encode(&e, recordPrevious)
	}
	return e.b
}

func (s *state) encode(e *encoder, n protowire.Number) {
	session := e.begin(n)
	e.number(sessionVersion, version3)
	e.publicKey(sessionLocalIdentity, &s.localIdentity)
	e.publicKey(sessionRemoteIdentity, &s.remoteIdentity)
	e.bytes(sessionRoot, s.root[:])
	e.number(sessionPreviousCounter, uint64(s.previousCounter))
	s.sender.encode(e)
	for i := range s.receivers {
		s.receivers[i].encode(e)
	}
	if s.pending.unacknowledged {
		pending := e.begin(sessionPendingPrekey)
		if s.pending.prekeyID != 0 {
			e.number(pendingPrekeyID, uint64(s.pending.prekeyID))
		}
		e.publicKey(pendingBaseKey, &s.baseKey)
		e.number(pendingSignedPrekey, uint64(s.pending.signedPrekeyID))
		e.number(pendingTimestamp, uint64(s.pending.since))
		e.end(pending)
	}
	e.number(sessionRemoteRegistration, uint64(s.remoteRegistration))
	e.number(sessionLocalRegistration, uint64(s.localRegistration))
	if s.stale {
		e.number(sessionNeedsRefresh, 1)
	}
	e.publicKey(sessionBaseKey, &s.baseKey)
	e.end(session)
}

func (c *senderChain) encode(e *encoder) {
	chain := e.begin(sessionSender)
	e.publicKey(chainRatchet, &c.public)
	e.bytes(chainPrivate, c.private[:])
	c.chain.encode(e)
	e.end(chain)
}

func (c *receiverChain) encode(e *encoder) {
	chain := e.begin(sessionReceiver)
	e.publicKey(chainRatchet, &c.ratchet)
	c.chain.encode(e)
	for i := range c.skipped {
		k := &c.skipped[i]
		keys := e.begin(chainMessageKeys)
		e.number(messageKeysIndex, uint64(k.index))
		e.bytes(messageKeysCipher, k.cipher[:])
		e.bytes(messageKeysMAC, k.mac[:])
		e.bytes(messageKeysIV, k.iv[:])
		e.end(keys)
	}
	e.end(chain)
}

func (c *chainKey) encode(e *encoder) {
	key := e.begin(chainKeyField)
	e.number(chainKeyIndex, uint64(c.index))
	e.bytes(chainKeyKey, c.key[:])
	e.end(key)
}

// decode reads the output of encode or of another Signal client. Errors: MALFORMED,
// UNSUPPORTED (post-quantum state, an older or newer version).
func (r *record) decode(b []byte) error {
	if len(b) > maxRecordBytes {
		return malformed("session record is over 4 MiB")
	}
	return fields(b, func(f field) error {
		if f.number != recordCurrent && f.number != recordPrevious {
			return unknownField("session record")
		}
		var body []byte
		if err := f.bytes(&body); err != nil || len(body) == 0 {
			return err // empty: a slot that holds no session
		}
		if f.number == recordPrevious && len(r.archived) == maxArchived {
			return nil
		}
		s := &r.first
		if f.number == recordPrevious || r.current != nil {
			s = new(state)
		}
		if err := s.decode(body); err != nil {
			s.wipe()
			return err
		}
		if f.number == recordCurrent {
			r.current = s
		} else {
			r.archived = append(r.archived, s)
		}
		return nil
	})
}

func unknownField(where string) error {
	return status.New(status.Unsupported, "%s has a field that this library does not know", where)
}

// storedError is the error for a bad record in the store: UNSUPPORTED if a newer
// library wrote it, else STORE_CORRUPT.
func storedError(what string, err error) error {
	code := status.StoreCorrupt
	if status.Of(err) == status.Unsupported {
		code = status.Unsupported
	}
	return status.New(code, "stored %s: %v", what, err)
}

func (s *state) decode(body []byte) error {
	s.receivers = s.room[:0]
	var version uint32
	var senderSeen bool
	err := fields(body, func(f field) (err error) {
		switch f.number {
		case sessionVersion:
			err = f.uint32(&version)
		case sessionLocalIdentity:
			err = f.publicKey(&s.localIdentity)
		case sessionRemoteIdentity:
			err = f.publicKey(&s.remoteIdentity)
		case sessionRoot:
			err = f.key(&s.root)
		case sessionPreviousCounter:
			err = f.uint32(&s.previousCounter)
		case sessionSender:
			senderSeen = true
			err = s.sender.decode(f)
		case sessionReceiver:
			if len(s.receivers) == maxReceivers {
				s.receivers[0].wipe()
				s.receivers = slices.Delete(s.receivers, 0, 1)
			}
			s.receivers = append(s.receivers, receiverChain{})
			err = s.receivers[len(s.receivers)-1].decode(f)
		case sessionPendingPrekey:
			err = s.decodePending(f)
		case sessionRemoteRegistration:
			err = f.uint32(&s.remoteRegistration)
		case sessionLocalRegistration:
			err = f.uint32(&s.localRegistration)
		case sessionBaseKey:
			err = f.publicKey(&s.baseKey)
		case sessionNeedsRefresh:
			err = f.bool(&s.stale)
		case sessionPendingExchange:
		default:
			err = unknownField("session state")
		}
		return err
	})
	switch {
	case err != nil:
		return err
	case version != version3:
		return status.New(status.Unsupported, "the session has version %d; this library supports 3", version)
	case !senderSeen:
		return malformed("session state has no sending chain")
	case s.remoteIdentity == [32]byte{} || s.localIdentity == [32]byte{}: // public: identity keys
		return malformed("session state has no identity keys")
	case secret.IsZero(s.root[:]):
		return malformed("session state has no root key")
	}
	return nil
}

func (s *state) decodePending(f field) error {
	s.pending = pendingPrekey{unacknowledged: true}
	p := &s.pending
	err := f.fields(func(f field) (err error) {
		switch f.number {
		case pendingPrekeyID:
			err = f.uint32(&p.prekeyID)
		case pendingBaseKey:
			err = f.publicKey(&s.baseKey)
		case pendingSignedPrekey:
			err = f.uint32(&p.signedPrekeyID)
		case pendingTimestamp:
			err = f.unixTime(&p.since)
		default:
			err = unknownField("pending prekey")
		}
		return err
	})
	if p.since == 0 { // whoever wrote it kept none
		p.since = time.Now().Unix()
	}
	return err
}

func (c *senderChain) decode(f field) error {
	err := f.fields(func(f field) (err error) {
		switch f.number {
		case chainRatchet:
			err = f.publicKey(&c.public)
		case chainPrivate:
			err = f.key(&c.private)
		case chainKeyField:
			err = c.chain.decode(f)
		case chainMessageKeys:
		default:
			err = unknownField("sending chain")
		}
		return err
	})
	if err != nil {
		return err
	}
	if secret.IsZero(c.private[:]) || secret.IsZero(c.public[:]) {
		return malformed("sending chain has no ratchet key")
	}
	if secret.IsZero(c.chain.key[:]) {
		return malformed("sending chain has no chain key")
	}
	return nil
}

func (c *receiverChain) decode(f field) error {
	err := f.fields(func(f field) (err error) {
		switch f.number {
		case chainRatchet:
			err = f.publicKey(&c.ratchet)
		case chainKeyField:
			err = c.chain.decode(f)
		case chainMessageKeys:
			var k messageKeys
			if k, err = decodeMessageKeys(f); err == nil {
				c.keep(k)
			}
		case chainPrivate:
		default:
			err = unknownField("receiving chain")
		}
		return err
	})
	if err == nil && c.ratchet == [32]byte{} { // public: sent in messages
		err = malformed("receiving chain has no ratchet key")
	}
	if err == nil && secret.IsZero(c.chain.key[:]) {
		err = malformed("receiving chain has no chain key")
	}
	return err
}

func (c *chainKey) decode(f field) error {
	return f.fields(func(f field) (err error) {
		switch f.number {
		case chainKeyIndex:
			err = f.uint32(&c.index)
		case chainKeyKey:
			err = f.key(&c.key)
		default:
			err = unknownField("chain key")
		}
		return err
	})
}

// decodeMessageKeys reads the keys themselves, or the seed that newer clients keep.
func decodeMessageKeys(f field) (k messageKeys, err error) {
	var cipher, mac, iv, seed []byte
	err = f.fields(func(f field) (err error) {
		switch f.number {
		case messageKeysIndex:
			err = f.uint32(&k.index)
		case messageKeysCipher:
			err = f.bytes(&cipher)
		case messageKeysMAC:
			err = f.bytes(&mac)
		case messageKeysIV:
			err = f.bytes(&iv)
		case messageKeysSeed:
			err = f.bytes(&seed)
		default:
			err = unknownField("message keys")
		}
		return err
	})
	switch {
	case err != nil:
		return k, err
	case len(seed) == 32:
		return expandMessageKeys((*[32]byte)(seed), k.index), nil
	case len(cipher) != 32 || len(mac) != 32 || len(iv) != 16:
		return k, malformed("a message key has the wrong length")
	}
	copy(k.cipher[:], cipher)
	copy(k.mac[:], mac)
	copy(k.iv[:], iv)
	return k, nil
}
