package envelope_test

import (
	"bytes"
	"strings"
	"testing"

	"libcallkey/core/envelope"
	"libcallkey/core/status"
	"libcallkey/testdata/vectors"
)

func statusName(c vectors.Case) string {
	if c.Error == "" {
		return "CALLKEY_OK"
	}
	return c.Error
}

// If this failed, a peer could not read our offers.
func TestEncode(t *testing.T) {
	vectors.Each(t, "callkey_plaintext_encode", func(t *testing.T, c vectors.Case) {
		key := c.In.Hex(t, "key")
		before := bytes.Clone(key)
		plaintext, err := envelope.Encode(key)
		if got := status.Of(err).Name(); got != statusName(c) {
			t.Fatalf("got %s, want %s", got, statusName(c))
		}
		if !bytes.Equal(key, before) {
			t.Error("the key was modified")
		}
		if c.Error != "" {
			if plaintext != nil {
				t.Error("a failed call returned bytes")
			}
			return
		}
		body := c.Out.Hex(t, "body")
		if !bytes.HasPrefix(plaintext, body) {
			t.Fatalf("%x does not start with %x", plaintext, body)
		}
		if n := uint32(len(plaintext)); n < c.Out.Number(t, "min_len") || n > c.Out.Number(t, "max_len") {
			t.Errorf("%d bytes", n)
		}
		n := len(plaintext) - len(body)
		if !bytes.Equal(plaintext[len(body):], bytes.Repeat([]byte{byte(n)}, n)) {
			t.Errorf("padding is %x", plaintext[len(body):])
		}
	})
}

// If this failed, the length of a ciphertext would say more than it has to, or a capacity
// computed from MaxBytes would be too small.
func TestPaddingIsUniform(t *testing.T) {
	const rounds = 16 * 400
	count := map[int]int{}
	for range rounds {
		plaintext, err := envelope.Encode(bytes.Repeat([]byte{7}, 32))
		if err != nil {
			t.Fatal(err)
		}
		count[len(plaintext)]++
	}
	for n := 37; n <= envelope.MaxBytes; n++ {
		// 400 are expected with a standard deviation of 19.4.
		if count[n] < 200 || count[n] > 600 {
			t.Errorf("%d of %d plaintexts are %d bytes long", count[n], rounds, n)
		}
	}
	if len(count) != 16 || envelope.MaxBytes != 52 {
		t.Errorf("%d lengths, the longest said to be %d", len(count), envelope.MaxBytes)
	}
}

// If this failed, a peer's key would be lost, or other bytes accepted as a key.
func TestDecode(t *testing.T) {
	vectors.Each(t, "callkey_plaintext_decode", func(t *testing.T, c vectors.Case) {
		plaintext := c.In.Hex(t, "plaintext")
		before := bytes.Clone(plaintext)
		out := [32]byte{1, 31: 1}
		err := envelope.Decode(&out, plaintext, c.In.Number(t, "enc_version"))
		if got := status.Of(err).Name(); got != statusName(c) {
			t.Fatalf("got %s (%v), want %s", got, err, statusName(c))
		}
		want := make([]byte, 32)
		if c.Error == "" {
			want = c.Out.Hex(t, "key")
		}
		if !bytes.Equal(out[:], want) {
			t.Errorf("key is %x, want %x", out, want)
		}
		if !bytes.Equal(plaintext, before) {
			t.Error("the plaintext was modified")
		}
	})
}

// If this failed, an own device could not open what another own device sealed.
func TestRoundTrip(t *testing.T) {
	for i := 1; i < 256; i++ {
		key := bytes.Repeat([]byte{byte(i)}, 32)
		plaintext, err := envelope.Encode(key)
		if err != nil {
			t.Fatal(err)
		}
		var out [32]byte
		if err := envelope.Decode(&out, plaintext, 2); err != nil || !bytes.Equal(out[:], key) {
			t.Fatalf("%x comes back as %x, %v", key, out, err)
		}
	}
}

// If this failed, one flipped bit outside the key would go unnoticed although the
// padding, a length or a tag is wrong.
func TestEveryFlippedBit(t *testing.T) {
	key := bytes.Repeat([]byte{0xc3}, 32)
	body := append([]byte{0x52, 0x22, 0x0a, 0x20}, key...)
	for n := 1; n <= 16; n++ {
		plaintext := append(bytes.Clone(body), bytes.Repeat([]byte{byte(n)}, n)...)
		for bit := range len(plaintext) * 8 {
			flipped := bytes.Clone(plaintext)
			flipped[bit/8] ^= 1 << (bit % 8)
			var out [32]byte
			err := envelope.Decode(&out, flipped, 2)
			inKey := bit/8 >= 4 && bit/8 < 36
			if (err == nil) != inKey {
				t.Errorf("bit %d of byte %d, %d pad bytes: %v", bit%8, bit/8, n, err)
			}
			if err != nil && out != [32]byte{} {
				t.Error("bytes are left in the output of a failed call")
			}
		}
	}
}

// If this failed, a cut message would be read past its end, or taken for a whole one.
func TestEveryTruncation(t *testing.T) {
	body := append([]byte{0x52, 0x22, 0x0a, 0x20}, bytes.Repeat([]byte{7}, 32)...)
	for n := range len(body) {
		var out [32]byte
		if err := envelope.Decode(&out, body[:n:n], 3); status.Of(err) != status.Malformed {
			t.Errorf("cut to %d bytes: %v", n, err)
		}
	}
}

// If this failed, decoding would leave pieces of the plaintext on the heap.
func TestAllocations(t *testing.T) {
	out := [32]byte{31: 7}
	plaintext, err := envelope.Encode(out[:])
	if err != nil {
		t.Fatal(err)
	}
	if n := testing.AllocsPerRun(100, func() { envelope.Decode(&out, plaintext, 2) }); n != 0 {
		t.Errorf("Decode allocates %v times", n)
	}
	if n := testing.AllocsPerRun(100, func() { envelope.Encode(out[:]) }); n > 2 {
		// The result, and under the race detector the random byte for the padding.
		t.Errorf("Encode allocates %v times", n)
	}
}

// If this failed, an error text would carry bytes of a decrypted message.
func TestErrorsHoldNoInput(t *testing.T) {
	var out [32]byte
	for _, plaintext := range []string{"SECRET", "SECRET\x01", "\x52\x08\x0a\x06SECRET"} {
		for version := uint32(1); version <= 3; version++ {
			err := envelope.Decode(&out, []byte(plaintext), version)
			if err == nil || strings.Contains(err.Error(), "SECRET") {
				t.Errorf("%q: %v", plaintext, err)
			}
		}
	}
}
