package stanza_test

import (
	"strings"
	"testing"

	"go.mau.fi/whatsmeow/types"

	"libcallkey/core/derive"
	"libcallkey/core/stanza"
	"libcallkey/core/status"
)

// If this failed, records moved from whatsmeow would not be found under their
// device, or one device would have two ratchets.
func TestAllSpellingsHaveOneAddress(t *testing.T) {
	for _, row := range []struct {
		name      string
		device    uint32
		spellings []string
	}{
		{"123_1", 33, []string{"123:33@lid", "123.0:33@lid", "123.1:33@lid", "123_1:33@lid", "123_0:33@lid"}},
		{"123_1", 0, []string{"123@lid", "123:0@lid", "123.0@lid", "123.1:0@lid", "123_1@lid"}},
		{"1555", 0, []string{"1555@s.whatsapp.net", "1555:0@s.whatsapp.net", "1555.0:0@s.whatsapp.net", "1555_0@s.whatsapp.net", "1555@c.us", "1555:0@c.us"}},
		{"1555", 255, []string{"1555:255@s.whatsapp.net", "1555.0:255@c.us"}},
		{"1555_128", 99, []string{"1555:99@hosted", "1555.128:99@hosted", "1555_0:99@hosted"}},
		{"123_129", 99, []string{"123:99@hosted.lid", "123_129:99@hosted.lid"}},
	} {
		for _, s := range row.spellings {
			j, err := stanza.ParseJID(s)
			if err != nil {
				t.Errorf("%s: %v", s, err)
				continue
			}
			if name, device := j.Address(); name != row.name || device != row.device {
				t.Errorf("%s: address (%s, %d), want (%s, %d)", s, name, device, row.name, row.device)
			}
			if name, device := j.AppendAddress(nil); string(name) != row.name || device != row.device {
				t.Errorf("%s: appended (%s, %d), want (%s, %d)", s, name, device, row.name, row.device)
			}
		}
		judge, err := types.ParseJID(row.spellings[0])
		if err != nil {
			t.Fatal(err)
		}
		if a := judge.SignalAddress(); a.Name() != row.name || a.DeviceID() != row.device {
			t.Errorf("%s: whatsmeow stores (%s, %d)", row.spellings[0], a.Name(), a.DeviceID())
		}
	}
}

// If this failed, a participant id made from a printed JID would derive other
// media keys than the peer's.
func TestJIDPrintsWithoutAgent(t *testing.T) {
	for in, want := range map[string]string{
		"123:33@lid":              "123:33@lid",
		"123:0@lid":               "123:0@lid",
		"123@lid":                 "123:0@lid",
		"123_1@lid":               "123:0@lid",
		"1555@s.whatsapp.net":     "1555@s.whatsapp.net",
		"1555:0@s.whatsapp.net":   "1555@s.whatsapp.net",
		"123:0@hosted.lid":        "123@hosted.lid",
		"123_1:33@lid":            "123:33@lid",
		"1555.0:2@s.whatsapp.net": "1555:2@s.whatsapp.net",
		"1555@c.us":               "1555@s.whatsapp.net",
		"1555.0:7@c.us":           "1555:7@s.whatsapp.net",
	} {
		j, err := stanza.ParseJID(in)
		if err != nil || j.String() != want {
			t.Errorf("%s prints %q (%v), want %q", in, j, err, want)
		}
		if id, err := derive.ParticipantID(j.String()); err != nil || id != want {
			t.Errorf("%s prints %q, its participant id is %q (%v)", in, j, id, err)
		}
	}
	// The longest user with and without ":0".
	for n, want := range map[int]string{121: ":0@lid", 122: "@lid", 123: "@lid"} {
		user := strings.Repeat("1", n)
		if j, err := stanza.ParseJID(user + "@lid"); err != nil || j.String() != user+want {
			t.Errorf("a user of %d bytes prints %q (%v)", n, j, err)
		}
	}
}

