package signalclient_test

import (
	"bytes"
	"slices"
	"testing"

	"libcallkey/core/signal"
	"libcallkey/core/status"
)

// refusals is what a message may be refused as when a bit of the given part is
// flipped. The parts that are missing here are the two that Signal's MAC does not
// cover: see TestFlippedBitsInPkmsg.
var refusals = map[part][]status.Code{
	partVersion: {status.Malformed, status.Unsupported, status.Authentication},
	// A flipped tag may name a field that is newer than we are, or drop a prekey id.
	partFrame:   {status.Malformed, status.Unsupported, status.Authentication, status.NoPrekey},
	partRatchet: {status.Malformed, status.InvalidKey, status.Authentication},
	// The counter chooses the message key before there is a MAC key to check with.
	// A flipped top bit of a varint moves the fields after it.
	partCounter:      {status.Malformed, status.Unsupported, status.Authentication, status.Duplicate, status.TooFar},
	partPrevious:     {status.Malformed, status.Unsupported, status.Authentication},
	partCiphertext:   {status.Authentication},
	partMAC:          {status.Authentication},
	partPrekey:       {status.Malformed, status.Unsupported, status.Authentication, status.NoPrekey},
	partBase:         {status.Malformed, status.InvalidKey, status.Authentication},
	partIdentity:     {status.Malformed, status.InvalidKey, status.Authentication},
	partSignedPrekey: {status.Malformed, status.Unsupported, status.NoPrekey},
}

// eachFlip gives every message that differs from the original in one bit.
func eachFlip(original []byte, try func(at int, mask byte, flipped []byte)) {
	for at := range original {
		for bit := range 8 {
			flipped := bytes.Clone(original)
			flipped[at] ^= 1 << bit
			try(at, 1<<bit, flipped)
		}
	}
}

// If this fails, whoever carries our messages can change one unnoticed, or break
// a session for good by changing one.
func TestFlippedBitsInMsg(t *testing.T) {
	eachVersion(t, func(t *testing.T, p *peer) {
		l := newSession(t, p)
		late := l.bobSeals(t, "msg")
		turned := func(t *testing.T) delivery { // a message with a new ratchet key
			l.opens(t, l.seals(t, "msg"))
			return l.bobSeals(t, "msg")
		}
		for name, d := range map[string]delivery{"same chain": l.bobSeals(t, "msg"), "new chain": turned(t)} {
			t.Run(name, func(t *testing.T) {
				parts := partsOfMsg(t, d.Ciphertext)
				before := l.session()
				eachFlip(d.Ciphertext, func(at int, mask byte, flipped []byte) {
					key, err := l.open(message{d.Type, flipped})
					if got := status.Of(err); !slices.Contains(refusals[parts[at]], got) {
						t.Errorf("byte %d (%s) ^ %#x: status %s: %v", at, parts[at], mask, got.Name(), err)
					}
					if key != ([32]byte{}) {
						t.Errorf("byte %d (%s) ^ %#x left something in the key", at, parts[at], mask)
					}
				})
				if !bytes.Equal(before, l.session()) {
					t.Error("the session changed")
				}
				l.weOpen(t, d)
			})
		}
		l.weOpen(t, late)
		l.carry(t, 1)
		l.opens(t, l.seals(t, "msg"))
	})
}

// If this fails, a forged first message poisons an identity, eats a one-time
// prekey or leaves half a session, and the real caller is then refused.
//
// The registration id and the low nibble of the outer version byte are outside of
// Signal's MAC, so a changed one cannot be told from an honest one; the byte itself
// is TestVersionBytes's.
func TestFlippedBitsInPkmsg(t *testing.T) {
	eachHandshake(t, func(t *testing.T, p *peer, prekey bool) {
		l := pair{newStore(t), p.create(t, "bob")}
		l.bob.begin(t, ourJID, theirs(bundleWith(t, l.store, prekey)))
		d := l.bobSeals(t, "pkmsg")
		parts := partsOfPkmsg(t, d.Ciphertext)
		eachFlip(d.Ciphertext, func(at int, mask byte, flipped []byte) {
			allowed, covered := refusals[parts[at]]
			if !covered {
				return
			}
			_, err := l.open(message{d.Type, flipped})
			if got := status.Of(err); !slices.Contains(allowed, got) {
				t.Errorf("byte %d (%s) ^ %#x: status %s: %v", at, parts[at], mask, got.Name(), err)
			}
			if l.session() != nil {
				t.Fatalf("byte %d (%s) ^ %#x left a session", at, parts[at], mask)
			}
		})
		if _, err := signal.IdentityOf(l.store, addressOf(t, bobJID)); err == nil {
			t.Error("a forged first message left an identity")
		}
		l.weOpen(t, d)
		l.opens(t, l.seals(t, "msg"))
		l.carry(t, 1)
	})
}

