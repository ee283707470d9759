package selftest

import "libcallkey/core/curve"

var curvePrimitives = []primitive{
	// RFC 7748 section 6.1: Bob's private and Alice's public key.
	{"X25519", "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742", func() []byte {
		alice := [32]byte(unhex("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"))
		bob := [32]byte(unhex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"))
		var shared [32]byte
		return given(curve.Agree(&shared, &bob, &alice), shared[:])
	}},
	// A prekey signature that another Signal client made is 01, genuine; with a bit flipped it is
	// 00.
	{"XEdDSA", "01" + "00", func() []byte {
		identity := [32]byte(unhex("ab7e717d4a163b7d9a1d8071dfe9dcf8cdcd1cea3339b6356be84d887e322c64"))
		message := unhex("05edce9d9c415ca78cb7252e72c2c4a554d3eb29485a0e1d503118d1a82d99fb4a")
		signature := [64]byte(unhex("5de88ca9a89b4a115da79109c67c9c7464a3e4180274f1cb8c63c2984e286dfb" +
			"ede82deb9dcd9fae0bfbb821569b3d9001bd8130cd11d486cef047bd60b86e88"))
		var verdicts [2]byte
		for i := range verdicts {
			if curve.Verify(&identity, message, &signature) {
				verdicts[i] = 1
			}
			signature[0] ^= 1
		}
		return verdicts[:]
	}},
}
