package aes

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/hex"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"testing"
)

var inputs = flag.Int("inputs", 100_000, "random inputs to compare with crypto/aes")

// way is the package on this processor, or on one without the instructions.
type way struct {
	encrypt    func(key *[16]byte, blocks []byte)
	encryptCBC func(key *[32]byte, iv *[BlockBytes]byte, blocks []byte)
	decryptCBC func(plaintext []byte, key *[32]byte, iv *[BlockBytes]byte, blocks []byte)
}

var ways = map[string]way{
	"this processor": {Encrypt, EncryptCBC, DecryptCBC},
	"any processor":  {standardEncrypt, standardEncryptCBC, standardDecryptCBC},
}

// agree compares with crypto/aes and crypto/cipher.
func agree(t *testing.T, key *[32]byte, iv *[BlockBytes]byte, plaintext []byte) {
	t.Helper()
	short, err := aes.NewCipher(key[:16])
	if err != nil {
		t.Fatal(err)
	}
	long, err := aes.NewCipher(key[:])
	if err != nil {
		t.Fatal(err)
	}
	separate, chained := bytes.Clone(plaintext), bytes.Clone(plaintext)
	for at := 0; at < len(plaintext); at += BlockBytes {
		short.Encrypt(separate[at:], separate[at:])
	}
	cipher.NewCBCEncrypter(long, iv[:]).CryptBlocks(chained, chained)
	for name, w := range ways {
		got := bytes.Clone(plaintext)
		if w.encrypt((*[16]byte)(key[:]), got); !bytes.Equal(got, separate) {
			t.Fatalf("%s: under %x %x is encrypted to %x, want %x", name, key[:16], plaintext, got, separate)
		}
		got = bytes.Clone(plaintext)
		if w.encryptCBC(key, iv, got); !bytes.Equal(got, chained) {
			t.Fatalf("%s: under %x, %x, %x is encrypted to %x, want %x", name, key, iv, plaintext, got, chained)
		}
		opened := make([]byte, len(got))
		if w.decryptCBC(opened, key, iv, got); !bytes.Equal(opened, plaintext) {
			t.Fatalf("%s: under %x, %x, %x is decrypted to %x, want %x", name, key, iv, got, opened, plaintext)
		}
		if !bytes.Equal(got, chained) {
			t.Fatalf("%s: the ciphertext of %d bytes changed", name, len(got))
		}
	}
}

// If this failed, messages of one length would open nowhere else, and none from elsewhere here.
func TestEveryLength(t *testing.T) {
	random := rand.NewChaCha8([32]byte{1})
	for blocks := range 3 * longBody / BlockBytes {
		var key [32]byte
		var iv [BlockBytes]byte
		plaintext := make([]byte, blocks*BlockBytes)
		random.Read(key[:])
		random.Read(iv[:])
		random.Read(plaintext)
		agree(t, &key, &iv, plaintext)
	}
}

// If this failed, a call would fail or a message be lost once in a while.
func TestRandom(t *testing.T) {
	random := rand.NewChaCha8([32]byte{2})
	n := *inputs
	if testing.Short() {
		n /= 10
	}
	for range n {
		var key [32]byte
		var iv [BlockBytes]byte
		plaintext := make([]byte, random.Uint64()%11*BlockBytes)
		random.Read(key[:])
		random.Read(iv[:])
		random.Read(plaintext)
		agree(t, &key, &iv, plaintext)
	}
}

