package offer

import (
	"slices"
	"strings"

	"libcallkey/core/session"
	"libcallkey/core/signal"
	"libcallkey/core/stanza"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

// fanOut is a list of devices for one commit. Some JIDs may not be devices.
type fanOut struct {
	names []signal.Device // parts of one string
	// Both are nil if every JID is a device.
	refused  []status.Code // OK: a device
	position []int         // of names[i] among the JIDs

	codes []status.Code // of the names: OK, or why the device is left out whatever its session is; nil: all are OK

	bundles []*session.Bundle // of the names, or nil where no session begins; nil: with none

	one [1]signal.Device // memory for the name of one device
}

// newFanOut has the devices of a list. Too long a list is ARGUMENT.
func newFanOut(jids []string) (*fanOut, error) {
	if len(jids) > stanza.MaxDevices {
		return nil, status.New(status.Argument, "%d devices; the limit is %d", len(jids), stanza.MaxDevices)
	}
	f := new(fanOut)
	if f.names = f.one[:0]; len(jids) > 1 {
		f.names = make([]signal.Device, 0, len(jids))
	}
	var all strings.Builder // no name is longer than its JID
	size := 0
	for _, jid := range jids {
		size += len(jid)
	}
	all.Grow(size)
	for i, jid := range jids {
		var room [nameBytes]byte
		name, err := appendNamed(room[:0], jid)
		if err != nil {
			f.refuse(i, len(jids), status.Of(err))
			continue
		}
		if f.refused != nil {
			f.position = append(f.position, i)
		}
		start := all.Len()
		all.Write(name)
		f.names = append(f.names, signal.Device(all.String()[start:]))
	}
	return f, nil
}

// refuse notes the status of JID number at, of n. All before it were seen.
func (f *fanOut) refuse(at, n int, code status.Code) {
	if f.refused == nil {
		f.refused = make([]status.Code, n)
		f.position = make([]int, at, n)
		for i := range f.position {
			f.position[i] = i
		}
	}
	f.refused[at] = code
}

// leaveOut gives a device its status. It still counts as one that is named before.
func (f *fanOut) leaveOut(i int, code status.Code) {
	if f.codes == nil {
		f.codes = make([]status.Code, len(f.names))
	}
	f.codes[i] = code
}

// at returns the place of names[i] among the JIDs.
func (f *fanOut) at(i int) int {
	if f.refused == nil {
		return i
	}
	return f.position[i]
}

// each runs work for every device once; devices are those of the names, and at is the
// place of its JID. The statuses are in the order of the JIDs. An error is one that no device
// caused.
func (f *fanOut) each(tx *store.Tx, devices []signal.Device, work func(part *store.Tx, d signal.Device, at int) error) ([]status.Code, error) {
	codes, err := signal.Each(tx, devices, f.codes, func(part *store.Tx, i int) error {
		return work(part, devices[i], f.at(i))
	})
	if err != nil {
		return nil, err
	}
	return f.all(codes), nil
}

// encrypt seals the messages for every device once, after the sessions that begin. What it returns is like that
// of each.
func (f *fanOut) encrypt(tx *store.Tx, devices []signal.Device, m signal.Messages) (codes []status.Code, err error) {
	if f.bundles == nil {
		codes, err = signal.EncryptEach(tx, devices, f.codes, m)
	} else {
		codes, err = signal.BeginAndEncryptEach(tx, devices, f.codes, f.bundles, m)
	}
	if err != nil {
		return nil, err
	}
	return f.all(codes), nil
}

// all returns the statuses in the order of the JIDs, from those of the devices.
func (f *fanOut) all(codes []status.Code) []status.Code {
	if f.refused == nil {
		return codes
	}
	all := slices.Clone(f.refused)
	for i, code := range codes {
		all[f.position[i]] = code
	}
	return all
}

// anyOf is NO_DEVICES if no device succeeded.
func anyOf(codes []status.Code, what string) error {
	if slices.Contains(codes, status.OK) {
		return nil
	}
	return status.New(status.NoDevices, "%s for any of %d devices", what, len(codes))
}
