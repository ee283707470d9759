package epoch_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"libcallkey/core/epoch"
	"libcallkey/core/status"
)

// model is docs/protocol.md §8 written down as a history: it keeps every event and
// knows nothing of places, of what to wipe or of a current epoch. What is in force is
// worked out anew from the whole history each time.
type model struct{ events []event }

type event struct {
	number uint32
	key    byte // all 32 bytes of the epoch have this value; 0: a roster
}

// outcome replays the history by the rules' own words and gives the result of its last
// event and what is in force after it.
func (m model) outcome() (last status.Code, installed event) {
	var roster uint32
	var waiting []event
	for _, e := range m.events {
		last = status.OK
		if e.key == 0 {
			// "A new roster U (older or equal → ignored) installs the largest pending
			// N ≤ U and drops the rest ≤ U."
			if e.number <= roster {
				continue
			}
			roster = e.number
			reached := func(w event) bool { return w.number <= roster }
			if i := slices.IndexFunc(waiting, reached); i >= 0 {
				var due []event
				for _, w := range waiting {
					if reached(w) {
						due = append(due, w)
					}
				}
				installed = slices.MaxFunc(due, func(a, b event) int { return int(int64(a.number) - int64(b.number)) })
				waiting = slices.DeleteFunc(waiting, reached)
			}
			continue
		}
		// "N older than installed → stale. N = installed: same bytes → no-op, other
		// bytes → conflict. No roster yet or N > roster → buffer under N (same bytes
		// again no-op, other bytes conflict). N ≤ roster → install."
		known := slices.IndexFunc(waiting, func(w event) bool { return w.number == e.number })
		switch {
		case e.number < installed.number:
			last = status.Stale
		case e.number == installed.number && e.key != installed.key:
			last = status.Conflict
		case e.number == installed.number:
		case e.number <= roster:
			installed = e
		case known >= 0 && waiting[known].key != e.key:
			last = status.Conflict
		case known >= 0:
		default:
			// "Bound the buffer at 8, evict the largest N."
			waiting = append(waiting, e)
			slices.SortFunc(waiting, func(a, b event) int { return int(int64(a.number) - int64(b.number)) })
			waiting = waiting[:min(len(waiting), 8)]
		}
	}
	return last, installed
}

// do gives the event to the state under test.
func (e event) do(epochs *epoch.Epochs) error {
	if e.key == 0 {
		epochs.Roster(e.number)
		return nil
	}
	return epochs.Add(e.number, secretOf(e.key))
}

func secretOf(key byte) []byte { return slices.Repeat([]byte{key}, 32) }

// compare runs the events and stops at the first on which state and rules differ.
func compare(events []event) error {
	var epochs epoch.Epochs
	for i, e := range events {
		err := e.do(&epochs)
		want, installed := model{events[:i+1]}.outcome()
		if got := status.Of(err); got != want {
			return fmt.Errorf("event %d, %+v: %s, want %s", i, e, got.Name(), want.Name())
		}
		var current [32]byte
		number, err := epochs.Current(&current)
		if number != installed.number || !slices.Equal(current[:], secretOf(installed.key)) {
			return fmt.Errorf("event %d, %+v: epoch %d of %x… in force, want %+v", i, e, number, current[0], installed)
		}
		if (err == nil) != (installed.number != 0) || err != nil && status.Of(err) != status.NotFound {
			return fmt.Errorf("event %d, %+v: %v with epoch %d in force", i, e, err, number)
		}
	}
	return nil
}

// A call as its members live it: epochs 1, 2, 3… and a roster for each, delivered with
// delays, twice, not at all, and now and then with other bytes under a known number.
func history(r *rand.Rand) []event {
	var events []event
	number := uint32(0)
	if r.IntN(10) == 0 {
		number = 4294967295 - 24 // the last numbers there are
	}
	for range 1 + r.IntN(12) {
		number += uint32(1 + r.IntN(2))
		if number < 3 && r.IntN(4) == 0 {
			number += 1 << 31 // beyond what a signed number holds
		}
		good, bad := event{number, byte(1 + r.IntN(3))}, event{number, 200}
		for _, e := range []event{good, {number: number}} {
			for range []int{1, 1, 1, 2, 0}[r.IntN(5)] {
				events = append(events, e)
			}
		}
		if r.IntN(6) == 0 {
			events = append(events, bad)
		}
	}
	// Late and early: each event moves by up to the whole history, or stays near.
	if r.IntN(3) == 0 {
		r.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
	} else {
		for i := range events {
			j := min(len(events)-1, i+r.IntN(6))
			events[i], events[j] = events[j], events[i]
		}
	}
	if r.IntN(3) == 0 { // no roster for long: everything waits
		slices.SortStableFunc(events, func(a, b event) int { return int(min(b.key, 1)) - int(min(a.key, 1)) })
	}
	return events
}

// If this failed, two members of one group would key their media with different
// epochs, or one of them with none.
func TestEveryOrderFollowsTheRules(t *testing.T) {
	n := 50_000
	if testing.Short() {
		n = 2_000
	}
	seen := map[status.Code]int{}
	for seed := range uint64(n) {
		events := history(rand.New(rand.NewPCG(seed, 5)))
		if err := compare(events); err != nil {
			t.Fatalf("history %d: %v\n%+v", seed, err, smallest(events))
		}
		last, installed := model{events}.outcome()
		seen[last]++
		if installed.number != 0 {
			seen[1]++
		}
	}
	// The histories must reach these cases, or the test proves nothing about them.
	for _, code := range []status.Code{status.OK, status.Stale, status.Conflict, 1} {
		if seen[code] < n/100 {
			t.Errorf("only %d of %d histories end with %d", seen[code], n, code)
		}
	}
}

// smallest leaves out what the failure does not need.
func smallest(events []event) []event {
	for i := 0; i < len(events); {
		without := slices.Delete(slices.Clone(events), i, i+1)
		if compare(without) != nil {
			events, i = without, 0
		} else {
			i++
		}
	}
	return events
}

// Every sequence of four events with numbers 1 to 3: nothing is left to chance there.
func TestEverySmallHistory(t *testing.T) {
	var all []event
	for number := range uint32(3) {
		all = append(all, event{number: number + 1}, event{number + 1, 1}, event{number + 1, 2})
	}
	var extend func(events []event)
	extend = func(events []event) {
		if len(events) == 4 {
			if err := compare(events); err != nil {
				t.Fatalf("%v\n%+v", err, events)
			}
			return
		}
		for _, e := range all {
			extend(append(slices.Clone(events), e))
		}
	}
	extend(nil)
}

// If this failed, an unforeseen input would break the rules.
func FuzzEpochs(f *testing.F) {
	f.Add([]byte{1, 1, 2, 0, 3, 1, 0, 0, 9, 9})
	f.Add([]byte{20, 1, 19, 1, 18, 1, 17, 1, 16, 1, 15, 1, 14, 1, 13, 1, 12, 1, 13, 2, 20, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		var events []event
		for i := 0; i+1 < len(b) && len(events) < 40; i += 2 {
			if b[i] == 0 && b[i+1] != 0 {
				continue // no epoch has number 0; see TestOfferRefuses
			}
			events = append(events, event{uint32(b[i]), b[i+1]})
		}
		if err := compare(events); err != nil {
			t.Fatalf("%v\n%+v", err, smallest(events))
		}
	})
}
