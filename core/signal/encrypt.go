package signal

import (
	"libcallkey/core/session"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

// CanEncrypt returns the error that Encrypt would.
func CanEncrypt(tx *store.Tx, d Device) error {
	r, err := loadSession(tx, d)
	if err != nil {
		return err
	}
	defer r.Release()
	trusted, err := loadIdentity(tx, d)
	if err != nil {
		return err
	}
	return r.CanSeal(trusted, tx.Now())
}

// Encrypt seals a plaintext for a device of Within and stages the advanced session.
// Errors: NO_SESSION, UNTRUSTED_IDENTITY, STORE, STORE_CORRUPT, and the Writer's.
func Encrypt(tx *store.Tx, d Device, p session.Plaintext) (c session.Ciphertext, err error) {
	w, err := loadWarm(tx, d)
	if err != nil {
		return c, err
	}
	defer w.wipe()
	next, c, err := w.row.Seal(p, w.kept.trusted)
	if err != nil {
		return c, w.refused(tx, err)
	}
	w.stage(tx, next)
	return c, nil
}

// Messages are those that EncryptEach makes. Its methods are called at most once for a device, and on
// several threads.
type Messages interface {
	session.Memory
	// Plaintext returns that for device i.
	Plaintext(i int) session.Plaintext
	// Sealed takes the ciphertext for device i. After an error, which is the device's, nothing is staged
	// for it.
	Sealed(i int, c session.Ciphertext) error
}

// EncryptEach is Encrypt for every device once, up to store.Batch of them in one secret.Do. The
// statuses, refused and the error are those of Each.
func EncryptEach(tx *store.Tx, devices []Device, refused []status.Code, m Messages) ([]status.Code, error) {
	return newBatch(devices, refused).encryptAll(tx, m)
}

// BeginAndEncryptEach is EncryptEach, and before it BeginEach for those devices that have a bundle: bundles[i],
// which Check accepted, is the one of devices[i], or nil. For a device that fails, of either, nothing is staged.
func BeginAndEncryptEach(tx *store.Tx, devices []Device, refused []status.Code, bundles []*session.Bundle, m Messages) ([]status.Code, error) {
	begins, err := beginAll(tx, bundles)
	if err != nil {
		return nil, err
	}
	defer begins.Wipe()
	all := newBatch(devices, refused)
	all.begins = &begins
	return all.encryptAll(tx, m)
}

// encryptAll is for all devices of a call.
func (b batch) encryptAll(tx *store.Tx, m Messages) ([]status.Code, error) {
	if len(b.devices) <= store.Batch {
		return b.codes, b.encrypt(tx, m)
	}
	return b.codes, b.cut(tx, func(part *store.Tx, b batch) error { return b.encrypt(part, m) })
}

func (b batch) encrypt(tx *store.Tx, m Messages) error {
	if len(b.devices) == 1 { // with little memory to clear
		var w [1]warm
		var s [1]session.Sealing
		return b.encryptIn(tx, m, w[:0], s[:0])
	}
	var w [store.Batch]warm
	var s [store.Batch]session.Sealing
	return b.encryptIn(tx, m, w[:0], s[:0])
}

// encryptIn takes or reads all sessions, seals in all of them, and stages all; w and s are memory for
// it. A device that fails stages nothing, and what was made for it is wiped.
func (b batch) encryptIn(tx *store.Tx, m Messages, w []warm, s []session.Sealing) (failed error) {
	defer func() { // also after a panic
		for i := range w {
			w[i].wipe()
		}
		for i := range s {
			s[i].Next.Wipe()
		}
	}()
	now := tx.Now()
	var places [store.Batch]int // in the batch, of w
	for i, d := range b.devices {
		if b.codes[i] == status.OK {
			places[len(w)] = i
			one := newWarm(d, now)
			one.begun, one.identity = b.begins.of(b.first + i)
			w = append(w, one)
		}
	}
	if err := takeEach(tx, w); err != nil {
		return err
	}
	var of [store.Batch]int // the session in w, of s
	for n := range w {
		if w[n].kept == nil {
			if err := w[n].read(tx); err != nil {
				b.note(places[n], err, &failed)
				continue
			}
		}
		of[len(s)] = n
		s = append(s, session.Sealing{Row: w[n].row, Trusted: w[n].kept.trusted, Plaintext: m.Plaintext(b.first + places[n])})
	}
	session.SealAll(s, m)
	for n := range s {
		one, i := &w[of[n]], places[of[n]]
		err := s[n].Err
		if err != nil {
			err = one.refused(tx, err)
		} else if err = m.Sealed(b.first+i, s[n].Ciphertext); err == nil {
			one.stage(tx, s[n].Next)
			s[n].Next = session.Rows{} // the transaction has them
		}
		b.note(i, err, &failed)
	}
	return failed
}

// takeEach takes what the store keeps of at most store.Batch devices, and reads the rows of the others
// ahead. Those of a session that begins are read. Errors: STORE, STORE_CORRUPT.
func takeEach(tx *store.Tx, w []warm) error {
	var names [store.Batch]string
	var values [store.Batch]store.Value
	var of [store.Batch]*warm
	n := 0
	for i := range w {
		if w[i].begun == nil {
			names[n], of[n] = string(w[i].device), &w[i]
			n++
		}
	}
	tx.TakeEach(names[:n], values[:n])
	unread := names[:0]
	for i, one := range of[:n] {
		if !one.take(values[i]) {
			unread = append(unread, string(one.device))
		}
	}
	for i := range w {
		if w[i].begun != nil {
			unread = append(unread, string(w[i].device))
		}
	}
	return fetch(tx, unread)
}
