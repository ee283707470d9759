package signal_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"libcallkey/core/signal"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

func everyName(signal.Device) bool { return true }

// list reads a whole list, of a user or "" of all.
func list(t testing.TB, s *store.Store, table store.Table, user string) (names []string) {
	t.Helper()
	for at := signal.Device(""); ; {
		var err error
		if user == "" {
			at, err = signal.Next(s, table, at, everyName)
		} else {
			at, err = signal.NextOfUser(s, table, user, at, everyName)
		}
		if status.Of(err) == status.NotFound {
			return names
		}
		if err != nil {
			t.Fatal(err)
		}
		if slices.Contains(names, string(at)) {
			t.Fatalf("%s is listed twice", at)
		}
		names = append(names, string(at))
	}
}

// mustList compares a list with names in any order.
func mustList(t testing.TB, s *store.Store, table store.Table, user string, want ...string) {
	t.Helper()
	got := list(t, s, table, user)
	slices.Sort(got)
	want = slices.Sorted(slices.Values(want))
	if !slices.Equal(got, want) {
		t.Fatalf("table %d of %q lists %q, want %q", table, user, got, want)
	}
}

// everyStore runs a test on stores of each kind with an identity. open opens a file a second time.
func everyStore(t *testing.T, run func(t *testing.T, s *store.Store, path string)) {
	for name, o := range map[string]store.Options{"memory": {Memory: true}, "sealed": {}, "plaintext": {Plaintext: true}} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "s")
			run(t, openKind(t, path, o), path)
		})
	}
}

var houseKey = []byte("0123456789abcdef0123456789abcdef")

