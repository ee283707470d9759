package kdf_test

import (
	"bytes"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"testing"

	"libcallkey/core/kdf"
)

// If this failed, every key of a call would differ from the peer's.
func TestMatchesStandardLibrary(t *testing.T) {
	for _, keyLen := range []int{0, 1, 14, 16, 32, 63, 64, 65, 200} {
		for _, n := range []int{1, 31, 32, 33, 46, 64, 80, 100} {
			key, ikm, info := make([]byte, keyLen), make([]byte, 64), make([]byte, n)
			rand.Read(key)
			rand.Read(ikm)
			rand.Read(info)
			var mac [kdf.Size]byte
			kdf.HMAC(&mac, key, ikm[:10], ikm[10:])
			h := hmac.New(sha256.New, key)
			h.Write(ikm)
			if !bytes.Equal(mac[:], h.Sum(nil)) {
				t.Fatalf("HMAC with a key of %d bytes differs", keyLen)
			}
			want, err := hkdf.Key(sha256.New, ikm, key, string(info), n)
			if err != nil {
				t.Fatal(err)
			}
			got := make([]byte, n)
			kdf.HKDF(got, key, ikm, info)
			if !bytes.Equal(got, want) {
				t.Fatalf("HKDF with salt %d and length %d differs", keyLen, n)
			}
		}
	}
}

// If this failed, a peer's long message would be rejected, or a forged one accepted.
func TestLongHMACMatchesStandardLibrary(t *testing.T) {
	for _, keyLen := range []int{0, 1, 32, 64} {
		for _, n := range []int{0, 1, 55, 64, 66, 640, 641, 5000} {
			key, message := make([]byte, keyLen), make([]byte, n)
			rand.Read(key)
			rand.Read(message)
			var mac [kdf.Size]byte
			kdf.LongHMAC(&mac, key, message[:n/3], message[n/3:])
			h := hmac.New(sha256.New, key)
			h.Write(message)
			if !bytes.Equal(mac[:], h.Sum(nil)) {
				t.Fatalf("a key of %d bytes and a message of %d", keyLen, n)
			}
		}
	}
}

// If this failed, secrets would stay on the heap, and each allocation inside secret.Do
// would cost a microsecond of the call's set-up.
func TestNothingOnTheHeap(t *testing.T) {
	var out [46]byte
	var key [32]byte
	info := []byte("111111111111111:0@lid")
	if n := testing.AllocsPerRun(100, func() { kdf.HKDF(out[:], nil, key[:], info) }); n != 0 {
		t.Errorf("HKDF allocates %v times", n)
	}
	var masterKey [16]byte
	var masterSalt [14]byte
	if n := testing.AllocsPerRun(100, func() { kdf.AESCM(&masterKey, &masterSalt, out[:16], out[16:36]) }); n > 2 {
		t.Errorf("AESCM allocates %v times, not only the key schedule and one block", n)
	}
}

// If these limits were silent, a too long input would be cut or a key stream repeat.
func TestLimitsPanic(t *testing.T) {
	for name, call := range map[string]func(){
		"message over MaxInput":  func() { kdf.HMAC(new([kdf.Size]byte), nil, make([]byte, kdf.MaxInput), []byte{1}) },
		"info over MaxInput":     func() { kdf.HKDF(make([]byte, 1), nil, nil, make([]byte, kdf.MaxInput)) },
		"long HMAC's key":        func() { kdf.LongHMAC(new([kdf.Size]byte), make([]byte, 65)) },
		"output over 255 blocks": func() { kdf.HKDF(make([]byte, 255*kdf.Size+1), nil, nil, nil) },
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
	kdf.HMAC(new([kdf.Size]byte), nil, make([]byte, kdf.MaxInput))
	kdf.HKDF(make([]byte, 255*kdf.Size), nil, nil, nil)
}

// Callers count on 640 bytes, and go to LongHMAC beyond.
func TestMaxInput(t *testing.T) {
	panics := func(parts ...[]byte) (said bool) {
		defer func() { said = recover() != nil }()
		var out [kdf.Size]byte
		kdf.HMAC(&out, []byte("key"), parts...)
		return false
	}
	for n, want := range map[int]bool{639: false, 640: false, 641: true} {
		if got := panics(make([]byte, n)); got != want {
			t.Errorf("an input of %d bytes panics: %v", n, got)
		}
		if got := panics(make([]byte, 600), make([]byte, n-600)); got != want {
			t.Errorf("inputs of %d bytes together panic: %v", n, got)
		}
	}
}

// A key of any length is the start of a longer one, whatever its last block holds.
func TestAESCMOfEveryLength(t *testing.T) {
	var key [16]byte
	var salt [14]byte
	long := make([]byte, 80)
	kdf.AESCM(&key, &salt, long)
	for n := range long {
		out := make([]byte, n)
		kdf.AESCM(&key, &salt, out)
		if !bytes.Equal(out, long[:n]) {
			t.Errorf("%d bytes are %x, want %x", n, out, long[:n])
		}
	}
}
