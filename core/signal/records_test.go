package signal

import (
	"bytes"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"libcallkey/core/status"
)

// rewritten is a protobuf message in which the fields at a path have become others. A path goes
// through sub-messages. change is given a field as it is, its tag included.
func rewritten(t *testing.T, b []byte, path []protowire.Number, change func(raw []byte) []byte) (out []byte) {
	t.Helper()
	met := false
	for len(b) > 0 {
		number, kind, n := protowire.ConsumeTag(b)
		m := protowire.ConsumeFieldValue(number, kind, b[max(n, 0):])
		if n < 0 || m < 0 {
			t.Fatal("what is to be rewritten does not parse")
		}
		raw := b[:n+m]
		b = b[n+m:]
		switch {
		case number != path[0]:
			out = append(out, raw...)
		case len(path) == 1:
			met = true
			out = append(out, change(raw)...)
		default:
			met = true
			inner, _ := protowire.ConsumeBytes(raw[n:])
			out = protowire.AppendTag(out, number, kind)
			out = protowire.AppendBytes(out, rewritten(t, inner, path[1:], change))
		}
	}
	if !met {
		t.Fatalf("there is no field %v", path)
	}
	return out
}

// What can be done to a field.
func gone([]byte) []byte { return nil }

func withNumber(n protowire.Number, v uint64) func([]byte) []byte {
	return func([]byte) []byte {
		return protowire.AppendVarint(protowire.AppendTag(nil, n, protowire.VarintType), v)
	}
}

func filledWith(n protowire.Number, v []byte) func([]byte) []byte {
	return func([]byte) []byte { return protowire.AppendBytes(protowire.AppendTag(nil, n, protowire.BytesType), v) }
}

func followedBy(more func([]byte) []byte) func([]byte) []byte {
	return func(raw []byte) []byte { return append(bytes.Clone(raw), more(raw)...) }
}

