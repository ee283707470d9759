package status

import (
	"errors"
	"fmt"
	"math"
	"os"
	"syscall"
	"testing"
)

// If this failed, a status of a newer version, or a bad number, would crash a program that asks
// for its meaning.
func TestNumbersThatAreNoCode(t *testing.T) {
	for _, c := range []Code{1, Code(-len(table)), math.MaxInt32, math.MinInt32} {
		if c.Name() != "CALLKEY_ERR_UNKNOWN" || c.Text() != "not a callkey_status" {
			t.Errorf("%d is %s: %s", c, c.Name(), c.Text())
		}
	}
}

// If this failed, a code would have another one's name.
func TestAllHaveTheirRow(t *testing.T) {
	all := All()
	if all[0] != OK || all[0].Name() != "CALLKEY_OK" || all[-Busy] != Busy || Busy.Name() != "CALLKEY_ERR_BUSY" {
		t.Fatalf("%v", all)
	}
	seen := map[string]bool{}
	for _, c := range all {
		if c.Name() == unknown.name || seen[c.Name()] || seen[c.Text()] {
			t.Errorf("%d is %s: %s", c, c.Name(), c.Text())
		}
		seen[c.Name()], seen[c.Text()] = true, true
	}
}

// If this failed, the C boundary would return INTERNAL for a failure that has a code.
func TestOf(t *testing.T) {
	stale := New(Stale, "epoch %d", 7)
	for err, want := range map[error]Code{nil: OK, stale: Stale, fmt.Errorf("roster: %w", stale): Stale, Busy: Busy, errors.New("?"): Internal} {
		if got := Of(err); got != want {
			t.Errorf("%v is %s, not %s", err, got.Name(), want.Name())
		}
	}
	if stale.Error() != "epoch 7" || !errors.Is(stale, Stale) {
		t.Errorf("%v", stale)
	}
}

// If this failed, an app could not tell a full disk from a wrong path.
func TestSystem(t *testing.T) {
	of := &os.PathError{Op: "open", Path: "p", Err: syscall.EACCES}
	for name, c := range map[string]struct {
		err  error
		want uint32
	}{
		"nothing":                 {nil, 0},
		"an error of ours":        {New(Store, "%d files", 3), 0},
		"one of the system":       {New(Store, "can't open: %v", syscall.EACCES), uint32(syscall.EACCES)},
		"one within another":      {New(Store, "can't open: %v", of), uint32(syscall.EACCES)},
		"behind an error of ours": {fmt.Errorf("more: %w", New(Store, "%v", of)), uint32(syscall.EACCES)},
		"a number alone":          {Because(syscall.ENOENT, Store, "no folder"), uint32(syscall.ENOENT)},
		"a number of Go's own":    {Because(1<<29, Store, "no such thing"), 0},
		"of others":               {of, 0},
	} {
		if got := System(c.err); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
		if c.err != nil && c.err != error(of) && Of(c.err) != Store {
			t.Errorf("%s: %v", name, Of(c.err))
		}
	}
}
