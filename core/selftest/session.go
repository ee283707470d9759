package selftest

import (
	"libcallkey/core/callkey"
	"libcallkey/core/offer"
	"libcallkey/core/session"
	"libcallkey/core/signal"
	"libcallkey/core/store"
)

var sessionPrimitives = []primitive{
	// One call key from a caller to a callee and back: it comes out as it went in, twice.
	{"Signal session", counting + counting, func() []byte {
		const callerJID, calleeJID = "111111111111111:1@lid", "222222222222222:2@lid"
		caller, err := signal.OpenStore("", nil, store.Options{Memory: true})
		if err != nil {
			return nil
		}
		defer caller.Close()
		callee, err := signal.OpenStore("", nil, store.Options{Memory: true})
		if err != nil {
			return nil
		}
		defer callee.Close()
		if _, err := signal.AddPrekeys(callee, 1); err != nil {
			return nil
		}
		bundle, err := signal.TakeBundle(callee)
		if err != nil || signal.Begin(caller, signal.Address{Name: "222222222222222_1", Device: 2}, &bundle) != nil {
			return nil
		}
		return append(delivered(caller, callee, calleeJID, callerJID), delivered(callee, caller, callerJID, calleeJID)...)
	}},
	// A message in each direction between two programs that keep their records themselves.
	{"Signal session without a store", counting + counting, func() []byte {
		bundle, callee := published()
		caller := new(party)
		caller.RegistrationID = session.GenerateAccount(&caller.private, session.System)
		if caller.begin(&bundle) != nil {
			return nil
		}
		return append(caller.deliver(callee, countingKey), callee.deliver(caller, countingKey)...)
	}},
}

// party keeps its record itself.
type party struct {
	session.Keys
	private, prekey, signedPrekey [32]byte
	record                        []byte
}

// published is a party that waits for others, and its bundle.
func published() (b session.Bundle, p *party) {
	p = new(party)
	p.RegistrationID = session.GenerateAccount(&p.private, session.System)
	p.Private, p.Prekey, p.SignedPrekey = &p.private, &p.prekey, &p.signedPrekey
	own, err := session.OpenAccount(p.RegistrationID, &p.private)
	if err != nil {
		return b, p
	}
	defer own.Wipe()
	b = session.Bundle{RegistrationID: p.RegistrationID, PrekeyID: 1, SignedPrekeyID: 1, IdentityKey: own.Public}
	b.Prekey, _ = session.GeneratePrekey(&p.prekey, 1, session.System)
	b.SignedPrekey, b.Signature, _ = session.GenerateSignedPrekey(&p.signedPrekey, own, 1, session.System)
	return b, p
}

func (p *party) begin(b *session.Bundle) (err error) {
	p.Private, p.Identity = &p.private, b.IdentityKey[:]
	p.record, err = session.BeginRecord(nil, &p.Keys, b, 1, session.System)
	return err
}

// deliver is the message that to opens of what p seals; nil if either fails.
func (p *party) deliver(to *party, message []byte) []byte {
	next, sealed, err := session.SealRecord(p.record, &p.Keys, message, 1)
	if err != nil {
		return nil
	}
	p.record = next
	if _, err := session.Parse(sealed.Prekey, sealed.Bytes); err != nil {
		return nil
	}
	next, opened, sender, err := session.OpenRecord(to.record, &to.Keys, sealed.Prekey, sealed.Bytes, 1, session.System)
	if err != nil {
		return nil
	}
	to.record, to.Identity = next, sender[:]
	return opened
}

// delivered is the call key that one device opens of what another one seals; nil if either
// fails.
func delivered(from, to *store.Store, toJID, fromJID string) []byte {
	ciphertext, kind, err := offer.SealEnc(from, toJID, countingKey, -1)
	if err != nil {
		return nil
	}
	var opened [callkey.Bytes]byte
	if offer.OpenEnc(to, &opened, fromJID, kind, 2, ciphertext) != nil {
		return nil
	}
	return opened[:]
}
