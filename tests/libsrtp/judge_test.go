// Package libsrtp compares libcallkey's session keys with libsrtp: protect/protect.c gives
// libsrtp the 30 bytes of master key and salt and prints its packets, and this test makes
// the same packets from the six session keys, with Go's own AES and HMAC.
package libsrtp

import (
	"bufio"
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/binary"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const library = "../../build/libcallkey.so.0"

// members are the parts of callkey_srtp_keys that an SRTP library derives itself.
var members = map[string][2]int{
	"srtp_cipher_key": {30, 46}, "srtp_auth_key": {46, 66}, "srtp_salt": {66, 80},
	"srtcp_cipher_key": {80, 96}, "srtcp_auth_key": {96, 116}, "srtcp_salt": {116, 130},
}

type packet struct {
	name             string
	control          bool // RTCP
	tagLen           int
	roc              uint32
	keys             []byte
	plain, protected []byte
}

// protect runs protect.c, compiled with the system's libsrtp.
func protect(t *testing.T) []packet {
	t.Helper()
	flags, err := exec.Command("pkg-config", "--cflags", "--libs", "libsrtp2").Output()
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("libsrtp2 is not installed, and CI must not skip a test")
		}
		t.Skip(`skipped: needs libsrtp2, get it with "apt-get install libsrtp2-dev"`)
	}
	from, err := filepath.Abs(library)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(from); err != nil {
		t.Fatalf("%v: run make lib first", err)
	}
	program := filepath.Join(t.TempDir(), "protect")
	compiler := strings.Fields(os.Getenv("CC"))
	if len(compiler) == 0 {
		compiler = []string{"cc"}
	}
	arguments := append(compiler[1:], "-std=c99", "-Wall", "-Wextra", "-Werror", "-I../../include", "protect/protect.c", "-o", program, from, "-Wl,-rpath,"+filepath.Dir(from))
	if out, err := exec.Command(compiler[0], append(arguments, strings.Fields(string(flags))...)...).CombinedOutput(); err != nil {
		t.Fatalf("protect.c: %v\n%s", err, out)
	}
	run := exec.Command(program)
	run.Stderr = os.Stderr
	out, err := run.Output()
	if err != nil {
		t.Fatalf("protect: %v", err)
	}
	var packets []packet
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		f := strings.Fields(lines.Text())
		p := packet{name: f[1], control: f[0] == "rtcp", tagLen: 10}
		if !p.control {
			p.tagLen = number(t, f[2])
			p.roc = uint32(number(t, f[3]))
			f = f[2:]
		}
		for i, to := range []*[]byte{&p.keys, &p.plain, &p.protected} {
			if *to, err = hex.DecodeString(f[2+i]); err != nil {
				t.Fatal(err)
			}
		}
		packets = append(packets, p)
	}
	return packets
}

func number(t *testing.T, text string) int {
	t.Helper()
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func member(keys []byte, name string) []byte { return keys[members[name][0]:members[name][1]] }

// encrypt is AES-CM of RFC 3711 §4.1.1: IV = salt * 2^16 XOR SSRC * 2^64 XOR index * 2^16.
func encrypt(key, salt []byte, ssrc uint32, index uint64, payload []byte) []byte {
	var iv, mask [aes.BlockSize]byte
	copy(iv[:], salt)
	binary.BigEndian.PutUint32(mask[4:], ssrc)
	binary.BigEndian.PutUint64(mask[8:], index<<16)
	for i := range iv {
		iv[i] ^= mask[i]
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err)
	}
	out := make([]byte, len(payload))
	cipher.NewCTR(block, iv[:]).XORKeyStream(out, payload)
	return out
}

func tag(key []byte, n int, parts ...[]byte) []byte {
	mac := hmac.New(sha1.New, key)
	mac.Write(slices.Concat(parts...))
	return mac.Sum(nil)[:n]
}

// ours makes the packet from the session keys.
func (p packet) ours(keys []byte) []byte {
	if p.control {
		// RFC 3711 §3.4: the first 8 bytes stay in the clear; the encrypted part is followed by
		// the E flag and a 31-bit index, which libsrtp counts from 1.
		index := binary.BigEndian.Uint32(p.protected[len(p.protected)-14:]) &^ (1 << 31)
		ssrc := binary.BigEndian.Uint32(p.plain[4:])
		sealed := encrypt(member(keys, "srtcp_cipher_key"), member(keys, "srtcp_salt"), ssrc, uint64(index), p.plain[8:])
		out := slices.Concat(p.plain[:8], sealed, binary.BigEndian.AppendUint32(nil, index|1<<31))
		return append(out, tag(member(keys, "srtcp_auth_key"), 10, out)...)
	}
	header := 12 + 4*int(p.plain[0]&15)
	if p.plain[0]&16 != 0 {
		header += 4 + 4*int(binary.BigEndian.Uint16(p.plain[header+2:]))
	}
	index := uint64(p.roc)<<16 | uint64(binary.BigEndian.Uint16(p.plain[2:]))
	ssrc := binary.BigEndian.Uint32(p.plain[8:])
	sealed := encrypt(member(keys, "srtp_cipher_key"), member(keys, "srtp_salt"), ssrc, index, p.plain[header:])
	out := slices.Concat(p.plain[:header], sealed)
	return append(out, tag(member(keys, "srtp_auth_key"), p.tagLen, out, binary.BigEndian.AppendUint32(nil, p.roc))...)
}

// If this failed, an engine with libsrtp and an engine that uses the session keys would not
// hear each other.
func TestLibsrtpMakesTheSamePackets(t *testing.T) {
	packets := protect(t)
	kinds := map[string]int{}
	for i, p := range packets {
		if got := p.ours(p.keys); !bytes.Equal(got, p.protected) {
			t.Errorf("packet %d (%s, roc %d): libsrtp makes %x, our keys %x", i, p.name, p.roc, p.protected, got)
		}
		switch {
		case p.control:
			kinds["rtcp"]++
		default:
			kinds["tag "+strconv.Itoa(p.tagLen)]++
			kinds["roc "+strconv.FormatUint(uint64(p.roc), 10)]++
			kinds["csrcs "+strconv.Itoa(int(p.plain[0]&15))]++
			kinds["extension "+strconv.FormatBool(p.plain[0]&16 != 0)]++
		}
	}
	// Every kind of packet was there.
	for _, kind := range []string{
		"rtcp", "tag 4", "tag 10", "roc 0", "roc 1", "roc 78", "roc 2147483648", "roc 4294967295",
		"csrcs 0", "csrcs 3", "csrcs 15", "extension true", "extension false",
	} {
		if kinds[kind] < 8 {
			t.Errorf("%d packets of %s were compared", kinds[kind], kind)
		}
	}
}

// Tests the judge: with any bit of any session key changed, packets differ from libsrtp's.
func TestAWrongSessionKeyIsSeen(t *testing.T) {
	packets := protect(t)
	for name, at := range members {
		for bit := 8 * at[0]; bit < 8*at[1]; bit++ {
			seen := false
			for _, p := range packets[:min(len(packets), 60)] {
				keys := bytes.Clone(p.keys)
				keys[bit/8] ^= 1 << (bit % 8)
				seen = seen || !bytes.Equal(p.ours(keys), p.protected)
			}
			if !seen {
				t.Errorf("bit %d of %s can be wrong", bit-8*at[0], name)
			}
		}
	}
}
