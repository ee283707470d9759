package main

import (
	"go.mau.fi/libsignal/ecc"
	"go.mau.fi/libsignal/keys/identity"
	"go.mau.fi/libsignal/keys/prekey"
	"go.mau.fi/libsignal/util/optional"
)

// Bundle is a prekey bundle. Without a one-time prekey its id is 0.
type Bundle struct {
	RegistrationID uint32 `json:"registration_id"`
	IdentityKey    Hex    `json:"identity_key"`
	SignedPrekeyID uint32 `json:"signed_prekey_id"`
	SignedPrekey   Hex    `json:"signed_prekey"`
	Signature      Hex    `json:"signed_prekey_signature"`
	PrekeyID       uint32 `json:"prekey_id"`
	Prekey         Hex    `json:"prekey"`
}

func (b *Bundle) theirs(device uint32) *prekey.Bundle {
	key := func(public Hex) ecc.ECPublicKeyable { return ecc.NewDjbECPublicKey([32]byte(public)) }
	id, one := optional.NewEmptyUint32(), ecc.ECPublicKeyable(nil)
	if b.PrekeyID != 0 {
		id, one = optional.NewOptionalUint32(b.PrekeyID), key(b.Prekey)
	}
	return prekey.NewBundle(b.RegistrationID, device, id, b.SignedPrekeyID, one, key(b.SignedPrekey),
		[64]byte(b.Signature), identity.NewKey(key(b.IdentityKey)))
}

// takeBundle makes a bundle, with a new one-time prekey or without one.
func takeBundle(r *Request) (Answer, error) {
	a, err := account(r)
	if err != nil {
		return nil, err
	}
	signed := a.device.SignedPreKey
	b := Bundle{
		RegistrationID: a.device.RegistrationID,
		IdentityKey:    a.device.IdentityKey.Pub[:],
		SignedPrekeyID: signed.KeyID,
		SignedPrekey:   signed.Pub[:],
		Signature:      signed.Signature[:],
	}
	if r.Prekey {
		one, err := a.device.PreKeys.GenOnePreKey(background)
		if err != nil {
			return nil, err
		}
		b.PrekeyID, b.Prekey = one.KeyID, one.Pub[:]
	}
	return Answer{"bundle": b}, nil
}

// holdsPrekey answers whether a one-time prekey is still in the database.
func holdsPrekey(r *Request) (Answer, error) {
	a, err := account(r)
	if err != nil {
		return nil, err
	}
	one, err := a.device.PreKeys.GetPreKey(background, r.ID)
	return Answer{"holds": one != nil}, err
}

// private answers with the account's private keys, for a move of the account: the one-time prekey by its id.
func private(r *Request) (Answer, error) {
	a, err := account(r)
	if err != nil {
		return nil, err
	}
	keys := Answer{
		"identity":         Hex(a.device.IdentityKey.Priv[:]),
		"registration_id":  a.device.RegistrationID,
		"signed_prekey_id": a.device.SignedPreKey.KeyID,
		"signed_prekey":    Hex(a.device.SignedPreKey.Priv[:]),
	}
	if r.ID == 0 {
		return keys, nil
	}
	one, err := a.device.PreKeys.GetPreKey(background, r.ID)
	if err == nil && one != nil {
		keys["prekey"] = Hex(one.Priv[:])
	}
	return keys, err
}
