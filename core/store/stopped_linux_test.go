package store_test

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"libcallkey/core/status"
	"libcallkey/core/store"
)

var everyInstant = flag.Uint("instants", 8, "TestStoppedAtAnyInstant stops at every how manieth instant")

// stopVariable names the file that testdata/stop.c maps.
const stopVariable = "CALLKEY_TEST_STOP"

// stop is what the file says: see testdata/stop.c.
type stop struct{ at, seen, half uint32 }

func mapStop(path string) (*stop, error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	mapped, err := syscall.Mmap(int(f.Fd()), 0, int(unsafe.Sizeof(stop{})), syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	if err != nil {
		return nil, err
	}
	return (*stop)(unsafe.Pointer(&mapped[0])), nil
}

// toiler executes commands on one store.
type toiler struct {
	path string
	busy time.Duration
	s    *store.Store
}

var toils = []string{"open", "read", "count", "copy", "key", "close"}

func (w *toiler) do(what string) (err error) {
	if w.s == nil {
		if what == "close" {
			return nil
		}
		if w.s, err = store.Open(w.path, storageKey, store.Options{Busy: w.busy}); err != nil {
			w.s = nil
			return err
		}
	}
	switch what {
	case "read":
		return w.s.Update(func(tx *store.Tx) error { _, err := tx.Get(store.Sessions, "n"); return err })
	case "count":
		return count(w.s)
	case "copy":
		copied := fmt.Sprintf("%s-copy-%d", w.path, os.Getpid())
		defer os.Remove(copied)
		return w.s.Copy(copied)
	case "key":
		return w.s.ChangeKey(storageKey)
	case "close":
		err = w.s.Close()
		w.s = nil
	}
	return err
}

// toil does what comes in, one word a line, and says what came of it. From "stop N" on, instants count.
func toil(path string) error {
	w := &toiler{path: path, busy: time.Minute}
	control, err := mapStop(os.Getenv(stopVariable))
	for lines := bufio.NewScanner(os.Stdin); err == nil && lines.Scan(); {
		var n uint32
		if _, none := fmt.Sscanf(lines.Text(), "stop %d", &n); none == nil {
			atomic.StoreUint32(&control.at, n)
			continue
		}
		fmt.Println(int(status.Of(w.do(lines.Text()))))
	}
	return err
}

// stopping are processes that are stopped at an instant.
type stopping struct {
	library, control string
	*stop
}

func newStopping(t *testing.T) *stopping {
	dir := t.TempDir()
	x := &stopping{library: filepath.Join(dir, "stop.so"), control: filepath.Join(dir, "control")}
	compiler := os.Getenv("CC")
	if compiler == "" {
		compiler = "cc"
	}
	out, err := exec.Command(compiler, "-shared", "-fPIC", "-Wall", "-Wextra", "-Werror", "-o", x.library, "testdata/stop.c", "-ldl").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if err = os.WriteFile(x.control, make([]byte, unsafe.Sizeof(stop{})), 0o600); err == nil {
		x.stop, err = mapStop(x.control)
	}
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// stopped is a process that does something, or has done it.
type stopped struct {
	c       *exec.Cmd
	in      io.WriteCloser
	answers chan status.Code // closed when it is dead
}

func (x *stopping) start(t *testing.T, path string) *stopped {
	p := &stopped{c: process("toil", path), answers: make(chan status.Code)}
	p.c.Env = append(p.c.Env, "LD_PRELOAD="+x.library, stopVariable+"="+x.control)
	p.c.Stderr = os.Stderr
	in, _ := p.c.StdinPipe()
	out, _ := p.c.StdoutPipe()
	p.in = in
	x.at, x.seen, x.half = 0, 0, 0
	if err := p.c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.c.Process.Kill() })
	go func() {
		defer close(p.answers)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			code, _ := strconv.Atoi(lines.Text())
			p.answers <- status.Code(code)
		}
	}()
	return p
}

// do lets it do something, until it is done or stopped.
func (p *stopped) do(what string) (done bool, code status.Code) {
	fmt.Fprintln(p.in, what)
	for {
		select {
		case code := <-p.answers:
			return true, code
		case <-time.After(time.Millisecond):
		}
		var state syscall.WaitStatus
		if pid, _ := syscall.Wait4(p.c.Process.Pid, &state, syscall.WUNTRACED|syscall.WNOHANG, nil); pid != 0 && state.Stopped() {
			return false, status.OK
		}
	}
}

