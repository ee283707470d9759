package stanza

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// If this failed, one spelling would name another device than the same spelling elsewhere, or the
// longer way would be taken for every device.
func TestUsualJIDs(t *testing.T) {
	parts := []string{"1", "22", "a", "Z", "-", ":", ":0", ":00", ":7", ":255", ":256", "@", "@lid", "@c.us", "@hosted",
		"@hosted.lid", "@s.whatsapp.net", "@g.us", ".", "_1", "\x00", "é", " ", strings.Repeat("5", 120)}
	random := rand.New(rand.NewPCG(1, 2))
	usual, other := 0, 0
	for range 300_000 {
		var s string
		for range random.IntN(5) {
			s += parts[random.IntN(len(parts))]
		}
		got, ok := parseUsual(s)
		want, err := parseRecipient(s)
		_, isDevice := agentOf(want.server)
		switch isDevice = isDevice && err == nil; {
		case ok && (!isDevice || got != want):
			t.Fatalf("%q is %v, not %v, %v", s, got, want, err)
		case !ok && isDevice && !strings.ContainsAny(userOf(s), "._"):
			t.Fatalf("%q goes the long way", s)
		case ok:
			usual++
		case isDevice:
			other++
		}
	}
	if usual < 1000 || other < 20 {
		t.Errorf("only %d usual spellings and %d others", usual, other)
	}
}

// userOf is the part of a JID before its device and server.
func userOf(s string) string { return s[:strings.IndexAny(s, ":@")] }
