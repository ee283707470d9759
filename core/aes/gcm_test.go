package aes

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"testing"
)

type gcmWay struct {
	seal func(sealed []byte, key *[16]byte, nonce *[16]byte, plaintext []byte)
	open func(plaintext []byte, key *[16]byte, nonce *[16]byte, sealed []byte) bool
}

var gcmWays = map[string]gcmWay{
	"this processor": {SealGCM, OpenGCM},
	"any processor":  {standardSealGCM, standardOpenGCM},
}

// gcmAgrees compares with crypto/cipher.
func gcmAgrees(t *testing.T, key, nonce *[16]byte, plaintext []byte) {
	t.Helper()
	block, err := aes.NewCipher(key[:])
	if err != nil {
		t.Fatal(err)
	}
	mode, err := cipher.NewGCMWithNonceSize(block, len(nonce))
	if err != nil {
		t.Fatal(err)
	}
	want := mode.Seal(nil, nonce[:], plaintext, nil)
	for name, w := range gcmWays {
		sealed, opened := make([]byte, len(want)), make([]byte, len(plaintext))
		if w.seal(sealed, key, nonce, plaintext); !bytes.Equal(sealed, want) {
			t.Fatalf("%s: under %x, %x, %x is sealed to %x, want %x", name, key, nonce, plaintext, sealed, want)
		}
		if !w.open(opened, key, nonce, sealed) || !bytes.Equal(opened, plaintext) {
			t.Fatalf("%s: under %x, %x, %x is opened to %x, want %x", name, key, nonce, sealed, opened, plaintext)
		}
		if !bytes.Equal(sealed, want) {
			t.Fatalf("%s: the sealed %d bytes changed", name, len(sealed))
		}
	}
}

// If this failed, frames of one length would open nowhere else, and none from elsewhere here.
func TestGCMOfEveryLength(t *testing.T) {
	random := rand.NewChaCha8([32]byte{4})
	for n := range 2101 {
		var key, nonce [16]byte
		plaintext := make([]byte, n)
		random.Read(key[:])
		random.Read(nonce[:])
		random.Read(plaintext)
		gcmAgrees(t, &key, &nonce, plaintext)
		nonce = [16]byte{}
		binary.LittleEndian.PutUint64(nonce[8:], uint64(n))
		gcmAgrees(t, &key, &nonce, plaintext)
	}
}

// If this failed, a frame would be lost once in a while.
func TestGCMOfRandomInputs(t *testing.T) {
	random := rand.NewChaCha8([32]byte{5})
	n := *inputs
	if testing.Short() {
		n /= 10
	}
	for range n {
		var key, nonce [16]byte
		plaintext := make([]byte, random.Uint64()%300)
		random.Read(key[:])
		random.Read(nonce[:])
		random.Read(plaintext)
		gcmAgrees(t, &key, &nonce, plaintext)
	}
}

// Extreme numbers, whose bits all fall out or all stay.
func TestGCMOfExtremes(t *testing.T) {
	for _, fill := range []byte{0x00, 0x01, 0x7f, 0x80, 0xff} {
		for n := range 300 {
			key, nonce := [16]byte(bytes.Repeat([]byte{fill}, 16)), [16]byte(bytes.Repeat([]byte{fill}, 16))
			gcmAgrees(t, &key, &nonce, bytes.Repeat([]byte{fill}, n))
		}
	}
}

// If this failed, a frame would be sealed wrongly once in millions: the last four bytes of the
// counter block are from a hash, and those before them never change.
func TestGCMCounterWraps(t *testing.T) {
	if !gcmAvailable {
		t.Skip("needs the processor's instructions for GCM")
	}
	random := rand.NewChaCha8([32]byte{6})
	for n := range 40 {
		for before := range uint32(n + 2) {
			var key, nonce, first [16]byte
			random.Read(key[:])
			random.Read(first[:])
			binary.BigEndian.PutUint32(first[12:], -before)
			block, err := aes.NewCipher(key[:])
			if err != nil {
				t.Fatal(err)
			}
			plaintext := make([]byte, n*BlockBytes)
			random.Read(plaintext)
			want, counter := make([]byte, len(plaintext)), first
			for at := 0; at < len(want); at += BlockBytes {
				block.Encrypt(want[at:], counter[:])
				binary.BigEndian.PutUint32(counter[12:], binary.BigEndian.Uint32(counter[12:])+1)
			}
			for i := range want {
				want[i] ^= plaintext[i]
			}
			var g gcm
			for name, call := range map[string]func(to, p []byte){"seal": g.seal, "open": g.open} {
				g.start(&key, &nonce)
				for i := range first {
					g.counter[i] = first[len(first)-1-i]
				}
				got := make([]byte, len(plaintext))
				if call(got, plaintext); !bytes.Equal(got, want) {
					t.Fatalf("%s: %d blocks from the counter %x are %x, want %x", name, n, first, got, want)
				}
			}
		}
	}
}

// If this failed, a forged frame would open, or change what the caller has where its plaintext would be.
func TestGCMRefuses(t *testing.T) {
	random := rand.NewChaCha8([32]byte{7})
	for _, n := range []int{0, 1, 15, 16, 17, 200} {
		var key, nonce [16]byte
		random.Read(key[:])
		random.Read(nonce[:])
		sealed := make([]byte, n+TagBytes)
		SealGCM(sealed, &key, &nonce, make([]byte, n))
		for name, w := range gcmWays {
			for bit := range 8 * len(sealed) {
				sealed[bit/8] ^= 1 << (bit % 8)
				before := bytes.Repeat([]byte{5}, n)
				plaintext := bytes.Clone(before)
				if w.open(plaintext, &key, &nonce, sealed) {
					t.Fatalf("%s: with another bit %d, %x opens", name, bit, sealed)
				}
				if !bytes.Equal(plaintext, before) {
					t.Fatalf("%s: what does not open leaves %x", name, plaintext)
				}
				sealed[bit/8] ^= 1 << (bit % 8)
			}
		}
	}
}

// If this failed, bytes after the end would be read, or written.
func TestGCMLengths(t *testing.T) {
	for name, call := range map[string]func(){
		"a sealed one too short": func() { SealGCM(make([]byte, 31), new([16]byte), new([16]byte), make([]byte, 16)) },
		"a sealed one too long":  func() { SealGCM(make([]byte, 33), new([16]byte), new([16]byte), make([]byte, 16)) },
		"no tag":                 func() { OpenGCM(nil, new([16]byte), new([16]byte), make([]byte, 15)) },
		"a plaintext too short":  func() { OpenGCM(make([]byte, 15), new([16]byte), new([16]byte), make([]byte, 32)) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			call()
		})
	}
}

func BenchmarkGCM(b *testing.B) {
	var key, nonce [16]byte
	for _, n := range []int{0, 100, 1200, 16 << 10} {
		plaintext, sealed := make([]byte, n), make([]byte, n+TagBytes)
		for name, w := range gcmWays {
			w.seal(sealed, &key, &nonce, plaintext)
			for does, call := range map[string]func(){
				"seal": func() { w.seal(sealed, &key, &nonce, plaintext) },
				"open": func() { w.open(plaintext, &key, &nonce, sealed) },
			} {
				b.Run(fmt.Sprint(does, "/", name, "/", n), func(b *testing.B) {
					b.ReportAllocs()
					b.SetBytes(int64(n))
					for b.Loop() {
						call()
					}
				})
			}
		}
	}
}
