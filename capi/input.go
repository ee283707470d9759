package main

/*
#include "callkey.h"
*/
import "C"

import (
	"fmt"
	"strings"
	"unicode/utf8"
	"unsafe"

	"libcallkey/core/stanza"
	"libcallkey/core/status"
)

// Secrets are never copied on their way in: the core reads a key in the caller's memory
// and writes one straight to it. So there is nothing to wipe here, and no key stays on an
// old stack that the Go runtime moved.

const (
	maxTextBytes = C.CALLKEY_JID_BYTES - 1
	maxPathBytes = 4096
)

// bytesAt returns the caller's memory as a slice, valid only during the call. The shim has
// checked that a nil p has length 0.
func bytesAt(p *C.uint8_t, n C.size_t) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(p)), int(n))
}

// listAt returns the caller's array as a slice, valid only during the call.
func listAt[T any](p *T, n C.size_t) []T {
	return unsafe.Slice(p, int(n))
}

// structAt copies a growing struct of a list. The shim has checked its size: members that an
// older program lacks are zero.
func structAt[T any](p *T, size C.size_t) (whole T) {
	to := unsafe.Slice((*byte)(unsafe.Pointer(&whole)), unsafe.Sizeof(whole))
	copy(to, unsafe.Slice((*byte)(unsafe.Pointer(p)), size))
	return whole
}

// piecesAt returns a list of bytes in the caller's memory, valid only during the call. The shim has
// checked the lengths.
func piecesAt(p **C.uint8_t, lengths *C.size_t, n C.size_t) [][]byte {
	pieces := make([][]byte, n)
	for i, length := range listAt(lengths, n) {
		pieces[i] = bytesAt(listAt(p, n)[i], length)
	}
	return pieces
}

// textAt copies a NUL-terminated text of at most limit bytes and checks that it is UTF-8.
// It reads no byte after the limit.
func textAt(name string, p *C.char, limit int) (string, error) {
	if p == nil {
		return "", status.New(status.Argument, "%s is NULL", name)
	}
	n := lengthOf(p, limit)
	if n > limit {
		return "", status.New(status.Argument, "%s is longer than %d bytes", name, limit)
	}
	s := string(charsAt(p, n))
	if !utf8.ValidString(s) {
		return "", status.New(status.Argument, "%s is not UTF-8", name)
	}
	return s, nil
}

// lengthOf returns the length of a NUL-terminated text, or limit+1 if it is longer than limit.
func lengthOf(p *C.char, limit int) (n int) {
	for n <= limit && *(*byte)(unsafe.Add(unsafe.Pointer(p), n)) != 0 {
		n++
	}
	return n
}

// charsAt returns a text in the caller's memory.
func charsAt(p *C.char, n int) []byte { return unsafe.Slice((*byte)(unsafe.Pointer(p)), n) }

// optionalTextAt copies a text, "" for NULL. The core takes "" for none, so an empty text is
// rejected.
func optionalTextAt(name string, p *C.char) (string, error) {
	if p == nil {
		return "", nil
	}
	s, err := textAt(name, p, maxTextBytes)
	if err == nil && s == "" {
		err = status.New(status.Argument, "%s is empty", name)
	}
	return s, err
}

// textsAt copies a list of texts, each a JID, into one piece of memory. A bad one fails alone: its
// element of refused, which is nil if there is none, is set and its text is "". A NULL fails the
// whole list.
func textsAt(name string, p **C.char, n C.size_t) (texts []string, refused []error, err error) {
	given := listAt(p, n)
	total := 0
	for i, text := range given {
		if text == nil {
			return nil, nil, status.New(status.Argument, "%s[%d] is NULL", name, i)
		}
		total += lengthOf(text, maxTextBytes)
	}
	texts = make([]string, n)
	var all strings.Builder
	all.Grow(total)
	for i, text := range given {
		if size := lengthOf(text, maxTextBytes); size <= maxTextBytes {
			start := all.Len()
			all.Write(charsAt(text, size))
			if one := all.String()[start:]; utf8.ValidString(one) {
				texts[i] = one
				continue
			}
		}
		if refused == nil {
			refused = make([]error, n)
		}
		_, refused[i] = textAt(fmt.Sprintf("%s[%d]", name, i), text, maxTextBytes)
	}
	return texts, refused, nil
}

