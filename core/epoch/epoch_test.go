package epoch_test

import (
	"bytes"
	"sync"
	"testing"
	"unsafe"

	"libcallkey/core/epoch"
	"libcallkey/core/status"
)

// If this failed, a secret of the wrong size, without a number, or a wiped one (hardening
// row 45) would be in force.
func TestOfferRefuses(t *testing.T) {
	var epochs epoch.Epochs
	epochs.Roster(9)
	for _, row := range []struct {
		number uint32
		bytes  int
		want   status.Code
	}{
		{0, 31, status.KeyLength}, {0, 32, status.InvalidKey},
		{1, 32, status.InvalidKey}, {10, 32, status.InvalidKey},
		{1, 0, status.KeyLength}, {1, 31, status.KeyLength}, {1, 33, status.KeyLength}, {1, 64, status.KeyLength},
	} {
		if err := epochs.Add(row.number, make([]byte, row.bytes)); status.Of(err) != row.want {
			t.Errorf("epoch %d of %d bytes: %v", row.number, row.bytes, err)
		}
	}
	if err := epochs.Add(0, secretOf(1)); status.Of(err) != status.Argument {
		t.Errorf("epoch 0: %v", err)
	}
	out := [32]byte{1}
	if number, err := epochs.Current(&out); number != 0 || status.Of(err) != status.NotFound || out != [32]byte{} {
		t.Errorf("after refusals epoch %d is in force: %v", number, err)
	}
}

// The bytes that the caller keeps, and those it was given, are not the state's.
func TestOwnCopies(t *testing.T) {
	var epochs epoch.Epochs
	given := secretOf(7)
	epochs.Roster(1)
	if err := epochs.Add(1, given); err != nil {
		t.Fatal(err)
	}
	clear(given)
	var first, second [32]byte
	epochs.Current(&first)
	clear(first[:])
	if _, err := epochs.Current(&second); err != nil || !bytes.Equal(second[:], secretOf(7)) {
		t.Fatalf("%x, %v", second, err)
	}
}

// memory is all that a state holds.
func memory(e *epoch.Epochs) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(e)), unsafe.Sizeof(*e))
}

// If this failed, a member who left could still be listened to by whoever reads the
// memory of one who stayed.
func TestReplacedEpochsAreWiped(t *testing.T) {
	var epochs epoch.Epochs
	held := func(key byte) bool { return bytes.Contains(memory(&epochs), secretOf(key)[:16]) }
	add := func(number uint32, key byte) {
		t.Helper()
		if err := epochs.Add(number, secretOf(key)); err != nil {
			t.Fatal(err)
		}
	}
	add(1, 101)
	epochs.Roster(1)
	add(3, 103)
	add(4, 104)
	add(2, 102)
	if !held(101) || !held(102) || !held(103) || !held(104) {
		t.Fatal("this test does not see the secrets")
	}
	epochs.Roster(3)
	if held(101) || held(102) {
		t.Error("an epoch that was replaced or passed over is still there")
	}
	if !held(103) || !held(104) {
		t.Error("an epoch is missing")
	}
	// A dropped epoch, and a rejected one.
	for number := uint32(20); number > 12; number-- {
		add(number, byte(number))
	}
	if held(20) || !held(19) || !held(104) {
		t.Error("the largest number was to be pushed out, and only that")
	}
	add(30, 130)
	if held(130) {
		t.Error("a ninth epoch is held")
	}
	epochs.Wipe()
	for i, b := range memory(&epochs) {
		if b != 0 {
			t.Fatalf("byte %d is %d after Wipe", i, b)
		}
	}
}

// For the race detector: members' messages arrive on one thread, media asks on another.
func TestFromManyGoroutines(t *testing.T) {
	var epochs epoch.Epochs
	var group sync.WaitGroup
	for g := range 8 {
		group.Go(func() {
			for i := range uint32(500) {
				switch number := i/4 + 1; g % 4 {
				case 0:
					epochs.Roster(number)
				case 1, 2:
					epochs.Add(number, secretOf(byte(number)))
				default:
					var out [32]byte
					if number, err := epochs.Current(&out); err == nil && !bytes.Equal(out[:], secretOf(byte(number))) {
						t.Errorf("epoch %d has the bytes %x", number, out)
					}
				}
			}
		})
	}
	group.Wait()
}