// A record of another client, or one that was damaged on its way, must be refused for what is
// wrong with it: a session with a key of zeros would seal with keys that everybody can compute.
func TestRefusedRecords(t *testing.T) {
	a, b := twoDevices(t)
	late, err := b.seal("late")
	if err != nil {
		t.Fatal(err)
	}
	passes(t, b, a)
	bundle := b.bundle(t)
	if err := Begin(a.store, a.peer, &bundle); err != nil { // the first session is archived
		t.Fatal(err)
	}
	good, err := Export(a.store, a.peer)
	if err != nil {
		t.Fatal(err)
	}
	zeros := make([]byte, 32)
	zeroKey := append([]byte{5}, zeros...)
	at := func(path ...protowire.Number) []protowire.Number {
		return append([]protowire.Number{recordCurrent}, path...)
	}
	old := func(path ...protowire.Number) []protowire.Number {
		return append([]protowire.Number{recordPrevious}, path...)
	}
	const unknown = 60
	for name, c := range map[string]struct {
		path   []protowire.Number
		change func([]byte) []byte
		want   status.Code
	}{
		"as it is":                         {at(), func(raw []byte) []byte { return raw }, status.OK},
		"an empty slot":                    {at(), followedBy(filledWith(recordPrevious, nil)), status.OK},
		"no session at all":                {at(), gone, status.OK}, // the archived one is left
		"a number as a session":            {at(), withNumber(recordCurrent, 1), status.Malformed},
		"a field beside the sessions":      {at(), followedBy(withNumber(3, 1)), status.Unsupported},
		"another version":                  {at(sessionVersion), withNumber(sessionVersion, 4), status.Unsupported},
		"an older version":                 {at(sessionVersion), withNumber(sessionVersion, 2), status.Unsupported},
		"no version":                       {at(sessionVersion), gone, status.Unsupported},
		"an archived one's version":        {old(sessionVersion), withNumber(sessionVersion, 4), status.Unsupported},
		"an unknown field":                 {at(sessionVersion), followedBy(withNumber(unknown, 1)), status.Unsupported},
		"a handshake of the past":          {at(sessionVersion), followedBy(filledWith(sessionPendingExchange, nil)), status.OK},
		"no own identity":                  {at(sessionLocalIdentity), gone, status.Malformed},
		"no peer's identity":               {at(sessionRemoteIdentity), gone, status.Malformed},
		"an identity of zeros":             {at(sessionRemoteIdentity), filledWith(sessionRemoteIdentity, zeroKey), status.Malformed},
		"a short identity":                 {at(sessionRemoteIdentity), filledWith(sessionRemoteIdentity, zeroKey[:32]), status.Malformed},
		"an identity of another type":      {at(sessionRemoteIdentity), filledWith(sessionRemoteIdentity, append([]byte{6}, bytes.Repeat([]byte{9}, 32)...)), status.Malformed},
		"no root key":                      {at(sessionRoot), gone, status.Malformed},
		"a root key of zeros":              {at(sessionRoot), filledWith(sessionRoot, zeros), status.Malformed},
		"a short root key":                 {at(sessionRoot), filledWith(sessionRoot, bytes.Repeat([]byte{1}, 31)), status.Malformed},
		"a long root key":                  {at(sessionRoot), filledWith(sessionRoot, bytes.Repeat([]byte{1}, 33)), status.Malformed},
		"a root key that is a number":      {at(sessionRoot), withNumber(sessionRoot, 1), status.Malformed},
		"a counter over 32 bits":           {at(sessionPreviousCounter), withNumber(sessionPreviousCounter, 1<<32), status.Malformed},
		"a counter that is text":           {at(sessionPreviousCounter), filledWith(sessionPreviousCounter, zeros), status.Malformed},
		"the largest counter":              {at(sessionPreviousCounter), withNumber(sessionPreviousCounter, 1<<32-1), status.OK},
		"no sending chain":                 {at(sessionSender), gone, status.Malformed},
		"a sending chain that is a number": {at(sessionSender), withNumber(sessionSender, 1), status.Malformed},
		"an unknown field of it":           {at(sessionSender, chainRatchet), followedBy(withNumber(unknown, 1)), status.Unsupported},
		"skipped keys in it":               {at(sessionSender, chainRatchet), followedBy(filledWith(chainMessageKeys, zeros)), status.OK},
		"no ratchet key":                   {at(sessionSender, chainRatchet), gone, status.Malformed},
		"no private ratchet key":           {at(sessionSender, chainPrivate), gone, status.Malformed},
		"a private ratchet key of zeros":   {at(sessionSender, chainPrivate), filledWith(chainPrivate, zeros), status.Malformed},
		"another private ratchet key":      {at(sessionSender, chainPrivate), filledWith(chainPrivate, bytes.Repeat([]byte{8}, 32)), status.Malformed},
		"no sending chain key":             {at(sessionSender, chainKeyField), gone, status.Malformed},
		"a sending chain key of zeros":     {at(sessionSender, chainKeyField, chainKeyKey), filledWith(chainKeyKey, zeros), status.Malformed},
		"a chain key that is a number":     {at(sessionSender, chainKeyField), withNumber(chainKeyField, 1), status.Malformed},
		"an unknown field of a chain key":  {at(sessionSender, chainKeyField, chainKeyKey), followedBy(withNumber(unknown, 1)), status.Unsupported},
		"a chain's number over 32 bits":    {at(sessionSender, chainKeyField, chainKeyIndex), withNumber(chainKeyIndex, 1<<32), status.Malformed},
		"a receiving chain as a number":    {old(sessionReceiver), withNumber(sessionReceiver, 1), status.Malformed},
		"a receiving chain without a key":  {old(sessionReceiver, chainKeyField), gone, status.Malformed},
		"one of zeros":                     {old(sessionReceiver, chainKeyField, chainKeyKey), filledWith(chainKeyKey, zeros), status.Malformed},
		"one without a ratchet key":        {old(sessionReceiver, chainRatchet), gone, status.Malformed},
		"one with a private key":           {old(sessionReceiver, chainRatchet), followedBy(filledWith(chainPrivate, zeros)), status.OK},
		"an unknown field of one":          {old(sessionReceiver, chainRatchet), followedBy(withNumber(unknown, 1)), status.Unsupported},
		"skipped keys as a number":         {old(sessionReceiver, chainRatchet), followedBy(withNumber(chainMessageKeys, 1)), status.Malformed},
		"an unknown field of them":         {old(sessionReceiver, chainRatchet), followedBy(filledWith(chainMessageKeys, withNumber(unknown, 1)(nil))), status.Unsupported},
		"skipped keys without keys":        {old(sessionReceiver, chainRatchet), followedBy(filledWith(chainMessageKeys, withNumber(messageKeysIndex, 1)(nil))), status.Malformed},
		"a pending prekey as a number":     {at(sessionPendingPrekey), withNumber(sessionPendingPrekey, 1), status.Malformed},
		"an unknown field of it, too":      {at(sessionPendingPrekey, pendingSignedPrekey), followedBy(withNumber(unknown, 1)), status.Unsupported},
		"a signed prekey over 32 bits":     {at(sessionPendingPrekey, pendingSignedPrekey), withNumber(pendingSignedPrekey, 1<<32), status.Malformed},
		"a base key that is short":         {at(sessionBaseKey), filledWith(sessionBaseKey, zeroKey[:32]), status.Malformed},
		"a registration id over 32 bits":   {at(sessionRemoteRegistration), withNumber(sessionRemoteRegistration, 1<<32), status.Malformed},
		"an own one over 32 bits":          {at(sessionLocalRegistration), withNumber(sessionLocalRegistration, 1<<32), status.Malformed},
		"a refresh that is text":           {at(sessionVersion), followedBy(filledWith(sessionNeedsRefresh, zeros)), status.Malformed},
	} {
		to := newOurs(t)
		before := to.dump(t)
		err := Import(to.store, to.peer, rewritten(t, good, c.path, c.change))
		if status.Of(err) != c.want {
			t.Errorf("%s: %v (%s), want %s", name, err, status.Of(err).Name(), c.want.Name())
		}
		if c.want != status.OK && !bytes.Equal(before, to.dump(t)) {
			t.Errorf("%s: the refused record changed the store", name)
		}
		if c.want == status.OK {
			if plaintext, err := to.open(late); err != nil || plaintext != "late" {
				t.Errorf("%s: the late message opens to %q, %v", name, plaintext, err)
			}
		}
	}
	to := newOurs(t)
	for name, record := range map[string][]byte{
		"nothing": nil, "an empty slot": filledWith(recordPrevious, nil)(nil), "half": good[:len(good)/2], "a tag": {0xff},
		"one over 4 MiB": filledWith(recordPrevious, make([]byte, 4<<20))(nil), "JSON over 4 MiB": []byte("{" + strings.Repeat(" ", 4<<20) + "}"),
	} {
		if err := Import(to.store, to.peer, record); status.Of(err) != status.Malformed {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A record with more archived sessions than are kept keeps the newest.
func TestArchiveOfAnImportedRecord(t *testing.T) {
	a, b := twoDevices(t)
	late, err := b.seal("late")
	if err != nil {
		t.Fatal(err)
	}
	first := a.record(t).current
	for name, place := range map[string]int{"the last that is kept": 39, "one too many": 40} {
		other := func(i byte) *state {
			s := first.clone()
			s.baseKey[7], s.receivers = first.baseKey[7]^(i+1), nil // another handshake, without what would open it
			return s
		}
		r := &record{current: other(99)}
		for i := range 45 {
			s := other(byte(i))
			if i == place {
				s = first.clone()
			}
			r.archived = append(r.archived, s)
		}
		for form, encoded := range map[string][]byte{"protobuf": r.encode(nil), "JSON": asJSON(t, r.encode(nil))} {
			to := newOurs(t)
			if err := Import(to.store, to.peer, encoded); err != nil {
				t.Fatalf("%s, %s: %v", name, form, err)
			}
			if n := len(to.record(t).archived); n != 40 {
				t.Errorf("%s, %s: %d archived sessions are kept", name, form, n)
			}
			if _, err := to.open(late); (err == nil) != (place < 40) {
				t.Errorf("%s, %s: its message opens: %v", name, form, err)
			}
		}
	}
}

// A message of another protocol version must not be mistaken for a damaged one.
func TestMessagesAtTheirBounds(t *testing.T) {
	a, _ := twoDevices(t)
	c, err := a.seal("message")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parseMessage(make([]byte, 64<<10+1)); status.Of(err) != status.Malformed || !strings.Contains(err.Error(), "64 KiB") {
		t.Errorf("a message over 64 KiB: %v", err)
	}
	if _, err := parsePrekeyMessage(make([]byte, 64<<10+1)); status.Of(err) != status.Malformed || !strings.Contains(err.Error(), "64 KiB") {
		t.Errorf("a prekey message over 64 KiB: %v", err)
	}
	counter := func(v uint64) error {
		covered := c.Bytes[1 : len(c.Bytes)-macBytes]
		b := append([]byte{c.Bytes[0]}, rewritten(t, covered, []protowire.Number{messageCounter}, withNumber(messageCounter, v))...)
		_, err := parseMessage(append(b, make([]byte, macBytes)...))
		return err
	}
	for v, want := range map[uint64]status.Code{1<<32 - 2: status.OK, 1<<32 - 1: status.Malformed, 1 << 32: status.Malformed} {
		if err := counter(v); status.Of(err) != want {
			t.Errorf("counter %d: %v", v, err)
		}
	}
}