// If this failed, a mistyped or hostile JID would open its own session, or
// share the session of another device.
func TestBadJIDs(t *testing.T) {
	for _, s := range []string{
		"", "@", "@lid", "123", "123@", "123@lid@lid", "123@LID", "123@lid ", " 123@lid", "123@lid/x", "123@nowhere", "123@lid\n",
		"123:@lid", "123:-1@lid", "123:+1@lid", "123:01@lid", "123:256@lid", "123:1:2@lid", "123:1_1@lid", "123:99999999999999999999@lid", "123: 1@lid",
		"123_@lid", "123.@lid", "123_2:1@lid", "123_1@s.whatsapp.net", "123.1:33@s.whatsapp.net", "123_128@lid", "123_1_1@lid", "123.1.1@lid", "123_01@lid", "_1@lid", ":1@lid",
		"12 3@lid", "+1555@s.whatsapp.net", "12\x003@lid", "123@lid\x00", "12\xff@lid", "\u0661\u0662@lid", "a\u0301@lid",
		"123-456@g.us", "123:1@g.us", "status@broadcast", "123@call", "123:1@msgr",
		strings.Repeat("1", 124) + "@lid",
	} {
		if j, err := stanza.ParseJID(s); status.Of(err) != status.Argument || j != (stanza.JID{}) {
			t.Errorf("%q: %v, %v; want ARGUMENT", s, j, err)
		}
	}
	if _, err := stanza.ParseJID(strings.Repeat("1", 123) + "@lid"); err != nil {
		t.Errorf("127 bytes: %v", err)
	}
}

// If this failed, JIDs that this package accepts could not be printed and read
// back, or two devices could share a ratchet.
func FuzzParseJID(f *testing.F) {
	for _, s := range []string{"123:33@lid", "123_1:33@lid", "1555@c.us", "1555.0:2@s.whatsapp.net", "1:99@hosted.lid", "1@hosted", "123-456@g.us", "@", "1:256@lid"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		j, err := stanza.ParseJID(s)
		if err != nil {
			if status.Of(err) != status.Argument {
				t.Fatalf("%q: %v", s, err)
			}
			return
		}
		again, err := stanza.ParseJID(j.String())
		if err != nil || again.String() != j.String() {
			t.Fatalf("%q prints %q, which reads as %v, %v", s, j, again, err)
		}
		judge, err := types.ParseJID(j.String())
		if err != nil {
			t.Fatalf("%q: whatsmeow: %v", j, err)
		}
		a := judge.SignalAddress()
		if name, device := j.Address(); name != a.Name() || device != a.DeviceID() {
			t.Fatalf("%q: address (%s, %d), whatsmeow (%s, %d)", j, name, device, a.Name(), a.DeviceID())
		}
		if name, device := j.AppendAddress([]byte("before ")); string(name) != "before "+a.Name() || device != a.DeviceID() {
			t.Fatalf("%q: appended (%s, %d), whatsmeow (%s, %d)", j, name, device, a.Name(), a.DeviceID())
		}
	})
}

// If this failed, the JID that a list gives would name another device, or be too long to be passed
// back as the place where the list continues.
func TestJIDOfAnAddress(t *testing.T) {
	long := strings.Repeat("1", 122)
	for in, want := range map[string]string{
		"123@lid":                 "123:0@lid",
		"123_1:33@lid":            "123:33@lid",
		"1555@c.us":               "1555@s.whatsapp.net",
		"1555:255@s.whatsapp.net": "1555:255@s.whatsapp.net",
		"1555:99@hosted":          "1555:99@hosted",
		"1555:99@hosted.lid":      "1555:99@hosted.lid",
		long + "@c.us":            long + "@c.us",
		long[2:] + ":7@c.us":      long[2:] + ":7@c.us",
		long[:121] + ":0@lid":     long[:121] + ":0@lid",
		long + "1@lid":            long + "1@lid",
	} {
		j, err := stanza.ParseJID(in)
		if err != nil {
			t.Fatalf("%s: %v", in, err)
		}
		if got, ok := stanza.JIDOf(j.Address()); !ok || got.String() != want {
			t.Errorf("%s is listed as %s (%v), want %s", in, got, ok, want)
		}
	}
	for _, name := range []string{"", "_1", "123_", "123_0", "123_01", "123_77", "123_1_1", "12 3", long + "1111111"} {
		if got, ok := stanza.JIDOf(name, 0); ok {
			t.Errorf("%q is listed as %s", name, got)
		}
	}
	if got, ok := stanza.JIDOf("123", 256); ok {
		t.Errorf("device 256 is listed as %s", got)
	}
}

// If this failed, who means one device would remove all devices of its user.
func TestParseUser(t *testing.T) {
	for in, want := range map[string]string{"123@lid": "123_1", "123.1@lid": "123_1", "1555@c.us": "1555", "1555@s.whatsapp.net": "1555"} {
		if got, err := stanza.ParseUser(in); err != nil || got != want {
			t.Errorf("%s: %q (%v), want %q", in, got, err, want)
		}
	}
	for _, in := range []string{"", "123", "123:0@lid", "123:5@lid", "123@g.us", "123.2@lid", "@lid"} {
		if got, err := stanza.ParseUser(in); status.Of(err) != status.Argument {
			t.Errorf("%q: %q (%v)", in, got, err)
		}
	}
}
