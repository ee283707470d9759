package stanza

import (
	"strconv"

	"libcallkey/core/status"
)

// The codecs that a client names in <video> (wacrg:SIG-02).
const (
	defaultVideoEnc = "h.264"
	defaultVideoDec = "H264"
)

// videoNode writes <video> (wacrg:SIG-02). It always has all five attributes: a client that
// misses one drops the offer, and the callee's phone never rings.
func (o *OfferOptions) videoNode() node {
	enc, dec := o.VideoEnc, o.VideoDec
	if enc == "" {
		enc = defaultVideoEnc
	}
	if dec == "" {
		dec = defaultVideoDec
	}
	return element("video", "enc", enc, "dec", dec,
		"device_orientation", decimal(o.VideoDeviceOrientation),
		"screen_width", decimal(o.VideoWidth),
		"screen_height", decimal(o.VideoHeight))
}

func decimal(n uint32) string { return strconv.FormatUint(uint64(n), 10) }

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
