package session

import "libcallkey/core/curve"

// A Beginning is a session that begins with the owner of a bundle, before a record has it.
type Beginning struct {
	fresh *state
	err   error
}

// Wipe clears a session that no record has taken.
func (b *Beginning) Wipe() {
	if b.fresh != nil {
		b.fresh.wipe()
	}
}

// BeginAll begins sessions with the owners of bundles that Check accepted (X3DH): begun[i] is
// that of bundles[i], for a record to Take. now is in Unix seconds. It is faster than Begin for
// each.
func BeginAll(own *Account, bundles []*Bundle, now int64, random Random, begun []Beginning) {
	for len(bundles) > 0 {
		n := min(len(bundles), together)
		erasing(func() error {
			initiate(own, bundles[:n], now, random, begun)
			return nil
		})
		bundles, begun = bundles[n:], begun[n:]
	}
}

// Take makes a begun session the record's current one. The session that was current is archived:
// it still opens messages. Errors: INVALID_KEY; ErrArchive (the record is Apart).
func (r *Record) Take(b *Beginning) error {
	if r.apart {
		return ErrArchive
	}
	if b.err != nil {
		return b.err
	}
	fresh := b.fresh
	if room := r.room(); room != nil { // Keepable counts no other memory
		fresh = b.fresh.clone(room)
		b.fresh.wipe()
	}
	r.promote(nil, fresh)
	b.fresh = nil
	r.chains = mark{} // those of the session before: the next rows are all new
	return nil
}

// Begin begins a session with the owner of a bundle that Check accepted, and takes it. now is in
// Unix seconds. Errors: INVALID_KEY.
func (r *Record) Begin(own *Account, b *Bundle, now int64, random Random) error {
	var begun [1]Beginning
	BeginAll(own, []*Bundle{b}, now, random, begun[:])
	return r.Take(&begun[0])
}

// initiate begins sessions with the owners of up to together bundles: X3DH, and the first step of
// the ratchet. Their keys and agreements do not depend on each other.
func initiate(own *Account, bundles []*Bundle, now int64, random Random, begun []Beginning) {
	const each = 7 // two key pairs, four agreements, one more for the ratchet
	var basePrivate, ratchet [together][32]byte
	var handshakes [together]handshake
	var all [each * together]curve.Agreement
	agreements := all[:0]
	for i, b := range bundles {
		s := &state{
			localIdentity:      own.Public,
			remoteIdentity:     b.IdentityKey,
			localRegistration:  own.RegistrationID,
			remoteRegistration: b.RegistrationID,
			pending:            pendingPrekey{unacknowledged: true, prekeyID: b.PrekeyID, signedPrekeyID: b.SignedPrekeyID, since: now},
		}
		begun[i] = Beginning{fresh: s}
		base, h := &basePrivate[i], &handshakes[i]
		random.private(base)
		random.private(&s.sender.private)
		h.begin()
		agreements = append(agreements,
			curve.Agreement{Shared: &s.baseKey, Private: base},
			curve.Agreement{Shared: &s.sender.public, Private: &s.sender.private},
			curve.Agreement{Shared: &ratchet[i], Private: &s.sender.private, Public: &b.SignedPrekey},
			h.agreement(&own.Private, &b.SignedPrekey),
			h.agreement(base, &b.IdentityKey),
			h.agreement(base, &b.SignedPrekey))
		if b.PrekeyID != 0 {
			agreements = append(agreements, h.agreement(base, &b.Prekey))
		}
	}
	curve.AgreeAll(agreements)
	for i, b := range bundles {
		n := each
		if b.PrekeyID == 0 {
			n--
		}
		s := begun[i].fresh
		if err := lowOrder(agreements[:n]); err != nil {
			s.wipe()
			begun[i] = Beginning{err: err}
		} else {
			root, chain := handshakes[i].keys()
			s.receivers = append(s.room[:0], receiverChain{ratchet: b.SignedPrekey, chain: chain})
			s.sender.chain = mixRoot(&root, &ratchet[i])
			s.root = root
		}
		agreements = agreements[n:]
	}
	clear(basePrivate[:])
	clear(ratchet[:])
	clear(handshakes[:])
}