func openKind(t testing.TB, path string, o store.Options) *store.Store {
	t.Helper()
	key := houseKey
	if o.Memory || o.Plaintext {
		key = nil
	}
	s, err := signal.OpenStore(path, key, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// meet begins sessions with devices: each has an identity key of its own.
func meet(t testing.TB, s *store.Store, devices ...signal.Address) {
	t.Helper()
	for _, a := range devices {
		b := newPeer(t, a).bundle(t, true)
		if err := signal.Begin(s, a, &b); err != nil {
			t.Fatal(err)
		}
	}
}

func alias(t testing.TB, s *store.Store, name, a signal.Address) {
	t.Helper()
	if err := signal.Alias(s, name, a); err != nil {
		t.Fatal(err)
	}
}

func at(name string, device uint32) signal.Address { return signal.Address{Name: name, Device: device} }

// A user's list is that of its devices under their own names, whichever of its names it is asked
// by; and internal rows of the aliases are in no list.
func TestListsOfAUser(t *testing.T) {
	everyStore(t, func(t *testing.T, s *store.Store, _ string) {
		meet(t, s, at("501_1", 0), at("501_1", 10), at("501_1", 2), at("502_1", 0), at("1777", 3))
		alias(t, s, at("1555", 0), at("501_1", 0))
		alias(t, s, at("1556", 4), at("501_1", 10))
		alias(t, s, at("1999", 0), at("502_1", 0))
		all := []string{"501_1:0", "501_1:10", "501_1:2", "502_1:0", "1777:3"}
		for _, table := range []store.Table{store.Sessions, store.Identities} {
			mustList(t, s, table, "", all...)
			mustList(t, s, table, "501_1", all[:3]...)
			mustList(t, s, table, "1555", "501_1:0") // no other device has a name of the number
			mustList(t, s, table, "1556", "501_1:10")
			mustList(t, s, table, "1777", "1777:3")
			mustList(t, s, table, "1888")
		}
		mustList(t, s, store.Aliases, "", "1555:0", "1556:4", "1999:0")
		mustList(t, s, store.Aliases, "501_1", "1555:0", "1556:4")
		mustList(t, s, store.Aliases, "1555", "1555:0")
		mustList(t, s, store.Aliases, "1777")
		if err := signal.Remove(s, at("1555", 0)); err != nil {
			t.Fatal(err)
		}
		mustList(t, s, store.Sessions, "501_1", all[1:3]...)
		mustList(t, s, store.Identities, "501_1", all[:3]...)
		// A name without a JID is passed over.
		odd := func(d signal.Device) bool { return d.Name() != "501_1" }
		for _, next := range []func(signal.Device) (signal.Device, error){
			func(after signal.Device) (signal.Device, error) { return signal.Next(s, store.Sessions, after, odd) },
			func(after signal.Device) (signal.Device, error) {
				return signal.NextOfUser(s, store.Sessions, "502_1", after, odd)
			},
		} {
			for at := signal.Device(""); ; {
				var err error
				if at, err = next(at); err != nil {
					break
				}
				if !odd(at) {
					t.Fatalf("%s is listed", at)
				}
			}
		}
	})
}

// Groups that joined other groups, and a number that changed its owner: each alias is listed with
// the device that it means now.
func TestListOfAliasesInOneTree(t *testing.T) {
	everyStore(t, func(t *testing.T, s *store.Store, _ string) {
		var names []string
		for i := range uint32(40) { // chains, so that groups point to groups
			alias(t, s, at("1555", i), at("1555", i+1))
			names = append(names, fmt.Sprintf("1555:%d", i))
		}
		alias(t, s, at("1666", 0), at("501_1", 0))
		mustList(t, s, store.Aliases, "", append([]string{"1666:0"}, names...)...)
		mustList(t, s, store.Aliases, "1555", names...)
		alias(t, s, at("1666", 0), at("1555", 7))
		mustList(t, s, store.Aliases, "501_1")
		mustList(t, s, store.Aliases, "1555", append([]string{"1666:0"}, names...)...)
	})
}

// Another process meets and forgets devices while this one lists a user's.
func TestListWhileAnotherProcessWrites(t *testing.T) {
	if path := os.Getenv("CALLKEY_LIST_WRITER"); path != "" {
		s, err := signal.OpenStore(path, houseKey, store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		fmt.Println("writing")
		for range 60 {
			meet(t, s, at("501_1", 7), at("600_1", 0))
			alias(t, s, at("1600", 0), at("600_1", 0))
			if err := signal.RemoveUser(s, "600_1"); err != nil {
				t.Fatal(err)
			}
			for _, remove := range []func(*store.Store, signal.Address) error{signal.Remove, signal.RemoveIdentity} {
				if err := remove(s, at("501_1", 7)); err != nil {
					t.Fatal(err)
				}
			}
		}
		s.Close()
		return
	}
	path := filepath.Join(t.TempDir(), "s")
	s := openKind(t, path, store.Options{})
	meet(t, s, at("501_1", 1), at("501_1", 9))
	alias(t, s, at("1555", 0), at("501_1", 9))
	writer := exec.Command(os.Args[0], "-test.run=^TestListWhileAnotherProcessWrites$")
	writer.Env = append(os.Environ(), "CALLKEY_LIST_WRITER="+path)
	out, err := writer.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := writer.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	lines.Scan() // it writes
	ended := make(chan error, 1)
	go func() {
		for lines.Scan() {
		}
		ended <- writer.Wait()
	}()
	for running := true; running; {
		select {
		case err := <-ended:
			if err != nil {
				t.Fatalf("the writer failed: %v", err)
			}
			running = false
		default:
		}
		for _, table := range []store.Table{store.Sessions, store.Identities} {
			for _, user := range []string{"", "501_1"} {
				found := strings.Join(list(t, s, table, user), " ")
				if !strings.Contains(found, "501_1:1") || !strings.Contains(found, "501_1:9") {
					t.Fatalf("table %d of %q lists only %s", table, user, found)
				}
			}
			mustList(t, s, table, "1555", "501_1:9")
		}
		mustList(t, s, store.Aliases, "501_1", "1555:0")
	}
	mustList(t, s, store.Sessions, "", "501_1:1", "501_1:9")
	mustList(t, s, store.Aliases, "", "1555:0")
}
