package stanza_test

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"hash/adler32"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	wm "go.mau.fi/whatsmeow/binary"

	"libcallkey/core/stanza"
	"libcallkey/core/status"
)

func addSeeds(f *testing.F) {
	o := callOptions()
	o.Video, o.PrivacyToken, o.DeviceIdentity = true, []byte{1}, []byte{9, 9}
	offer := mustBuild(f, twoEncs(), o)
	f.Add(offer)
	f.Add(compress(offer))
	f.Add(mustBuild(f, twoEncs(), nil))
	f.Add(mustBuild(f, twoEncs()[:1], nil))
	f.Add(marshal(f, parent("call", nil, parent("enc_rekey", rekeyAttrs("7"), keygen2, encNode("msg", "X")))))
	f.Add(marshal(f, parent("accept", callAttrs(), encNode("pkmsg", "X"), keygen2)))
	f.Add(wireOf(0, 248, 3, 17, 12, 246, 255, 1, 0x12, 1, 2, 252, 4, "msgr"))
	f.Add(wireOf(0, 248, 3, 17, 12, 245, 255, 1, 0x12, 1, 2, 0, 3, 252, 7, "interop"))
	f.Add(wireOf(0, 248, 2, 17, 251, 0x82, 0x12, 0xaf))
	f.Add(compress(make([]byte, 2<<20)))
}

// If this failed, a stanza could crash a callee, or the library would hand out
// texts that do not fit the C contract or a JID that it rejects itself.
func FuzzParseOffer(f *testing.F) {
	addSeeds(f)
	own := []string{"222222222222222:33@lid", "15550001:2@s.whatsapp.net"}
	f.Fuzz(func(t *testing.T, wire []byte) {
		before := bytes.Clone(wire)
		info, ciphertext, err := stanza.ParseOffer(wire, own)
		if !bytes.Equal(wire, before) {
			t.Fatal("the input changed")
		}
		if _, err := stanza.ParseJID(info.Sender); info.Sender != "" && err != nil {
			t.Fatalf("jid %q: %v", info.Sender, err)
		}
		for _, s := range []string{info.CallID, info.CallCreator, info.From, info.Participant, info.Sender} {
			if len(s) > 127 || !utf8.ValidString(s) || strings.Contains(s, "\x00") {
				t.Fatalf("%q does not fit the contract", s)
			}
		}
		switch code := status.Of(err); code {
		case status.OK:
			if len(ciphertext) == 0 || info.EncType != stanza.EncMsg && info.EncType != stanza.EncPkmsg || info.EncVersion != 2 && info.EncVersion != 3 {
				t.Fatalf("success without an enc: %+v", info)
			}
		case status.NotForThisDevice, status.Malformed, status.Unsupported:
			if ciphertext != nil {
				t.Fatal("a ciphertext came with the error")
			}
		default:
			t.Fatalf("%s: %v", code.Name(), err)
		}
	})
}

// judge is whatsmeow's decoder, which panics on some stanzas that hold no bytes where it
// expects some.
func judge(body []byte) (n *wm.Node, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	return wm.Unmarshal(body)
}

// If this failed, the view of a stanza would not be XML, or would show another
// tree than a client of the field reads.
func FuzzXML(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, wire []byte) {
		view, err := stanza.XML(wire)
		if err != nil {
			if code := status.Of(err); code != status.Malformed && code != status.Unsupported {
				t.Fatalf("%s: %v", code.Name(), err)
			}
			return
		}
		ours, err := readXML(view)
		if err != nil {
			t.Fatalf("not well-formed: %v\n%s", err, view)
		}
		body, err := wm.Unpack(wire)
		if err != nil {
			t.Fatal(err)
		}
		theirs, err := judge(body)
		if err != nil {
			return // e.g. a form that it knows under another name; ours is the wider reader
		}
		if ours.Tag != theirs.Tag || len(ours.GetChildren()) != len(theirs.GetChildren()) {
			t.Fatalf("ours <%s> with %d children, whatsmeow's <%s> with %d", ours.Tag, len(ours.GetChildren()), theirs.Tag, len(theirs.GetChildren()))
		}
	})
}

// If this failed, a compressed stanza would crash us, fill our memory, or be read as another
// one than it is without compression. The input is a stream of DEFLATE: its sum is made good,
// or a mutation would hardly get further than that.
func FuzzInflate(f *testing.F) {
	o := callOptions()
	o.DeviceIdentity = []byte{9, 9}
	for _, wire := range [][]byte{mustBuild(f, twoEncs(), o), mustBuild(f, twoEncs()[:1], nil), make([]byte, 2<<20)} {
		zipped := compress(wire)
		f.Add(zipped[3 : len(zipped)-4])
	}
	f.Add([]byte{3, 0})
	f.Fuzz(func(t *testing.T, deflated []byte) {
		in := bytes.NewReader(deflated)
		plain, err := io.ReadAll(io.LimitReader(flate.NewReader(in), stanza.MaxBytes+1))
		zipped := append([]byte{2, 0x78, 0x9c}, deflated...)
		view, got := stanza.XML(binary.BigEndian.AppendUint32(zipped, adler32.Checksum(plain)))
		switch {
		case err != nil || in.Len() != 0 || len(plain) >= stanza.MaxBytes || len(deflated) > stanza.MaxBytes-7:
			if code := status.Of(got); code != status.Malformed {
				t.Fatalf("%s: %v, want MALFORMED", code.Name(), got)
			}
		default:
			want, err := stanza.XML(append([]byte{0}, plain...))
			if view != want || status.Of(got) != status.Of(err) {
				t.Fatalf("compressed %q (%v), as it is %q (%v)", view, got, want, err)
			}
		}
	})
}