// ownJIDsAt copies this device's JIDs. One bad text fails the whole list.
func ownJIDsAt(p **C.char, n C.size_t) ([]string, error) {
	own, refused, err := textsAt("own_jids", p, n)
	for i := 0; err == nil && i < len(refused); i++ {
		err = refused[i]
	}
	return own, err
}

// reservedAt rejects a reserved member that is not 0: a newer library gave it a meaning.
func reservedAt(name string, value C.uint32_t) error {
	if value != 0 {
		return status.New(status.Unsupported, "%s is not 0", name)
	}
	return nil
}

// offerOptionsAt copies the options of an offer. The shim has converted them to this
// library's version of the struct.
func offerOptionsAt(o *C.callkey_offer_options) (*stanza.OfferOptions, error) {
	if o == nil {
		return nil, nil
	}
	options, err := callOptionsAt(o)
	if err != nil {
		return nil, err
	}
	options.Video = o.flags&C.CALLKEY_OFFER_VIDEO != 0
	options.MultiDevice = o.flags&C.CALLKEY_OFFER_MULTI_DEVICE != 0
	if options.To, err = textAt("options->to", o.to, maxTextBytes); err != nil {
		return nil, err
	}
	if options.Capability, err = blobAt("options->capability", o.capability, o.capability_len); err != nil {
		return nil, err
	}
	if options.PrivacyToken, err = blobAt("options->privacy_token", o.privacy_token, o.privacy_token_len); err != nil {
		return nil, err
	}
	if options.VideoEnc, err = optionalTextAt("options->video_enc", o.video_enc); err != nil {
		return nil, err
	}
	if options.VideoDec, err = optionalTextAt("options->video_dec", o.video_dec); err != nil {
		return nil, err
	}
	options.VideoWidth, options.VideoHeight = uint32(o.video_width), uint32(o.video_height)
	options.VideoDeviceOrientation = uint32(o.video_device_orientation)
	return options, nil
}

// callOptionsAt copies the options that an offer and an enc_rekey share. o is not nil.
func callOptionsAt(o *C.callkey_offer_options) (*stanza.OfferOptions, error) {
	if o.flags&^(C.CALLKEY_OFFER_VIDEO|C.CALLKEY_OFFER_MULTI_DEVICE) != 0 {
		return nil, status.New(status.Argument, "options->flags has an unknown bit")
	}
	if err := reservedAt("options->reserved", o.reserved); err != nil {
		return nil, err
	}
	var options stanza.OfferOptions
	var err error
	if o.stanza_id != nil {
		if options.StanzaID, err = textAt("options->stanza_id", o.stanza_id, maxTextBytes); err != nil {
			return nil, err
		}
	}
	if options.CallID, err = textAt("options->call_id", o.call_id, maxTextBytes); err != nil {
		return nil, err
	}
	if options.CallCreator, err = textAt("options->call_creator", o.call_creator, maxTextBytes); err != nil {
		return nil, err
	}
	options.DeviceIdentity, err = blobAt("options->device_identity", o.device_identity, o.device_identity_len)
	return &options, err
}

// blobAt is bytesAt for a pointer and length inside a struct, which the shim does not check.
func blobAt(name string, p *C.uint8_t, n C.size_t) ([]byte, error) {
	switch {
	case n > stanza.MaxBytes:
		return nil, status.New(status.Argument, "%s is longer than a stanza can be", name)
	case p == nil && n != 0:
		return nil, status.New(status.Argument, "%s is NULL and its length is not 0", name)
	}
	return bytesAt(p, n), nil
}
