package stanza_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"libcallkey/core/stanza"
	"libcallkey/core/status"
)

func callOptions() *stanza.OfferOptions {
	return &stanza.OfferOptions{
		StanzaID:    "ABC.1",
		To:          "222222222222222@lid",
		CallID:      "00112233445566778899AABBCCDDEEFF",
		CallCreator: "111111111111111:0@lid",
	}
}

func twoEncs() []stanza.Enc {
	return []stanza.Enc{
		{JID: "222222222222222:33@lid", Type: stanza.EncPkmsg, Ciphertext: []byte{0x33, 1}},
		{JID: "15550001:2@s.whatsapp.net", Type: stanza.EncMsg, Ciphertext: []byte{0x33, 2}},
	}
}

// manyEncs are n devices of a user with ciphertexts of size bytes.
func manyEncs(n, size int, typ stanza.EncType) []stanza.Enc {
	encs := make([]stanza.Enc, n)
	for i := range encs {
		encs[i] = stanza.Enc{JID: fmt.Sprintf("%d:%d@lid", 222222222222000+i/256, i%256), Type: typ, Ciphertext: make([]byte, size)}
	}
	return encs
}

func mustBuild(t testing.TB, encs []stanza.Enc, o *stanza.OfferOptions) []byte {
	t.Helper()
	wire, err := stanza.BuildOffer(encs, o)
	if err != nil {
		t.Fatal(err)
	}
	return wire
}