// If this fails, a message of a version we do not speak is taken for one of ours, or
// one of a newer client in a session of ours is refused.
func TestVersionBytes(t *testing.T) {
	eachVersion(t, func(t *testing.T, p *peer) {
		l := newPair(t, p)
		l.bob.begin(t, ourJID, theirs(takeBundle(t, l.store)))
		first := l.bobSeals(t, "pkmsg")
		refuse := func(d delivery, same ...status.Code) {
			for b := range 256 {
				if byte(b) == d.Ciphertext[0] {
					continue
				}
				other := bytes.Clone(d.Ciphertext)
				other[0] = byte(b)
				switch session, newest := b>>4, b&15; {
				case session != 3:
					l.weRefuse(t, message{d.Type, other}, status.Unsupported)
				case newest < 3: // older than what it speaks
					l.weRefuse(t, message{d.Type, other}, status.Malformed)
				case len(same) > 0:
					l.weRefuse(t, message{d.Type, other}, same...)
				}
			}
		}
		refuse(first) // the MAC does not cover the low nibble
		l.weOpen(t, first)
		l.opens(t, l.seals(t, "msg"))
		second := l.bobSeals(t, "msg")
		refuse(second, status.Authentication) // here it does
		l.weOpen(t, second)
	})
}

// If this fails, a message cut short on its way, or one with bytes added, is
// taken for whole or harms the session.
func TestCutMessages(t *testing.T) {
	eachVersion(t, func(t *testing.T, p *peer) {
		l := newPair(t, p)
		l.bob.begin(t, ourJID, theirs(takeBundle(t, l.store)))
		first := l.bobSeals(t, "pkmsg")
		cut := func(d delivery) {
			t.Helper()
			for n := range len(d.Ciphertext) {
				// Past the front a cut msg still parses: its MAC is then taken from what was the body.
				l.weRefuse(t, message{d.Type, d.Ciphertext[:n]}, status.Malformed, status.Authentication)
			}
			longer := append(bytes.Clone(d.Ciphertext), 0)
			l.weRefuse(t, message{d.Type, longer}, status.Malformed, status.Authentication)
		}
		cut(first)
		l.weOpen(t, first)
		l.opens(t, l.seals(t, "msg"))
		second := l.bobSeals(t, "msg")
		cut(second)
		l.weOpen(t, second)

		third := l.bobSeals(t, "msg") // said to be the other type
		l.weRefuse(t, message{"pkmsg", third.Ciphertext}, status.Malformed, status.Unsupported)
		l.weOpen(t, third)
	})
}

// If this fails, a client that adds a Kyber prekey to our bundle, as every newer
// one wants to, gets garbage or half a session instead of a clear refusal.
func TestKyberIsRefused(t *testing.T) {
	p := startPeer(t, "0.58.0")
	home := p.create(t, "home") // holds our identity, so that it can sign a Kyber prekey for our bundle
	l := pair{newTwin(t, home), p.create(t, "bob")}
	b := theirs(takeBundle(t, l.store))
	l.bob.beginKyber(t, ourJID, b, home)

	first := l.bob.encrypt(t, ourJID, paddedPlaintext(newKey()))
	if first.Type != "pkmsg" || first.Ciphertext[0] != 0x44 {
		t.Fatalf("with Kyber the client wrote a %s of version byte %#x", first.Type, first.Ciphertext[0])
	}
	l.weRefuse(t, first, status.Unsupported)
	for _, version := range []byte{0x33, 0x34} { // the Kyber fields alone, in a pkmsg that claims to be of our version
		claimed := bytes.Clone(first.Ciphertext)
		claimed[0] = version
		l.weRefuse(t, message{"pkmsg", claimed}, status.Unsupported)
	}
	if l.session() != nil {
		t.Fatal("a refused pkmsg left a session")
	}
	if _, err := signal.IdentityOf(l.store, addressOf(t, bobJID)); err == nil {
		t.Fatal("a refused pkmsg left an identity")
	}

	// The same bundle without Kyber still works: its one-time prekey was not used up.
	plain := pair{l.store, p.create(t, "bob, the same device again")}
	plain.bob.begin(t, ourJID, b)
	plain.weOpen(t, plain.bobSeals(t, "pkmsg"))
	plain.opens(t, plain.seals(t, "msg"))
}
