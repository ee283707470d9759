package derive_test

import (
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"unsafe"

	"libcallkey/core/derive"
	"libcallkey/core/status"
)

const peer = "222222222222222:0@lid"

func copyHex(t *testing.T, k *derive.SRTPKeys, text string) {
	t.Helper()
	b, err := hex.DecodeString(text)
	if err != nil || len(b) != 130 {
		t.Fatalf("%q is not 130 bytes in hexadecimal", text)
	}
	for _, member := range members(k) {
		b = b[copy(member, b):]
	}
}

// sample is a source of keys that are the same in every run.
func sample(r *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

// If this failed, the C side would read every key from a wrong place.
func TestLayout(t *testing.T) {
	var k derive.SRTPKeys
	if size := unsafe.Sizeof(k); size != 130 {
		t.Errorf("the keys are %d bytes", size)
	}
	want := uintptr(unsafe.Pointer(&k))
	for i, member := range members(&k) {
		if got := uintptr(unsafe.Pointer(&member[0])); got != want {
			t.Errorf("%s is at offset %d", memberNames[i], int(got)-int(uintptr(unsafe.Pointer(&k))))
		}
		want += uintptr(len(member))
	}
}

// If this failed, keys would stand in some log.
func TestKeysDoNotPrint(t *testing.T) {
	var k derive.SRTPKeys
	if err := derive.E2EKeys(&k, make([]byte, 32), peer); err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%X", "%q", "%d"} {
		for _, value := range []any{k, &k, struct{ Keys derive.SRTPKeys }{k}} {
			got := fmt.Sprintf(verb, value)
			if !strings.Contains(got, "SRTPKeys(secret)") || len(got) > 100 {
				t.Errorf("%s prints %s", verb, got)
			}
		}
	}
}

// If this failed, an id taken from one function and given to another would change on the way.
func TestParticipantIDIsItsOwnID(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	pieces := []string{"1", "222", ":", ":0", "@", "@lid", "lid", "@s.whatsapp.net", "/", " ", "\t", "\u00a0", "é", "."}
	made := 0
	for range 20000 {
		var jid strings.Builder
		for range 1 + r.IntN(6) {
			jid.WriteString(pieces[r.IntN(len(pieces))])
		}
		id, err := derive.ParticipantID(jid.String())
		if err != nil {
			continue
		}
		made++
		if again, err := derive.ParticipantID(id); again != id || err != nil {
			t.Fatalf("the id of %q is %q, and its id is %q (%v)", jid.String(), id, again, err)
		}
	}
	if made < 10000 {
		t.Fatalf("only %d ids were made", made)
	}
}

// If this failed, Go would derive keys for a text that C cannot pass.
func TestParticipantWithNUL(t *testing.T) {
	for _, jid := range []string{"\x00", "1\x002@lid", peer + "\x00", peer + "/\x00"} {
		if id, err := derive.ParticipantID(jid); status.Of(err) != status.Argument || id != "" {
			t.Errorf("%q gives %q, %v", jid, id, err)
		}
	}
}

