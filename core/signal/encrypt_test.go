package signal

import (
	"bytes"
	"fmt"
	"testing"

	"libcallkey/core/session"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

// fanOut are messages of a test for several devices.
type fanOut struct {
	refused map[int]error
	sealed  []session.Ciphertext
	asked   []int
}

func (f *fanOut) Room(n int) []byte { return make([]byte, n) }

func (f *fanOut) Plaintext(i int) session.Plaintext {
	f.asked[i]++
	return session.Plaintext{Bytes: fmt.Append(nil, "to ", i)}
}

func (f *fanOut) Sealed(i int, c session.Ciphertext) error {
	f.sealed[i] = c
	return f.refused[i]
}

// If this failed, one bad device of a call would keep the others from it, or be given what was sealed
// for another; or its session would move without a message.
func TestEncryptEach(t *testing.T) {
	refused := status.New(status.DeviceIdentity, "refused")
	// What is wrong with a device, done to its rows.
	kinds := []struct {
		name string
		do   func(t *testing.T, us *ours)
		code status.Code
	}{
		{"good", func(*testing.T, *ours) {}, status.OK},
		{"no session", func(t *testing.T, us *ours) {
			if err := us.Remove(); err != nil {
				t.Fatal(err)
			}
		}, status.NoSession},
		{"a damaged row", func(t *testing.T, us *ours) { us.SetRecord(t, []byte{0xff}) }, status.StoreCorrupt},
		{"another identity", func(t *testing.T, us *ours) { us.identity(t, make([]byte, 32)) }, status.UntrustedIdentity},
		{"half an identity", func(t *testing.T, us *ours) { us.identity(t, make([]byte, 16)) }, status.StoreCorrupt},
		{"refused", func(*testing.T, *ours) {}, status.DeviceIdentity},
		{"good too", func(*testing.T, *ours) {}, status.OK},
	}
	for _, n := range []int{1, 2, len(kinds), store.Batch + 1, 4 * store.Batch} {
		for shift := range len(kinds) {
			us := newOurs(t)
			var addresses []Address
			var peers []*ours
			f := &fanOut{map[int]error{}, make([]session.Ciphertext, n+1), make([]int, n+1)}
			for i := range n {
				a, them := numbered(i), newOurs(t)
				bundle := them.bundle(t)
				if err := us.at(a).Begin(&bundle); err != nil {
					t.Fatal(err)
				}
				if i%2 == 0 {
					us.at(a).talk(t, them)
				}
				k := kinds[(i+shift)%len(kinds)]
				k.do(t, us.at(a))
				if k.code == status.DeviceIdentity {
					f.refused[i] = refused
				}
				addresses, peers = append(addresses, a), append(peers, them)
			}
			rows := func(i int) []byte { return us.at(addresses[i]).Dump(t) }
			var before [][]byte
			for i := range n {
				before = append(before, rows(i))
			}
			addresses = append(addresses, addresses[0]) // a DUPLICATE
			var codes []status.Code
			err := Within(us.store, addresses, nil, func(tx *store.Tx, devices []Device) (err error) {
				codes, err = EncryptEach(tx, devices, nil, f)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			if codes[n] != status.Duplicate || f.asked[n] != 0 {
				t.Errorf("a device that is named twice: %v", codes[n])
			}
			for i := range n {
				k := kinds[(i+shift)%len(kinds)]
				name := fmt.Sprintf("%d of %d: %s", i, n, k.name)
				if codes[i] != k.code {
					t.Errorf("%s: %v", name, codes[i])
				}
				if k.code != status.OK && !bytes.Equal(rows(i), before[i]) {
					t.Errorf("%s: its rows changed", name)
				}
				if k.code != status.OK && k.code != status.DeviceIdentity {
					if f.sealed[i].Bytes != nil {
						t.Errorf("%s: it was sealed for", name)
					}
					continue
				}
				if k.code == status.OK {
					if bytes.Equal(rows(i), before[i]) {
						t.Errorf("%s: its rows did not change", name)
					}
					opened(t, fmt.Sprint("to ", i))(peers[i].open(f.sealed[i]))
				}
				// The next message has the next counter, or the one that did not count.
				opened(t, "next")(peers[i].open(sealed(t)(us.at(addresses[i]).seal("next"))))
			}
		}
	}
}

// identity sets the row of the identity key that is trusted for the peer.
func (d *ours) identity(t *testing.T, row []byte) {
	t.Helper()
	err := Within(d.store, []Address{d.peer}, nil, func(tx *store.Tx, devices []Device) error {
		tx.Put(store.Identities, string(devices[0]), row)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// If this failed, a bug that ends a call would leave sessions in memory that are ahead of their rows.
func TestEncryptEachPanics(t *testing.T) {
	us, n := newOurs(t), 3
	var addresses []Address
	var peers []*ours
	for i := range n {
		a, them := numbered(i), newOurs(t)
		bundle := them.bundle(t)
		if err := us.at(a).Begin(&bundle); err != nil {
			t.Fatal(err)
		}
		us.at(a).talk(t, them)
		addresses, peers = append(addresses, a), append(peers, them)
	}
	for _, m := range []Messages{inWriter{}, inSealed{}} {
		func() {
			defer func() {
				if r := recover(); r != "a bug" {
					t.Errorf("%T: the panic is %v", m, r)
				}
			}()
			Within(us.store, addresses, nil, func(tx *store.Tx, devices []Device) error {
				_, err := EncryptEach(tx, devices, nil, m)
				return err
			})
		}()
		for i := range n {
			if us.at(addresses[i]).warm(t) {
				t.Errorf("%T: session %d is kept", m, i)
			}
			opened(t, "next")(peers[i].open(sealed(t)(us.at(addresses[i]).seal("next"))))
		}
	}
}

// inWriter panics where the second plaintext is written, inSealed with the second ciphertext.
type (
	inWriter struct{}
	inSealed struct{}
	bug      struct{}
)

func (inWriter) Room(n int) []byte { return make([]byte, n) }

func (inWriter) Plaintext(i int) session.Plaintext {
	if i == 1 {
		return session.Plaintext{Size: 1, Writer: bug{}}
	}
	return session.Plaintext{Bytes: []byte("text")}
}

func (inWriter) Sealed(int, session.Ciphertext) error { return nil }

func (inSealed) Room(n int) []byte { return make([]byte, n) }

func (inSealed) Plaintext(int) session.Plaintext { return session.Plaintext{Bytes: []byte("text")} }

func (inSealed) Sealed(i int, _ session.Ciphertext) error {
	if i == 1 {
		panic("a bug")
	}
	return nil
}

func (bug) WritePlaintext([]byte) error { panic("a bug") }
