package store

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"testing"
	"time"
)

// The histories of two processes with one file, three threads and two devices: every order of their
// steps, however long. A device's row is the counter of its next message, and so is the value that a
// store keeps of it. The stores and transactions are the real ones; only the file and the order of the
// steps are this test's. Two states that differ only by how many commits and messages came before are
// one, so the search ends.
//
// What must hold in each state: no counter is handed out twice, or before it is durable; and a kept
// value that counts is what its row says.

// stop is where a thread waits for its turn.
type stop int8

const (
	toLock stop = iota
	toReadVersion
	toTake
	toReadRow
	toCommit
	toReturn // after the commit
)

// deed is a call of the library.
type deed struct {
	name    string
	devices []int
	ends    error // what refuses it after its work
	rows    bool  // it reads and writes the rows alone, like what begins a session
}

var (
	errForged = errors.New("a forged message")
	errRoom   = errors.New("the buffer is too small")
	errDisk   = errors.New("the disk failed")
)

var (
	deeds = []deed{
		{"seal for 0", []int{0}, nil, false},
		{"seal for 1", []int{1}, nil, false},
		{"seal for both", []int{0, 1}, nil, false},
		{"refuse from 0", []int{0}, errForged, false},
		{"BUFFER for 0", []int{0}, errRoom, false},
		{"begin with 0", []int{0}, nil, true},
	}
	historyNames = []string{"device 0", "device 1"}
)

const (
	// Outcomes of a commit.
	committed = iota
	failed0   // and nothing is durable
	failedYet // but it is durable
	outcomes
)

// counter is a kept value: the next message's.
type counter struct {
	n     int
	store *Store
	wiped bool
}

func (c *counter) Wipe()     { c.wiped = true }
func (c *counter) Size() int { return 1 }

// hand is a thread.
type hand struct {
	world   *world
	process int
	resume  chan int
	gone    chan struct{}

	at      stop
	deed    int
	holds   [2]bool
	version int64
	worked  int8   // 1: it began to work; 2: the work was refused
	has     [2]int // the counter it works with; 0: none
	taken   [2]bool
	outcome int
}

// wait waits for the turn and returns what is chosen then.
func (h *hand) wait(at stop) int {
	h.at = at
	h.world.waits <- struct{}{}
	choice := <-h.resume
	if choice < 0 {
		runtime.Goexit()
	}
	return choice
}

type world struct {
	rows    [2]int
	commits int
	files   [2]*historyFile
	stores  [2]*Store
	hands   []*hand
	values  []*counter
	handed  map[[2]int]bool
	running *hand
	waits   chan struct{}
	wrong   error
}

// historyFile is a process's connection to the file.
type historyFile struct {
	*memory
	world *world
	own   int // commits
}

func (f *historyFile) now() int64 { return int64(f.world.commits - f.own) }

func (f *historyFile) version() (int64, error) {
	h := f.world.running
	if h.worked != 0 { // else it follows the lock, for which it waited
		h.wait(toReadVersion)
	}
	h.version = f.now()
	return h.version, nil
}

func (f *historyFile) get(_ Table, names []string, each func(name string, row []byte)) error {
	f.world.running.wait(toReadRow)
	each(names[0], []byte{byte(f.world.rows[slices.Index(historyNames, names[0])])})
	return nil
}

func (f *historyFile) commit(since int64, changes []change, _ time.Time) (bool, error) {
	w, h := f.world, f.world.running
	outcome := h.wait(toCommit)
	if f.now() != since {
		return false, nil
	}
	if outcome == failed0 {
		return false, errDisk
	}
	for _, c := range changes {
		d := slices.Index(historyNames, c.name)
		if next := int(c.value[0]); next != w.rows[d]+1 {
			w.fail("the row of device %d goes from %d to %d", d, w.rows[d], next)
		}
		w.rows[d] = int(c.value[0])
	}
	w.commits++
	f.own++
	h.outcome = outcome
	h.wait(toReturn)
	if outcome == failedYet {
		return false, errDisk
	}
	return true, nil
}

