package derive_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"libcallkey/core/derive"
	"libcallkey/core/status"
	"libcallkey/testdata/vectors"
)

// packetFrom is an SRTP packet of participant with an audio frame's size.
func packetFrom(t testing.TB, key []byte, participant string, tagLen int) []byte {
	t.Helper()
	packet := make([]byte, 12+100, 12+100+tagLen)
	packet[0], packet[1] = 0x80, 0x78
	return signed(t, key, participant, packet, 0, tagLen)
}

// signed appends the tag that participant's keys give, on crypto/hmac.
func signed(t testing.TB, key []byte, participant string, packet []byte, roc uint32, tagLen int) []byte {
	t.Helper()
	var keys derive.SRTPKeys
	if err := derive.E2EKeys(&keys, key, participant); err != nil {
		t.Fatal(err)
	}
	mac := hmac.New(sha1.New, keys.SRTPAuthKey[:])
	mac.Write(packet)
	mac.Write(binary.BigEndian.AppendUint32(nil, roc))
	return append(packet, mac.Sum(nil)[:tagLen]...)
}

// If this failed, the device that answered would be taken for another one of its user,
// or would not be found at some place in the list.
func TestSelectFindsTheSender(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	for range 300 {
		key := sample(r, 32)
		participants := make([]string, 1+r.IntN(40))
		for i := range participants {
			participants[i] = fmt.Sprintf("%d:%d@lid", 1+r.IntN(3), r.IntN(12))
		}
		sender := r.IntN(len(participants))
		first := slices.Index(participants, participants[sender])
		packet := append([]byte{0x80 | byte(r.IntN(64)), byte(r.Uint32())}, sample(r, 10+60+r.IntN(900))...)
		roc, tagLen := r.Uint32(), []int{4, 10}[r.IntN(2)]
		whole := signed(t, key, participants[sender], packet, roc, tagLen)
		if got, err := derive.SelectParticipant(key, participants, whole, roc, tagLen); got != first || err != nil {
			t.Fatalf("%s of %v: %d, %v", participants[sender], participants, got, err)
		}
		others := slices.DeleteFunc(slices.Clone(participants), func(p string) bool { return p == participants[sender] })
		stranger := status.Authentication
		if headerEnd(whole)+tagLen > len(whole) {
			stranger = status.Malformed
		}
		if _, err := derive.SelectParticipant(key, others, whole, roc, tagLen); status.Of(err) != stranger {
			t.Fatalf("not %s, of %v: %v", participants[sender], others, err)
		}
		whole[r.IntN(len(whole)-2)+2] ^= 1 << r.IntN(8)
		if _, err := derive.SelectParticipant(key, participants, whole, roc, tagLen); status.Of(err) != status.Authentication && status.Of(err) != status.Malformed {
			t.Fatalf("a changed packet: %v", err)
		}
	}
}

// If this failed, whoever measures the time would learn which device answered, and one
// that is first in the list would be cheaper to try with forged packets.
func TestSelectTakesThemAll(t *testing.T) {
	key := make([]byte, 32)
	participants := make([]string, 100)
	for i := range participants {
		participants[i] = fmt.Sprintf("222222222222222:%d@lid", i)
	}
	unusable := slices.Repeat([]string{""}, 99)
	type trial struct {
		participants []string
		packet       []byte
	}
	trials := map[string]trial{
		"the first sent it": {participants, packetFrom(t, key, participants[0], 4)},
		"the last sent it":  {participants, packetFrom(t, key, participants[99], 4)},
		"nobody sent it":    {participants, packetFrom(t, key, "1:1@lid", 4)},
		"99 are unusable":   {append(unusable, participants[0]), packetFrom(t, key, participants[0], 4)},
	}
	// One that stopped early would take a hundredth. The trials alternate, so that a busy or slow
	// machine is so for all of them.
	least := map[string]time.Duration{}
	for round := range 30 {
		for what, one := range trials {
			start := time.Now()
			derive.SelectParticipant(key, one.participants, one.packet, 0, 4)
			if took := time.Since(start); round == 0 || took < least[what] {
				least[what] = took
			}
		}
	}
	for what, took := range least {
		for other, longer := range least {
			if took < longer/5 {
				t.Errorf("%s: %v; %s: %v", what, took, other, longer)
			}
		}
	}
}

// If this failed, a packet from the network would be read beyond its end, or bytes that
// are no RTP packet would name a sender.
func FuzzSelectParticipant(f *testing.F) {
	for _, c := range vectors.Load(f, "callkey_select_participant") {
		f.Add(c.In.Hex(f, "rtp_packet"), c.In.Number(f, "roc"), c.In.Number(f, "tag_len") == 10)
	}
	key := make([]byte, 32)
	f.Fuzz(func(t *testing.T, packet []byte, roc uint32, long bool) {
		tagLen := 4
		if long {
			tagLen = 10
		}
		before := bytes.Clone(packet)
		_, err := derive.SelectParticipant(key, []string{peer}, packet, roc, tagLen)
		if !bytes.Equal(packet, before) {
			t.Fatal("the packet was modified")
		}
		room := len(packet) >= 12+tagLen && len(packet) <= derive.MaxPacketBytes && packet[0]>>6 == 2
		want := status.Malformed
		if room && headerEnd(packet)+tagLen <= len(packet) {
			want = status.Authentication
		}
		if code := status.Of(err); code != want && (code != status.OK || !room) {
			t.Fatalf("%d bytes: %v", len(packet), err)
		}
		if !room {
			return
		}
		// The same packet with a tag of the sender's is accepted, whatever is in it.
		whole := signed(t, key, peer, bytes.Clone(packet[:len(packet)-tagLen]), roc, tagLen)
		if got, err := derive.SelectParticipant(key, []string{"1:1@lid", peer}, whole, roc, tagLen); got != 1 || err != nil {
			t.Fatalf("%d, %v", got, err)
		}
	})
}

// headerEnd is where RFC 3550 §5.1 and §5.3.1 have the header end, read byte by byte.
func headerEnd(packet []byte) (end int) {
	take := func(n int) (part []byte) {
		if end += n; end <= len(packet) {
			return packet[end-n : end]
		}
		return make([]byte, n)
	}
	first := take(1)[0]
	take(11)
	for range first & 15 {
		take(4)
	}
	if first>>4&1 == 1 {
		take(2)
		take(4 * int(binary.BigEndian.Uint16(take(2))))
	}
	return end
}
