package libsignal

import (
	"bytes"
	"fmt"
	"testing"

	"go.mau.fi/libsignal/ecc"
	"go.mau.fi/libsignal/kdf"
	"go.mau.fi/libsignal/keys/prekey"
	"go.mau.fi/libsignal/protocol"

	"libcallkey/core/envelope"
)

// The benchmarks have the names of those in core/offer and core/curve, so that the table
// can set them side by side.

var kinds = []struct {
	name string
	make func() sessions
}{
	{"pointers", func() sessions { return pointers{} }},
	{"serialized", func() sessions { return serialized{} }},
}

var fanOuts = []int{1, 10, 100}

var callerAddress = protocol.NewSignalAddress("111111111111111_1", 2)

func calleeAddress(device int) *protocol.SignalAddress {
	return protocol.NewSignalAddress("222222222222222_1", uint32(device))
}

// newPlaintext pads a key afresh, as must be done for each device.
func newPlaintext(tb testing.TB) []byte {
	key := bytes.Repeat([]byte{0x5a}, 32)
	plaintext, err := envelope.Encode(key)
	if err != nil {
		tb.Fatal(err)
	}
	return plaintext
}

// pass seals on from's session and opens on to's.
func pass(tb testing.TB, from, to *account, fromAddress, toAddress *protocol.SignalAddress) {
	tb.Helper()
	plaintext := newPlaintext(tb)
	want := string(plaintext)
	ciphertext, isPrekey, err := from.seal(toAddress, plaintext)
	if err != nil {
		tb.Fatal(err)
	}
	got, err := to.open(fromAddress, ciphertext, isPrekey)
	if err != nil {
		tb.Fatal(err)
	}
	if string(got) != want {
		tb.Fatal("another plaintext came out")
	}
}

// acknowledged makes sessions in both directions between the two.
func acknowledged(tb testing.TB, caller, callee *account, address *protocol.SignalAddress) {
	tb.Helper()
	if err := caller.builder(address).ProcessBundle(background, callee.bundle(tb, address.DeviceID())); err != nil {
		tb.Fatal(err)
	}
	pass(tb, caller, callee, callerAddress, address)
	pass(tb, callee, caller, address, callerAddress)
}

func BenchmarkSealReused(b *testing.B) {
	for _, kind := range kinds {
		for _, n := range fanOuts {
			b.Run(fmt.Sprintf("%s/%d", kind.name, n), func(b *testing.B) {
				caller := newAccount(b, kind.make())
				for i := range n {
					acknowledged(b, caller, newAccount(b, pointers{}), calleeAddress(i))
				}
				for b.Loop() {
					for i := range n {
						if _, isPrekey, err := caller.seal(calleeAddress(i), newPlaintext(b)); err != nil || isPrekey {
							b.Fatal(err, isPrekey)
						}
					}
				}
			})
		}
	}
}

func BenchmarkSealNew(b *testing.B) {
	for _, kind := range kinds {
		for _, n := range fanOuts {
			b.Run(fmt.Sprintf("%s/%d", kind.name, n), func(b *testing.B) {
				caller, callee := newAccount(b, kind.make()), newAccount(b, pointers{})
				bundles := make([]*prekey.Bundle, n)
				for i := range bundles {
					bundles[i] = callee.bundle(b, uint32(i))
				}
				for b.Loop() {
					for i := range n {
						address := calleeAddress(i)
						if err := caller.builder(address).ProcessBundle(background, bundles[i]); err != nil {
							b.Fatal(err)
						}
						if _, isPrekey, err := caller.seal(address, newPlaintext(b)); err != nil || !isPrekey {
							b.Fatal(err, isPrekey)
						}
						caller.sessions.remove(address.String())
					}
				}
			})
		}
	}
}

// batch is how many messages are sealed ahead while the clock stands still.
const batch = 256

func BenchmarkOpenReused(b *testing.B) {
	for _, kind := range kinds {
		b.Run(kind.name, func(b *testing.B) {
			caller, callee := newAccount(b, pointers{}), newAccount(b, kind.make())
			address := calleeAddress(0)
			acknowledged(b, caller, callee, address)
			var sealed [][]byte
			for b.Loop() {
				if len(sealed) == 0 {
					b.StopTimer()
					for range batch {
						ciphertext, _, err := caller.seal(address, newPlaintext(b))
						if err != nil {
							b.Fatal(err)
						}
						sealed = append(sealed, ciphertext)
					}
					b.StartTimer()
				}
				if _, err := callee.open(callerAddress, sealed[0], false); err != nil {
					b.Fatal(err)
				}
				sealed = sealed[1:]
			}
		})
	}
}

func BenchmarkOpenNew(b *testing.B) {
	const batch = 16
	for _, kind := range kinds {
		b.Run(kind.name, func(b *testing.B) {
			callee := newAccount(b, kind.make())
			address := calleeAddress(0)
			type message struct {
				from       *protocol.SignalAddress
				ciphertext []byte
			}
			var sealed []message
			callers := 0
			for b.Loop() {
				if len(sealed) == 0 {
					b.StopTimer()
					for range batch {
						callers++
						caller := newAccount(b, pointers{})
						if err := caller.builder(address).ProcessBundle(background, callee.bundle(b, 0)); err != nil {
							b.Fatal(err)
						}
						ciphertext, isPrekey, err := caller.seal(address, newPlaintext(b))
						if err != nil || !isPrekey {
							b.Fatal(err, isPrekey)
						}
						sealed = append(sealed, message{protocol.NewSignalAddress("111111111111111_1", uint32(callers)), ciphertext})
					}
					b.StartTimer()
				}
				if _, err := callee.open(sealed[0].from, sealed[0].ciphertext, true); err != nil {
					b.Fatal(err)
				}
				sealed = sealed[1:]
			}
		})
	}
}

func keyPair(tb testing.TB) *ecc.ECKeyPair {
	pair, err := ecc.GenerateKeyPair()
	if err != nil {
		tb.Fatal(err)
	}
	return pair
}

func BenchmarkAgree(b *testing.B) {
	own, peer := keyPair(b), keyPair(b)
	for b.Loop() {
		kdf.CalculateSharedSecret(peer.PublicKey().PublicKey(), own.PrivateKey().Serialize())
	}
}

func BenchmarkGenerate(b *testing.B) {
	for b.Loop() {
		keyPair(b)
	}
}

func BenchmarkVerify(b *testing.B) {
	own := keyPair(b)
	message := own.PublicKey().Serialize()
	signature := ecc.CalculateSignature(own.PrivateKey(), message)
	for b.Loop() {
		if !ecc.VerifySignature(own.PublicKey(), message, signature) {
			b.Fatal("own signature refused")
		}
	}
}
