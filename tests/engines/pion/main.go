// The program pion drives pion/srtp: see tests/engines/engine.py for the requests.
package main

// #cgo CFLAGS: -I${SRCDIR}/../../../include
// #include "callkey.h"
import "C"

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"os"
	"strconv"
	"strings"
	"unsafe"

	"github.com/pion/srtp/v3"
)

// docs: stream
// begin returns the context of a stream, to encrypt or to decrypt, at this roll-over counter: 0 from a call's first
// packet.
func begin(keys *C.callkey_srtp_keys, ssrc, roc uint32) (*srtp.Context, error) {
	key := C.GoBytes(unsafe.Pointer(&keys.master_key), C.int(len(keys.master_key)))
	salt := C.GoBytes(unsafe.Pointer(&keys.master_salt), C.int(len(keys.master_salt)))
	// SRTCP gets tags of 10 bytes.
	stream, err := srtp.CreateContext(key, salt, srtp.ProtectionProfileAes128CmHmacSha1_32,
		srtp.SRTPReplayProtection(1024), srtp.SRTCPReplayProtection(64))
	if err != nil {
		return nil, err
	}
	stream.SetROC(ssrc, roc)
	return stream, nil
}

// changeKeys returns the context for a new epoch. A context cannot change its keys, so both counters move over.
func changeKeys(old *srtp.Context, keys *C.callkey_srtp_keys, ssrc uint32) (*srtp.Context, error) {
	roc, _ := old.ROC(ssrc)
	stream, err := begin(keys, ssrc, roc)
	if err != nil {
		return nil, err
	}
	if index, ok := old.Index(ssrc); ok {
		stream.SetIndex(ssrc, index)
	}
	return stream, nil
}

// docs: end

// side is a stream that is sent, or one that is received.
type side struct {
	context *srtp.Context
	ssrc    uint32
}

func parseKeys(text string) (*C.callkey_srtp_keys, error) {
	b, err := hex.DecodeString(text)
	if err != nil {
		return nil, err
	}
	keys := new(C.callkey_srtp_keys)
	if n := copy(unsafe.Slice((*byte)(unsafe.Pointer(keys)), unsafe.Sizeof(*keys)), b); n != len(b) || n != int(unsafe.Sizeof(*keys)) {
		return nil, fmt.Errorf("%d bytes of keys", len(b))
	}
	return keys, nil
}

// must ends the program: a bad request is a mistake of the test.
func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func main() {
	sides := map[string]*side{}
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<16)
	for lines.Scan() {
		out, err := answer(sides, strings.Fields(lines.Text()))
		if err != nil {
			fmt.Println("error", err)
		} else {
			fmt.Println("ok", hex.EncodeToString(out))
		}
	}
}

func answer(sides map[string]*side, word []string) ([]byte, error) {
	switch word[0] {
	case "sender", "receiver":
		ssrc := uint32(must(strconv.ParseUint(word[2], 10, 32)))
		roc := uint32(must(strconv.ParseUint(word[3], 10, 32)))
		context, err := begin(must(parseKeys(word[1])), ssrc, roc)
		sides[word[0]] = &side{context, ssrc}
		return nil, err
	case "rekey-sender", "rekey-receiver":
		s := sides[strings.TrimPrefix(word[0], "rekey-")]
		context, err := changeKeys(s.context, must(parseKeys(word[1])), s.ssrc)
		s.context = context
		return nil, err
	}
	packet := must(hex.DecodeString(word[2]))
	switch word[0] + " " + word[1] {
	case "protect rtp":
		return sides["sender"].context.EncryptRTP(nil, packet, nil)
	case "protect rtcp":
		return sides["sender"].context.EncryptRTCP(nil, packet, nil)
	case "unprotect rtp":
		return sides["receiver"].context.DecryptRTP(nil, packet, nil)
	case "unprotect rtcp":
		return sides["receiver"].context.DecryptRTCP(nil, packet, nil)
	}
	panic("no request is " + word[0])
}
