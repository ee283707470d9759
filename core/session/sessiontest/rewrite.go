package sessiontest

import (
	"bytes"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
)

// Rewritten is a protobuf message in which the fields at a path have become others; there must
// be one. A path goes through sub-messages. change is given a field as it is, its tag included.
func Rewritten(t testing.TB, b []byte, path []protowire.Number, change func(raw []byte) []byte) []byte {
	t.Helper()
	out, met := rewritten(t, b, path, change)
	if !met {
		t.Fatalf("there is no field %v", path)
	}
	return out
}

func rewritten(t testing.TB, b []byte, path []protowire.Number, change func(raw []byte) []byte) (out []byte, met bool) {
	t.Helper()
	for len(b) > 0 {
		number, kind, n := protowire.ConsumeTag(b)
		m := protowire.ConsumeFieldValue(number, kind, b[max(n, 0):])
		if n < 0 || m < 0 {
			t.Fatal("the message does not parse")
		}
		raw := b[:n+m]
		b = b[n+m:]
		switch {
		case number != path[0]:
			out = append(out, raw...)
		case len(path) == 1:
			met = true
			out = append(out, change(raw)...)
		default:
			body, _ := protowire.ConsumeBytes(raw[n:])
			inner, metInside := rewritten(t, body, path[1:], change)
			met = met || metInside
			out = protowire.AppendTag(out, number, kind)
			out = protowire.AppendBytes(out, inner)
		}
	}
	return out, met
}

// Gone removes a field.
func Gone([]byte) []byte { return nil }

// WithNumber puts a number in its place.
func WithNumber(n protowire.Number, v uint64) func([]byte) []byte {
	return func([]byte) []byte {
		return protowire.AppendVarint(protowire.AppendTag(nil, n, protowire.VarintType), v)
	}
}

// FilledWith puts bytes in its place.
func FilledWith(n protowire.Number, v []byte) func([]byte) []byte {
	return func([]byte) []byte { return protowire.AppendBytes(protowire.AppendTag(nil, n, protowire.BytesType), v) }
}

// FollowedBy keeps it and adds another.
func FollowedBy(more func([]byte) []byte) func([]byte) []byte {
	return func(raw []byte) []byte { return append(bytes.Clone(raw), more(raw)...) }
}
