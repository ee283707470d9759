//go:build !windows

package offer_test

import (
	"bufio"
	"cmp"
	"encoding/hex"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"unsafe"

	"google.golang.org/protobuf/encoding/protowire"

	"libcallkey/core/callkey"
	"libcallkey/core/offer"
	"libcallkey/core/signal"
	"libcallkey/core/stanza"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

// The test binary points a number at devices when this holds a store, a clock, how many threads point
// and how often the others seal.
const pointingVariable = "CALLKEY_OFFER_TEST_POINTING"

func init() { processes[pointingVariable] = runPointing }

const (
	numberJID = "15550009@s.whatsapp.net"
	owners    = 4 // devices that the number may mean
	nobody    = owners
)

func ownerJID(i int) string { return fmt.Sprintf("%d:1@lid", 700+i) }

// clock orders what threads of several processes do. It lies in a file that they share.
type clock struct{ ticks *atomic.Int64 }

func openClock(path string) (c clock, err error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return c, err
	}
	defer f.Close()
	if err := f.Truncate(8); err != nil {
		return c, err
	}
	mapped, err := syscall.Mmap(int(f.Fd()), 0, 8, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	if err != nil {
		return c, err
	}
	return clock{(*atomic.Int64)(unsafe.Pointer(&mapped[0]))}, nil
}

// act is one call: when it began and ended, and which owner it pointed the number at, or,
// with a ciphertext, sealed for.
type act struct {
	began, ended int64
	owner        int
	kind         stanza.EncType
	ciphertext   []byte
}

// pointing makes one process's acts: sixteen threads, some of which point the number for as
// long as the others seal.
func pointing(s *store.Store, c clock, pointers, rounds int) (acts []act, err error) {
	var mu sync.Mutex
	var group sync.WaitGroup
	var sealing atomic.Int32
	sealing.Store(int32(16 - pointers))
	number, err := stanza.ParseJID(numberJID)
	if err != nil {
		return nil, err
	}
	address := func(j stanza.JID) signal.Address {
		name, device := j.Address()
		return signal.Address{Name: name, Device: device}
	}
	for thread := range 16 {
		group.Go(func() {
			random := rand.New(rand.NewPCG(24, uint64(16*pointers+thread)))
			seals := thread >= pointers
			if seals {
				defer sealing.Add(-1)
			}
			for round := 0; seals && round < rounds || !seals && sealing.Load() > 0; round++ {
				a := act{owner: nobody, began: c.ticks.Add(1)}
				var failure error
				switch {
				case seals:
					failure = sealForNumber(s, &a, random.IntN(2) == 0)
				case random.IntN(10) == 0:
					failure = signal.Unalias(s, address(number))
				default:
					a.owner = random.IntN(owners)
					owner, _ := stanza.ParseJID(ownerJID(a.owner))
					failure = signal.Alias(s, address(number), address(owner))
				}
				a.ended = c.ticks.Add(1)
				if seals && status.Of(failure) == status.NoSession {
					failure = nil // the number had no owner
				}
				mu.Lock()
				acts = append(acts, a)
				if failure != nil {
					err = failure
				}
				mu.Unlock()
			}
		})
	}
	group.Wait()
	return acts, err
}

// sealForNumber seals a key for the number, alone or in an offer.
func sealForNumber(s *store.Store, a *act, alone bool) (err error) {
	a.owner = -1
	var key [callkey.Bytes]byte
	callkey.Generate(&key)
	if alone {
		a.ciphertext, a.kind, err = offer.SealEnc(s, numberJID, key[:], -1)
		return err
	}
	sealed, err := offer.Seal(s, key[:], []string{numberJID}, &callOptions, -1)
	if status.Of(err) == status.NoDevices {
		return status.New(sealed.Statuses[0], "the number's device")
	}
	if err != nil {
		return err
	}
	info, ciphertext, err := stanza.ParseOffer(sealed.Wire, []string{numberJID})
	a.ciphertext, a.kind = ciphertext, info.EncType
	return err
}

// runPointing is a process that prints its acts, one a line.
func runPointing(arguments string) {
	var path, ticks string
	var pointers, rounds int
	if _, err := fmt.Sscan(arguments, &path, &ticks, &pointers, &rounds); err != nil {
		fmt.Println("failed", err)
		os.Exit(1)
	}
	s, err := signal.OpenStore(path, storageKey, store.Options{})
	if err != nil {
		fmt.Println("failed", err)
		os.Exit(1)
	}
	defer s.Close()
	c, err := openClock(ticks)
	var acts []act
	if err == nil {
		acts, err = pointing(s, c, pointers, rounds)
	}
	if err != nil {
		fmt.Println("failed", err)
		os.Exit(1)
	}
	for _, a := range acts {
		fmt.Printf("act %d %d %d %d %x.\n", a.began, a.ended, a.owner, a.kind, a.ciphertext)
	}
	fmt.Println("done")
}

// Row 24: two processes point one number back and forth between four devices and nobody, while
// they and a third, of sixteen threads each, seal for it. No key goes to a device that the number did
// not mean at some instant of the call, and none is sealed with a message key that was used.
func TestFault24_NumberPointedWhileOthersSeal(t *testing.T) {
	dir := t.TempDir()
	path, ticks := filepath.Join(dir, "store"), filepath.Join(dir, "clock")
	rounds := 200
	if testing.Short() {
		rounds = 10
	}
	s, err := signal.OpenStore(path, storageKey, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var devices []*store.Store
	for i := range owners {
		devices = append(devices, openStore(t, false))
		begin(t, s, devices[i], ownerJID(i))
		acknowledge(t, s, devices[i], ownerJID(i))
	}
	if err := signal.Alias(s, addressOf(t, numberJID), addressOf(t, ownerJID(0))); err != nil {
		t.Fatal(err)
	}
	c, err := openClock(ticks)
	if err != nil {
		t.Fatal(err)
	}
	var outputs []*bufio.Scanner
	for _, pointers := range []int{5, 4, 0} {
		process := exec.Command(os.Args[0])
		process.Env = append(os.Environ(), fmt.Sprintf("%s=%s %s %d %d", pointingVariable, path, ticks, pointers, rounds))
		process.Stderr = os.Stderr
		out, err := process.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := process.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { process.Process.Kill(); process.Wait() })
		outputs = append(outputs, bufio.NewScanner(out))
	}
	var points, seals []act
	points = append(points, act{owner: 0, began: -2, ended: -1})
	for _, out := range outputs {
		done := false
		for out.Scan() {
			if done = out.Text() == "done"; done {
				break
			}
			var a act
			var text string
			if n, err := fmt.Sscanf(out.Text(), "act %d %d %d %d %s", &a.began, &a.ended, &a.owner, &a.kind, &text); n != 5 {
				t.Fatalf("a process says %q: %v", out.Text(), err)
			}
			if a.ciphertext, err = hex.DecodeString(strings.TrimSuffix(text, ".")); err != nil {
				t.Fatal(err)
			}
			if a.owner >= 0 {
				points = append(points, a)
			} else {
				seals = append(seals, a)
			}
		}
		if !done {
			t.Fatalf("a process ended early: %v", out.Err())
		}
	}
	spans := spansOf(points)
	// Of each session in the order in which they were sealed: one that is too far ahead does not open. When its
	// call began does not tell, because a thread may have waited long before it sealed.
	slices.SortFunc(seals, func(a, b act) int { return cmp.Compare(a.counter(t), b.counter(t)) })
	var used sync.Map
	went := make([]int, owners+1)
	for _, a := range seals {
		to := nobody
		if len(a.ciphertext) > 0 {
			unique(t, &used, a.kind, a.ciphertext)
			to = openedBy(t, devices, a)
		}
		went[to]++
		if !meant(spans, a, to) {
			t.Errorf("sealed for owner %d, whom the number did not mean", to)
		}
	}
	t.Logf("%d times pointed; sealed for the owners, and for nobody: %v; %d ticks", len(points)-1, went, c.ticks.Load())
	if slices.Max(went[:owners]) == 0 {
		t.Error("nothing was ever sealed for an owner")
	}
}

// counter is that of the message in its session; 0 without one.
func (a act) counter(t *testing.T) uint64 {
	if len(a.ciphertext) == 0 {
		return 0
	}
	_, field, _ := strings.Cut(keyName(t, a.kind == stanza.EncPkmsg, a.ciphertext), " ")
	encoded, err := hex.DecodeString(field)
	n, size := protowire.ConsumeVarint(encoded)
	if err != nil || size != len(encoded) {
		t.Fatalf("the counter reads %q", field)
	}
	return n
}

// openedBy returns the owner of the device that opens the ciphertext.
func openedBy(t *testing.T, devices []*store.Store, a act) int {
	t.Helper()
	var refused []error
	for i, s := range devices {
		var key [callkey.Bytes]byte
		err := offer.OpenEnc(s, &key, callerJID, a.kind, 2, a.ciphertext)
		if err == nil {
			return i
		}
		refused = append(refused, err)
	}
	t.Fatalf("no owner can open what was sealed for the number: %v", refused)
	return 0
}

// span is the time in which the number may have meant an owner: from when it was being pointed there
// until it surely pointed elsewhere.
type span struct {
	owner        int
	began, ended int64
}

func spansOf(points []act) (spans []span) {
	for _, p := range points {
		s := span{p.owner, p.began, math.MaxInt64}
		for _, q := range points {
			if q.owner != p.owner && q.began > p.ended {
				s.ended = min(s.ended, q.ended)
			}
		}
		spans = append(spans, s)
	}
	return spans
}

// meant reports whether the number may have belonged to an owner at some moment of a call.
func meant(spans []span, call act, owner int) bool {
	return slices.ContainsFunc(spans, func(s span) bool {
		return s.owner == owner && s.began <= call.ended && s.ended >= call.began
	})
}
