package curve

import (
	"crypto/rand"
	"testing"

	"filippo.io/edwards25519"

	"libcallkey/tests/ctime"
)

// unusual returns a public key that no honest device has: on the twist, unreduced, of low order
// or with a torsion part.
func unusual(way byte, private *[Bytes]byte, torsion *edwards25519.Point) (public [Bytes]byte) {
	switch way % 5 {
	case 0:
		rand.Read(public[:])
	case 1:
		for i := range public {
			public[i] = 0xff
		}
		public[0] -= way
	case 2:
		public[0] = way % 12
	default:
		point := edwards25519.NewIdentityPoint()
		if way%5 == 3 {
			scalar, _ := edwards25519.NewScalar().SetBytesWithClamping(private[:])
			point.ScalarBaseMult(scalar)
		}
		for range way % 8 {
			point.Add(point, torsion)
		}
		public = [Bytes]byte(point.BytesMontgomery())
	}
	return public
}

// If this failed, a session begun without AVX-512 would have other keys than with it.
func TestAgreementsByTablesAreAgree(t *testing.T) {
	torsion, err := new(edwards25519.Point).SetBytes([]byte{
		0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f,
		0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
	})
	if err != nil {
		t.Fatal(err)
	}
	low := 0
	for range 1000 {
		var private, public, shared [chunk][Bytes]byte
		agreements := make([]Agreement, chunk)
		for i := range agreements {
			var way [3]byte
			rand.Read(way[:])
			rand.Read(private[i][:])
			switch way[0] % 8 {
			case 0, 1, 2: // the key of one before
				if i > 0 {
					public[i] = public[int(way[1])%i]
				}
			case 3, 4, 5:
				multiplyBase(&public[i], &private[i])
			default:
				public[i] = unusual(way[1], &private[i], torsion)
			}
			agreements[i] = Agreement{Shared: &shared[i], Private: &private[i], Public: &public[i], LowOrder: way[2]%2 == 0}
			if way[2]%4 == 0 {
				agreements[i].Public = nil
			}
		}
		agreements = agreements[:1+int(public[0][0])%chunk]
		agreeByTables(agreements)
		for i, a := range agreements {
			var want [Bytes]byte
			wantLow := false
			if a.Public == nil {
				multiplyBase(&want, &private[i])
			} else {
				wantLow = Agree(&want, &private[i], &public[i]) != nil
			}
			if shared[i] != want || a.LowOrder != wantLow {
				t.Fatalf("%d of %d: %x with %x is %x, low order: %v", i, len(agreements), private[i], public[i], shared[i], a.LowOrder)
			}
			if wantLow {
				low++
			}
		}
	}
	if low == 0 {
		t.Error("no key was of low order")
	}
}

// BenchmarkAgreeByTables has the agreements and key pairs of a session that begins.
func BenchmarkAgreeByTables(b *testing.B) {
	var identity, base, ratchet, theirIdentity, signed, prekey [Bytes]byte
	var private, shared [Bytes]byte
	Generate(&private, &theirIdentity)
	Generate(&private, &signed)
	Generate(&private, &prekey)
	for _, key := range []*[Bytes]byte{&identity, &base, &ratchet} {
		rand.Read(key[:])
	}
	agreements := []Agreement{
		{Shared: &shared, Private: &base},
		{Shared: &shared, Private: &ratchet},
		{Shared: &shared, Private: &ratchet, Public: &signed},
		{Shared: &shared, Private: &identity, Public: &signed},
		{Shared: &shared, Private: &base, Public: &theirIdentity},
		{Shared: &shared, Private: &base, Public: &signed},
		{Shared: &shared, Private: &base, Public: &prekey},
	}
	for b.Loop() {
		agreeByTables(agreements)
	}
}

// Would the time tell how much of a private key is zero, where several agree with one key?
func BenchmarkTimingAgreement(b *testing.B) {
	var private, public, shared [Bytes]byte
	Generate(&private, &public)
	agreements := []Agreement{
		{Shared: &shared, Private: &private, Public: &public},
		{Shared: &shared, Private: &private, Public: &public},
	}
	ctime.Compare(b, Bytes, 1, func(input []byte) { clear(input) }, ctime.Noise, func(input []byte) {
		private = [Bytes]byte(input)
		agreeByTables(agreements)
	})
}
