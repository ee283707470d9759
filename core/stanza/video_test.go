package stanza_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	wm "go.mau.fi/whatsmeow/binary"

	"libcallkey/core/stanza"
	"libcallkey/core/status"
)

func videoOptions() *stanza.OfferOptions {
	o := callOptions()
	o.Video = true
	return o
}

// videoOf returns the <video> of an offer and its capability.
func videoOf(t *testing.T, o *stanza.OfferOptions) (video, capability string) {
	t.Helper()
	for line := range strings.Lines(mustXML(t, mustBuild(t, twoEncs()[1:], o))) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "<video") {
			video += line
		}
		if rest, ok := strings.CutPrefix(line, `<capability ver="1">`); ok {
			capability, _, _ = strings.Cut(rest, "<")
		}
	}
	return video, capability
}

// If this failed, the offer would be delivered and the callee's phone would never ring, or
// a call without video would ring as one with it.
func TestVideo(t *testing.T) {
	const (
		audio = "0105f709e0bb13"
		video = "0105f709e0bb53"
	)
	for _, row := range []struct {
		name        string
		change      func(*stanza.OfferOptions)
		enc, dec    string
		orientation uint32
		width       uint32
		height      uint32
	}{
		{"defaults", func(*stanza.OfferOptions) {}, "h.264", "H264", 0, 0, 0},
		{"enc", func(o *stanza.OfferOptions) { o.VideoEnc = "vp8" }, "vp8", "H264", 0, 0, 0},
		{"dec", func(o *stanza.OfferOptions) { o.VideoDec = "H265" }, "h.264", "H265", 0, 0, 0},
		{"orientation", func(o *stanza.OfferOptions) { o.VideoDeviceOrientation = 3 }, "h.264", "H264", 3, 0, 0},
		{"width", func(o *stanza.OfferOptions) { o.VideoWidth = 1920 }, "h.264", "H264", 0, 1920, 0},
		{"height", func(o *stanza.OfferOptions) { o.VideoHeight = 4294967295 }, "h.264", "H264", 0, 0, 4294967295},
		{"all", func(o *stanza.OfferOptions) {
			o.VideoEnc, o.VideoDec, o.VideoDeviceOrientation, o.VideoWidth, o.VideoHeight = "av1", "AV1", 1, 1280, 720
		}, "av1", "AV1", 1, 1280, 720},
	} {
		o := videoOptions()
		row.change(o)
		want := fmt.Sprintf(`<video enc="%s" dec="%s" device_orientation="%d" screen_width="%d" screen_height="%d"/>`,
			row.enc, row.dec, row.orientation, row.width, row.height)
		if got, capability := videoOf(t, o); got != want || capability != video {
			t.Errorf("%s: %s with %s, want %s with %s", row.name, got, capability, want, video)
		}
	}
	if got, capability := videoOf(t, callOptions()); got != "" || capability != audio {
		t.Errorf("audio: %q with %s, want none with %s", got, capability, audio)
	}
	o := videoOptions()
	o.Capability = []byte{0xca}
	if got, capability := videoOf(t, o); got == "" || capability != "ca" {
		t.Errorf("the app's capability: %s with %s", got, capability)
	}
}

// If this failed, an app that wants video would place an audio call and not notice, or the
// callee would get an attribute that it cannot read.
func TestBadVideo(t *testing.T) {
	for name, set := range map[string]func(*stanza.OfferOptions){
		"video_enc":                func(o *stanza.OfferOptions) { o.VideoEnc = "vp8" },
		"video_dec":                func(o *stanza.OfferOptions) { o.VideoDec = "vp8" },
		"video_width":              func(o *stanza.OfferOptions) { o.VideoWidth = 1 },
		"video_height":             func(o *stanza.OfferOptions) { o.VideoHeight = 1 },
		"video_device_orientation": func(o *stanza.OfferOptions) { o.VideoDeviceOrientation = 1 },
	} {
		o := callOptions()
		set(o)
		_, err := stanza.BuildOffer(twoEncs()[1:], o)
		if status.Of(err) != status.Argument || err.Error() != name+" is set, but the offer has no video" {
			t.Errorf("%s in an audio offer: %v", name, err)
		}
		// An enc_rekey has no <video>, and the options of an offer will do for it.
		rekey := rekeyOptions()
		set(rekey)
		if _, err := stanza.BuildRekey(twoEncs()[1], 1, rekey); err != nil {
			t.Errorf("%s in an enc_rekey: %v", name, err)
		}
	}
	for _, text := range []string{strings.Repeat("x", 128), "a\x00b", "\xff"} {
		for name, set := range map[string]func(*stanza.OfferOptions, string){
			"video_enc": func(o *stanza.OfferOptions, s string) { o.VideoEnc = s },
			"video_dec": func(o *stanza.OfferOptions, s string) { o.VideoDec = s },
		} {
			o := videoOptions()
			set(o, text)
			wire, err := stanza.BuildOffer(twoEncs()[1:], o)
			if status.Of(err) != status.Argument || !strings.HasPrefix(err.Error(), name+" ") || wire != nil {
				t.Errorf("%s %q: %v", name, text, err)
			}
			set(o, strings.Repeat("x", 127))
			mustBuild(t, twoEncs()[1:], o)
		}
	}
}

// If this failed, a video call of a client that writes other attributes would not ring, or
// would ring as an audio call. No attribute of <video> is required.
func TestForeignVideo(t *testing.T) {
	enc := encNode("msg", "X")
	long := strings.Repeat("x", 128)
	for name, attrs := range map[string]wm.Attrs{
		"none":            nil,
		"ours":            {"enc": "h.264", "dec": "H264", "device_orientation": "0", "screen_width": "0", "screen_height": "0"},
		"some":            {"screen_width": "1920", "dec": "vp8"},
		"unknown":         {"fps": "60"},
		"empty":           {"enc": "", "dec": "", "device_orientation": "", "screen_width": "", "screen_height": ""},
		"no numbers":      {"device_orientation": "up", "screen_width": "-1", "screen_height": "4294967296"},
		"in another case": {"ENC": "h.264", "Dec": "H264", "Screen_Width": "0"},
		"long":            {"enc": long, "dec": long, "screen_width": long},
	} {
		video := wm.Node{Tag: "video", Attrs: attrs}
		for _, offer := range []wm.Node{
			parent("offer", callAttrs(), video, enc, keygen2),
			parent("accept", callAttrs(), video, enc, keygen2),
			parent("offer", callAttrs(), video, video, enc, keygen2),
		} {
			info, ciphertext, err := stanza.ParseOffer(marshal(t, offer), nil)
			if err != nil || !info.Video || !bytes.Equal(ciphertext, []byte("X")) {
				t.Errorf("%s with %s: video %v, %v", offer.Tag, name, info.Video, err)
			}
		}
	}
	info, _, err := stanza.ParseOffer(marshal(t, parent("offer", callAttrs(), enc, keygen2)), nil)
	if err != nil || info.Video {
		t.Errorf("an offer without <video>: video %v, %v", info.Video, err)
	}
}
