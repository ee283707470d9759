package offer

import (
	"libcallkey/core/callkey"
	"libcallkey/core/session"
	"libcallkey/core/signal"
	"libcallkey/core/stanza"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

// Sealed is an offer and the result for each device, in the order of the JIDs.
type Sealed struct {
	Wire     []byte
	Statuses []status.Code
	EncTypes []stanza.EncType // EncNone where the status is not OK

	in   *scratch
	loan uint64 // the number of offers that gave in back before
}

// Release gives the memory of Wire to the next offer. It need not be called; of several copies, one call
// counts.
func (s *Sealed) Release() {
	if s.in != nil && s.in.loans.CompareAndSwap(s.loan, s.loan+1) {
		s.in.release()
	}
	s.Wire, s.in = nil, nil
}

// Seal seals a call key for the devices and builds the offer; with nil options only
// its key node, <enc> or <destination>. A device that fails is left out and has its
// status: ARGUMENT (jid), DUPLICATE (named before, perhaps in another spelling),
// NO_SESSION, UNTRUSTED_IDENTITY, STORE_CORRUPT. capacity is as in SealEnc: padding is
// random, so the call could take more than len(Wire). Nothing changed unless the error is nil.
//
// Errors: KEY_LENGTH, INVALID_KEY (32 zero bytes), NO_DEVICES (no device could be sealed
// for; Statuses tell why), DEVICE_IDENTITY, ARGUMENT (options), BUFFER, STORE.
func Seal(s *store.Store, key []byte, jids []string, o *stanza.OfferOptions, capacity int) (Sealed, error) {
	if err := callkey.CheckGiven("call key", key); err != nil {
		return Sealed{}, err
	}
	f, err := newFanOut(jids)
	if err != nil {
		return Sealed{}, err
	}
	return f.seal(s, key, jids, o, capacity)
}

// Begin is BeginAll and Seal in one commit: a session begins first with each device that has a bundle.
// bundles[i] is that of jids[i]; nil: the device has a session. A device that fails, in either, has its status
// and no new session: those of both. Nothing changed unless the error is nil. If capacity is too small, nothing
// else was looked at.
//
// Errors: those of Seal, and NO_IDENTITY.
func Begin(s *store.Store, key []byte, jids []string, bundles []*session.Bundle, o *stanza.OfferOptions, capacity int) (Sealed, error) {
	if err := callkey.CheckGiven("call key", key); err != nil {
		return Sealed{}, err
	}
	if len(jids) <= stanza.MaxDevices {
		if err := status.Fits(mostBytes(jids, o), capacity, "bytes"); err != nil {
			return Sealed{}, err
		}
	}
	f, err := newBeginning(jids, bundles)
	if err != nil {
		return Sealed{}, err
	}
	return f.seal(s, key, jids, o, capacity)
}

// seal is Seal for the devices of the list.
func (f *fanOut) seal(s *store.Store, key []byte, jids []string, o *stanza.OfferOptions, capacity int) (Sealed, error) {
	var sealed Sealed
	m := scratches.Get().(*scratch)
	err := signal.WithinNamed(s, f.names, nil, func(tx *store.Tx, devices []signal.Device) error {
		sealed = Sealed{}
		m.begin(len(jids))
		codes, err := f.sealKey(tx, devices, key, m, func(at int, c session.Ciphertext) (err error) {
			m.results[at], err = newResult(jids[at], c)
			return err
		})
		if err != nil {
			return err
		}
		var slack int
		if sealed, slack, err = m.build(codes, o); err != nil {
			return err
		}
		return status.Fits(len(sealed.Wire)+slack, capacity, "bytes")
	})
	if err == nil {
		sealed.in, sealed.loan = m, m.loans.Load()
		return sealed, nil
	}
	m.release()
	if status.Of(err) == status.NoDevices {
		return Sealed{Statuses: sealed.Statuses, EncTypes: sealed.EncTypes}, err
	}
	return Sealed{}, err
}

// result is what was sealed for one device.
type result struct {
	kind  stanza.EncType
	to    stanza.To
	slack int // how much longer the ciphertext could have been
}

func newResult(jid string, c session.Ciphertext) (r result, err error) {
	r.kind, r.slack = encType(c), sealedBody-c.Body
	r.to, err = stanza.NewTo(stanza.Enc{JID: jid, Type: r.kind, Ciphertext: c.Bytes})
	return r, err
}

// build writes the stanza. A callee with several devices keeps the <destination> even
// when only one could be sealed for, because a bare <enc> has no address. slack is how much
// longer the stanza could have been.
func (m *scratch) build(codes []status.Code, o *stanza.OfferOptions) (sealed Sealed, slack int, err error) {
	sealed = Sealed{Statuses: codes, EncTypes: make([]stanza.EncType, len(codes))}
	for i := range m.results {
		if r := &m.results[i]; codes[i] == status.OK {
			sealed.EncTypes[i] = r.kind
			m.tos = append(m.tos, r.to)
			slack += r.slack
		}
	}
	if err := anyOf(codes, "the key could not be sealed"); err != nil {
		return sealed, 0, err
	}
	if severalDevices := len(codes) > 1; o == nil {
		sealed.Wire, err = stanza.BuildKey(m.wire, m.tos, severalDevices)
	} else {
		options := *o
		options.MultiDevice = o.MultiDevice || severalDevices
		sealed.Wire, err = stanza.BuildOfferTo(m.wire, m.tos, &options)
	}
	m.wire = sealed.Wire
	return sealed, slack, err
}