// A phone stops a process in the middle of a call, with the file's locks taken. Nobody waits for it
// longer than the busy time: neither for the locks that a call holds, nor for SQLite's, nor for
// what it has half written. What it had not committed is gone if it is killed, and otherwise it
// continues normally; no step is lost.
func TestStoppedAtAnyInstant(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped with -short: starts and stops 300 processes")
	}
	x := newStopping(t)
	statuses := map[status.Code]int{}
	for _, what := range toils {
		instants, halves := 0, 0
		for _, alone := range []bool{false, true} {
			every := uint32(*everyInstant)
			for n := 1 + rand.Uint32N(every); x.stopAt(t, instant{what, n, false, alone}, statuses); n += every {
				instants++
			}
			for n := uint32(1); x.stopAt(t, instant{what, n, true, alone}, statuses); n++ {
				halves++
			}
		}
		t.Logf("%s: stopped at %d instants, and at %d with a half-written index", what, instants, halves)
		if instants == 0 || what == "count" && halves == 0 {
			t.Errorf("%s: it was never stopped", what)
		}
	}
	t.Logf("the others got %v", statuses)
	if statuses[status.Busy] == 0 || statuses[status.OK] == 0 {
		t.Error("nobody met a process that was stopped")
	}
}

// instant is the nth of what a process does.
type instant struct {
	what  string
	n     uint32
	half  bool // with the index half written
	alone bool // no other process has the store open: the process opens first or closes last
}

// stopAt stops a process, while another one uses the file. It reports false when the process was done
// before.
func (x *stopping) stopAt(t *testing.T, at instant, statuses map[status.Code]int) bool {
	name := fmt.Sprintf("%+v", at)
	w := &toiler{path: filepath.Join(t.TempDir(), "s"), busy: 10 * time.Millisecond}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	must(w.do("count"))
	counted := 1
	if at.n%3 == 0 {
		must(w.do("key")) // empties the log
	}
	if at.alone {
		must(w.do("close"))
	}
	p := x.start(t, w.path)
	if at.what != "open" {
		if _, code := p.do("open"); code != status.OK {
			t.Fatalf("%s: it does not open: %s", name, code.Name())
		}
	}
	if at.half {
		x.half = 1
	}
	fmt.Fprintln(p.in, "stop", at.n)
	done, code := p.do(at.what)
	if !done {
		for _, what := range []string{"read", "count", "copy", "key", "close", "open", "count"} {
			code := status.Of(w.do(what))
			statuses[code]++
			switch {
			case code != status.OK && code != status.Busy:
				t.Fatalf("%s: meanwhile %s is %s", name, what, code.Name())
			case code == status.OK && what == "count":
				counted++
			}
		}
	}
	x.at = 0
	unknown := 0
	if kill := !done && at.n%2 == 0; kill {
		p.c.Process.Kill()
		if at.what == "count" {
			unknown = 1
		}
	} else if !done {
		p.c.Process.Signal(syscall.SIGCONT)
		code = <-p.answers
	}
	p.in.Close()
	for range p.answers {
	}
	p.c.Wait()
	if code != status.OK {
		t.Fatalf("%s: it ends with %s", name, code.Name())
	}
	if at.what == "count" && unknown == 0 {
		counted++
	}
	// Now no process is held up.
	w.busy = time.Minute
	must(w.do("close"))
	must(w.do("count"))
	counted++
	got, _ := strconv.Atoi(get(t, w.s, "n"))
	if got != counted && got != counted+unknown {
		t.Fatalf("%s: counted to %d, want %d", name, got, counted)
	}
	must(w.do("close"))
	return !done
}

// A call holds the locks for its own duration and no longer: a process that is stopped between two calls,
// with its store open, does not make others wait, not for a millisecond.
func TestStoppedBetweenCalls(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	k := keeping(t, path)
	if got := k.count(t); got != status.OK {
		t.Fatal(got.Name())
	}
	k.c.Process.Signal(syscall.SIGSTOP)
	w := &toiler{path: path, busy: time.Millisecond}
	for range 5 {
		for _, what := range toils {
			if err := w.do(what); err != nil {
				t.Errorf("%s: %v", what, err)
			}
		}
	}
	k.c.Process.Signal(syscall.SIGCONT)
	if got := k.count(t); got != status.OK {
		t.Fatal(got.Name())
	}
	k.close(t)
	if got := get(t, open(t, path, storageKey, store.Options{}), "n"); got != "7" {
		t.Fatalf("counted to %s, want 7", got)
	}
}
