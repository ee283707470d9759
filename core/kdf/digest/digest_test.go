package digest

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"flag"
	"math/rand/v2"
	"os"
	"os/exec"
	"testing"
)

var inputs = flag.Int("inputs", 100_000, "random messages to compare with crypto/sha256")

// ways are Take of this processor and of one without the instructions.
func ways() map[string]func(*State, []byte) {
	all := map[string]func(*State, []byte){"standard": standard, "Take": (*State).Take}
	if available {
		all["blocks"] = func(s *State, p []byte) { blocks((*[8]uint32)(s), p) }
		all["pair, first"] = func(s *State, p []byte) { both(s, p, true) }
		all["pair, second"] = func(s *State, p []byte) { both(s, p, false) }
	}
	return all
}

// both takes the blocks of p beside others.
func both(s *State, p []byte, first bool) {
	var another State
	for ; len(p) > 0; p = p[BlockBytes:] {
		if first {
			pair((*[8]uint32)(s), (*[8]uint32)(&another), (*[BlockBytes]byte)(p), (*[BlockBytes]byte)(make([]byte, BlockBytes)))
		} else {
			pair((*[8]uint32)(&another), (*[8]uint32)(s), (*[BlockBytes]byte)(make([]byte, BlockBytes)), (*[BlockBytes]byte)(p))
		}
	}
}

// sum hashes a message, in two parts if split is not 0.
func sum(take func(*State, []byte), message []byte, split int) (out [Bytes]byte) {
	padded := append(bytes.Clone(message), 0x80)
	for len(padded)%BlockBytes != BlockBytes-8 {
		padded = append(padded, 0)
	}
	padded = binary.BigEndian.AppendUint64(padded, uint64(len(message))*8)
	s := Initial
	split = min(split*BlockBytes, len(padded))
	take(&s, padded[:split])
	take(&s, padded[split:])
	s.Put(&out)
	return out
}

// If this failed, no key of a call and no message would be anybody else's.
func TestMatchesStandardLibrary(t *testing.T) {
	random := rand.NewChaCha8([32]byte{1})
	for name, take := range ways() {
		for n := range 1000 {
			message := make([]byte, n)
			random.Read(message)
			if got, want := sum(take, message, int(random.Uint64()%5)), sha256.Sum256(message); got != want {
				t.Fatalf("%s: the sum of %d bytes is %x, want %x", name, n, got, want)
			}
		}
	}
	ways := ways()
	for range *inputs / len(ways) {
		message := make([]byte, random.Uint64()%300)
		random.Read(message)
		want := sha256.Sum256(message)
		for name, take := range ways {
			if got := sum(take, message, int(random.Uint64()%5)); got != want {
				t.Fatalf("%s: the sum of %x is %x, want %x", name, message, got, want)
			}
		}
	}
}

// If this failed, a message whose words are all ones or zeros, where additions carry all the way or
// not at all, would be hashed wrongly.
func TestEdges(t *testing.T) {
	for name, take := range ways() {
		for _, b := range []byte{0, 0xff, 0x80, 0x7f, 0x01} {
			message := bytes.Repeat([]byte{b}, 3*BlockBytes)
			for _, s := range []State{{}, Initial, {1<<32 - 1, 1<<32 - 1, 1<<32 - 1, 1<<32 - 1, 1<<32 - 1, 1<<32 - 1, 1<<32 - 1, 1<<32 - 1}} {
				got, want := s, s
				take(&got, message)
				if standard(&want, message); got != want {
					t.Errorf("%s: bytes of %#x make of %x %x, want %x", name, b, s, got, want)
				}
			}
		}
	}
}

