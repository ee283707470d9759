package offer

import (
	"libcallkey/core/stanza"
	"libcallkey/core/status"
)

// Batch is what was sealed for several devices, one after another, in the order of the JIDs. What
// belongs to device i ends at Ends[i] and begins where that of the one before ends: a device that
// failed has nothing.
type Batch struct {
	Bytes    []byte
	Ends     []int
	Statuses []status.Code
	EncTypes []stanza.EncType // EncNone where the status is not OK
}

// newBatch joins what was sealed.
func newBatch(codes []status.Code, sealed [][]byte, types []stanza.EncType) Batch {
	size := 0
	for _, part := range sealed {
		size += len(part)
	}
	b := Batch{Bytes: make([]byte, 0, size), Ends: make([]int, len(codes)), Statuses: codes, EncTypes: make([]stanza.EncType, len(codes))}
	for i, code := range codes {
		if code == status.OK {
			b.Bytes = append(b.Bytes, sealed[i]...)
			b.EncTypes[i] = types[i]
		}
		b.Ends[i] = len(b.Bytes)
	}
	return b
}

// failed returns what the caller gets of a batch besides an error.
func failed(codes []status.Code, err error) (Batch, error) {
	if status.Of(err) != status.NoDevices {
		return Batch{}, err
	}
	return newBatch(codes, nil, nil), err
}
