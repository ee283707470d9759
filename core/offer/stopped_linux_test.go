package offer_test

import (
	"bufio"
	"encoding/hex"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"libcallkey/core/callkey"
	"libcallkey/core/offer"
	"libcallkey/core/signal"
	"libcallkey/core/stanza"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

var stops = flag.Int("stops", 100, "how often TestStopped stops a process")

// The test binary is one of the processes that get stopped when this names a store.
const stoppedVariable = "CALLKEY_OFFER_TEST_STOPPED"

func init() { processes[stoppedVariable] = runStopped }

// runStopped obeys one command a line and says what came of it:
//
//	seal               →  STATUS TYPE CIPHERTEXT
//	reopen, copy, key  →  STATUS
//
// The first line says how the store opened.
func runStopped(path string) {
	options := store.Options{Busy: 20 * time.Millisecond}
	s, err := signal.OpenStore(path, storageKey, options)
	fmt.Println(int(status.Of(err)))
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		if err != nil { // what did not open is tried again
			s, err = signal.OpenStore(path, storageKey, options)
			fmt.Println(int(status.Of(err)))
			continue
		}
		var failed error
		switch in.Text() {
		case "seal":
			var key [callkey.Bytes]byte
			callkey.Generate(&key)
			ciphertext, kind, err := offer.SealEnc(s, friendJID, key[:], -1)
			fmt.Printf("%d %d %x\n", int(status.Of(err)), kind, ciphertext)
			continue
		case "reopen":
			s.Close()
			s, err = signal.OpenStore(path, storageKey, options)
			failed = err
		case "copy":
			copied := fmt.Sprintf("%s-copy-%d", path, os.Getpid())
			failed = s.Copy(copied)
			os.Remove(copied)
		case "key":
			failed = s.ChangeKey(storageKey)
		}
		fmt.Println(int(status.Of(failed)))
	}
}

// stopped is a process that may be stopped.
type stopped struct {
	c       *exec.Cmd
	in      io.WriteCloser
	answers *bufio.Reader
}

// crowd are processes on one file, and the friend that they all seal for.
type crowd struct {
	t        *testing.T
	path     string
	friend   *store.Store
	all      [3]*stopped
	used     map[string]bool
	statuses map[status.Code]int
}

func (x *crowd) start(i int) {
	p := &stopped{c: exec.Command(os.Args[0])}
	p.c.Env = append(os.Environ(), stoppedVariable+"="+x.path)
	p.c.Stderr = os.Stderr
	in, _ := p.c.StdinPipe()
	out, _ := p.c.StdoutPipe()
	p.in, p.answers = in, bufio.NewReader(out)
	if err := p.c.Start(); err != nil {
		x.t.Fatal(err)
	}
	x.t.Cleanup(func() { p.c.Process.Kill(); p.c.Wait() })
	x.all[i] = p
}

func (x *crowd) order(p *stopped) {
	fmt.Fprintln(p.in, []string{"seal", "seal", "seal", "reopen", "copy", "key"}[rand.IntN(6)])
}

// answer is what came of the last command. What was sealed must open, with a message key of its own.
func (x *crowd) answer(p *stopped) status.Code {
	line, err := p.answers.ReadString('\n')
	if err != nil {
		x.t.Fatalf("a process died: %v", err)
	}
	x.released(line)
	var code int
	fmt.Sscan(line, &code)
	x.statuses[status.Code(code)]++
	return status.Code(code)
}

func (x *crowd) released(line string) {
	word := strings.Fields(line)
	if len(word) != 3 || word[0] != "0" {
		return
	}
	kind := stanza.EncMsg
	if word[1] == fmt.Sprint(uint32(stanza.EncPkmsg)) {
		kind = stanza.EncPkmsg
	}
	ciphertext, _ := hex.DecodeString(word[2])
	name := keyName(x.t, kind == stanza.EncPkmsg, ciphertext)
	if x.used[name] {
		x.t.Fatal("a message key was used for two messages")
	}
	x.used[name] = true
	var key [callkey.Bytes]byte
	if err := offer.OpenEnc(x.friend, &key, victimJID, kind, 2, ciphertext); err != nil {
		x.t.Fatalf("the friend can't open what was sealed: %v", err)
	}
}

// A phone stops an app at any instant while its extensions work on with the same store, and lets it go on
// later or kills it. All of them have one ratchet throughout. The others wait for the one that is
// stopped no longer than they may: each of them answers while it is, if only with BUSY.
func TestStopped(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped with -short: stops processes 100 times")
	}
	x := &crowd{t: t, path: filepath.Join(t.TempDir(), "store"), friend: openStore(t, false), used: map[string]bool{}, statuses: map[status.Code]int{}}
	s, err := signal.OpenStore(x.path, storageKey, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	begin(t, s, x.friend, friendJID)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for i := range x.all {
		x.start(i)
		x.answer(x.all[i])
	}
	for range *stops {
		chosen := rand.IntN(len(x.all))
		for _, p := range x.all {
			x.order(p)
		}
		time.Sleep(rand.N(3 * time.Millisecond))
		held := x.all[chosen]
		held.c.Process.Signal(syscall.SIGSTOP)
		for range 3 {
			for i, p := range x.all {
				if i == chosen {
					continue
				}
				if code := x.answer(p); code != status.OK && code != status.Busy {
					t.Fatalf("while another process is stopped: %s", code.Name())
				}
				x.order(p)
			}
		}
		if rand.IntN(4) == 0 {
			held.c.Process.Kill()
			held.c.Wait()
			x.start(chosen)
		} else {
			held.c.Process.Signal(syscall.SIGCONT)
		}
		for _, p := range x.all {
			if code := x.answer(p); code != status.OK && code != status.Busy {
				t.Fatalf("after a process was stopped: %s", code.Name())
			}
		}
	}
	t.Logf("%d seals, %v", len(x.used), x.statuses)
	if x.statuses[status.Busy] == 0 || len(x.used) < *stops {
		t.Error("too little happened for the test to mean anything")
	}
}
