package main

import (
	"errors"
	"time"

	"go.mau.fi/libsignal/keys/prekey"
	"go.mau.fi/libsignal/protocol"
	libsession "go.mau.fi/libsignal/session"
	"go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/store"
	"go.mau.fi/whatsmeow/types"
	"google.golang.org/protobuf/proto"
)

func with(r *Request) (*Account, types.JID, error) {
	a, err := account(r)
	if err != nil {
		return nil, types.JID{}, err
	}
	jid, err := types.ParseJID(r.JID)
	return a, jid, err
}

// seal encrypts a call key for one device as the client does with every message: padding, session
// or bundle, and the <enc>.
func seal(r *Request) (Answer, error) {
	a, to, err := with(r)
	if err != nil {
		return nil, err
	}
	plaintext, err := proto.Marshal(&waE2E.Message{Call: &waE2E.Call{CallKey: r.Key}})
	if err != nil {
		return nil, err
	}
	var bundle *prekey.Bundle
	if r.Bundle != nil {
		bundle = r.Bundle.theirs(uint32(to.Device))
	}
	enc, _, err := a.client.DangerousInternals().EncryptMessageForDevice(background, plaintext, to, bundle, nil, nil)
	if err != nil {
		return nil, err
	}
	attrs := enc.AttrGetter()
	ciphertext, _ := enc.Content.([]byte)
	return Answer{"type": attrs.String("type"), "v": attrs.Int("v"), "ciphertext": Hex(ciphertext)}, attrs.Error()
}

// open decrypts an <enc> as the client does, and answers with the call key in the message.
func open(r *Request) (Answer, error) {
	a, from, err := with(r)
	if err != nil {
		return nil, err
	}
	version := map[int]string{2: "2", 3: "3"}[r.Version]
	enc := &binary.Node{
		Tag:     "enc",
		Attrs:   binary.Attrs{"v": version, "type": r.Type, "count": "0"},
		Content: []byte(r.Ciphertext),
	}
	plaintext, _, err := a.client.DangerousInternals().DecryptDM(background, enc, from, r.Type == "pkmsg", time.Now())
	if err != nil {
		return nil, err
	}
	var message waE2E.Message
	if err := proto.Unmarshal(plaintext, &message); err != nil {
		return nil, err
	}
	key := message.GetCall().GetCallKey()
	if key == nil {
		return nil, errors.New("the message has no call key")
	}
	return Answer{"key": Hex(key)}, nil
}

func (a *Account) cipher(jid types.JID) (*libsession.Builder, *libsession.Cipher) {
	address := jid.SignalAddress()
	builder := libsession.NewBuilderFromSignal(a.device, address, store.SignalProtobufSerializer)
	return builder, libsession.NewCipher(builder, address)
}

// sealRaw encrypts bytes as they are, without padding, with the session that there is.
func sealRaw(r *Request) (Answer, error) {
	a, to, err := with(r)
	if err != nil {
		return nil, err
	}
	_, cipher := a.cipher(to)
	message, err := cipher.Encrypt(background, r.Plaintext)
	if err != nil {
		return nil, err
	}
	kind := "msg"
	if message.Type() == protocol.PREKEY_TYPE {
		kind = "pkmsg"
	}
	return Answer{"type": kind, "ciphertext": Hex(message.Serialize())}, nil
}

// openRaw decrypts a msg and answers with its padded plaintext.
func openRaw(r *Request) (Answer, error) {
	a, from, err := with(r)
	if err != nil {
		return nil, err
	}
	message, err := protocol.NewSignalMessageFromBytes(r.Ciphertext, store.SignalProtobufSerializer.SignalMessage)
	if err != nil {
		return nil, err
	}
	_, cipher := a.cipher(from)
	plaintext, err := cipher.Decrypt(background, message)
	return Answer{"plaintext": Hex(plaintext)}, err
}

// session answers with the row of a session in the database.
func session(r *Request) (Answer, error) {
	a, jid, err := with(r)
	if err != nil {
		return nil, err
	}
	record, err := a.device.Sessions.GetSession(background, jid.SignalAddress().String())
	if err == nil && record == nil {
		err = errors.New("there is no session")
	}
	return Answer{"record": Hex(record)}, err
}

// putSession writes the row of a session, from Signal's storage protobuf.
func putSession(r *Request) (Answer, error) {
	a, jid, err := with(r)
	if err != nil {
		return nil, err
	}
	row, err := rowFromStorage(r.Record)
	if err != nil {
		return nil, err
	}
	return nil, a.device.Sessions.PutSession(background, jid.SignalAddress().String(), row)
}

func removeSession(r *Request) (Answer, error) {
	a, jid, err := with(r)
	if err != nil {
		return nil, err
	}
	return nil, a.device.Sessions.DeleteSession(background, jid.SignalAddress().String())
}
