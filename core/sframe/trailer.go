package sframe

import (
	"encoding/binary"

	"libcallkey/core/status"
)

// appendTrailer appends the part after the tag. The last byte counts itself.
func appendTrailer(frame []byte, counter, keyID uint64) []byte {
	before := len(frame)
	frame = binary.AppendUvarint(frame, counter)
	frame = binary.AppendUvarint(frame, keyID)
	return append(frame, byte(len(frame)-before+1))
}

// splitTrailer reads a frame from its end: ciphertext with tag, counter and key id. It
// accepts exactly the output of appendTrailer. A number in a longer form than needed is
// rejected: two frames that differ there would open to the same payload and counter,
// and pass a receiver that detects repeated frames by their bytes.
func splitTrailer(frame []byte) (sealed []byte, counter, keyID uint64, err error) {
	if len(frame) == 0 {
		return nil, 0, 0, malformed("it is empty")
	}
	last := len(frame) - 1
	length := int(frame[last])
	switch {
	case length < 3 || length > MaxTrailerBytes:
		return nil, 0, 0, malformed("its trailer's length is wrong")
	case length+TagBytes > len(frame):
		return nil, 0, 0, malformed("it is too short for its trailer and a tag")
	case len(frame) > MaxPayloadBytes+TagBytes+length:
		return nil, 0, 0, malformed("it is too long")
	}
	trailer := frame[len(frame)-length : last]
	counter, trailer, err = readNumber(trailer)
	if err == nil {
		keyID, trailer, err = readNumber(trailer)
	}
	if err == nil && len(trailer) != 0 {
		err = malformed("its trailer has bytes after the key id")
	}
	if err != nil {
		return nil, 0, 0, err
	}
	return frame[:len(frame)-length], counter, keyID, nil
}

// readNumber reads an unsigned LEB128 of 64 bits in its shortest form.
func readNumber(b []byte) (uint64, []byte, error) {
	n, size := binary.Uvarint(b)
	switch {
	case size == 0:
		return 0, nil, malformed("a number in its trailer is cut short")
	case size < 0:
		return 0, nil, malformed("a number in its trailer has more than 64 bits")
	case size > 1 && b[size-1] == 0:
		return 0, nil, malformed("a number in its trailer is not in its shortest form")
	}
	return n, b[size:], nil
}

func malformed(why string) error {
	return status.New(status.Malformed, "not an SFrame frame: %s", why)
}