func mustXML(t testing.TB, wire []byte) string {
	t.Helper()
	x, err := stanza.XML(wire)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func wantStatus(t *testing.T, what string, err error, want status.Code) {
	t.Helper()
	if got := status.Of(err); got != want {
		t.Errorf("%s: %s (%v), want %s", what, got.Name(), err, want.Name())
	}
}

// If this failed, the bytes on the wire would have changed under every app: a
// token, a packed text, the order of attributes or of children.
func TestGoldenOffer(t *testing.T) {
	const (
		call      = "f806" + "64" + "11" + "faff88222222222222222f76" + "08" + "fc054142432e31" + "f801" // to: JID_PAIR; id: BINARY_8
		offer     = "f806" + "ec1c" + "68" + "fb1000112233445566778899aabbccddeeff" + "47" + "faff88111111111111111f76"
		audio     = "f805" + "a11d" + "ec1e" + "ec1d" + "ec87" + "f805" + "a11d" + "ec1e" + "ec1d" + "ff83" + "16000f"
		net       = "f803" + "ec68" + "ec24" + "a2"
		audioCapa = "f804" + "b4" + "ec21" + "55" + "fc07" + "0105f709e0bb13"
		videoCapa = "f804" + "b4" + "ec21" + "55" + "fc07" + "0105f709e0bb53"
		video     = "f80b" + "59" + // enc, dec, device_orientation, screen_width, screen_height
			"1d" + "ed0c" + "ec49" + "fc0448323634" + "c0" + "2d" + "ec05" + "2d" + "eb" + "2d"
		dest = "f802" + "eca9" + "f802"
		enc1 = "f804" + "11" + "0c" + "f70121ff88222222222222222f" + "f801" + "f808" + "1d" + "51" + "45" + "04" + "53" + "41" + "2d" + "fc023301"
		enc2 = "f804" + "11" + "0c" + "f70002ff0415550001" + "f801" + "f808" + "1d" + "51" + "45" + "04" + "4d" + "41" + "2d" + "fc023302"
		opt  = "f803" + "ec15" + "ec1a" + "45"
	)
	o := callOptions()
	o.DeviceIdentity = []byte{9, 9}
	for _, row := range []struct {
		name  string
		video bool
		token []byte
		want  string
	}{
		{"audio", false, nil, "00" + call + offer + "f807" + audio + net + audioCapa + dest + enc1 + enc2 + opt + "f802e6fc020909"},
		{"video with a privacy token", true, []byte{1}, "00" + call + offer + "f809" + "f802e2fc0101" + audio + video + net + videoCapa + dest + enc1 + enc2 + opt + "f802e6fc020909"},
	} {
		o.Video, o.PrivacyToken = row.video, row.token
		if got := hex.EncodeToString(mustBuild(t, twoEncs(), o)); got != row.want {
			t.Errorf("%s:\n got %s\nwant %s", row.name, got, row.want)
		}
	}
	if got := hex.EncodeToString(mustBuild(t, twoEncs()[:1], nil)); got != "00f8081d51450453412dfc023301" {
		t.Errorf("bare enc: %s", got)
	}
}

// If this failed, a server would refuse the offer (error 439) or the callee
// would not find the key.
func TestOfferChildren(t *testing.T) {
	o := callOptions()
	o.Video, o.PrivacyToken, o.DeviceIdentity = true, []byte{1}, []byte{9, 9}
	const want = `<call to="222222222222222@lid" id="ABC.1">
  <offer call-id="00112233445566778899AABBCCDDEEFF" call-creator="111111111111111@lid">
    <privacy>01</privacy>
    <audio enc="opus" rate="8000"/>
    <audio enc="opus" rate="16000"/>
    <video enc="h.264" dec="H264" device_orientation="0" screen_width="0" screen_height="0"/>
    <net medium="3"/>
    <capability ver="1">0105f709e0bb53</capability>
    <destination>
      <to jid="222222222222222:33@lid">
        <enc v="2" type="pkmsg" count="0">3301</enc>
      </to>
      <to jid="15550001:2@s.whatsapp.net">
        <enc v="2" type="msg" count="0">3302</enc>
      </to>
    </destination>
    <encopt keygen="2"/>
    <device-identity>0909</device-identity>
  </offer>
</call>
`
	if got := mustXML(t, mustBuild(t, twoEncs(), o)); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// If this failed, an app could not leave out what its server does not want, or
// would send parts that no server needs.
func TestOptionalChildren(t *testing.T) {
	msg := twoEncs()[1:]
	o := callOptions()
	o.StanzaID, o.Capability, o.DeviceIdentity = "", []byte{}, []byte{9}
	x := mustXML(t, mustBuild(t, msg, o))
	for _, absent := range []string{" id=", "<capability", "<privacy", "<video", "<device-identity", "<destination"} {
		if strings.Contains(x, absent) {
			t.Errorf("%s is there:\n%s", absent, x)
		}
	}
	o.Capability = []byte{0xca}
	if x = mustXML(t, mustBuild(t, msg, o)); !strings.Contains(x, `<capability ver="1">ca</capability>`) {
		t.Errorf("the app's capability is not there:\n%s", x)
	}
	for _, to := range []string{"15550001@s.whatsapp.net", "120363000000000001@g.us", "1555-1234@g.us", "ABCDEF0123@call", "222222222222222:3@lid"} {
		o.To = to
		if x = mustXML(t, mustBuild(t, msg, o)); !strings.Contains(x, `to="`+to+`"`) {
			t.Errorf("to %s:\n%s", to, x)
		}
	}
}

// If this failed, the key of a lone survivor would lose its address, or a
// single-device callee would get a shape it does not read.
func TestShapeOfTheKeyNode(t *testing.T) {
	one, two := twoEncs()[1:], twoEncs()
	multi := callOptions()
	multi.MultiDevice, multi.DeviceIdentity = true, []byte{9}
	single := callOptions()
	single.DeviceIdentity = []byte{9}
	for _, row := range []struct {
		name        string
		encs        []stanza.Enc
		o           *stanza.OfferOptions
		destination bool
	}{
		{"key node, one", one, nil, false},
		{"key node, two", two, nil, true},
		{"offer, one", one, single, false},
		{"offer, two", two, single, true},
		{"offer, lone survivor", one, multi, true},
	} {
		x := mustXML(t, mustBuild(t, row.encs, row.o))
		if strings.Contains(x, "<destination>") != row.destination || strings.Count(x, "<enc ") != len(row.encs) {
			t.Errorf("%s:\n%s", row.name, x)
		}
	}
	anonymous := []stanza.Enc{{Type: stanza.EncMsg, Ciphertext: []byte{1}}}
	for _, o := range []*stanza.OfferOptions{nil, single} {
		if _, err := stanza.BuildOffer(anonymous, o); err != nil {
			t.Errorf("a bare enc without a jid: %v", err)
		}
	}
	_, err := stanza.BuildOffer(anonymous, multi)
	wantStatus(t, "a <to> without a jid", err, status.Argument)
}

// If this failed, a bad argument would leave the library as a stanza that some
// peer or server drops without a word.
func TestBuildRefuses(t *testing.T) {
	long := strings.Repeat("1", 128)
	enc := func(jid string, typ stanza.EncType, n int) stanza.Enc {
		return stanza.Enc{JID: jid, Type: typ, Ciphertext: make([]byte, n)}
	}
	for _, row := range []struct {
		name string
		encs []stanza.Enc
		want status.Code
	}{
		{"no encs", nil, status.NoDevices},
		{"type none", []stanza.Enc{enc("1@lid", stanza.EncNone, 1)}, status.Argument},
		{"type 3", []stanza.Enc{enc("1@lid", 3, 1)}, status.Argument},
		{"no ciphertext", []stanza.Enc{enc("1@lid", stanza.EncMsg, 0)}, status.Argument},
		{"bad jid of a bare enc", []stanza.Enc{enc("1@g.us", stanza.EncMsg, 1)}, status.Argument},
		{"bad jid", []stanza.Enc{enc("1@lid", stanza.EncMsg, 1), enc("x", stanza.EncMsg, 1)}, status.Argument},
		{"long jid", []stanza.Enc{enc("1@lid", stanza.EncMsg, 1), enc(long+"@lid", stanza.EncMsg, 1)}, status.Argument},
		{"no jid", []stanza.Enc{enc("1@lid", stanza.EncMsg, 1), enc("", stanza.EncMsg, 1)}, status.Argument},
		{"one device twice", []stanza.Enc{enc("1@lid", stanza.EncMsg, 1), enc("1_1:0@lid", stanza.EncMsg, 1)}, status.Argument},
		{"too many devices", manyEncs(stanza.MaxDevices+1, 1, stanza.EncMsg), status.Argument},
		{"too many bytes in one", []stanza.Enc{enc("1@lid", stanza.EncMsg, stanza.MaxBytes)}, status.Argument},
		{"too many bytes by their frames", []stanza.Enc{enc("1@lid", stanza.EncMsg, stanza.MaxBytes-10)}, status.Argument},
	} {
		wire, err := stanza.BuildOffer(row.encs, nil)
		wantStatus(t, row.name, err, row.want)
		if wire != nil {
			t.Errorf("%s: bytes came with the error", row.name)
		}
	}

	for _, row := range []struct {
		name   string
		change func(*stanza.OfferOptions)
		want   status.Code
	}{
		{"no to", func(o *stanza.OfferOptions) { o.To = "" }, status.Argument},
		{"bad to", func(o *stanza.OfferOptions) { o.To = "123" }, status.Argument},
		{"to with a device where there are none", func(o *stanza.OfferOptions) { o.To = "1:2@g.us" }, status.Argument},
		{"to with a bad server", func(o *stanza.OfferOptions) { o.To = "1@l d" }, status.Argument},
		{"no call id", func(o *stanza.OfferOptions) { o.CallID = "" }, status.Argument},
		{"long call id", func(o *stanza.OfferOptions) { o.CallID = long }, status.Argument},
		{"call id with NUL", func(o *stanza.OfferOptions) { o.CallID = "a\x00" }, status.Argument},
		{"call id not UTF-8", func(o *stanza.OfferOptions) { o.CallID = "a\xff" }, status.Argument},
		{"no creator", func(o *stanza.OfferOptions) { o.CallCreator = "" }, status.Argument},
		{"creator is a group", func(o *stanza.OfferOptions) { o.CallCreator = "1@g.us" }, status.Argument},
		{"long stanza id", func(o *stanza.OfferOptions) { o.StanzaID = long }, status.Argument},
		{"no device identity", func(o *stanza.OfferOptions) { o.DeviceIdentity = nil }, status.DeviceIdentity},
		{"device identity too large", func(o *stanza.OfferOptions) { o.DeviceIdentity = make([]byte, stanza.MaxBytes) }, status.Argument},
	} {
		o := callOptions()
		o.DeviceIdentity = []byte{9}
		row.change(o)
		_, err := stanza.BuildOffer(twoEncs(), o)
		wantStatus(t, row.name, err, row.want)
	}
}

// If this failed, a caller that sizes its buffer first would get BUFFER after
// its ratchets had moved.
func TestLongestEncsMakeTheLongestOffer(t *testing.T) {
	o := callOptions()
	o.DeviceIdentity = make([]byte, 150)
	for _, n := range []int{1, 2, 3, 255, 256, 300} {
		for _, multi := range []bool{false, true} {
			o.MultiDevice = multi
			bound := len(mustBuild(t, manyEncs(n, 260, stanza.EncPkmsg), o))
			for _, size := range []int{1, 255, 256, 259, 260} {
				for _, typ := range []stanza.EncType{stanza.EncMsg, stanza.EncPkmsg} {
					for _, survivors := range []int{1, (n + 1) / 2, n} {
						if got := len(mustBuild(t, manyEncs(n, size, typ)[:survivors], o)); got > bound {
							t.Errorf("%d of %d devices, %d bytes of %v: %d bytes, bound %d", survivors, n, size, typ, got, bound)
						}
					}
				}
			}
		}
	}
	_, err := stanza.BuildOffer(nil, o)
	wantStatus(t, "no encs", err, status.NoDevices)
}

// If this failed, the largest offer that can be built could not be read back by
// the same library.
func TestLargestOfferIsReadBack(t *testing.T) {
	encs := manyEncs(stanza.MaxDevices, 180, stanza.EncMsg)
	for i := range encs {
		encs[i].Ciphertext[0] = byte(i)
	}
	o := callOptions()
	o.Video, o.PrivacyToken = true, []byte{1}
	wire := mustBuild(t, encs, o)
	for _, i := range []int{0, 255, 256, stanza.MaxDevices - 1} {
		_, ciphertext, err := stanza.ParseOffer(wire, []string{encs[i].JID})
		if err != nil || !bytes.Equal(ciphertext, encs[i].Ciphertext) {
			t.Errorf("device %d: %v", i, err)
		}
	}
}

// If this failed, two offers with the same contents would differ, and nobody
// could pin or compare them.
func TestSameInputSameBytes(t *testing.T) {
	o := callOptions()
	o.DeviceIdentity = []byte{9}
	first := mustBuild(t, twoEncs(), o)
	for range 50 {
		if !bytes.Equal(mustBuild(t, twoEncs(), o), first) {
			t.Fatal("the bytes changed")
		}
	}
}

// If this failed, an app with its own Signal stack would link a second one.
func TestNoSignalLibrary(t *testing.T) {
	deps, err := exec.Command("go", "list", "-deps", "libcallkey/core/stanza").Output()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(deps, []byte("whatsmeow/binary/token")) {
		t.Fatal("go list did not list the imports")
	}
	for _, dep := range strings.Fields(string(deps)) {
		if strings.Contains(dep, "libsignal") || dep == "go.mau.fi/whatsmeow/binary" || dep == "runtime/cgo" {
			t.Errorf("core/stanza imports %s", dep)
		}
	}
}

func BenchmarkBuildOffer100Devices(b *testing.B) {
	placeholder := make([]byte, 260)
	encs := manyEncs(100, 1, stanza.EncPkmsg)
	for i := range encs {
		encs[i].Ciphertext = placeholder
	}
	o := callOptions()
	o.DeviceIdentity = make([]byte, 150)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := stanza.BuildOffer(encs, o); err != nil {
			b.Fatal(err)
		}
	}
}
