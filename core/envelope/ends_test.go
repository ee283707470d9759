package envelope

import (
	"bytes"
	"testing"

	"libcallkey/core/callkey"
	"libcallkey/core/status"
)

// A newer sender's fields stand behind the key: the last of them may end with the message, of
// every wire type, and must not end after it.
func TestLastFieldEndsWithTheMessage(t *testing.T) {
	key := bytes.Repeat([]byte{9}, callkey.Bytes)
	plaintext, err := Encode(key)
	if err != nil {
		t.Fatal(err)
	}
	message := plaintext[:bodyBytes]
	tag := func(wire byte) []byte { return []byte{20<<3&0x7f | wire | 0x80, 1} } // field 20
	for name, c := range map[string]struct {
		field []byte
		whole bool
	}{
		"a varint":                       {append(tag(wireVarint), 0x81, 1), true},
		"half a varint":                  {append(tag(wireVarint), 0x81), false},
		"no varint":                      {tag(wireVarint), false},
		"the largest varint":             {append(tag(wireVarint), 255, 255, 255, 255, 255, 255, 255, 255, 255, 1), true},
		"a varint over 64 bits":          {append(tag(wireVarint), 255, 255, 255, 255, 255, 255, 255, 255, 255, 2), false},
		"a varint of eleven bytes":       {append(tag(wireVarint), 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 1), false},
		"eight bytes":                    {append(tag(wire64), 1, 2, 3, 4, 5, 6, 7, 8), true},
		"seven of eight bytes":           {append(tag(wire64), 1, 2, 3, 4, 5, 6, 7), false},
		"four bytes":                     {append(tag(wire32), 1, 2, 3, 4), true},
		"three of four bytes":            {append(tag(wire32), 1, 2, 3), false},
		"bytes":                          {append(tag(wireBytes), 2, 1, 1), true},
		"no bytes":                       {append(tag(wireBytes), 0), true},
		"bytes without a length":         {tag(wireBytes), false},
		"bytes with half a length":       {append(tag(wireBytes), 0x80), false},
		"one byte too few":               {append(tag(wireBytes), 2, 1), false},
		"a group":                        {append(tag(wireGroupStart), tag(wireGroupEnd)...), true},
		"half a group":                   {tag(wireGroupStart), false},
		"the end of a group":             {tag(wireGroupEnd), false},
		"a group that ends in its bytes": {append(append(tag(wireGroupStart), tag(wireBytes)...), 1), false},
	} {
		var out [callkey.Bytes]byte
		err := Decode(&out, append(bytes.Clone(message), c.field...), versionBare)
		if c.whole && (err != nil || !bytes.Equal(out[:], key)) {
			t.Errorf("%s: %v", name, err)
		}
		if !c.whole && (status.Of(err) != status.Malformed || out != [callkey.Bytes]byte{}) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
