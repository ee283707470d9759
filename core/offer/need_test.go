package offer_test

import (
	"errors"
	"fmt"
	"testing"

	"libcallkey/core/callkey"
	"libcallkey/core/offer"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

// needed returns the size that a call with too small a buffer reports.
func needed(t testing.TB, err error) int {
	t.Helper()
	var small *status.BufferError
	if !errors.As(err, &small) {
		t.Fatalf("not a buffer that is too small: %v", err)
	}
	return small.Need
}

// Who makes room for what the error says must have room for every offer to the same devices, whatever
// padding the next one draws, and for nothing that can't come.
func TestNeedIsTheLongest(t *testing.T) {
	caller := openStore(t, false)
	var jids []string
	for i := range store.Batch + 2 {
		jids = append(jids, fmt.Sprintf(calleeJID, i))
		begin(t, caller, openStore(t, false), jids[i])
	}
	key := newKey(t)
	_, _, err := offer.SealEnc(caller, jids[0], key[:], 0)
	longest, need := 0, needed(t, err)
	for range 60 {
		one, _, err := offer.SealEnc(caller, jids[0], key[:], -1)
		if err != nil {
			t.Fatal(err)
		}
		longest = max(longest, len(one))
	}
	if longest != need {
		t.Errorf("of 60 encs the longest has %d bytes, said were %d", longest, need)
	}
	for _, n := range []int{1, 3, len(jids)} {
		_, err := offer.Seal(caller, key[:], jids[:n], &callOptions, 0)
		first := needed(t, err)
		for range 20 {
			sealed, err := offer.Seal(caller, key[:], jids[:n], &callOptions, -1)
			if err != nil {
				t.Fatal(err)
			}
			_, err = offer.Seal(caller, key[:], jids[:n], &callOptions, 0)
			need := needed(t, err)
			if less := need - len(sealed.Wire); need != first || less < 0 || less > 16*n {
				t.Errorf("%d devices: %d bytes, up to %d are said, before %d", n, len(sealed.Wire), need, first)
			}
		}
		if _, err := offer.Seal(caller, key[:], jids[:n], &callOptions, first-1); status.Of(err) != status.Buffer {
			t.Errorf("one byte less is room enough: %v", err)
		}
		if _, err := offer.Seal(caller, key[:], jids[:n], &callOptions, first); err != nil {
			t.Errorf("that much is not room enough: %v", err)
		}
	}
}

// The part of an offer that an app parsed itself does not name a sender.
func TestNobodyIsNamed(t *testing.T) {
	caller, callee := openStore(t, false), openStore(t, false)
	begin(t, caller, callee, memberJID)
	key := newKey(t)
	sealed, err := offer.Seal(caller, key[:], []string{memberJID}, nil, -1)
	if err != nil {
		t.Fatal(err)
	}
	out := newKey(t)
	if _, err := offer.Open(callee, &out, sealed.Wire, []string{memberJID}, ""); status.Of(err) != status.Argument || out != [callkey.Bytes]byte{} {
		t.Errorf("without a sender it is %v", err)
	}
	if _, err := offer.Open(callee, &out, sealed.Wire, []string{memberJID}, callerJID); err != nil || out != key {
		t.Errorf("with one: %v", err)
	}
}
