package derive_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/binary"
	"testing"

	"libcallkey/core/derive"
	"libcallkey/testdata/vectors"
)

// If this failed, a packet made with the keys would be no RFC 3711 packet: wrong cipher
// key or salt shows in the payload, a wrong authentication key in the tag.
func TestSRTPPacket(t *testing.T) {
	vectors.Each(t, "primitive_srtp_packet", func(t *testing.T, c vectors.Case) {
		var k derive.SRTPKeys
		if err := derive.E2EKeys(&k, c.In.Hex(t, "key"), c.In.Text(t, "participant")); err != nil {
			t.Fatal(err)
		}
		// RFC 3711 §4.1.1: IV = salt * 2^16 XOR SSRC * 2^64 XOR index * 2^16.
		roc := c.In.Number(t, "roc")
		var mask, iv [aes.BlockSize]byte
		binary.BigEndian.PutUint32(mask[4:], c.In.Number(t, "ssrc"))
		binary.BigEndian.PutUint32(mask[8:], roc)
		binary.BigEndian.PutUint16(mask[12:], uint16(c.In.Number(t, "seq")))
		copy(iv[:], k.SRTPSalt[:])
		for i := range iv {
			iv[i] ^= mask[i]
		}
		if want := c.Out.Hex(t, "iv"); !bytes.Equal(iv[:], want) {
			t.Errorf("IV is %x, want %x", iv, want)
		}
		block, err := aes.NewCipher(k.SRTPCipherKey[:])
		if err != nil {
			t.Fatal(err)
		}
		payload := c.In.Hex(t, "payload")
		cipher.NewCTR(block, iv[:]).XORKeyStream(payload, payload)
		if want := c.Out.Hex(t, "encrypted_payload"); !bytes.Equal(payload, want) {
			t.Errorf("payload is %x, want %x", payload, want)
		}
		mac := hmac.New(sha1.New, k.SRTPAuthKey[:])
		mac.Write(binary.BigEndian.AppendUint32(c.In.Hex(t, "authenticated"), roc))
		if got, want := mac.Sum(nil)[:c.In.Number(t, "tag_len")], c.Out.Hex(t, "tag"); !bytes.Equal(got, want) {
			t.Errorf("tag is %x, want %x", got, want)
		}
	})
}

// If this failed, a frame made with the SFrame key would not open at the peer.
func TestSFrameFrame(t *testing.T) {
	vectors.Each(t, "primitive_sframe_frame", func(t *testing.T, c vectors.Case) {
		var key [32]byte
		if err := derive.SFrameKey(&key, c.In.Hex(t, "key"), c.In.Text(t, "participant")); err != nil {
			t.Fatal(err)
		}
		block, err := aes.NewCipher(key[:16])
		if err != nil {
			t.Fatal(err)
		}
		gcm, err := cipher.NewGCMWithNonceSize(block, 16)
		if err != nil {
			t.Fatal(err)
		}
		counter := uint64(c.In.Number(t, "counter"))
		var nonce [16]byte
		binary.LittleEndian.PutUint64(nonce[8:], counter)
		header := binary.AppendUvarint(nil, counter)
		header = binary.AppendUvarint(header, uint64(c.In.Number(t, "key_id")))
		frame := gcm.Seal(nil, nonce[:], c.In.Hex(t, "payload"), nil)
		frame = append(append(frame, header...), byte(len(header)+1))
		if want := c.Out.Hex(t, "frame"); !bytes.Equal(frame, want) {
			t.Errorf("frame is %x, want %x", frame, want)
		}
	})
}