func fromHex(t *testing.T, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// FIPS 197, appendix B, and NIST SP 800-38A, F.1.1 and F.2.5.
func TestKnownAnswers(t *testing.T) {
	four := "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710"
	for _, known := range [][3]string{
		{"2b7e151628aed2a6abf7158809cf4f3c", "3243f6a8885a308d313198a2e0370734", "3925841d02dc09fbdc118597196a0b32"},
		{"000102030405060708090a0b0c0d0e0f", "00112233445566778899aabbccddeeff", "69c4e0d86a7b0430d8cdb78070b4c55a"},
		{"2b7e151628aed2a6abf7158809cf4f3c", four, "3ad77bb40d7a3660a89ecaf32466ef97f5d3d58503b9699de785895a96fdbaaf43b1cd7f598ece23881b00e3ed0306887b0c785e27e8ad3f8223207104725dd4"},
	} {
		for name, w := range ways {
			blocks := fromHex(t, known[1])
			if w.encrypt((*[16]byte)(fromHex(t, known[0])), blocks); hex.EncodeToString(blocks) != known[2] {
				t.Errorf("%s: %s is encrypted to %x", name, known[1], blocks)
			}
		}
	}
	key := [32]byte(fromHex(t, "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4"))
	iv := [BlockBytes]byte(fromHex(t, "000102030405060708090a0b0c0d0e0f"))
	want := "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d39f23369a9d9bacfa530e26304231461b2eb05e2c39be9fcda6c19078c6a9d1b"
	for name, w := range ways {
		blocks, opened := fromHex(t, four), make([]byte, len(four)/2)
		if w.encryptCBC(&key, &iv, blocks); hex.EncodeToString(blocks) != want {
			t.Errorf("%s: CBC is %x", name, blocks)
		}
		if w.decryptCBC(opened, &key, &iv, blocks); hex.EncodeToString(opened) != four {
			t.Errorf("%s: CBC is decrypted to %x", name, opened)
		}
	}
}

// If this failed, bytes after the end would be read, or written.
func TestWholeBlocks(t *testing.T) {
	for name, call := range map[string]func(){
		"15 bytes":                func() { Encrypt(new([16]byte), make([]byte, 15)) },
		"17 bytes in CBC":         func() { EncryptCBC(new([32]byte), new([16]byte), make([]byte, 17)) },
		"33 bytes from CBC":       func() { DecryptCBC(make([]byte, 33), new([32]byte), new([16]byte), make([]byte, 33)) },
		"a plaintext of one less": func() { DecryptCBC(make([]byte, 16), new([32]byte), new([16]byte), make([]byte, 32)) },
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

// If this failed, each key and each message would cost a microsecond more inside secret.Do.
func TestNoAllocation(t *testing.T) {
	if !gcmAvailable {
		t.Skip("needs the processor's instructions for AES and GCM")
	}
	for name, call := range map[string]func(){
		"Encrypt":    func() { Encrypt(new([16]byte), make([]byte, 128)) },
		"EncryptCBC": func() { EncryptCBC(new([32]byte), new([BlockBytes]byte), body) },
		"DecryptCBC": func() { DecryptCBC(plain, new([32]byte), new([BlockBytes]byte), body) },
		"SealGCM":    func() { SealGCM(body, new([16]byte), new([16]byte), plain[:len(body)-TagBytes]) },
		"OpenGCM":    func() { OpenGCM(plain[:len(body)-TagBytes], new([16]byte), new([16]byte), body) },
	} {
		if n := testing.AllocsPerRun(100, call); n != 0 {
			t.Errorf("%s allocates %v times", name, n)
		}
	}
}

// As those of messages, these are on the heap.
var body, plain = make([]byte, 256), make([]byte, 256)

// If this failed, the way without the instructions would have no test in the packages above, on a
// processor that has them.
func TestTurnedOff(t *testing.T) {
	const off = "cpu.all=off"
	if os.Getenv("GODEBUG") == off {
		if Available() || gcmAvailable {
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

func BenchmarkEncrypt(b *testing.B) {
	b.ReportAllocs()
	var key [16]byte
	blocks := make([]byte, 8*BlockBytes)
	for b.Loop() {
		Encrypt(&key, blocks)
	}
}

func BenchmarkCBC(b *testing.B) {
	var key [32]byte
	var iv [BlockBytes]byte
	for _, n := range []int{64, 16 << 10} {
		blocks, opened := make([]byte, n), make([]byte, n)
		for name, call := range map[string]func(){
			"encrypt":          func() { EncryptCBC(&key, &iv, blocks) },
			"encrypt/standard": func() { standardEncryptCBC(&key, &iv, blocks) },
			"decrypt":          func() { DecryptCBC(opened, &key, &iv, blocks) },
			"decrypt/standard": func() { standardDecryptCBC(opened, &key, &iv, blocks) },
		} {
			b.Run(fmt.Sprint(name, "/", n), func(b *testing.B) {
				b.ReportAllocs()
				b.SetBytes(int64(n))
				for b.Loop() {
					call()
				}
			})
		}
	}
}
