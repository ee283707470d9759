package curve

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha512"
	"math/big"
	"slices"
	"testing"

	"filippo.io/edwards25519"
	"go.mau.fi/libsignal/ecc"

	"libcallkey/tests/ctime"
)

// number is the one that bytes write, the least first.
func number(bytes []byte) *big.Int {
	backwards := slices.Clone(bytes)
	slices.Reverse(backwards)
	return new(big.Int).SetBytes(backwards)
}

// If this failed, the nonce would be another one than XEdDSA's. Who can guess the nonce of one
// signature has the private key.
func TestSignsAsXEdDSASays(t *testing.T) {
	order := number(groupOrder[:])
	// 2²⁵⁶ - 1 - 1, and so 254 and then 255 31 times.
	prefix := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 256), big.NewInt(2)).FillBytes(make([]byte, 32))
	slices.Reverse(prefix)
	for n := range 300 {
		var private, public [Bytes]byte
		Generate(&private, &public)
		message := make([]byte, n)
		rand.Read(message)
		var random [64]byte
		rand.Read(random[:])
		var signature [SignatureBytes]byte
		sign(&signature, &private, message, &random)

		nonce := sha512.Sum512(slices.Concat(prefix, private[:], message, random[:]))
		scalar, _ := edwards25519.NewScalar().SetUniformBytes(nonce[:])
		if R := new(edwards25519.Point).ScalarBaseMult(scalar).Bytes(); !bytes.Equal(R, signature[:32]) {
			t.Fatalf("private key %x, message %x, random %x: R is %x, want %x", private, message, random, signature[:32], R)
		}
		clamped, _ := edwards25519.NewScalar().SetBytesWithClamping(private[:])
		key := new(edwards25519.Point).ScalarBaseMult(clamped).Bytes()
		challenge := sha512.Sum512(slices.Concat(signature[:32], key, message))
		want := new(big.Int).Mul(number(challenge[:]), number(private[:]))
		want.Add(want, number(nonce[:]))
		want.Mod(want, order)
		ed := signature
		ed[63] &= 0x7f
		if got := number(ed[32:]); got.Cmp(want) != 0 {
			t.Fatalf("private key %x, message %x, random %x: s is %x, want %x", private, message, random, got, want)
		}
		if signature[63]&0x80 != key[31]&0x80 {
			t.Fatalf("the top bit of %x is not the sign of %x", signature, key)
		}
		if !ed25519.Verify(key, message, ed[:]) {
			t.Fatal("Ed25519 refuses it")
		}
	}
}

// A private key that is not clamped signs as the one that it stands for, and stays as it is.
func TestSignsWithAnyPrivateKey(t *testing.T) {
	for _, fill := range []byte{0x00, 0x01, 0xff, 0xa5} {
		private := [Bytes]byte(bytes.Repeat([]byte{fill}, Bytes))
		clamped := private
		Clamp(&clamped)
		var random [64]byte
		var got, want [SignatureBytes]byte
		sign(&want, &clamped, []byte("message"), &random)
		if sign(&got, &private, []byte("message"), &random); got != want || private != [Bytes]byte(bytes.Repeat([]byte{fill}, Bytes)) {
			t.Errorf("%#x signs %x, want %x", fill, got, want)
		}
	}
}

// If this failed, peers would refuse our prekeys, or see which library made them.
func TestSignsAsLibsignalDoes(t *testing.T) {
	signs := map[byte]int{}
	for n := range 300 {
		var private, public [Bytes]byte
		Generate(&private, &public)
		message := make([]byte, n)
		rand.Read(message)
		ours, again := Sign(&private, message), Sign(&private, message)
		if ours == again {
			t.Fatal("a signature is not random")
		}
		theirs := ecc.CalculateSignature(ecc.NewDjbECPrivateKey(private), message)
		if !ecc.VerifySignature(ecc.NewDjbECPublicKey(public), message, ours) {
			t.Fatalf("private key %x, message %x: libsignal refuses %x", private, message, ours)
		}
		if !Verify(&public, message, &theirs) {
			t.Fatalf("private key %x, message %x: libsignal's %x is refused", private, message, theirs)
		}
		if ours[63]&0x80 != theirs[63]&0x80 {
			t.Fatalf("private key %x: the sign of %x is not that of %x", private, ours, theirs)
		}
		signs[ours[63]&0x80]++
	}
	if len(signs) != 2 {
		t.Errorf("all 300 keys have one sign: %v", signs)
	}
}

// What is on the heap stays there until the garbage collector runs, and longer where the runtime
// does not erase.
func TestSigningAllocatesNothing(t *testing.T) {
	var private, public [Bytes]byte
	Generate(&private, &public)
	for _, size := range []int{0, 1 + Bytes, 10_000} {
		message := make([]byte, size)
		if n := testing.AllocsPerRun(100, func() { Sign(&private, message) }); n != 0 {
			t.Errorf("signing %d bytes allocates %v times", size, n)
		}
	}
}

func BenchmarkSign(b *testing.B) {
	var private, public [Bytes]byte
	Generate(&private, &public)
	message := Typed(&public)
	for b.Loop() {
		Sign(&private, message[:])
	}
}

// Would the time tell how much of a private key is zero?
func BenchmarkTimingSign(b *testing.B) {
	var private [Bytes]byte
	var signature [SignatureBytes]byte
	var random [64]byte
	message := make([]byte, 1+Bytes)
	ctime.Compare(b, Bytes, 1, func(input []byte) { clear(input) }, ctime.Noise, func(input []byte) {
		private = [Bytes]byte(input)
		sign(&signature, &private, message, &random)
	})
}