func (w *world) fail(format string, args ...any) {
	if w.wrong == nil {
		w.wrong = fmt.Errorf(format, args...)
	}
}

func newWorld() *world {
	w := &world{rows: [2]int{1, 1}, handed: map[[2]int]bool{}, waits: make(chan struct{})}
	w.hands = make([]*hand, 3)
	w.start(0)
	w.start(1)
	return w
}

// start starts a process: two threads in the first one, one in the second.
func (w *world) start(process int) {
	w.open(process)
	for i := range w.hands {
		if w.processOf(i) == process {
			h := &hand{world: w, process: process, resume: make(chan int), gone: make(chan struct{})}
			w.hands[i] = h
			go h.work()
			<-w.waits
		}
	}
}

func (w *world) processOf(thread int) int { return thread / 2 }

func (w *world) open(process int) {
	w.files[process] = &historyFile{memory: newMemory(), world: w}
	w.stores[process] = newStore(w.files[process], Options{})
}

func (w *world) kill(process int) {
	for i, h := range w.hands {
		if process < 0 || w.processOf(i) == process {
			h.resume <- -1
			<-h.gone
		}
	}
}

// work makes one call after another.
func (h *hand) work() {
	defer close(h.gone)
	for {
		h.deed, h.holds = 0, [2]bool{}
		h.deed = h.wait(toLock)
		s, k := h.world.stores[h.process], &deeds[h.deed]
		var names []string
		for _, d := range k.devices {
			names = append(names, historyNames[d])
			h.holds[d] = true
		}
		held := s.Lock(names...)
		var sealed [][2]int
		var err error
		for done := false; !done && err == nil; {
			h.worked, h.has, h.taken = min(h.worked, 1), [2]int{}, [2]bool{}
			done, err = s.run(time.Time{}, func(tx *Tx) error {
				h.worked = 1
				sealed, err = h.message(tx, k)
				if err != nil {
					h.worked = 2
				}
				return err
			})
		}
		h.worked, h.has, h.taken, h.version, h.outcome = 0, [2]int{}, [2]bool{}, 0, 0
		for _, m := range sealed {
			if err == nil && h.world.handed[m] {
				h.world.fail("counter %d of device %d is handed out twice", m[1], m[0])
			}
			if err == nil && m[1] >= h.world.rows[m[0]] {
				h.world.fail("counter %d of device %d is handed out and not durable", m[1], m[0])
			}
			h.world.handed[m] = h.world.handed[m] || err == nil
		}
		held.Unlock()
	}
}

// message is the work of a call in its transaction: like core/signal's.
func (h *hand) message(whole *Tx, k *deed) (sealed [][2]int, err error) {
	for _, d := range k.devices {
		tx, name := whole.Part(), historyNames[d]
		h.wait(toTake)
		var c *counter
		if !k.rows {
			c, h.taken[d] = tx.Take(name).(*counter)
		}
		if c == nil {
			row, err := tx.Get(Sessions, name)
			if err != nil {
				return nil, err
			}
			c = &counter{n: int(row[0]), store: whole.store}
			h.world.values = append(h.world.values, c)
		}
		if c.wiped {
			h.world.fail("a wiped value is used")
		}
		h.has[d] = c.n
		if k.ends == errForged {
			if h.taken[d] {
				tx.Return(name, c)
			} else {
				c.Wipe()
			}
			return nil, errForged
		}
		sealed = append(sealed, [2]int{d, c.n})
		c.n++
		tx.Put(Sessions, name, []byte{byte(c.n)})
		if k.rows {
			c.Wipe()
		} else {
			tx.Keep(name, c)
		}
	}
	return sealed, k.ends
}

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
		if w.stores[0].kept.byName[name] != nil {
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
	if at := s.kept.byName[name]; at != nil {
		return at.Value.(*keptValue).value.(*counter)
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
