package selftest

import "golang.org/x/crypto/chacha20poly1305"

var storePrimitives = []primitive{
	// draft-irtf-cfrg-xchacha-03 A.3.1: the first 16 bytes and the tag.
	{"XChaCha20-Poly1305", "bd6d179d3e83d43b9576579493c0e939" + "c0875924c1c7987947deafd8780acf49", func() []byte {
		aead, err := chacha20poly1305.NewX(unhex("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f"))
		if err != nil {
			return nil
		}
		plaintext := []byte("Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.")
		sealed := aead.Seal(nil, unhex("404142434445464748494a4b4c4d4e4f5051525354555657"), plaintext, unhex("50515253c0c1c2c3c4c5c6c7"))
		return append(sealed[:16], sealed[len(plaintext):]...)
	}},
}
