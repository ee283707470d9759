package store

import (
	"fmt"
	"math"
	"slices"
	"testing"
)

// The histories of two processes with one file, three threads and two devices: every order of their
// steps, however long. A device's row is the counter of its next message, and so is the value that a
// store keeps of it. The stores and transactions are the real ones; only the file and the order of the
// steps are this test's (kept_world_test.go). Two states that differ only by how many commits and
// messages came before are one, so the search ends.
//
// What must hold in each state: no counter is handed out twice, or before it is durable; and a kept
// value that counts is what its row says.

// move is a turn of a thread, or something that happens to the first process.
type move struct{ thread, choice int8 }

const (
	crash = -1 // and it starts again
	shut  = -2 // it closes its store and opens it again
	evict = -3 // the value of the device choice
)

func (m move) String() string {
	switch m.thread {
	case crash:
		return "crash"
	case shut:
		return "close"
	case evict:
		return fmt.Sprint("evict ", m.choice)
	}
	return fmt.Sprintf("thread %d does %d", m.thread, m.choice)
}

// moves are those that are possible.
func (w *world) moves() (all []move) {
	idle := true
	for i, h := range w.hands {
		n := 1
		switch h.at {
		case toLock:
			for k := range deeds {
				if h.process == 1 && k > 1 {
					break
				}
				if w.free(h.process, deeds[k].devices) {
					all = append(all, move{int8(i), int8(k)})
				}
			}
			continue
		case toCommit:
			if w.files[h.process].now() == h.version {
				n = outcomes
			}
		}
		idle = idle && h.process != 0
		for choice := range n {
			all = append(all, move{int8(i), int8(choice)})
		}
	}
	all = append(all, move{crash, 0})
	if idle {
		all = append(all, move{shut, 0})
	}
	for d, name := range historyNames {
		if w.stores[0].value(name) != nil {
			all = append(all, move{evict, int8(d)})
		}
	}
	return all
}

// free reports whether no thread of a process has the locks of these devices.
func (w *world) free(process int, devices []int) bool {
	return !slices.ContainsFunc(w.hands, func(h *hand) bool {
		return h.process == process && slices.ContainsFunc(devices, func(d int) bool { return h.holds[d] })
	})
}

func (w *world) do(m move) {
	switch m.thread {
	case crash:
		w.kill(0)
		w.start(0)
	case shut:
		s := w.stores[0]
		s.Close()
		for _, c := range w.values {
			if c.store == s && !c.wiped {
				w.fail("a closed store leaves a value")
			}
		}
		w.open(0)
	case evict:
		w.stores[0].kept.drop(historyNames[m.choice])
	default:
		h := w.hands[m.thread]
		w.running = h
		h.resume <- int(m.choice)
		<-w.waits
		for h.process == 1 && h.at != toLock {
			h.resume <- 0
			<-w.waits
		}
	}
	for p, s := range w.stores {
		for d, name := range historyNames {
			c := s.value(name)
			switch {
			case c == nil:
			case c.wiped:
				w.fail("process %d keeps a wiped value of device %d", p, d)
			case s.kept.version == w.files[p].now() && w.free(p, []int{d}) && c.n != w.rows[d]:
				w.fail("process %d keeps counter %d of device %d, and its row has %d", p, c.n, d, w.rows[d])
			}
		}
	}
}

func (s *Store) value(name string) *counter {
	if at := s.kept.byName[name]; at != nil && at.value != nil {
		return at.value.(*counter)
	}
	return nil
}

// state is what counts of a world for what can still happen.
type state struct {
	hands [3]struct {
		at           stop
		deed, worked int8
		version      int8
		has          [2]int8
		taken        [2]bool
		failed       bool
	}
	kept [2]struct {
		version int8
		n       [2]int8
	}
}

func (w *world) state() (s state) {
	for p := range s.kept {
		// Which versions are equal, and in which order they came, is all that counts of them.
		versions := []int64{w.files[p].now(), w.stores[p].kept.version}
		for _, h := range w.hands {
			if h.process == p && (h.at > toReadVersion || h.worked == 2) {
				versions = append(versions, h.version)
			}
		}
		slices.Sort(versions)
		versions = slices.Compact(versions)
		age := func(v int64) int8 { return int8(len(versions) - slices.Index(versions, v)) }
		s.kept[p].version = age(w.stores[p].kept.version)
		for d, name := range historyNames {
			if c := w.stores[p].value(name); c != nil {
				s.kept[p].n[d] = w.behind(d, c.n)
			}
		}
		for i, h := range w.hands {
			if h.process != p {
				continue
			}
			of := &s.hands[i]
			of.at, of.deed, of.worked, of.taken = h.at, int8(h.deed), h.worked, h.taken
			of.failed = h.outcome == failedYet
			if h.at > toReadVersion || h.worked == 2 {
				of.version = age(h.version)
			}
			for d, n := range h.has {
				if n != 0 {
					of.has[d] = w.behind(d, n)
				}
			}
		}
	}
	if a, b := &s.hands[0], &s.hands[1]; fmt.Sprint(*a) > fmt.Sprint(*b) { // which of them it is does not count
		*a, *b = *b, *a
	}
	return s
}

// behind is how far a counter is behind its row, from 1 on; further than two messages is all one.
func (w *world) behind(d, n int) int8 { return int8(4 + max(-2, min(2, w.rows[d]-n))) }

// history is the moves to a state.
type history struct {
	last   move
	before *history
}

func (h *history) all() (moves []move) {
	for ; h.before != nil; h = h.before {
		moves = append(moves, h.last)
	}
	slices.Reverse(moves)
	return moves
}

func (h *history) replay() *world {
	w := newWorld()
	for _, m := range h.all() {
		w.do(m)
	}
	return w
}

// If this failed, two processes or threads could seal with one message key.
func TestKeptSessionsHistories(t *testing.T) {
	root := &history{}
	queue := []*history{root}
	limit := math.MaxInt // of steps
	if testing.Short() {
		limit = 5000
	}
	w := root.replay()
	seen := map[state]bool{w.state(): true}
	w.kill(-1)
	edges := 0
	for len(queue) > 0 && edges < limit {
		from := queue[0]
		queue = queue[1:]
		w := from.replay()
		moves := w.moves()
		for i, m := range moves {
			if i > 0 {
				w = from.replay()
			}
			w.do(m)
			edges++
			to := &history{m, from}
			if w.wrong != nil {
				t.Fatalf("%v, after %v", w.wrong, to.all())
			}
			if s := w.state(); !seen[s] {
				seen[s] = true
				queue = append(queue, to)
			}
			w.kill(-1)
		}
	}
	t.Logf("%d states, %d steps between them", len(seen), edges)
}