// If this failed, an HMAC would be another one where the processor has the instructions.
func TestHMAC(t *testing.T) {
	random := rand.NewChaCha8([32]byte{2})
	for range 10_000 {
		var key, other [BlockBytes]byte
		random.Read(key[:])
		random.Read(other[:random.Uint64()%(BlockBytes+1)])
		var inner, outer, inner2, outer2, want, want2 State
		Keyed(&inner, &outer, &key)
		Keyed(&inner2, &outer2, &other)
		var p, q [BlockBytes]byte
		for i, b := range key {
			p[i], q[i] = b^innerPad, b^outerPad
		}
		standardFirst(&want, p[:])
		standardFirst(&want2, q[:])
		if inner != want || outer != want2 {
			t.Fatalf("the key %x makes %x and %x, want %x and %x", key, inner, outer, want, want2)
		}
		var a, b, wantA, wantB [Bytes]byte
		lastByBlocks(&wantA, &outer, &inner)
		lastByBlocks(&wantB, &outer2, &inner2)
		if Last(&a, &outer, &inner); a != wantA {
			t.Fatalf("%x after %x is %x, want %x", inner, outer, a, wantA)
		}
		if LastOfBoth(&a, &b, &outer2, &outer, &inner2, &inner); a != wantB || b != wantA {
			t.Fatalf("%x after %x is %x, want %x", inner2, outer2, a, wantB)
		}
		mac := hmac.New(sha256.New, key[:])
		mac.Write(nil)
		s := inner
		var block [BlockBytes]byte
		block[0], block[BlockBytes-2] = 0x80, 8*BlockBytes>>8
		s.Take(block[:])
		if Last(&a, &outer, &s); !bytes.Equal(a[:], mac.Sum(nil)) {
			t.Fatalf("the HMAC of nothing under %x is %x", key, a)
		}
	}
}

// FIPS 180-4's own examples, and a million letters.
func TestKnownAnswers(t *testing.T) {
	for _, known := range []struct {
		message []byte
		sum     string
	}{
		{nil, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
		{[]byte("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
		{[]byte("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"), "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
		{bytes.Repeat([]byte("a"), 1_000_000), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
	} {
		for name, take := range ways() {
			if got := sum(take, known.message, 1); hex.EncodeToString(got[:]) != known.sum {
				t.Errorf("%s: the sum of %d bytes is %x, want %s", name, len(known.message), got, known.sum)
			}
		}
	}
}

// If this failed, a block that is missing some bytes would be read past its end.
func TestWholeBlocks(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("63 bytes are taken")
		}
	}()
	new(State).Take(make([]byte, BlockBytes-1))
}

// If this failed, each key would cost half a microsecond more inside secret.Do.
func TestNoAllocation(t *testing.T) {
	s, other := Initial, Initial
	for name, call := range map[string]func(){
		"Take":       func() { s.Take(make([]byte, 2*BlockBytes)) },
		"TakeBoth":   func() { TakeBoth(&s, &other, new([BlockBytes]byte), new([BlockBytes]byte)) },
		"Keyed":      func() { Keyed(&s, &other, new([BlockBytes]byte)) },
		"Last":       func() { Last(new([Bytes]byte), &s, &other) },
		"LastOfBoth": func() { LastOfBoth(new([Bytes]byte), new([Bytes]byte), &s, &other, &other, &s) },
		"standard":   func() { standard(&s, make([]byte, 2*BlockBytes)) },
	} {
		if n := testing.AllocsPerRun(100, call); n != 0 {
			t.Errorf("%s allocates %v times", name, n)
		}
	}
}

// off turns the instructions off.
const off = "cpu.all=off"

// If this failed, `make test-go-plain` would test the instructions once more, and the way without
// them would have no test on a processor that has them.
func TestTurnedOff(t *testing.T) {
	if os.Getenv("GODEBUG") == off {
		if Available() {
			t.Error("they are available")
		}
		return
	}
	c := exec.Command(os.Args[0], "-test.run=^TestTurnedOff$")
	c.Env = append(os.Environ(), "GODEBUG="+off)
	if out, err := c.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func BenchmarkTake(b *testing.B) {
	var message [BlockBytes]byte
	for name, take := range map[string]func(*State, []byte){"Take": (*State).Take, "standard": standard} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			s := Initial
			for b.Loop() {
				take(&s, message[:])
			}
		})
	}
	b.Run("TakeBoth", func(b *testing.B) {
		s, other := Initial, Initial
		for b.Loop() {
			TakeBoth(&s, &other, &message, &message)
		}
	})
}
