package sessiontest

import (
	"testing"

	"libcallkey/core/protobuf"
)

// EachSecret calls each for the secrets of an encoded record, or of a row in which a store keeps a
// part of it, which it does not copy, and for those that follow from them at once.
func EachSecret(t testing.TB, encoded []byte, each func(name string, secret []byte)) {
	t.Helper()
	told := func(name string) func(f protobuf.Field) error {
		return func(f protobuf.Field) error {
			var secret []byte
			err := f.Bytes(&secret)
			each(name, secret)
			return err
		}
	}
	chain := func(name string, f protobuf.Field) error {
		var c ChainKey
		if err := c.read(f); err != nil {
			return err
		}
		each("the key of a "+name+" chain", c.Key[:])
		k := c.MessageKeys()
		each("the next message's keys of a "+name+" chain", k.Cipher[:])
		each("the next message's keys of a "+name+" chain", k.MAC[:])
		c, k = ChainKey{}, MessageKeys{}
		return nil
	}
	receiver := func(f protobuf.Field) error {
		switch f.Number {
		case 3:
			return chain("receiving", f)
		case 4:
			return f.Fields(func(f protobuf.Field) error {
				if f.Number == 2 || f.Number == 3 || f.Number == 5 {
					return told("the keys of a skipped message")(f)
				}
				return nil
			})
		}
		return nil
	}
	message(t, encoded, func(f protobuf.Field) error {
		switch f.Number {
		case 1, 2:
		case 1003: // of an archive row
			return f.Fields(receiver)
		default:
			return nil
		}
		return f.Fields(func(f protobuf.Field) error {
			switch f.Number {
			case 4:
				return told("a root key")(f)
			case 6:
				return f.Fields(func(f protobuf.Field) error {
					switch f.Number {
					case 2:
						return told("a ratchet key")(f)
					case 3:
						return chain("sending", f)
					}
					return nil
				})
			case 7:
				return f.Fields(receiver)
			}
			return nil
		})
	})
}
