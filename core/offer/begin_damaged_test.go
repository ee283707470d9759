package offer_test

import (
	"slices"
	"testing"

	"libcallkey/core/offer"
	"libcallkey/core/session"
	"libcallkey/core/signal"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

// A device that fails in a batch would get the bundle's identity key as its trusted one, and once
// its row is well or removed, a server's forged bundle would count as known.
func TestDeviceThatFailsToBeginGetsNoIdentity(t *testing.T) {
	s := openStore(t, true)
	var bundles []*session.Bundle
	for range 2 {
		bundle, err := signal.TakeBundle(openStore(t, false))
		if err != nil {
			t.Fatal(err)
		}
		bundles = append(bundles, &bundle)
	}
	damaged := signal.Address{Name: "222222222222222_1", Device: 0}
	err := signal.Within(s, []signal.Address{damaged}, nil, func(tx *store.Tx, devices []signal.Device) error {
		tx.Put(store.Sessions, string(devices[0]), []byte{0xff})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	jids, want := []string{"222222222222222:0@lid", "333333333333333:0@lid"}, []status.Code{status.StoreCorrupt, status.OK}
	for what, begun := range map[string]func() ([]status.Code, error){
		"sessions": func() ([]status.Code, error) { return offer.BeginAll(s, jids, bundles) },
		"an offer": func() ([]status.Code, error) {
			key := newKey(t)
			sealed, err := offer.Begin(s, key[:], jids, bundles, &callOptions, -1)
			return sealed.Statuses, err
		},
	} {
		codes, err := begun()
		if err != nil || !slices.Equal(codes, want) {
			t.Fatalf("%s: %v, %v", what, codes, err)
		}
		if _, err := signal.IdentityOf(s, damaged); status.Of(err) != status.NotFound {
			t.Errorf("%s: the identity of the device that failed: %v", what, err)
		}
	}
}
