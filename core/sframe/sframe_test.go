package sframe_test

import (
	"bytes"
	"encoding/binary"
	"slices"
	"testing"

	"libcallkey/core/sframe"
	"libcallkey/core/status"
	"libcallkey/testdata/vectors"
)

func key() []byte { return bytes.Repeat([]byte{7}, sframe.KeyBytes) }

func u64(t testing.TB, values vectors.Values, name string) uint64 {
	t.Helper()
	return binary.BigEndian.Uint64(values.Hex(t, name))
}

func checkStatus(t *testing.T, c vectors.Case, err error) bool {
	t.Helper()
	want := c.Error
	if want == "" {
		want = "CALLKEY_OK"
	}
	if got := status.Of(err).Name(); got != want {
		t.Fatalf("got %s (%v), want %s", got, err, want)
	}
	return c.Error == ""
}

// If this failed, no other client would open our frames.
func TestSeal(t *testing.T) {
	vectors.Each(t, "callkey_sframe_seal", func(t *testing.T, c vectors.Case) {
		payload, counter, keyID := c.In.Hex(t, "payload"), u64(t, c.In, "counter"), u64(t, c.In, "key_id")
		before := bytes.Clone(payload)
		frame, err := sframe.Seal(nil, c.In.Hex(t, "sframe_key"), payload, counter, keyID)
		if !bytes.Equal(payload, before) {
			t.Error("the payload was modified")
		}
		if !checkStatus(t, c, err) {
			if frame != nil {
				t.Error("a failed call returned a frame")
			}
			return
		}
		if want := c.Out.Hex(t, "frame"); !bytes.Equal(frame, want) {
			t.Errorf("got %x, want %x", frame, want)
		}
		if n := len(frame) - len(payload); n > sframe.OverheadMaxBytes {
			t.Errorf("the frame has %d bytes more than its payload", n)
		}
	})
}

// If this failed, a stranger's picture would be shown, or a peer's would not.
func TestOpen(t *testing.T) {
	vectors.Each(t, "callkey_sframe_open", func(t *testing.T, c vectors.Case) {
		frame := c.In.Hex(t, "frame")
		before := bytes.Clone(frame)
		got, err := sframe.Open(nil, c.In.Hex(t, "sframe_key"), frame)
		if !bytes.Equal(frame, before) {
			t.Error("the frame was modified")
		}
		if !checkStatus(t, c, err) {
			if got.Payload != nil || got.Counter != 0 || got.KeyID != 0 {
				t.Errorf("a failed call returned %+v", got)
			}
			return
		}
		if want := c.Out.Hex(t, "payload"); !bytes.Equal(got.Payload, want) {
			t.Errorf("payload %x, want %x", got.Payload, want)
		}
		if got.Counter != u64(t, c.Out, "counter") || got.KeyID != u64(t, c.Out, "key_id") {
			t.Errorf("counter %d, key id %d", got.Counter, got.KeyID)
		}
	})
}

// If this failed, an attacker could change a frame without being noticed. The key id is
// the one part that nothing covers: no cipher of the field's does.
func TestEveryBit(t *testing.T) {
	frame, err := sframe.Seal(nil, key(), []byte("a payload"), 300, 0)
	if err != nil {
		t.Fatal(err)
	}
	keyIDAt := len(frame) - 2
	for bit := range 8 * len(frame) {
		changed := bytes.Clone(frame)
		changed[bit/8] ^= 1 << (bit % 8)
		got, err := sframe.Open(nil, key(), changed)
		code := status.Of(err)
		if bit/8 == keyIDAt && bit%8 != 7 {
			if err != nil || got.KeyID != uint64(changed[keyIDAt]) {
				t.Errorf("bit %d of the key id: %v", bit%8, err)
			}
			continue
		}
		if code != status.Authentication && code != status.Malformed || got.Payload != nil {
			t.Errorf("bit %d: %v", bit, err)
		}
	}
	for n := range frame {
		if _, err := sframe.Open(nil, key(), frame[:n]); err == nil {
			t.Errorf("the first %d bytes open", n)
		}
		if _, err := sframe.Open(nil, key(), frame[n+1:]); err == nil {
			t.Errorf("the bytes from %d open", n+1)
		}
	}
}

// If this failed, a length from a broken encoder would take all memory, or a frame that
// was sealed could not be opened.
func TestLargestPayload(t *testing.T) {
	payload := make([]byte, sframe.MaxPayloadBytes+1)
	if _, err := sframe.Seal(nil, key(), payload, 1, 1); status.Of(err) != status.Argument {
		t.Fatalf("%v", err)
	}
	frame, err := sframe.Seal(nil, key(), payload[1:], 1<<63, 1<<63)
	if err != nil || len(frame) != len(payload)-1+sframe.OverheadMaxBytes {
		t.Fatalf("%d bytes, %v", len(frame), err)
	}
	if got, err := sframe.Open(nil, key(), frame); err != nil || !bytes.Equal(got.Payload, payload[1:]) {
		t.Fatalf("%v", err)
	}
	if _, err := sframe.Open(nil, key(), append([]byte{0}, frame...)); status.Of(err) != status.Malformed {
		t.Fatalf("one byte more: %v", err)
	}
}

