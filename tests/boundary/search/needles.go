package main

import (
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"math/big"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
)

// secret is one value to search for.
type secret struct {
	name  string
	value []byte
}

// expand adds the values that the library computes from a host's secrets. The host never
// has them, so the searcher must compute them.
func expand(name string, value []byte) []secret {
	all := []secret{{name, value}}
	add := func(name string, value []byte) { all = append(all, secret{name, value}) }
	switch name {
	case "call-key", "reply-key", "epoch":
		add("call key, extracted", mac(make([]byte, 32), value))
		add("call key, protobuf", append([]byte{0x52, 0x22, 0x0a, 0x20}, value...))
		if name == "call-key" {
			add("sframe, extracted", mac(value[:16], value[16:]))
		}
	case "identity":
		for _, form := range scalars(value) {
			add("identity, as XEdDSA computes with it", form)
		}
	case "session":
		all = sessionSecrets(value)
	}
	return all
}

// scalars returns a clamped private key modulo the order of the group, as a number and in
// Montgomery form with R = 2^256, both with the lowest byte first.
func scalars(private []byte) [][]byte {
	order, _ := new(big.Int).SetString("1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed", 16)
	a := slices.Clone(private)
	a[0] &= 248
	a[31] = a[31]&127 | 64
	slices.Reverse(a)
	n := new(big.Int).SetBytes(a)
	var forms [][]byte
	for _, r := range []*big.Int{big.NewInt(1), new(big.Int).Lsh(big.NewInt(1), 256)} {
		form := new(big.Int)
		form.Mod(form.Mul(n, r), order)
		b := form.FillBytes(make([]byte, 32))
		slices.Reverse(b)
		forms = append(forms, b)
	}
	return forms
}

func mac(key, message []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write(message)
	return h.Sum(nil)
}

func derived(secret, salt []byte, info string, n int) []byte {
	out, err := hkdf.Key(sha256.New, secret, salt, info, n)
	if err != nil {
		panic(err) // more than 255 blocks
	}
	return out
}

// sessionSecrets returns the secrets of a session in Signal's storage protobuf: root key,
// ratchet key and its shared secret with the peer's, each chain's key with the next message
// keys, and the keys of skipped messages.
func sessionSecrets(record []byte) (all []secret) {
	const (
		state, root, sender, receiver       = 1, 4, 6, 7
		ratchet, private, chainKey, skipped = 1, 2, 3, 4
		key, cipherKey, macKey, iv          = 2, 2, 3, 4
	)
	add := func(name string) func([]byte) {
		return func(value []byte) { all = append(all, secret{name, value}) }
	}
	eachField(record, state, func(body []byte) {
		eachField(body, root, add("root key"))
		var own []byte
		for _, chain := range []protowire.Number{sender, receiver} {
			eachField(body, chain, func(body []byte) {
				eachField(body, private, add("ratchet key"))
				eachField(body, private, func(v []byte) { own = v })
				if chain == receiver {
					eachField(body, ratchet, func(v []byte) { add("agreement")(agreed(own, v[1:])) })
				}
				eachField(body, chainKey, func(body []byte) {
					eachField(body, key, func(v []byte) { all = append(all, chainSecrets(v)...) })
				})
				eachField(body, skipped, func(body []byte) {
					for _, part := range []protowire.Number{cipherKey, macKey, iv} {
						eachField(body, part, add("skipped message's keys"))
					}
				})
			})
		}
	})
	if len(all) < 5 {
		panic("a session record without keys")
	}
	return all
}

func agreed(private, public []byte) []byte {
	own, err := ecdh.X25519().NewPrivateKey(private)
	if err != nil {
		panic(err) // not 32 bytes
	}
	theirs, err := ecdh.X25519().NewPublicKey(public)
	if err != nil {
		panic(err)
	}
	shared, err := own.ECDH(theirs)
	if err != nil {
		panic(err) // a point of low order
	}
	return shared
}

// chainSecrets follows a chain for a dozen messages: a store keeps only the seed of one that is
// skipped, and exports no seed.
func chainSecrets(key []byte) (all []secret) {
	for range 13 {
		seed := mac(key, []byte{1})
		all = append(all, secret{"chain key", key}, secret{"message key seed", seed},
			secret{"message keys", derived(seed, nil, "WhisperMessageKeys", 80)})
		key = mac(key, []byte{2})
	}
	return all
}

func eachField(message []byte, number protowire.Number, f func(body []byte)) {
	for len(message) > 0 {
		n, kind, tag := protowire.ConsumeTag(message)
		if tag < 0 {
			panic(fmt.Sprint("a session record that is no protobuf: ", protowire.ParseError(tag)))
		}
		message = message[tag:]
		size := protowire.ConsumeFieldValue(n, kind, message)
		if n == number && kind == protowire.BytesType {
			body, _ := protowire.ConsumeBytes(message)
			f(body)
		}
		message = message[size:]
	}
}
