package kdf_test

import (
	"bytes"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"flag"
	mathrand "math/rand/v2"
	"os"
	"os/exec"
	"testing"

	"libcallkey/core/aes"
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

// If this failed, a peer's message would be rejected, or a forged one accepted.
func TestHMACMatchesStandardLibrary(t *testing.T) {
	lengths := []int{640, 641, 5000}
	for n := range 301 { // every place of the padding, in one block to five
		lengths = append(lengths, n)
	}
	for _, keyLen := range []int{0, 1, 20, 32, 63, 64, 65, 200} {
		for _, n := range lengths {
			key, message := make([]byte, keyLen), make([]byte, n)
			rand.Read(key)
			rand.Read(message)
			h := hmac.New(sha256.New, key)
			h.Write(message)
			want := [kdf.Size]byte(h.Sum(nil))
			var made kdf.Key
			made.Set(key)
			for name, mac := range map[string]func(*[kdf.Size]byte){
				"HMAC":                func(out *[kdf.Size]byte) { kdf.HMAC(out, key, message[:n/3], message[n/3:]) },
				"Key.HMAC":            func(out *[kdf.Size]byte) { made.HMAC(out, message[:n/3], nil, message[n/3:]) },
				"Key.HMAC once again": func(out *[kdf.Size]byte) { made.HMAC(out, message) },
			} {
				var got [kdf.Size]byte
				if mac(&got); got != want {
					t.Fatalf("%s of a key of %d bytes and a message of %d differs", name, keyLen, n)
				}
			}
		}
	}
}

var inputs = flag.Int("inputs", 100_000, "random messages to compare with crypto/hmac")

// If this failed, a message that is put together of other parts would have another tag.
func TestRandomParts(t *testing.T) {
	random := mathrand.New(mathrand.NewChaCha8([32]byte{1}))
	all := make([]byte, 400)
	n := *inputs
	if testing.Short() {
		n /= 10
	}
	for range n {
		rand.Read(all)
		key := all[:random.IntN(100)]
		message := all[len(key):][:random.IntN(301)]
		var parts [][]byte
		for left := message; len(left) > 0; {
			n := random.IntN(len(left) + 1)
			parts, left = append(parts, left[:n]), left[n:]
		}
		h := hmac.New(sha256.New, key)
		h.Write(message)
		var got [kdf.Size]byte
		if kdf.HMAC(&got, key, parts...); got != [kdf.Size]byte(h.Sum(nil)) {
			t.Fatalf("HMAC of %x in %d parts under %x differs", message, len(parts), key)
		}
	}
}

// If this failed, a chain of a session would go on otherwise than the peer's.
func TestBoth(t *testing.T) {
	random := mathrand.New(mathrand.NewChaCha8([32]byte{2}))
	for p := range 120 {
		for q := range 120 {
			message := make([]byte, p+q)
			rand.Read(message)
			var keys [2]kdf.Key
			keys[0].Set(message[:random.IntN(p+q+1)])
			keys[1].Set(message)
			var got, want [2][kdf.Size]byte
			keys[0].HMAC(&want[0], message[:p])
			keys[1].HMAC(&want[1], message[p:])
			if kdf.Both(&got[0], &got[1], &keys[0], &keys[1], message[:p], message[p:]); got != want {
				t.Fatalf("of %d and %d bytes they are %x, want %x", p, q, got, want)
			}
		}
	}
}

// If this failed, processors without the instructions would derive other keys.
func TestWithoutInstructions(t *testing.T) {
	const off = "cpu.all=off"
	if os.Getenv("GODEBUG") == off {
		t.Skip("here they are turned off")
	}
	c := exec.Command(os.Args[0], "-test.v", "-inputs", "1000", "-test.skip=^TestNothingOnTheHeap$|^TestNothingIsLeft$")
	c.Env = append(os.Environ(), "GODEBUG="+off)
	if out, err := c.CombinedOutput(); err != nil || !bytes.Contains(out, []byte("--- PASS: TestRandomParts")) { // public: what a test prints
		t.Errorf("%v\n%s", err, out)
	}
}

// If this failed, participants after the first would get keys that no peer has.
func TestKeyExpandsAgain(t *testing.T) {
	var prk [kdf.Size]byte
	rand.Read(prk[:])
	var key kdf.Key
	key.Set(prk[:])
	for n := range 100 {
		info := make([]byte, n)
		rand.Read(info)
		want, err := hkdf.Expand(sha256.New, prk[:], string(info), n)
		if err != nil {
			t.Fatal(err)
		}
		got := make([]byte, n)
		if key.Expand(got, info); !bytes.Equal(got, want) {
			t.Fatalf("%d bytes are %x, not %x", n, got, want)
		}
	}
	if key.Clear(); key != (kdf.Key{}) {
		t.Error("a cleared key holds something")
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
	if n := testing.AllocsPerRun(100, func() { kdf.AESCM(&masterKey, &masterSalt, out[:16], out[16:36]) }); aes.Available() && n != 0 {
		t.Errorf("AESCM allocates %v times", n)
	}
}

// If these limits were silent, a key stream would repeat, or a key be none.
func TestLimitsPanic(t *testing.T) {
	var set kdf.Key
	set.Set(nil)
	for name, call := range map[string]func(){
		"a key that is not set":  func() { new(kdf.Key).HMAC(new([kdf.Size]byte)) },
		"one of two is not set":  func() { kdf.Both(new([kdf.Size]byte), new([kdf.Size]byte), &set, new(kdf.Key), nil, nil) },
		"the other is not set":   func() { kdf.Both(new([kdf.Size]byte), new([kdf.Size]byte), new(kdf.Key), &set, nil, nil) },
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
	kdf.HKDF(make([]byte, 255*kdf.Size), nil, nil, nil)
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