// If this failed, bytes from the network would crash the process or open as a frame in
// two different spellings.
func FuzzOpen(f *testing.F) {
	for _, c := range vectors.Load(f, "callkey_sframe_open") {
		f.Add(c.In.Hex(f, "frame"))
	}
	sealed, _ := sframe.Seal(nil, key(), []byte("payload"), 1<<40, 3)
	f.Add(sealed)
	f.Fuzz(func(t *testing.T, frame []byte) {
		before := bytes.Clone(frame)
		got, err := sframe.Open(nil, key(), frame)
		if !bytes.Equal(frame, before) {
			t.Fatal("the frame was modified")
		}
		switch status.Of(err) {
		case status.OK:
			again, err := sframe.Seal(nil, key(), got.Payload, got.Counter, got.KeyID)
			if err != nil || !bytes.Equal(again, frame) {
				t.Fatalf("%x opens, and sealed again it is %x", frame, again)
			}
		case status.Malformed, status.Authentication:
			if got.Payload != nil {
				t.Fatal("a payload came with the error")
			}
		default:
			t.Fatalf("%v", err)
		}
	})
}

// If this failed, some payload, counter or key id could be sent and not received.
func FuzzSeal(f *testing.F) {
	f.Add([]byte("payload"), uint64(5), uint64(0))
	f.Add([]byte{}, uint64(1<<64-1), uint64(1<<63))
	f.Fuzz(func(t *testing.T, payload []byte, counter, keyID uint64) {
		frame, err := sframe.Seal(nil, key(), payload, counter, keyID)
		if err != nil || len(frame) > len(payload)+sframe.OverheadMaxBytes {
			t.Fatalf("%d bytes, %v", len(frame), err)
		}
		got, err := sframe.Open(nil, key(), frame)
		if err != nil || !bytes.Equal(got.Payload, payload) || got.Counter != counter || got.KeyID != keyID {
			t.Fatalf("%+v, %v", got, err)
		}
	})
}

// If this failed, a caller's memory after its frame would be overwritten, or the frame not be in it.
func TestSealIntoRoom(t *testing.T) {
	for n := range 40 {
		for _, counter := range []uint64{0, 127, 128, 1<<64 - 1} {
			payload, keyID := bytes.Repeat([]byte{9}, n), counter/2
			want, err := sframe.Seal(nil, key(), payload, counter, keyID)
			if err != nil {
				t.Fatal(err)
			}
			if size := sframe.SealedBytes(n, counter, keyID); size != len(want) {
				t.Fatalf("SealedBytes is %d for a frame of %d", size, len(want))
			}
			memory := bytes.Repeat([]byte{5}, 3+len(want)+7)
			got, err := sframe.Seal(memory[:3:3+len(want)], key(), payload, counter, keyID)
			if err != nil {
				t.Fatal(err)
			}
			if &got[0] != &memory[0] {
				t.Error("the frame is not in dst's memory")
			}
			if !bytes.Equal(memory, append(append([]byte{5, 5, 5}, want...), bytes.Repeat([]byte{5}, 7)...)) {
				t.Errorf("the memory is %x, with the frame %x", memory, want)
			}
		}
	}
	memory := bytes.Repeat([]byte{5}, 100)
	if _, err := sframe.Seal(memory[:0], make([]byte, sframe.KeyBytes), nil, 0, 0); err == nil || !bytes.Equal(memory, bytes.Repeat([]byte{5}, 100)) {
		t.Errorf("a key of zeros: %v, and the memory is %x", err, memory)
	}
}

// If this failed, a caller's memory after a payload would be overwritten, the payload not be in it, or
// a forged frame change it.
func TestOpenIntoRoom(t *testing.T) {
	for n := range 40 {
		payload := bytes.Repeat([]byte{9}, n)
		frame, err := sframe.Seal(nil, key(), payload, 300, 2)
		if err != nil {
			t.Fatal(err)
		}
		memory := bytes.Repeat([]byte{5}, 3+n+7)
		before := bytes.Clone(memory)
		frame[0] ^= 1
		if _, err := sframe.Open(memory[:3:3+n], key(), frame); err == nil || !bytes.Equal(memory, before) {
			t.Errorf("a forged frame: %v, and the memory is %x", err, memory)
		}
		frame[0] ^= 1
		got, err := sframe.Open(memory[:3:3+n], key(), frame)
		if err != nil {
			t.Fatal(err)
		}
		if &got.Payload[0] != &memory[0] {
			t.Error("the payload is not in dst's memory")
		}
		if !bytes.Equal(memory, slices.Concat(before[:3], payload, before[:7])) {
			t.Errorf("the memory is %x, with the payload %x", memory, payload)
		}
		if n == 0 {
			continue
		}
		copy(memory, before)
		got, err = sframe.Open(memory[:3:3+n-1], key(), frame)
		if err != nil || !bytes.Equal(got.Payload, append(before[:3:3], payload...)) || !bytes.Equal(memory, before) {
			t.Errorf("with too little room: %x, %v, and the memory is %x", got.Payload, err, memory)
		}
	}
}

func BenchmarkSFrameSeal(b *testing.B) {
	payload := make([]byte, 1200)
	b.ReportAllocs()
	for b.Loop() {
		sframe.Seal(nil, key(), payload, 300, 0)
	}
}

func BenchmarkSFrameOpen(b *testing.B) {
	frame, _ := sframe.Seal(nil, key(), make([]byte, 1200), 300, 0)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := sframe.Open(nil, key(), frame); err != nil {
			b.Fatal(err)
		}
	}
}
