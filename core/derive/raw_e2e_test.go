package derive_test

import (
	"bytes"
	"encoding/base64"
	"testing"

	"libcallkey/core/derive"
	"libcallkey/core/status"
	"libcallkey/testdata/vectors"
)

// judgeRawE2E decides as the doc comment of DecodeRawE2E says, with encoding/base64,
// which skips line breaks and drops unused bits in the same way.
func judgeRawE2E(content []byte) ([]byte, bool) {
	var decoded []byte
	fits := false
	for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding, base64.RawStdEncoding, base64.RawURLEncoding} {
		if b, err := encoding.DecodeString(string(content)); err == nil {
			decoded, fits = b, true
			break
		}
	}
	switch {
	case fits && len(decoded) >= 32:
		return decoded, true
	case fits && bytes.ContainsRune(content, '='), len(content) < 32:
		return nil, false
	}
	return content, true
}

func checkRawE2E(t *testing.T, content []byte) {
	t.Helper()
	before := bytes.Clone(content)
	got, err := derive.DecodeRawE2E(content)
	want, ok := judgeRawE2E(content)
	if !bytes.Equal(content, before) {
		t.Fatal("the input was modified")
	}
	if !ok {
		if status.Of(err) != status.KeyLength || got != nil {
			t.Fatalf("%q gives %x, %v, want KEY_LENGTH", content, got, err)
		}
		return
	}
	if err != nil || !bytes.Equal(got, want) {
		t.Fatalf("%q gives %x, %v, want %x", content, got, err, want)
	}
}

// If this failed, one of the 256 characters would be decoded to another value than
// everywhere else, in some place of the text.
func TestEveryCharacterInEveryPlace(t *testing.T) {
	text := []byte(base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("0123456"), 7))) // 68 characters, one "="
	for _, alphabetHint := range []byte("A+-") {
		for place := range text {
			for c := range 256 {
				content := bytes.Clone(text)
				content[1] = alphabetHint
				content[place] = byte(c)
				checkRawE2E(t, content)
			}
		}
	}
}

// If this failed, some content would be read as a form that the rules do not say.
func FuzzDecodeRawE2E(f *testing.F) {
	for _, c := range vectors.Load(f, "callkey_raw_e2e_decode") {
		f.Add(c.In.Hex(f, "content"))
	}
	f.Fuzz(func(t *testing.T, content []byte) { checkRawE2E(t, content) })
}
