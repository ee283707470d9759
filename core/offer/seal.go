package offer

import (
	"libcallkey/core/callkey"
	"libcallkey/core/parallel"
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
	if len(jids) > stanza.MaxDevices {
		return Sealed{}, status.New(status.Argument, "%d devices; the limit is %d", len(jids), stanza.MaxDevices)
	}
	f := newFanOut(jids)
	var sealed Sealed
	err := signal.Within(s, f.addresses, nil, func(tx *store.Tx, devices []signal.Device) error {
		sealed = Sealed{}
		results, err := f.seal(tx, devices, key)
		if err != nil {
			return err
		}
		var slack int
		if sealed, slack, err = build(results, o); err != nil {
			return err
		}
		return status.Fits(len(sealed.Wire)+slack, capacity, "bytes")
	})
	switch status.Of(err) {
	case status.OK:
		return sealed, nil
	case status.NoDevices:
		return Sealed{Statuses: sealed.Statuses, EncTypes: sealed.EncTypes}, err
	}
	return Sealed{}, err
}

// fanOut is the list of devices to seal for. Some JIDs may not be devices.
type fanOut struct {
	jids      []string
	refused   []status.Code // OK: a device
	addresses []signal.Address
	position  []int // of addresses[i] among the JIDs
}

func newFanOut(jids []string) *fanOut {
	f := fanOut{jids: jids, refused: make([]status.Code, len(jids))}
	for i, jid := range jids {
		a, err := address(jid)
		if err != nil {
			f.refused[i] = status.Of(err)
			continue
		}
		f.addresses = append(f.addresses, a)
		f.position = append(f.position, i)
	}
	return &f
}

// result is the outcome for one device.
type result struct {
	status status.Code
	kind   stanza.EncType
	to     stanza.To
	slack  int   // how much longer the ciphertext could have been
	err    error // an error that the device did not cause
}

// seal seals for every device once, on all processors. The results are in the order of
// the JIDs. An error is one that no device caused.
func (f *fanOut) seal(tx *store.Tx, devices []signal.Device, key []byte) ([]result, error) {
	results := make([]result, len(f.refused))
	for i, code := range f.refused {
		results[i].status = code
	}
	first := make(map[signal.Device]int, len(devices))
	for i, d := range devices {
		if _, ok := first[d]; !ok {
			first[d] = i
		}
	}
	batches := (len(devices) + store.Batch - 1) / store.Batch
	parallel.Ranges(len(devices), batches, func(from, to int) {
		part := tx.Part()
		ahead := signal.Fetch(part, devices[from:to])
		for i := from; i < to; i++ {
			switch at := f.position[i]; {
			case ahead != nil:
				results[at].err = ahead
			case first[devices[i]] != i:
				results[at].status = status.Duplicate
			default:
				results[at] = sealTo(part, devices[i], f.jids[at], key)
			}
		}
	})
	for i := range results {
		if results[i].err != nil {
			return nil, results[i].err
		}
	}
	return results, nil
}

func sealTo(tx *store.Tx, d signal.Device, jid string, key []byte) (r result) {
	c, err := seal(tx, d, key)
	if err == nil {
		r.kind, r.slack = encType(c), sealedBody-c.Body
		r.to, err = stanza.NewTo(stanza.Enc{JID: jid, Type: r.kind, Ciphertext: c.Bytes})
	}
	r.status = status.Of(err)
	if r.status == status.Store || r.status == status.Busy || r.status == status.Internal {
		r.err = err
	}
	return r
}

// build writes the stanza. A callee with several devices keeps the <destination> even
// when only one could be sealed for, because a bare <enc> has no address. slack is how much
// longer the stanza could have been.
func build(results []result, o *stanza.OfferOptions) (sealed Sealed, slack int, err error) {
	sealed = Sealed{Statuses: make([]status.Code, len(results)), EncTypes: make([]stanza.EncType, len(results))}
	tos := make([]stanza.To, 0, len(results))
	for i, r := range results {
		sealed.Statuses[i] = r.status
		if r.status == status.OK {
			sealed.EncTypes[i] = r.kind
			tos = append(tos, r.to)
			slack += r.slack
		}
	}
	if len(tos) == 0 {
		return sealed, 0, status.New(status.NoDevices, "the key could not be sealed for any of %d devices", len(results))
	}
	if severalDevices := len(results) > 1; o == nil {
		sealed.Wire, err = stanza.BuildKey(tos, severalDevices)
	} else {
		options := *o
		options.MultiDevice = o.MultiDevice || severalDevices
		sealed.Wire, err = stanza.BuildOfferTo(tos, &options)
	}
	return sealed, slack, err
}
