package curve_test

import (
	"crypto/rand"
	"crypto/sha512"
	"math/big"
	"testing"

	"filippo.io/edwards25519"
	"go.mau.fi/libsignal/ecc"

	"libcallkey/core/curve"
)

func sameAsLibsignal(t *testing.T, public [32]byte, message []byte, signature [64]byte) (valid bool) {
	t.Helper()
	given := signature
	valid = curve.Verify(&public, message, &signature)
	if signature != given {
		t.Fatalf("the signature %x was changed", given)
	}
	if want := ecc.VerifySignature(ecc.NewDjbECPublicKey(public), message, signature); valid != want {
		t.Fatalf("key %x, message %x, signature %x: %v, want %v", public, message, signature, valid, want)
	}
	return valid
}

// If this failed, a bundle that others accept could not be called, or a forged one could.
func TestVerifiesAsLibsignalDoes(t *testing.T) {
	for n := range compared() / 20 {
		private, public := generate(t)
		message := make([]byte, n%200)
		rand.Read(message)
		signature := curve.Sign(&private, message)
		if !sameAsLibsignal(t, public, message, signature) {
			t.Fatal("own signature refused")
		}
		for range 4 {
			broken, other := signature, public
			var flip [2]byte
			rand.Read(flip[:])
			broken[flip[0]%64] ^= 1 << (flip[1] % 8)
			other[flip[0]%32] ^= 1 << (flip[1] % 8)
			if sameAsLibsignal(t, public, message, broken) {
				t.Fatal("a changed signature is accepted")
			}
			sameAsLibsignal(t, other, message, signature)
		}
		rand.Read(signature[:])
		sameAsLibsignal(t, public, message, signature)
		rand.Read(public[:])
		sameAsLibsignal(t, public, message, signature)
	}
}

// Keys of low order and with a torsion part, whose signatures without the cofactor are valid
// only if the torsion of R is just so, and every spelling of the keys, of R and of S.
func TestVerifiesDegenerateSignaturesAsLibsignalDoes(t *testing.T) {
	valid, tried := 0, 0
	torsion := make([]*edwards25519.Point, 8)
	torsion[0] = edwards25519.NewIdentityPoint()
	for i := range torsion[1:] {
		torsion[i+1] = new(edwards25519.Point).Add(torsion[i], order8(t))
	}
	for round := range 3 {
		var a, r edwards25519.Scalar // secrets: 0 and 0, then only r is 0
		if round > 0 {
			a.SetUniformBytes(noise())
		}
		if round > 1 {
			r.SetUniformBytes(noise())
		}
		for _, ofKey := range torsion {
			key := new(edwards25519.Point).ScalarBaseMult(&a)
			key.Add(key, ofKey)
			for _, ofR := range torsion {
				R := new(edwards25519.Point).ScalarBaseMult(&r)
				R.Add(R, ofR)
				for i, spelling := range spellings(R.Bytes()) {
					k := challenge(t, spelling, key, []byte("message"))
					s := edwards25519.NewScalar().MultiplyAdd(k, &a, &r)
					for j, scalar := range spellings(s.Bytes()) {
						var signature [64]byte
						copy(signature[:], spelling)
						copy(signature[32:], scalar)
						signature[63] = signature[63]&0x7f | key.Bytes()[31]&0x80
						// Other builds verify with the same code, and take one in seven, and
						// those in their one form, which are most of the valid ones.
						if tried++; testing.Short() && tried%7 != 0 && i+j > 0 {
							continue
						}
						for _, public := range spellings(key.BytesMontgomery()) {
							if sameAsLibsignal(t, [32]byte(public), []byte("message"), signature) {
								valid++
							}
							signature[63] ^= 0x80
							if sameAsLibsignal(t, [32]byte(public), []byte("message"), signature) {
								valid++
							}
						}
					}
				}
			}
		}
	}
	if valid < 30 && (valid < 10 || !testing.Short()) {
		t.Errorf("only %d signatures are valid: the degenerate ones are not reached", valid)
	}
}

// u = -1 is on the twist, but the conversion gives it the point of u = 1. u = 0 has one point, of
// order 2, for either sign. Whether a signature by a key of low order is valid depends on how the
// key is hashed.
func TestVerifiesZeroAndMinusOneAsLibsignalDoes(t *testing.T) {
	p := prime()
	order4, err := new(edwards25519.Point).SetBytes(make([]byte, 32)) // y = 0
	if err != nil {
		t.Fatal(err)
	}
	valid := map[int64]int{}
	for range 20 {
		r, _ := edwards25519.NewScalar().SetUniformBytes(noise())
		R := new(edwards25519.Point).ScalarBaseMult(r)
		for range 4 {
			R.Add(R, order4)
			for _, small := range []int64{0, 1, -1} {
				u := big.NewInt(small)
				for _, u := range []*big.Int{u.Mod(u, p), new(big.Int).Add(u, p)} {
					for sign := range byte(2) {
						var signature [64]byte
						copy(signature[:], R.Bytes())
						copy(signature[32:], r.Bytes())
						signature[63] |= sign << 7
						if sameAsLibsignal(t, little(u), nil, signature) {
							valid[small]++
						}
					}
				}
			}
		}
	}
	if len(valid) != 3 {
		t.Errorf("valid signatures by key: %v, want some by each", valid)
	}
}

func noise() []byte {
	bytes := make([]byte, 64)
	rand.Read(bytes)
	return bytes
}

// challenge is SHA-512(R, A, message) as a scalar (RFC 8032 §5.1.7).
func challenge(t *testing.T, R []byte, key *edwards25519.Point, message []byte) *edwards25519.Scalar {
	t.Helper()
	hash := sha512.New()
	hash.Write(R)
	hash.Write(key.Bytes())
	hash.Write(message)
	k, err := edwards25519.NewScalar().SetUniformBytes(hash.Sum(nil))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// spellings are 32 bytes as they are, with the top bit changed, and as the numbers that are
// larger by p and by the order of the base point.
func spellings(bytes []byte) [][]byte {
	order, _ := new(big.Int).SetString("7237005577332262213973186563042994240857116359379907606001950938285454250989", 10)
	all := [][]byte{bytes}
	other := append([]byte(nil), bytes...)
	other[31] ^= 0x80
	all = append(all, other)
	backwards := make([]byte, 32)
	for i, b := range bytes {
		backwards[31-i] = b
	}
	for _, more := range []*big.Int{prime(), order} {
		if n := more.Add(more, new(big.Int).SetBytes(backwards)); n.BitLen() <= 256 {
			larger := little(n)
			all = append(all, larger[:])
		}
	}
	return all
}