// If this failed, one device would have two sets of keys, by how its JID is written.
func TestSpellingsOfOneDeviceGiveEqualKeys(t *testing.T) {
	key := sample(rand.New(rand.NewPCG(2, 2)), 32)
	var wantSRTP, wantRaw derive.SRTPKeys
	var wantSFrame [32]byte
	var wantSSRCs [9]uint32
	for i, jid := range []string{peer, "222222222222222@lid", " " + peer, peer + "\n", peer + "/x", "\u00a0222222222222222@lid /y/z"} {
		var gotSRTP, gotRaw derive.SRTPKeys
		var gotSFrame [32]byte
		var gotSSRCs [9]uint32
		for _, err := range []error{
			derive.E2EKeys(&gotSRTP, key, jid),
			derive.E2EKeysRaw(&gotRaw, key, jid),
			derive.SFrameKey(&gotSFrame, key, jid),
			derive.SSRCs(&gotSSRCs, "ABC", jid),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
		if i == 0 {
			wantSRTP, wantRaw, wantSFrame, wantSSRCs = gotSRTP, gotRaw, gotSFrame, gotSSRCs
		}
		if gotSRTP != wantSRTP || gotRaw != wantRaw || gotSFrame != wantSFrame || gotSSRCs != wantSSRCs {
			t.Errorf("%q has other keys than %q", jid, peer)
		}
	}
}

// If this failed, the keys for :0 would look right for the device 33 that answered.
func TestDevicesHaveTheirOwnKeys(t *testing.T) {
	key := make([]byte, 32)
	seen := map[derive.SRTPKeys]string{}
	for _, jid := range []string{"1:0@lid", "1:1@lid", "1:33@lid", "1:0@s.whatsapp.net", "1@s.whatsapp.net", "1", "1:0@hosted.lid", "1:0@LID"} {
		var k derive.SRTPKeys
		if err := derive.E2EKeys(&k, key, jid); err != nil {
			t.Fatal(err)
		}
		if other, ok := seen[k]; ok {
			t.Errorf("%q and %q have the same keys", jid, other)
		}
		seen[k] = jid
	}
}

// The standard library is the judge of every derivation: if this failed, the hand-made
// HKDF would differ from it for some key or id that no vector has.
func TestStandardLibraryAgrees(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	judge := func(salt, ikm []byte, info string, n int) []byte {
		out, err := hkdf.Key(sha256.New, ikm, salt, info, n)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	for i := range 130 {
		key := sample(r, 32)
		id := strings.Repeat("7", max(1, min(i, 121))) + ":1@lid"

		var k, raw derive.SRTPKeys
		derive.E2EKeys(&k, key, id)
		derive.E2EKeysRaw(&raw, append(key[:32:32], 1, 2, 3), id)
		if want := judge(make([]byte, 32), key, id, 46); string(flat(&k)[:30]) != string(want[:30]) || raw != k {
			t.Fatalf("E2E keys for %q differ", id)
		}
		var sframe, warp [32]byte
		derive.SFrameKey(&sframe, key, id)
		derive.WARPAuthKey(&warp, key)
		if string(sframe[:]) != string(judge(key[:16], key[16:], "e2e sframe key"+id, 32)) {
			t.Fatalf("SFrame key for %q differs", id)
		}
		if string(warp[:]) != string(judge(nil, key, "warp auth key", 32)) {
			t.Fatal("WARP auth key differs")
		}
		hbh := [30]byte(sample(r, 30))
		for which, label := range []string{"uplink hbh srtcp", "downlink hbh srtcp", "hbh srtp", "hbh srtcp"} {
			derive.HBHKeys(&k, &hbh, derive.HBH(which))
			salt := judge(make([]byte, 32), hbh[:14], label+" salt", 32)
			if string(flat(&k)[:30]) != string(judge(salt, hbh[14:], label+" key", 30)) {
				t.Fatalf("%s keys differ", label)
			}
		}
		var ssrcs [9]uint32
		derive.SSRCs(&ssrcs, id[:len(id)-4], id)
		for j, slot := range []byte{0, 1, 4, 2, 3, 5, 7, 8, 6} {
			if ssrcs[j] != binary.LittleEndian.Uint32(judge([]byte{slot, 0, 0, 0}, []byte(id[:len(id)-4]), id, 4)) {
				t.Fatalf("SSRC of slot %d differs", slot)
			}
		}
	}
}

// If this failed, a media engine that derives in place would get other keys.
func TestOutputMayOverlapTheKey(t *testing.T) {
	key := sample(rand.New(rand.NewPCG(4, 4)), 32)
	var want, got [32]byte
	derive.SFrameKey(&want, key, peer)
	copy(got[:], key)
	if err := derive.SFrameKey(&got, got[:], peer); err != nil || got != want {
		t.Errorf("SFrame key over its call key differs (%v)", err)
	}
	derive.WARPAuthKey(&want, key)
	copy(got[:], key)
	if err := derive.WARPAuthKey(&got, got[:]); err != nil || got != want {
		t.Errorf("WARP auth key over its call key differs (%v)", err)
	}
}

// If this failed, a participant's keys would depend on who else is in the batch or on
// the number of cores.
func TestBatchEqualsSingles(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	key := sample(rand.New(rand.NewPCG(5, 5)), 32)
	for _, cores := range []int{1, 2, 3, 7} {
		runtime.GOMAXPROCS(cores)
		for _, n := range []int{0, 1, 33, 511, 512, 513, 769, 2000} {
			participants := make([]string, n)
			for i := range participants {
				participants[i] = fmt.Sprintf("%d:%d@lid", 100+i, i%3)
				if i%7 == 5 {
					participants[i] = []string{"", "\xff", strings.Repeat("1", 128)}[i%3]
				}
			}
			out, statuses := make([]derive.SRTPKeys, n), make([]status.Code, n)
			for i := range out {
				out[i], statuses[i] = dirty(), 99
			}
			if err := derive.E2EKeysBatch(out, statuses, key, participants); err != nil {
				t.Fatal(err)
			}
			for i, participant := range participants {
				var want derive.SRTPKeys
				code := status.Of(derive.E2EKeys(&want, key, participant))
				if out[i] != want || statuses[i] != code {
					t.Fatalf("%d cores, %d participants: number %d differs from its single", cores, n, i)
				}
			}
		}
	}
}

// If this failed, keys or statuses would be written past a caller's array, or old ones kept.
func TestBatchLengths(t *testing.T) {
	key := make([]byte, 32)
	for _, n := range [][3]int{{1, 2, 2}, {2, 1, 2}, {2, 2, 1}, {3, 2, 2}, {2, 3, 2}, {2, 2, 3}, {0, 0, 1}, {1, 0, 0}, {0, 1, 0}} {
		out, statuses, participants := make([]derive.SRTPKeys, n[0]), make([]status.Code, n[1]), make([]string, n[2])
		for i := range out {
			out[i] = dirty()
		}
		for i := range participants {
			participants[i] = peer
		}
		if err := derive.E2EKeysBatch(out, statuses, key, participants); status.Of(err) != status.Argument {
			t.Errorf("%v: %v", n, err)
		}
		for i := range out {
			if out[i] != (derive.SRTPKeys{}) {
				t.Errorf("%v: output %d is not zero", n, i)
			}
		}
		for i := range statuses {
			if statuses[i] != status.Argument {
				t.Errorf("%v: status %d is %v", n, i, statuses[i])
			}
		}
	}
}

// If this failed, an error text would carry a part of a secret or of a peer's id.
func TestErrorsHoldNoInput(t *testing.T) {
	const marker = "SECRETSECRETSECRET"
	var k derive.SRTPKeys
	var out [32]byte
	var ssrcs [9]uint32
	_, raw := derive.DecodeRawE2E([]byte(marker))
	for i, err := range []error{
		derive.E2EKeys(&k, []byte(marker), peer),
		derive.E2EKeys(&k, make([]byte, 32), marker+"\xff"),
		derive.E2EKeysRaw(&k, []byte(marker), peer),
		derive.SFrameKey(&out, []byte(marker), peer),
		derive.WARPAuthKey(&out, []byte(marker)),
		derive.SSRCs(&ssrcs, strings.Repeat(marker, 10), peer),
		raw,
	} {
		if err == nil || strings.Contains(err.Error(), marker[:6]) || err.Error() != strings.ToLower(err.Error()[:1])+err.Error()[1:] {
			t.Errorf("error %d is %v", i, err)
		}
	}
}
