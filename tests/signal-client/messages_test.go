package signalclient_test

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"libcallkey/core/offer"
	"libcallkey/core/signal"
	"libcallkey/core/stanza"
	"libcallkey/core/status"
)

// text is a message of the app, not a call key.
type text struct {
	message
	plaintext []byte
}

var typeNames = map[stanza.EncType]string{stanza.EncMsg: "msg", stanza.EncPkmsg: "pkmsg"}

// writes is us sealing any message for bob.
func (l pair) writes(t *testing.T, n int) text {
	t.Helper()
	w := text{plaintext: randomBytes(n)}
	ciphertext, encType, err := offer.SealMessage(l.store, bobJID, w.plaintext, -1)
	if err != nil {
		t.Fatal(err)
	}
	w.Type, w.Ciphertext = typeNames[encType], ciphertext
	return w
}

// reads is bob opening it.
func (l pair) reads(t *testing.T, w text) {
	t.Helper()
	plaintext, err := l.bob.decrypt(t, ourJID, w.message)
	if err != nil || !bytes.Equal(plaintext, w.plaintext) {
		t.Fatalf("signal-client %s does not open our %s of %d bytes: %v", l.bob.version, w.Type, len(w.plaintext), err)
	}
}

// bobWrites is bob sealing any message for us.
func (l pair) bobWrites(t *testing.T, n int) text {
	t.Helper()
	w := text{plaintext: randomBytes(n)}
	w.message = l.bob.encrypt(t, ourJID, w.plaintext)
	return w
}

// weRead is us opening it, after we tried to open it as a call key.
func (l pair) weRead(t *testing.T, w text) {
	t.Helper()
	l.weRefuse(t, w.message, status.Malformed)
	plaintext, err := offer.OpenMessage(l.store, bobJID, w.encType(), w.Ciphertext, len(w.Ciphertext))
	if err != nil || !bytes.Equal(plaintext, w.plaintext) {
		t.Fatalf("a %s of %d bytes of signal-client %s: %v", w.Type, len(w.plaintext), l.bob.version, err)
	}
	l.weRefuse(t, w.message, status.Duplicate, status.Malformed) // MALFORMED: too long for a key's
	if _, err := offer.OpenMessage(l.store, bobJID, w.encType(), w.Ciphertext, -1); status.Of(err) != status.Duplicate {
		t.Fatalf("a second delivery: %v", err)
	}
}

var lengths = []int{1, 15, 16, 17, 300, 5000, 100_000}

// If this fails, an app's messages and its calls cannot share the session that its peers know.
func TestMessagesAmongCallKeys(t *testing.T) {
	eachHandshake(t, func(t *testing.T, p *peer, prekey bool) {
		for _, weBegin := range []bool{true, false} {
			l := newPair(t, p)
			if weBegin {
				l.weBegin(t, prekey)
				l.reads(t, l.writes(t, 0))
			} else {
				l.bob.begin(t, ourJID, theirs(bundleWith(t, l.store, prekey)))
				l.weRead(t, l.bobWrites(t, 40))
			}
			ours, bobs := "msg", "msg"
			if weBegin {
				ours = "pkmsg"
			} else {
				bobs = "pkmsg"
			}
			for range 4 {
				var deliveries []func()
				for _, n := range lengths {
					if ours == "pkmsg" || bobs == "msg" {
						key, w := l.seals(t, ours), l.writes(t, n)
						deliveries = append(deliveries, func() { l.opens(t, key) }, func() { l.reads(t, w) })
					}
					if bobs == "pkmsg" || ours == "msg" {
						key, w := l.bobSeals(t, bobs), l.bobWrites(t, n)
						deliveries = append(deliveries, func() { l.weOpen(t, key) }, func() { l.weRead(t, w) })
					}
				}
				rand.Shuffle(len(deliveries), func(i, j int) { deliveries[i], deliveries[j] = deliveries[j], deliveries[i] })
				for _, deliver := range deliveries {
					deliver()
				}
				if ours != bobs { // the first answer
					if weBegin {
						l.weRead(t, l.bobWrites(t, 5))
					} else {
						l.reads(t, l.writes(t, 5))
					}
					ours, bobs = "msg", "msg"
				}
			}
		}
	})
}

// If this fails, a message for a group of devices arrives at some of them only.
func TestMessagesInABatch(t *testing.T) {
	eachVersion(t, func(t *testing.T, p *peer) {
		l := newSession(t, p)
		carol := pair{l.store, p.create(t, "carol")}
		const carolJID = "333333333333333:4@lid"
		if err := signal.Begin(l.store, addressOf(t, carolJID), carol.bob.publish(t, true).ours()); err != nil {
			t.Fatal(err)
		}
		plaintexts := [][]byte{randomBytes(100), nil, randomBytes(7)}
		b, err := offer.SealMessages(l.store, []string{bobJID, "9:9@lid", carolJID}, plaintexts, -1)
		if err != nil || b.Statuses[1] != status.NoSession {
			t.Fatalf("%v, %v", b.Statuses, err)
		}
		l.reads(t, text{message{Type: typeNames[b.EncTypes[0]], Ciphertext: b.Bytes[:b.Ends[0]]}, plaintexts[0]})
		carol.reads(t, text{message{Type: typeNames[b.EncTypes[2]], Ciphertext: b.Bytes[b.Ends[1]:]}, plaintexts[2]})
	})
}
