package derive

import (
	"bytes"

	"libcallkey/core/secret"
	"libcallkey/core/status"
)

// rawE2EBytes is the part of a raw_e2e that is used, and so its minimum length.
const rawE2EBytes = 32

func rawE2EShort(n int) error {
	return status.New(status.KeyLength, "raw_e2e is %d bytes, below %d", n, rawE2EBytes)
}

// DecodeRawE2E returns the secret in the content of a raw_e2e: base64 of at least 32
// bytes, or at least 32 bytes as they are. E2EKeysRaw takes the result and uses its
// first 32 bytes. The caller wipes it.
//
// Content may fit both forms, because every base64 text of 32 bytes or more is also long
// enough as raw bytes. These rules decide, in this order:
//
//  1. Base64 that decodes to 32 bytes or more is base64. 43 random bytes look like that
//     once in 2^86, so no raw secret is ever lost to this rule.
//  2. Base64 that ends in "=" but decodes to less is a secret that is too short:
//     KEY_LENGTH. Its text, used as the secret, would give keys that no peer has.
//  3. Anything else of 32 bytes or more is raw. That includes a bare text of 32 to 42
//     letters and digits, which CRY-01 allows as raw bytes.
//  4. The rest is too short: KEY_LENGTH.
//
// Base64 is decoded only once: if the result is base64 again, that text is the secret.
// Both alphabets of RFC 4648 are read (they differ in two characters, so no text is
// ambiguous), but not mixed; with the right number of "=" or with none; line breaks (CR,
// LF) from MIME encoders are skipped, other white space is not; unused bits of the last
// character are dropped.
//
// wacrg:CRY-01
func DecodeRawE2E(content []byte) ([]byte, error) {
	if len(content) < rawE2EBytes {
		return nil, rawE2EShort(len(content))
	}
	var decoded []byte
	short := 0
	secret.Do(func() {
		buf := make([]byte, len(content))
		n, closed, ok := decodeBase64(buf, content)
		switch {
		case ok && n >= rawE2EBytes:
			clear(buf[n:])
			decoded = buf[:n:n]
		case ok && closed:
			clear(buf)
			short = n
		default:
			copy(buf, content)
			decoded = buf
		}
	})
	if decoded == nil {
		return nil, rawE2EShort(short)
	}
	return decoded, nil
}

// decodeBase64 decodes text into dst, which must be as long as text, and returns the
// number of bytes. closed reports a "=" at the end.
//
// The text is a secret: unlike encoding/base64 it is not looked up in a table, and
// characters outside the alphabet are detected without a branch. Line breaks and "="
// may show in the time.
func decodeBase64(dst, text []byte) (n int, closed, ok bool) {
	body := dst[:0]
	for _, c := range text {
		if c != '\r' && c != '\n' {
			body = append(body, c) // dst is as long as text
		}
	}
	total := len(body)
	body = bytes.TrimSuffix(body, []byte("="))
	body = bytes.TrimSuffix(body, []byte("="))
	closed = len(body) < total
	if len(body)%4 == 1 || closed && total%4 != 0 {
		return 0, closed, false
	}
	var bits, wrong, standard, url int
	for i, c := range body {
		v, s, u := base64Value(int(c))
		wrong |= v >> 8
		standard |= s
		url |= u
		// Four characters make three bytes, so the writing never overtakes the reading.
		bits = bits<<6 | v&63
		if i%4 != 0 {
			dst[n] = byte(bits >> (6 - 2*(i%4)))
			n++
		}
	}
	return n, closed, wrong|standard&url == 0
}

// base64Value is the value of a character in either alphabet, negative for none, and
// whether it is one of the two that only the standard or only the URL alphabet has (-1
// or 0).
func base64Value(c int) (value, standard, url int) {
	// -1 if low <= c <= high, else 0.
	within := func(low, high int) int { return ((low - 1 - c) & (c - high - 1)) >> 8 }
	plus, slash := within('+', '+'), within('/', '/')
	minus, line := within('-', '-'), within('_', '_')
	value = -1
	value += within('A', 'Z') & (c - 'A' + 1)
	value += within('a', 'z') & (c - 'a' + 27)
	value += within('0', '9') & (c - '0' + 53)
	value += (plus | minus) & 63
	value += (slash | line) & 64
	return value, plus | slash, minus | line
}
