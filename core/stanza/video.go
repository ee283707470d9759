package stanza

import (
	"cmp"

	"libcallkey/core/status"
)

// The codecs that a client names in <video> (wacrg:SIG-02).
const (
	defaultVideoEnc = "h.264"
	defaultVideoDec = "H264"
)

var (
	wordVideo             = wordOf("video")
	wordEnc               = wordOf("enc")
	wordDec               = wordOf("dec")
	wordDeviceOrientation = wordOf("device_orientation")
	wordScreenWidth       = wordOf("screen_width")
	wordScreenHeight      = wordOf("screen_height")
)

// video writes <video> (wacrg:SIG-02). It always has all five attributes: a client that
// misses one drops the offer, and the callee's phone never rings.
func (w *writer) video(o *OfferOptions) {
	w.node(wordVideo)
	w.text(wordEnc, cmp.Or(o.VideoEnc, defaultVideoEnc))
	w.text(wordDec, cmp.Or(o.VideoDec, defaultVideoDec))
	w.number(wordDeviceOrientation, o.VideoDeviceOrientation)
	w.number(wordScreenWidth, o.VideoWidth)
	w.number(wordScreenHeight, o.VideoHeight)
}

// checkVideo rejects attributes of <video> in an audio offer: it would ring as an audio
// call, and the app would not notice.
func (o *OfferOptions) checkVideo() error {
	if !o.Video {
		for _, option := range []struct {
			name string
			set  bool
		}{
			{"video_enc", o.VideoEnc != ""},
			{"video_dec", o.VideoDec != ""},
			{"video_width", o.VideoWidth != 0},
			{"video_height", o.VideoHeight != 0},
			{"video_device_orientation", o.VideoDeviceOrientation != 0},
		} {
			if option.set {
				return status.New(status.Argument, "%s is set, but the offer has no video", option.name)
			}
		}
		return nil
	}
	if err := checkText(status.Argument, "video_enc", o.VideoEnc); err != nil {
		return err
	}
	return checkText(status.Argument, "video_dec", o.VideoDec)
}
