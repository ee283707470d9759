package signal

import (
	"crypto/sha256"
	"slices"

	"libcallkey/core/protobuf"
	"libcallkey/core/secret"
	"libcallkey/core/session"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

// With Options.KeepOpened a store keeps opened messages until the app confirms them: an app that
// dies between our commit and its own would lose the plaintext, because a message opens only
// once. The newest are kept, in one record; a dropped one is DUPLICATE, as without the option.
const (
	// MaxKept is the limit of kept messages, MaxKeptBytes that of the plaintexts of all but
	// the newest. Beyond either the oldest is dropped, the newest never.
	MaxKept      = 256
	MaxKeptBytes = session.MaxPlaintextBytes

	keptName = "opened"
	keptLock = "opened"

	keptEntry     = 1
	keptSum       = 1
	keptDevice    = 2
	keptPlaintext = 3
	keptContent   = 4 // 0 is not written: earlier libraries kept only keys
)

// keptMessage is one opened message.
type keptMessage struct {
	sum       [sha256.Size]byte // of the ciphertext
	device    Device
	plaintext []byte
	content   content
}

// keptMessages are all kept messages of a store, oldest first. The plaintexts are parts
// of the record.
type keptMessages struct {
	encoded []byte
	list    []keptMessage
}

func loadKept(tx *store.Tx) (k keptMessages, err error) {
	if k.encoded, err = tx.Get(store.Opened, keptName); err != nil {
		return k, err
	}
	err = erasing(func() error {
		return protobuf.Fields(k.encoded, func(f protobuf.Field) error {
			var body []byte
			if f.Number != keptEntry || f.Bytes(&body) != nil {
				return protobuf.Unknown("kept messages")
			}
			m, err := decodeKept(body)
			k.list = append(k.list, m)
			return err
		})
	})
	if err != nil {
		k.wipe()
		return k, storedError("kept messages", err)
	}
	return k, nil
}

func decodeKept(body []byte) (m keptMessage, err error) {
	err = protobuf.Fields(body, func(f protobuf.Field) (err error) {
		switch f.Number {
		case keptSum:
			err = f.Key(&m.sum)
		case keptDevice:
			var name []byte
			err = f.Bytes(&name)
			m.device = Device(name)
		case keptPlaintext:
			err = f.Bytes(&m.plaintext)
		case keptContent:
			var number uint32
			if err = f.Uint32(&number); number >= uint32(noContent) {
				err = protobuf.Unknown("kept message")
			}
			m.content = content(number)
		default:
			err = protobuf.Unknown("kept message")
		}
		return err
	})
	return m, err
}

func (k *keptMessages) wipe() {
	secret.Wipe(k.encoded)
	clear(k.list)
}

// find returns the index of a message that was opened as one from d, -1 if it is not
// kept.
func (k *keptMessages) find(d Device, ciphertext []byte) int {
	sum := sha256.Sum256(ciphertext)
	return slices.IndexFunc(k.list, func(m keptMessage) bool {
		return m.device == d && m.sum == sum // public: a hash of a message from the wire
	})
}

// moveKept moves a device's opened messages to another device.
func moveKept(tx *store.Tx, from, to Device) error {
	k, err := loadKept(tx)
	if err != nil {
		return err
	}
	defer k.wipe()
	moved := false
	for i := range k.list {
		if m := &k.list[i]; m.device == from {
			m.device, moved = to, true
		}
	}
	if moved {
		k.stage(tx)
	}
	return nil
}

// stage drops the messages beyond the limits and puts the rest into the transaction.
func (k *keptMessages) stage(tx *store.Tx) {
	size := 0
	for i := len(k.list) - 2; i >= 0; i-- {
		size += len(k.list[i].plaintext)
		if size > MaxKeptBytes || len(k.list)-i > MaxKept {
			k.list = k.list[i+1:]
			break
		}
	}
	if len(k.list) == 0 {
		tx.Delete(store.Opened, keptName)
		return
	}
	room := 0
	for _, m := range k.list {
		room += 64 + len(m.sum) + len(m.device) + len(m.plaintext)
	}
	e := protobuf.Encoder{B: make([]byte, 0, room)}
	secret.Do(func() {
		for _, m := range k.list {
			mark := e.Begin(keptEntry)
			e.Bytes(keptSum, m.sum[:])
			e.Bytes(keptDevice, []byte(m.device))
			e.Bytes(keptPlaintext, m.plaintext)
			if m.content != aKey {
				e.Number(keptContent, uint64(m.content))
			}
			e.End(mark)
		}
	})
	tx.Put(store.Opened, keptName, e.B)
}

// kept returns the plaintext of a message that was opened and is not yet done, nil if it is
// not kept. One that was opened for another content is DUPLICATE.
func (in *Incoming) kept(tx *store.Tx, d Device) ([]byte, error) {
	if !tx.Options().KeepOpened {
		return nil, nil
	}
	k, err := loadKept(tx)
	if err != nil {
		return nil, err
	}
	defer k.wipe()
	i := k.find(d, in.bytes)
	switch {
	case i < 0:
		return nil, nil
	case k.list[i].content != in.content:
		return nil, status.New(status.Duplicate, "message was opened before, as %s", k.list[i].content)
	}
	plaintext := make([]byte, len(k.list[i].plaintext))
	secret.Do(func() { copy(plaintext, k.list[i].plaintext) })
	return plaintext, nil
}

// keep records an opened message.
func (in *Incoming) keep(tx *store.Tx, d Device, plaintext []byte) error {
	if !tx.Options().KeepOpened {
		return nil
	}
	k, err := loadKept(tx)
	if err != nil {
		return err
	}
	defer k.wipe()
	k.list = append(k.list, keptMessage{sha256.Sum256(in.bytes), d, plaintext, in.content})
	k.stage(tx)
	return nil
}

// Done drops an opened message from a device: from now on it is DUPLICATE. It need not be kept.
// Errors: STORE, STORE_CORRUPT, UNSUPPORTED, BUSY.
func Done(s *store.Store, a Address, ciphertext []byte) error {
	return Within(s, []Address{a}, []string{keptLock}, func(tx *store.Tx, devices []Device) error {
		k, err := loadKept(tx)
		if err != nil {
			return err
		}
		defer k.wipe()
		i := k.find(devices[0], ciphertext)
		if i < 0 {
			return nil
		}
		k.list = slices.Delete(slices.Clone(k.list), i, i+1)
		k.stage(tx)
		return nil
	})
}
