package store

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"time"
)

// The world of kept_history_test.go: its threads, processes and file, which take one step at a time.

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
			row, err := tx.Get(Chains, name)
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
		tx.Put(Chains, name, []byte{byte(c.n)})
		if k.rows {
			c.Wipe()
		} else {
			tx.Keep(name, c)
		}
	}
	return sealed, k.ends
}
