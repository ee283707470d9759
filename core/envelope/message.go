package envelope

// Field numbers of Message and Call, and protobuf's wire types.
const (
	fieldCall    = 10
	fieldCallKey = 1

	wireVarint     = 0
	wire64         = 1
	wireBytes      = 2
	wireGroupStart = 3
	wireGroupEnd   = 4
	wire32         = 5

	maxFieldNumber = 1<<29 - 1
	// maxGroups limits the nesting of unknown groups, like the C++ and Java readers.
	maxGroups = 100
)

// findCallKey returns call.callKey of a Message, a part of message itself. ok is false
// if the bytes are not a protobuf or have no callKey.
//
// It reads like any protobuf reader: fields in any order, unknown ones and those with
// another wire type skipped, several Calls merged, the last callKey wins.
func findCallKey(message []byte) (key []byte, ok bool) {
	found := false
	valid := eachBytes(message, fieldCall, func(call []byte) bool {
		return eachBytes(call, fieldCallKey, func(content []byte) bool {
			key, found = content, true
			return true
		})
	})
	return key, valid && found
}

// eachBytes calls use with the content of every length-delimited field of that number.
// It returns false if message does not parse to its end or use returns false.
func eachBytes(message []byte, number uint32, use func(content []byte) bool) bool {
	for len(message) > 0 {
		field, wire, rest, ok := readTag(message)
		if !ok {
			return false
		}
		content, rest, ok := readValue(rest, field, wire)
		if !ok {
			return false
		}
		if field == number && wire == wireBytes && !use(content) {
			return false
		}
		message = rest
	}
	return true
}

// readTag reads a field's number and wire type.
func readTag(b []byte) (field uint32, wire byte, rest []byte, ok bool) {
	tag, rest, ok := readVarint(b)
	if !ok || tag>>3 < 1 || tag>>3 > maxFieldNumber {
		return 0, 0, nil, false
	}
	return uint32(tag >> 3), byte(tag & 7), rest, true
}

// readValue reads the value after a tag. content is set only for length-delimited
// values.
func readValue(b []byte, field uint32, wire byte) (content, rest []byte, ok bool) {
	if wire == wireGroupStart {
		rest, ok = skipGroup(b, field)
		return nil, rest, ok
	}
	return readScalar(b, wire)
}

// readScalar reads a value that is not a group.
func readScalar(b []byte, wire byte) (content, rest []byte, ok bool) {
	switch wire {
	case wireVarint:
		_, rest, ok = readVarint(b)
		return nil, rest, ok
	case wire64:
		if len(b) < 8 {
			return nil, nil, false
		}
		return nil, b[8:], true
	case wire32:
		if len(b) < 4 {
			return nil, nil, false
		}
		return nil, b[4:], true
	case wireBytes:
		size, rest, ok := readVarint(b)
		if !ok || size > uint64(len(rest)) {
			return nil, nil, false
		}
		return rest[:size], rest[size:], true
	default: // the end of a group that was never opened, or one of the two reserved types
		return nil, nil, false
	}
}

// skipGroup returns the bytes after the group that field opened.
func skipGroup(b []byte, field uint32) (rest []byte, ok bool) {
	var open [maxGroups]uint32
	open[0] = field
	depth := 1
	for depth > 0 {
		field, wire, after, ok := readTag(b)
		if !ok {
			return nil, false
		}
		b = after
		switch wire {
		case wireGroupStart:
			if depth == maxGroups {
				return nil, false
			}
			open[depth] = field
			depth++
		case wireGroupEnd:
			depth--
			if open[depth] != field {
				return nil, false
			}
		default:
			if _, b, ok = readScalar(b, wire); !ok {
				return nil, false
			}
		}
	}
	return b, true
}

// readVarint reads a little-endian base-128 number of at most 64 bits. Longer spellings
// of a small number are legal protobuf.
func readVarint(b []byte) (v uint64, rest []byte, ok bool) {
	for i := 0; i < len(b) && i < 10; i++ {
		if i == 9 && b[i] > 1 {
			return 0, nil, false
		}
		v |= uint64(b[i]&0x7f) << (7 * i)
		if b[i] < 0x80 {
			return v, b[i+1:], true
		}
	}
	return 0, nil, false
}
