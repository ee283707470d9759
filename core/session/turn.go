package session

// A turn is what a turn of the ratchet takes from the curve, where that is known before the turn
// is made. A nil turn computes it when it is needed.
type turn struct {
	private, public [32]byte // our next ratchet key
	// The shared secrets of the peer's new ratchet key with our last key, for the chain that
	// receives, and with our next one, for the chain that sends.
	received, sent [32]byte
}

func (t *turn) wipe() { *t = turn{} }

// receive begins the chain of the peer's new ratchet key; private is our last one. Errors:
// INVALID_KEY.
func (t *turn) receive(root, private, public *[32]byte) (chainKey, error) {
	if t == nil {
		return stepRoot(root, private, public)
	}
	return mixRoot(root, &t.received), nil
}

// send begins our next chain. Errors: INVALID_KEY.
func (t *turn) send(next *senderChain, root, public *[32]byte, random Random) (err error) {
	if t == nil {
		random.keyPair(&next.private, &next.public)
		next.chain, err = stepRoot(root, &next.private, public)
		return err
	}
	next.private, next.public = t.private, t.public
	next.chain = mixRoot(root, &t.sent)
	return nil
}
