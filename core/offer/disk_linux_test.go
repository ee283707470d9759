package offer_test

import (
	"database/sql"
	"flag"
	"fmt"
	"math/bits"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"
	"unsafe"

	"libcallkey/core/signal"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

// disk is what testdata/faults.c, preloaded into this process, does to the files of a store:
// the operation of one of kinds whose number is at fails.
type disk struct {
	kinds, at, errno, lasting, half, seen, failed, what uint32

	unsynced [1024]byte // files with writes that a power loss can undo
}

const (
	diskOpen = 1 << iota
	diskRead
	diskWrite
	diskSync
	diskTruncate
	diskLock
	diskMap
	diskStat
	diskUnlink
	diskAll = 1<<iota - 1
)

// trouble is a way in which a disk fails.
type trouble struct {
	name                string
	kinds               uint32
	errno               syscall.Errno
	lasting, half       uint32
	statuses            map[status.Code]int // of the calls that met it
	operations, crashes int
}

// unreadable: SQLite calls a file damaged that it can't read, and there is no telling as long
// as it can't.
func (how *trouble) unreadable() bool { return how.lasting == 1 && how.kinds&diskRead != 0 }

func (d *disk) breakAt(n uint32, how *trouble) {
	d.kinds, d.errno, d.lasting, d.half, d.seen, d.failed, d.what = how.kinds, uint32(how.errno), how.lasting, how.half, 0, 0, 0
	d.unsynced = [1024]byte{}
	atomic.StoreUint32(&d.at, n)
}

// heal reports whether an operation had failed.
func (d *disk) heal() (met bool) {
	atomic.StoreUint32(&d.at, 0)
	return d.failed > 0
}

var operations = []string{"open", "read", "write", "sync", "truncate", "lock", "map", "stat", "unlink"}

const diskVariable = "CALLKEY_TEST_FAULTS"

var everyOperations = flag.Bool("every-operation", false, "TestDiskErrors lets each read of a long log fail")

// TestDiskErrors makes every single operation that a call has on its files fail, one after
// the other and in several ways: opening, reading, writing, syncing, truncating, locking,
// mapping, looking for and removing a file; of a long log's many reads see walk. A call that meets none returns when all that it
// wrote is synced. A call that meets one fails with STORE and gives nothing out. What it was
// to change has changed as a whole or not at all: on the same open store once the disk is
// well, after closing it, and on the files as a crash leaves them. The peers still
// understand us.
func TestDiskErrors(t *testing.T) {
	control := os.Getenv(diskVariable)
	if control == "" {
		runPreloaded(t)
		return
	}
	x := newScene(t, filepath.Dir(control), mapDisk(t, control))
	troubles := []*trouble{
		{name: "one error", kinds: diskAll, errno: syscall.EIO},
		// Not locks: SQLite takes their errors for another process's lock, and waits.
		{name: "a broken disk", kinds: diskAll &^ diskLock, errno: syscall.EIO, lasting: 1},
		{name: "a full disk", kinds: diskOpen | diskWrite | diskTruncate, errno: syscall.ENOSPC, lasting: 1},
		{name: "half a write", kinds: diskWrite, errno: syscall.ENOSPC, half: 1},
	}
	if testing.Short() {
		troubles = troubles[:1]
	}
	for _, how := range troubles {
		how.statuses = map[status.Code]int{}
		for _, c := range calls() {
			for _, image := range c.images {
				for _, crash := range []bool{false, true} {
					x.everyOperation(t, c, image, how, crash)
				}
			}
		}
		t.Logf("%s: %d operations failed in turn, %d calls were STORE, %d STORE_CORRUPT, %d went through, %d of the changes stood after a crash",
			how.name, how.operations, how.statuses[status.Store], how.statuses[status.StoreCorrupt], how.statuses[status.OK], how.crashes)
		if how.statuses[status.Store] < 50/int(every()) {
			t.Errorf("%s: only %d calls met it", how.name, how.statuses[status.Store])
		}
	}
}

// runPreloaded runs this test in a process whose disk can be broken.
func runPreloaded(t *testing.T) {
	dir := t.TempDir()
	library, control := filepath.Join(dir, "faults.so"), filepath.Join(dir, "control")
	compiler := os.Getenv("CC")
	if compiler == "" {
		compiler = "cc"
	}
	out, err := exec.Command(compiler, "-shared", "-fPIC", "-Wall", "-Wextra", "-Werror", "-o", library, "testdata/faults.c", "-ldl").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if err := os.WriteFile(control, make([]byte, unsafe.Sizeof(disk{})), 0o600); err != nil {
		t.Fatal(err)
	}
	c := exec.Command(os.Args[0], "-test.run=^TestDiskErrors$", "-test.v", "-test.short="+strconv.FormatBool(testing.Short()),
		"-every-operation="+strconv.FormatBool(*everyOperations))
	c.Env = append(os.Environ(), "LD_PRELOAD="+library, diskVariable+"="+control)
	out, err = c.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Logf("%s", out)
}

func mapDisk(t *testing.T, control string) *disk {
	f, err := os.OpenFile(control, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	mapped, err := syscall.Mmap(int(f.Fd()), 0, int(unsafe.Sizeof(disk{})), syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	if err != nil {
		t.Fatal(err)
	}
	return (*disk)(unsafe.Pointer(&mapped[0]))
}

// every is the step from one operation to the next that fails.
func every() uint32 {
	if testing.Short() {
		return 31
	}
	return 1
}

// walk goes from one operation of a call to the next. Of more than row in a row that are of
// one kind, as when a long log is read frame by frame, it takes one of row, but all of the
// last ones before the next kind; with -every-operation all.
type walk struct{ at, step, kind, same uint32 }

const row = 32

// next goes on after an operation of this kind failed, or none, which is kind 0.
func (w *walk) next(kind uint32) {
	switch {
	case kind == w.kind:
		w.same++
	case w.step > every(): // there were others in between
		w.at, w.step, w.same = w.at-w.step, every(), 0
	default:
		w.kind, w.same = kind, 1
	}
	if w.same > row && !*everyOperations {
		w.step = max(row, every())
	}
	w.at += w.step
}

// everyOperation lets the call fail at its first operation, at its second, and so on until
// it has no more.
func (x *scene) everyOperation(t *testing.T, c call, image string, how *trouble, crash bool) {
	w := walk{at: 1, step: every()}
	for {
		n := w.at
		name := fmt.Sprintf("%s, on %s, %s at operation %d, crash %v", c.name, image, how.name, n, crash)
		x.restore(t, image)
		var s *store.Store
		if !c.opens {
			s = x.open(t, name)
		}
		x.disk.breakAt(n, how)
		s, err := c.run(x, t, s)
		met := x.disk.heal()
		if met {
			name += ": " + operations[bits.TrailingZeros32(x.disk.what)]
		}
		switch {
		case err != nil && !met:
			t.Fatalf("%s: failed on a sound disk: %v", name, err)
		case err != nil && status.Of(err) != status.Store && !(status.Of(err) == status.StoreCorrupt && how.unreadable()):
			t.Fatalf("%s: %v (%s), want STORE", name, err, status.Of(err).Name())
		}
		if !met && x.disk.unsynced != [1024]byte{} {
			t.Fatalf("%s: it returned before all it wrote was synced", name)
		}
		if met {
			how.operations++
			how.statuses[status.Of(err)]++
		}
		x.failed = err != nil
		if crash {
			x.crash(t)
		}
		if s != nil && !crash {
			c.after(x, t, s, name+", the same store")
		}
		if s != nil {
			s.Close()
		}
		if crash {
			x.path += crashed
		}
		x.integrity(t, name)
		s = x.open(t, name)
		before := x.stood
		c.after(x, t, s, name+", opened again")
		if crash && x.stood > before {
			how.crashes++
		}
		if err := s.Close(); err != nil {
			t.Fatalf("%s: close: %v", name, err)
		}
		if !met && w.step == every() {
			return
		}
		w.next(x.disk.what)
	}
}

func (x *scene) open(t *testing.T, name string) *store.Store {
	s, err := signal.OpenStore(x.path, storageKey, store.Options{})
	if err != nil {
		t.Fatalf("%s: the store does not open: %v", name, err)
	}
	return s
}

func (x *scene) integrity(t *testing.T, name string) {
	if size, err := os.Stat(x.path); err != nil || size.Size() == 0 {
		return // a new one that was not made
	}
	db, err := sql.Open("sqlite3", x.path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var verdict string
	if err := db.QueryRow("PRAGMA integrity_check").Scan(&verdict); err != nil || verdict != "ok" {
		t.Fatalf("%s: integrity check: %s, %v", name, verdict, err)
	}
}
