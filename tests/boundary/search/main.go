// Command search runs a host of the library, dumps its writable memory from outside and
// looks for the secrets that the host had:
//
//	search [-times N] [-stage closed] [-found] [-show] NAME HOST ARGUMENT...
//
// An argument FOLDER becomes a new folder in each run, for the host's files. It has
// session.json, a session that the host may import.
// With -mapped FILE it searches the process below HOST that has mapped FILE; HOST only
// starts it in an emulator.
// With -emulator the process is an emulator that has the program's memory inside its own.
// The search skips the emulator's own stacks: the values there stand for a processor's
// registers, and stay much longer than a processor would keep them. It searches the
// program's stacks like all its memory.
//
// It prints one line. It fails if it finds a secret at the stage, or with -found (for a
// library without protection) if it finds none.
package main

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"syscall"
	"time"
)

var (
	times    = flag.Int("times", 1, "runs of the host")
	at       = flag.String("stage", "closed", "when to search")
	samples  = flag.Int("samples", 1, "dumps per run, at random moments, with the host stopped")
	must     = flag.Bool("found", false, "fail if nothing is found")
	emulator = flag.Bool("emulator", false, "the process is an emulator: skip its own stacks")
	mapped   = flag.String("mapped", "", "search the process that has mapped a file of this name")
	show     = flag.Bool("show", false, "print each secret and its place")
)

// tally counts the secrets found in all dumps.
type tally struct {
	dumps, dirty int
	secrets      int
	bytes        int
	places       map[string]int // by secret and region
	longest      map[string]int // bytes, by secret and region
}

func main() {
	flag.Parse()
	if flag.NArg() < 2 {
		flag.Usage()
		os.Exit(2)
	}
	t := tally{places: map[string]int{}, longest: map[string]int{}}
	for range *times {
		if err := t.run(flag.Args()[1:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		if *must && t.dirty > 0 {
			break
		}
	}
	if *show {
		t.print()
	}
	fmt.Printf("%d of %d dumps of %s (%d secrets, %d MB)\n", t.dirty, t.dumps, flag.Arg(0), t.secrets, t.bytes/max(1, t.dumps)>>20)
	if (t.dirty > 0) != *must {
		if !*show {
			t.print()
		}
		fmt.Fprintln(os.Stderr, "a secret was left in memory, or with -found none was")
		os.Exit(1)
	}
}

func (t *tally) run(command []string) error {
	folder, err := os.MkdirTemp("", "residue")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	session, err := writeSession(folder)
	if err != nil {
		return err
	}
	command = slices.Clone(command)
	for i, argument := range command {
		if argument == "FOLDER" {
			command[i] = folder
		}
	}
	h, err := start(command)
	if err != nil {
		return err
	}
	defer h.command.Process.Kill() // after an error; else it has ended
	needles := newPieces()
	for _, s := range session {
		needles.add(s)
	}
	t.secrets = len(session)
	var storageKeys [][]byte
	for {
		stage, err := h.next(func(name string, value []byte) {
			if name == "storage-key" {
				storageKeys = append(storageKeys, value)
			}
			for _, s := range expand(name, value) {
				needles.add(s)
				t.secrets++
			}
		})
		if err != nil || stage == "" {
			return err
		}
		if stage == *at {
			pid, err := h.process(*mapped)
			if err != nil {
				return err
			}
			inFiles, err := storeSecrets(folder, storageKeys)
			if err != nil {
				return err
			}
			for _, s := range inFiles {
				needles.add(s)
				t.secrets++
			}
			if err := t.search(pid, needles); err != nil {
				return err
			}
		}
		if err := h.goOn(); err != nil {
			return err
		}
	}
}

func (t *tally) search(pid int, needles *pieces) error {
	for range *samples {
		if *samples > 1 {
			time.Sleep(time.Duration(time.Now().UnixNano() % 7e6))
		}
		if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
			return err
		}
		places := 0
		own := map[region]bool{}
		if *emulator {
			var err error
			if own, err = runningOn(pid); err != nil {
				return err
			}
		}
		size, err := dump(pid, func(r region, content []byte) {
			if own[r] {
				return
			}
			needles.in(content, func(at, n int, o owner) {
				places++
				key := fmt.Sprintf("%s%s in %s", o.secret, o.form, r.name)
				t.places[key]++
				t.longest[key] = max(t.longest[key], n)
			})
		})
		if err != nil {
			return err
		}
		if err := syscall.Kill(pid, syscall.SIGCONT); err != nil {
			return err
		}
		t.dumps++
		t.bytes += size
		if places > 0 {
			t.dirty++
		}
	}
	return nil
}

func (t *tally) print() {
	for _, key := range slices.Sorted(maps.Keys(t.places)) {
		fmt.Printf("  %s: %d places, the longest %d bytes\n", key, t.places[key], t.longest[key])
	}
}
