package signalclient_test

import (
	"fmt"
	"slices"
	"testing"

	"libcallkey/core/offer"
	"libcallkey/core/stanza"
	"libcallkey/core/status"
)

// home is one of the two places where our account can live: a store of the library's, or
// the official client. Bob does not notice which.
type home interface {
	publishes(t *testing.T) *bundle
	seals(t *testing.T) delivery
	opens(t *testing.T, d delivery)
	refusesDuplicate(t *testing.T, d delivery)
}

type storeHome struct{ pair }

func (h storeHome) publishes(t *testing.T) *bundle { return theirs(takeBundle(t, h.store)) }
func (h storeHome) opens(t *testing.T, d delivery) { t.Helper(); h.weOpen(t, d) }
func (h storeHome) refusesDuplicate(t *testing.T, d delivery) {
	t.Helper()
	h.weRefuse(t, d.message, status.Duplicate)
}

func (h storeHome) seals(t *testing.T) delivery {
	t.Helper()
	d := delivery{key: newKey()}
	ciphertext, kind, err := offer.SealEnc(h.store, bobJID, d.key[:], -1)
	if err != nil {
		t.Fatal(err)
	}
	d.Type, d.Ciphertext = "msg", ciphertext
	if kind == stanza.EncPkmsg {
		d.Type = "pkmsg"
	}
	return d
}

type clientHome struct{ *account }

func (h clientHome) publishes(t *testing.T) *bundle { return h.publish(t, true) }
func (h clientHome) opens(t *testing.T, d delivery) { t.Helper(); homeOpens(t, h.account, d) }
func (h clientHome) seals(t *testing.T) delivery    { t.Helper(); return anySealed(t, h.account, bobJID) }
func (h clientHome) refusesDuplicate(t *testing.T, d delivery) {
	t.Helper()
	if _, err := h.decrypt(t, bobJID, d.message); refusalName(err) != "DuplicatedMessage" {
		t.Fatalf("the client on what was opened before: %v", err)
	}
}

func anySealed(t *testing.T, a *account, to string) delivery {
	t.Helper()
	d := delivery{key: newKey()}
	d.message = a.encrypt(t, to, paddedPlaintext(d.key))
	return d
}

// If this fails, an app that moves to the library or away from it loses messages that are
// under way, opens one twice, or has to begin a session anew: for each release, in both
// directions, with keys of skipped messages in the record, with archived states, and with
// skipped messages in archived states too.
func TestRecordsMoveWhole(t *testing.T) {
	eachVersion(t, func(t *testing.T, p *peer) {
		for _, toClient := range []bool{true, false} {
			for _, skipped := range []bool{true, false} {
				for archived := range 3 {
					if !skipped && archived == 0 {
						continue // every other test here
					}
					name := fmt.Sprintf("to the client %v, skipped messages %v, archived states %d", toClient, skipped, archived)
					t.Run(name, func(t *testing.T) { moveWhole(t, p, toClient, skipped, archived) })
				}
			}
		}
	})
}

func moveWhole(t *testing.T, p *peer, toClient, skipped bool, archived int) {
	l, account := newHome(t, p)
	from, to := home(storeHome{l}), home(clientHome{account})
	move := func() { account.importSession(t, bobJID, mustExport(t, l), l.bob.IdentityKey) }
	if !toClient {
		from, to = to, from
		move = func() { mustImport(t, l, account.export(t, bobJID)) }
	}
	var late, opened, ours []delivery
	for range 1 + archived {
		l.bob.begin(t, ourJID, from.publishes(t))
		from.opens(t, anySealed(t, l.bob, ourJID))
		l.opens(t, from.seals(t))
		if skipped {
			late = append(late, anySealed(t, l.bob, ourJID), anySealed(t, l.bob, ourJID))
		}
		opened = append(opened, anySealed(t, l.bob, ourJID))
		from.opens(t, opened[len(opened)-1])
		l.opens(t, from.seals(t)) // a turn of the ratchet, and again
		if skipped {
			late = append(late, anySealed(t, l.bob, ourJID))
		}
		opened = append(opened, anySealed(t, l.bob, ourJID))
		from.opens(t, opened[len(opened)-1])
		late = append(late, anySealed(t, l.bob, ourJID)) // the next of a chain
		ours = append(ours, from.seals(t))
	}
	move()
	for _, d := range opened {
		to.refusesDuplicate(t, d)
	}
	slices.Reverse(late) // so that those of archived states come last
	for _, d := range late {
		to.opens(t, d)
	}
	for _, d := range late {
		to.refusesDuplicate(t, d)
	}
	for range 3 {
		l.opens(t, to.seals(t))
		to.opens(t, anySealed(t, l.bob, ourJID))
	}
	for _, d := range ours {
		l.opens(t, d)
	}
}
