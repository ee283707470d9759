package stanza

// A word is a tag or the name of an attribute as on the wire.
type word []byte

func wordOf(s string) word { return appendText(nil, s) }

// The words of the stanzas that we write.
var (
	wordCall           = wordOf("call")
	wordTo             = wordOf("to")
	wordID             = wordOf("id")
	wordOffer          = wordOf("offer")
	wordRekey          = wordOf("enc_rekey")
	wordCallID         = wordOf("call-id")
	wordCallCreator    = wordOf("call-creator")
	wordTransactionID  = wordOf("transaction-id")
	wordPrivacy        = wordOf("privacy")
	wordCapability     = wordOf("capability")
	wordVer            = wordOf("ver")
	wordDeviceIdentity = wordOf("device-identity")

	wordVideo             = wordOf("video")
	wordEnc               = wordOf("enc")
	wordDec               = wordOf("dec")
	wordDeviceOrientation = wordOf("device_orientation")
	wordScreenWidth       = wordOf("screen_width")
	wordScreenHeight      = wordOf("screen_height")
)

// The nodes that are the same in every offer (wacrg:SIG-01).
var (
	audio8000  = constant("audio", "enc", "opus", "rate", "8000")
	audio16000 = constant("audio", "enc", "opus", "rate", "16000")
	netMedium3 = constant("net", "medium", "3")
	encopt     = constant("encopt", "keygen", "2")
)

// constant writes a node that is the same in every stanza: attributes as name, value, name, value.
func constant(tag string, attrs ...string) []byte {
	var w writer
	w.node(wordOf(tag))
	for i := 0; i < len(attrs); i += 2 {
		w.text(wordOf(attrs[i]), attrs[i+1])
	}
	return w.out
}
