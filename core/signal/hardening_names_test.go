package signal

import (
	"fmt"
	"maps"
	"math/bits"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"libcallkey/core/status"
	"libcallkey/core/store"
)

func numbered(i int) Address { return Address{Name: fmt.Sprint(1000 + i)} }

// means is what a name means, and how many steps there are to it.
func means(t testing.TB, s *store.Store, a Address) (d Device, steps int) {
	t.Helper()
	err := s.Update(func(tx *store.Tx) (err error) {
		d, err = resolve(tx, Device(a.String()))
		for name := a.String(); err == nil && name != string(d); steps++ {
			name, err = tx.Alias(name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return d, steps
}

func tied(t testing.TB, s *store.Store, alias, a Address) {
	t.Helper()
	if err := Alias(s, alias, a); err != nil {
		t.Fatalf("alias(%v, %v): %v", alias, a, err)
	}
}

func untied(t testing.TB, s *store.Store, alias Address) {
	t.Helper()
	if err := Unalias(s, alias); err != nil {
		t.Fatalf("unalias(%v): %v", alias, err)
	}
}

// A phone number changes its owner: a key for the new one must not go to the old one, and
// what was stored of either stays where it was.
func TestFault24_NumberThatChangedItsOwner(t *testing.T) {
	for _, known := range []bool{false, true} { // whether we know the new owner already
		t.Run(fmt.Sprintf("known=%v", known), func(t *testing.T) {
			us, a, b := newOurs(t), newOurs(t), newOurs(t)
			number, lidA, lidB := Address{Name: "1555"}, Address{Name: "501_1"}, Address{Name: "502_1"}
			bundleA, bundleB := a.bundle(t), b.bundle(t)
			// The old owner was met under the number; its session moves to its LID.
			if err := Begin(us.store, number, &bundleA); err != nil {
				t.Fatal(err)
			}
			tied(t, us.store, number, lidA)
			opened(t, "to a")(a.open(sealed(t)(us.at(number).seal("to a"))))
			opened(t, "from a")(us.at(lidA).open(sealed(t)(a.seal("from a"))))
			if known {
				if err := Begin(us.store, lidB, &bundleB); err != nil {
					t.Fatal(err)
				}
			}
			before := us.at(lidA).dump(t)

			tied(t, us.store, number, lidB)
			if after := us.at(lidA).dump(t); string(after) != string(before) {
				t.Fatal("what is stored of the old owner changed")
			}
			if !known {
				if _, err := us.at(number).seal("to nobody"); status.Of(err) != status.NoSession {
					t.Fatalf("sealed for a device that has no session: %v", err)
				}
				if _, err := IdentityOf(us.store, lidB); status.Of(err) != status.NotFound {
					t.Fatalf("the new owner has the old one's identity: %v", err)
				}
				// A bundle for the alias is one of the device that it means.
				if err := Begin(us.store, number, &bundleB); err != nil {
					t.Fatal(err)
				}
			}
			forB := sealed(t)(us.at(number).seal("to b"))
			if text, err := a.open(forB); err == nil {
				t.Fatalf("the old owner reads %q", text)
			}
			opened(t, "to b")(b.open(forB))
			opened(t, "from b")(us.at(lidB).open(sealed(t)(b.seal("from b"))))
			opened(t, "still to a")(a.open(sealed(t)(us.at(lidA).seal("still to a"))))

			// Trust through the alias is trust in the device, too.
			own, err := OwnIdentity(b.store)
			if err != nil {
				t.Fatal(err)
			}
			if err := Trust(us.store, number, &own.PublicKey); err != nil {
				t.Fatal(err)
			}
			untied(t, us.store, number)
			for i := range 2 {
				if _, err := IdentityOf(us.store, number); status.Of(err) != status.NotFound {
					t.Fatalf("the number has an identity after unalias: %v", err)
				}
				if err := Check(us.store, number); status.Of(err) != status.NoSession {
					t.Fatalf("the number has a session after unalias: %v", err)
				}
				if i == 0 {
					untied(t, us.store, number) // it is none: fine
				}
			}
			opened(t, "b goes on")(b.open(sealed(t)(us.at(lidB).seal("b goes on"))))
		})
	}
}

// Names change while others look them up: what a look-up read first may be gone when it reads
// on. It must neither fail nor come to a device that the name did not mean.
func TestFault24_LookUpsWhileNamesChange(t *testing.T) {
	us := newOurs(t)
	var group sync.WaitGroup
	for i := range 2 { // each points its own number at two of its own devices
		number, a, b := numbered(3*i), numbered(3*i+1), numbered(3*i+2)
		var done atomic.Bool
		group.Go(func() {
			defer done.Store(true)
			for range 4000 {
				for _, to := range []Address{a, b} {
					if err := Alias(us.store, number, to); err != nil {
						t.Error(err)
					}
				}
				if err := Unalias(us.store, number); err != nil {
					t.Error(err)
				}
			}
		})
		group.Go(func() {
			for !done.Load() && !t.Failed() {
				err := Within(us.store, []Address{number}, nil, func(_ *store.Tx, devices []Device) error {
					if d := string(devices[0]); d != number.String() && d != a.String() && d != b.String() {
						t.Errorf("%v means %s", number, d)
					}
					return nil
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
}

// Aliases in a chain, in whatever order and however often they are written, stay short and
// mean the right device; and when they are gone nothing is left of them.
func TestFault25_ChainsOfAliases(t *testing.T) {
	n := 10_000
	if testing.Short() {
		n = 500
	}
	bound := 2 + bits.Len(uint(n))
	for name, order := range map[string]func(i int) (from, to int){
		"onwards":   func(i int) (int, int) { return i, i + 1 },
		"backwards": func(i int) (int, int) { return n - 1 - i, n - i },
		"star":      func(i int) (int, int) { return i, n },
		"halves": func(i int) (int, int) { // 0-1, 2-3, …; then the pairs; then these
			step := n - i
			return i, i + step&-step
		},
		"caterpillar": func(i int) (int, int) { // 0-2-4-…, and each of these has an odd one
			return i + 1 - i%2*2, i + 2 - i%2
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, peer := newOurs(t).store, newOurs(t)
			bundle := peer.bundle(t)
			if err := Begin(s, numbered(0), &bundle); err != nil {
				t.Fatal(err)
			}
			last := 0
			for i := range n {
				from, to := order(i)
				tied(t, s, numbered(from), numbered(to))
				last = max(last, to)
			}
			device, _ := means(t, s, numbered(last))
			for i := range n {
				if d, steps := means(t, s, numbered(i)); d != device || steps > bound {
					t.Fatalf("name %d means %s after %d steps", i, d, steps)
				}
			}
			opened(t, "x")(peer.open(sealed(t)((&ours{s, numbered(0)}).seal("x"))))
			opened(t, "y")(peer.open(sealed(t)((&ours{s, numbered(n / 2)}).seal("y"))))
			groups := groupsOf(t, s, n)
			for i := range n {
				untied(t, s, numbered(i))
			}
			nothingLeft(t, s, n, groups)
		})
	}
}

// groupsOf are the groups that the first n names are in.
func groupsOf(t testing.TB, s *store.Store, n int) map[string]bool {
	t.Helper()
	groups := map[string]bool{}
	err := s.Update(func(tx *store.Tx) error {
		for i := range n {
			name, err := tx.Alias(numbered(i).String())
			for ; err == nil && isGroup(name); name, err = tx.Alias(name) {
				groups[name] = true
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return groups
}

// nothingLeft checks that no name is an alias and no group is left.
func nothingLeft(t testing.TB, s *store.Store, n int, groups map[string]bool) {
	t.Helper()
	names := map[string]bool{}
	for i := range n + 1 {
		names[numbered(i).String()] = true
	}
	err := s.Update(func(tx *store.Tx) error {
		for _, all := range []map[string]bool{names, groups} {
			for name := range all {
				for _, table := range []store.Table{store.Aliases, store.AliasGroups} {
					if row, err := tx.Get(table, name); err != nil || row != nil {
						return fmt.Errorf("%s in table %d is %q (%v)", name, table, row, err)
					}
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A number that is pointed back and forth neither moves sessions nor leaves anything behind.
func TestFault25_BackAndForth(t *testing.T) {
	us, a, b := newOurs(t), newOurs(t), newOurs(t)
	number, other := numbered(0), numbered(1)
	for i, peer := range []*ours{a, b} {
		bundle := peer.bundle(t)
		if err := Begin(us.store, numbered(2+i), &bundle); err != nil {
			t.Fatal(err)
		}
	}
	tied(t, us.store, other, numbered(2))
	groups := map[string]bool{}
	for i := range 10_000 {
		tied(t, us.store, number, numbered(2+i%2))
		if i%7 == 0 {
			untied(t, us.store, number)
			tied(t, us.store, number, numbered(2+i%2))
		}
		if i%1000 == 0 {
			to := []*ours{a, b}[i%2]
			opened(t, "x")(to.open(sealed(t)(us.at(number).seal("x"))))
			opened(t, "y")(a.open(sealed(t)(us.at(other).seal("y"))))
		}
		for g := range groupsOf(t, us.store, 4) {
			groups[g] = true
		}
	}
	untied(t, us.store, number)
	untied(t, us.store, other)
	nothingLeft(t, us.store, 4, groups)
}

// Two names that each want to be the other one's would be a circle; nothing changes.
func TestFault25_Circles(t *testing.T) {
	us := newOurs(t)
	a, b, c, d := numbered(0), numbered(1), numbered(2), numbered(3)
	for _, name := range []Address{a, d} { // itself
		tied(t, us.store, name, name)
	}
	tied(t, us.store, a, b)
	before := groupsOf(t, us.store, 4)
	tied(t, us.store, a, a) // its meaning stays
	tied(t, us.store, a, b)
	if after := groupsOf(t, us.store, 4); !maps.Equal(before, after) {
		t.Fatalf("what was so already was written again: %v, %v", before, after)
	}
	tied(t, us.store, b, c)
	for _, from := range []Address{a, b} {
		if err := Alias(us.store, c, from); status.Of(err) != status.Conflict {
			t.Fatalf("a circle: %v", err)
		}
	}
	for _, name := range []Address{a, b, c} {
		if got, _ := means(t, us.store, name); got != Device(c.String()) {
			t.Fatalf("%v means %s", name, got)
		}
	}
	tied(t, us.store, a, b) // one device already
	tied(t, us.store, b, a)
	tied(t, us.store, c, d) // and no circle: it is the device that all three mean
	for _, name := range []Address{a, b, c} {
		if got, _ := means(t, us.store, name); got != Device(d.String()) {
			t.Fatalf("%v means %s", name, got)
		}
	}
}

// Aliases, pointed, pointed anew and taken back at random, mean what a table of names to
// devices says.
func TestFault25_AnyOrder(t *testing.T) {
	const n = 12
	us := newOurs(t)
	random := rand.New(rand.NewPCG(25, 1))
	model := make([]int, n)
	for i := range model {
		model[i] = i
	}
	for step := range 5000 {
		alias, to := random.IntN(n), random.IntN(n)
		if random.IntN(4) == 0 {
			untied(t, us.store, numbered(alias))
			model[alias] = alias
		} else {
			err := Alias(us.store, numbered(alias), numbered(to))
			target := model[to]
			switch {
			case alias == to:
			case alias == target:
				if status.Of(err) != status.Conflict {
					t.Fatalf("step %d: a circle is %v", step, err)
				}
				continue
			case model[alias] == alias: // the names that mean it come along
				for i := range model {
					if model[i] == alias {
						model[i] = target
					}
				}
			default:
				model[alias] = target
			}
			if err != nil {
				t.Fatalf("step %d: %v", step, err)
			}
		}
		for i, want := range model {
			if got, _ := means(t, us.store, numbered(i)); got != Device(numbered(want).String()) {
				t.Fatalf("step %d: %d means %s, want %d", step, i, got, want)
			}
		}
	}
	groups := groupsOf(t, us.store, n)
	for i := range n {
		untied(t, us.store, numbered(i))
	}
	nothingLeft(t, us.store, n, groups)
}

// A store that version 0.2 wrote can hold a chain of names of any length. It opens, and what
// is said anew is short.
func TestFault25_ChainsOfVersion02(t *testing.T) {
	const n = 20
	us := newOurs(t)
	err := us.store.Update(func(tx *store.Tx) error {
		for i := range n {
			tx.Put(store.Aliases, numbered(i).String(), []byte(numbered(i+1).String()))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	all := func(from, want int) {
		t.Helper()
		for i := from; i < n; i++ {
			if d, _ := means(t, us.store, numbered(i)); d != Device(numbered(want).String()) {
				t.Fatalf("name %d means %s", i, d)
			}
		}
	}
	all(0, n)
	if err := Alias(us.store, numbered(n), numbered(0)); status.Of(err) != status.Conflict {
		t.Fatalf("a circle: %v", err)
	}
	tied(t, us.store, numbered(0), numbered(1)) // as it is
	if _, steps := means(t, us.store, numbered(0)); steps > 2 {
		t.Fatalf("%d steps after it was said again", steps)
	}
	tied(t, us.store, numbered(n), numbered(n+1))
	all(0, n+1)
	untied(t, us.store, numbered(10))
	all(11, n+1)
	if d, _ := means(t, us.store, numbered(5)); d != Device(numbered(10).String()) {
		t.Fatalf("name 5 means %s", d)
	}
	if d, _ := means(t, us.store, numbered(0)); d != Device(numbered(n+1).String()) {
		t.Fatalf("name 0 means %s", d)
	}
}

// Rows that the library never writes: a cycle must not hang, a group without a device must not be
// taken for one.
func TestFault25_ForgedAliases(t *testing.T) {
	for _, length := range []int{1, 2, 3, 7, 64} {
		for _, tail := range []int{0, 1, 5} {
			us := newOurs(t)
			names := []string{"group 00"}
			for i := range tail + length {
				names = append(names, numbered(i).String())
			}
			err := us.store.Update(func(tx *store.Tx) error {
				for i := 1; i < len(names)-1; i++ {
					tx.Put(store.Aliases, names[i], []byte(names[i+1]))
				}
				tx.Put(store.Aliases, names[len(names)-1], []byte(names[1+tail]))
				tx.Put(store.Aliases, "other:0", []byte(names[0]))
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range []Address{numbered(0), {Name: "other"}} {
				if err := Check(us.store, name); status.Of(err) != status.StoreCorrupt {
					t.Fatalf("circle of %d behind %d: %v", length, tail, err)
				}
			}
		}
	}
	us := newOurs(t)
	tied(t, us.store, numbered(0), numbered(1))
	groups := groupsOf(t, us.store, 2)
	for _, row := range [][]byte{{0xff}, {0x1a, 0}, {0x08}} {
		for g := range groups {
			if err := us.store.Update(func(tx *store.Tx) error {
				tx.Put(store.AliasGroups, g, slices.Clone(row))
				return nil
			}); err != nil {
				t.Fatal(err)
			}
		}
		if err := Unalias(us.store, numbered(0)); status.Of(err) != status.StoreCorrupt && status.Of(err) != status.Unsupported {
			t.Fatalf("%x: %v", row, err)
		}
		if d, _ := means(t, us.store, numbered(0)); d != Device(numbered(1).String()) {
			t.Fatalf("after a refused call it means %s", d)
		}
	}
}
