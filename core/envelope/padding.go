package envelope

import "crypto/subtle"

// maxPadding is the largest number of pad bytes. Some senders stop at 15; none writes
// more than 16.
const maxPadding = 16

// unpad removes the padding: n bytes of value n at the end, n in 1..16, with at least
// one byte before them.
//
// The padding is authenticated by the Signal message around it, so a wrong one is a
// sender's bug or a plaintext that was never padded. All 16 places are always checked,
// so the time does not reveal the length of the padding.
func unpad(plaintext []byte) (body []byte, ok bool) {
	length := len(plaintext)
	if length == 0 {
		return nil, false
	}
	last := plaintext[length-1]
	n := int(last)
	good := subtle.ConstantTimeLessOrEq(1, n) &
		subtle.ConstantTimeLessOrEq(n, maxPadding) &
		subtle.ConstantTimeLessOrEq(n+1, min(length, 256))
	for i := 1; i <= min(length, maxPadding); i++ {
		outside := subtle.ConstantTimeLessOrEq(n+1, i)
		good &= outside | subtle.ConstantTimeByteEq(plaintext[length-i], last)
	}
	if good != 1 {
		return nil, false
	}
	return plaintext[:length-n], true
}
