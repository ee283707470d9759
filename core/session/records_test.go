package session

import (
	"bytes"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"libcallkey/core/session/sessiontest"
	"libcallkey/core/status"
)

// A record of another client, or one that was damaged on its way, must be refused for what is
// wrong with it: a session with a key of zeros would seal with keys that everybody can compute.
func TestRefusedRecords(t *testing.T) {
	a, b := twoAlone(t)
	late, err := b.seal("late")
	if err != nil {
		t.Fatal(err)
	}
	passes(t, b, a)
	if err := a.begin(b.bundle()); err != nil { // the first session is archived
		t.Fatal(err)
	}
	good := a.record
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
		"an empty slot":                    {at(), sessiontest.FollowedBy(sessiontest.FilledWith(recordPrevious, nil)), status.OK},
		"no session at all":                {at(), sessiontest.Gone, status.OK}, // the archived one is left
		"a number as a session":            {at(), sessiontest.WithNumber(recordCurrent, 1), status.Malformed},
		"a field beside the sessions":      {at(), sessiontest.FollowedBy(sessiontest.WithNumber(3, 1)), status.Unsupported},
		"another version":                  {at(sessionVersion), sessiontest.WithNumber(sessionVersion, 4), status.Unsupported},
		"an older version":                 {at(sessionVersion), sessiontest.WithNumber(sessionVersion, 2), status.Unsupported},
		"no version":                       {at(sessionVersion), sessiontest.Gone, status.Unsupported},
		"an archived one's version":        {old(sessionVersion), sessiontest.WithNumber(sessionVersion, 4), status.Unsupported},
		"an unknown field":                 {at(sessionVersion), sessiontest.FollowedBy(sessiontest.WithNumber(unknown, 1)), status.Unsupported},
		"a handshake of the past":          {at(sessionVersion), sessiontest.FollowedBy(sessiontest.FilledWith(sessionPendingExchange, nil)), status.OK},
		"no own identity":                  {at(sessionLocalIdentity), sessiontest.Gone, status.Malformed},
		"no peer's identity":               {at(sessionRemoteIdentity), sessiontest.Gone, status.Malformed},
		"an identity of zeros":             {at(sessionRemoteIdentity), sessiontest.FilledWith(sessionRemoteIdentity, zeroKey), status.Malformed},
		"a short identity":                 {at(sessionRemoteIdentity), sessiontest.FilledWith(sessionRemoteIdentity, zeroKey[:32]), status.Malformed},
		"an identity of another type":      {at(sessionRemoteIdentity), sessiontest.FilledWith(sessionRemoteIdentity, append([]byte{6}, bytes.Repeat([]byte{9}, 32)...)), status.Malformed},
		"no root key":                      {at(sessionRoot), sessiontest.Gone, status.Malformed},
		"a root key of zeros":              {at(sessionRoot), sessiontest.FilledWith(sessionRoot, zeros), status.Malformed},
		"a short root key":                 {at(sessionRoot), sessiontest.FilledWith(sessionRoot, bytes.Repeat([]byte{1}, 31)), status.Malformed},
		"a long root key":                  {at(sessionRoot), sessiontest.FilledWith(sessionRoot, bytes.Repeat([]byte{1}, 33)), status.Malformed},
		"a root key that is a number":      {at(sessionRoot), sessiontest.WithNumber(sessionRoot, 1), status.Malformed},
		"a counter over 32 bits":           {at(sessionPreviousCounter), sessiontest.WithNumber(sessionPreviousCounter, 1<<32), status.Malformed},
		"a counter that is text":           {at(sessionPreviousCounter), sessiontest.FilledWith(sessionPreviousCounter, zeros), status.Malformed},
		"the largest counter":              {at(sessionPreviousCounter), sessiontest.WithNumber(sessionPreviousCounter, 1<<32-1), status.OK},
		"no sending chain":                 {at(sessionSender), sessiontest.Gone, status.Malformed},
		"a sending chain that is a number": {at(sessionSender), sessiontest.WithNumber(sessionSender, 1), status.Malformed},
		"an unknown field of it":           {at(sessionSender, chainRatchet), sessiontest.FollowedBy(sessiontest.WithNumber(unknown, 1)), status.Unsupported},
		"skipped keys in it":               {at(sessionSender, chainRatchet), sessiontest.FollowedBy(sessiontest.FilledWith(chainMessageKeys, zeros)), status.OK},
		"no ratchet key":                   {at(sessionSender, chainRatchet), sessiontest.Gone, status.Malformed},
		"no private ratchet key":           {at(sessionSender, chainPrivate), sessiontest.Gone, status.Malformed},
		"a private ratchet key of zeros":   {at(sessionSender, chainPrivate), sessiontest.FilledWith(chainPrivate, zeros), status.Malformed},
		"another private ratchet key":      {at(sessionSender, chainPrivate), sessiontest.FilledWith(chainPrivate, bytes.Repeat([]byte{8}, 32)), status.Malformed},
		"no sending chain key":             {at(sessionSender, chainKeyField), sessiontest.Gone, status.Malformed},
		"a sending chain key of zeros":     {at(sessionSender, chainKeyField, chainKeyKey), sessiontest.FilledWith(chainKeyKey, zeros), status.Malformed},
		"a chain key that is a number":     {at(sessionSender, chainKeyField), sessiontest.WithNumber(chainKeyField, 1), status.Malformed},
		"an unknown field of a chain key":  {at(sessionSender, chainKeyField, chainKeyKey), sessiontest.FollowedBy(sessiontest.WithNumber(unknown, 1)), status.Unsupported},
		"a chain's number over 32 bits":    {at(sessionSender, chainKeyField, chainKeyIndex), sessiontest.WithNumber(chainKeyIndex, 1<<32), status.Malformed},
		"a receiving chain as a number":    {old(sessionReceiver), sessiontest.WithNumber(sessionReceiver, 1), status.Malformed},
		"a receiving chain without a key":  {old(sessionReceiver, chainKeyField), sessiontest.Gone, status.Malformed},
		"one of zeros":                     {old(sessionReceiver, chainKeyField, chainKeyKey), sessiontest.FilledWith(chainKeyKey, zeros), status.Malformed},
		"one without a ratchet key":        {old(sessionReceiver, chainRatchet), sessiontest.Gone, status.Malformed},
		"one with a private key":           {old(sessionReceiver, chainRatchet), sessiontest.FollowedBy(sessiontest.FilledWith(chainPrivate, zeros)), status.OK},
		"an unknown field of one":          {old(sessionReceiver, chainRatchet), sessiontest.FollowedBy(sessiontest.WithNumber(unknown, 1)), status.Unsupported},
		"skipped keys as a number":         {old(sessionReceiver, chainRatchet), sessiontest.FollowedBy(sessiontest.WithNumber(chainMessageKeys, 1)), status.Malformed},
		"an unknown field of them":         {old(sessionReceiver, chainRatchet), sessiontest.FollowedBy(sessiontest.FilledWith(chainMessageKeys, sessiontest.WithNumber(unknown, 1)(nil))), status.Unsupported},
		"skipped keys without keys":        {old(sessionReceiver, chainRatchet), sessiontest.FollowedBy(sessiontest.FilledWith(chainMessageKeys, sessiontest.WithNumber(messageKeysIndex, 1)(nil))), status.Malformed},
		"a pending prekey as a number":     {at(sessionPendingPrekey), sessiontest.WithNumber(sessionPendingPrekey, 1), status.Malformed},
		"an unknown field of it, too":      {at(sessionPendingPrekey, pendingSignedPrekey), sessiontest.FollowedBy(sessiontest.WithNumber(unknown, 1)), status.Unsupported},
		"a signed prekey over 32 bits":     {at(sessionPendingPrekey, pendingSignedPrekey), sessiontest.WithNumber(pendingSignedPrekey, 1<<32), status.Malformed},
		"a base key that is short":         {at(sessionBaseKey), sessiontest.FilledWith(sessionBaseKey, zeroKey[:32]), status.Malformed},
		"a registration id over 32 bits":   {at(sessionRemoteRegistration), sessiontest.WithNumber(sessionRemoteRegistration, 1<<32), status.Malformed},
		"an own one over 32 bits":          {at(sessionLocalRegistration), sessiontest.WithNumber(sessionLocalRegistration, 1<<32), status.Malformed},
		"a refresh that is text":           {at(sessionVersion), sessiontest.FollowedBy(sessiontest.FilledWith(sessionNeedsRefresh, zeros)), status.Malformed},
	} {
		to := newAlone(t)
		err := to.take(sessiontest.Rewritten(t, good, c.path, c.change))
		if status.Of(err) != c.want {
			t.Errorf("%s: %v (%s), want %s", name, err, status.Of(err).Name(), c.want.Name())
		}
		if c.want == status.OK {
			if plaintext, err := to.open(late); err != nil || plaintext != "late" {
				t.Errorf("%s: the late message opens to %q, %v", name, plaintext, err)
			}
		}
	}
	to := newAlone(t)
	for name, record := range map[string][]byte{
		"nothing": nil, "an empty slot": sessiontest.FilledWith(recordPrevious, nil)(nil), "half": good[:len(good)/2], "a tag": {0xff},
		"one over 4 MiB": sessiontest.FilledWith(recordPrevious, make([]byte, 4<<20))(nil),
	} {
		if err := to.take(record); status.Of(err) != status.Malformed {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A record with more archived sessions than are kept keeps the newest.
func TestArchiveOfAnImportedRecord(t *testing.T) {
	a, b := twoAlone(t)
	late, err := b.seal("late")
	if err != nil {
		t.Fatal(err)
	}
	first := a.decoded(t).current
	for name, place := range map[string]int{"the last that is kept": 39, "one too many": 40} {
		other := func(i byte) *state {
			s := first.clone(nil)
			s.baseKey[7], s.receivers = first.baseKey[7]^(i+1), nil // another handshake, without what would open it
			return s
		}
		r := &Record{current: other(99)}
		for i := range 45 {
			s := other(byte(i))
			if i == place {
				s = first.clone(nil)
			}
			r.archived = append(r.archived, s)
		}
		for form, encoded := range forms(t, r) {
			to := newAlone(t)
			if err := to.take(encoded); err != nil {
				t.Fatalf("%s, %s: %v", name, form, err)
			}
			if n := len(to.decoded(t).archived); n != 40 {
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
	a, _ := twoAlone(t)
	c, err := a.seal("message")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Parse(false, make([]byte, MaxPlaintextBytes+OverheadMaxBytes+1)); status.Of(err) != status.Malformed || !strings.Contains(err.Error(), "16 MiB") {
		t.Errorf("a message over 16 MiB: %v", err)
	}
	if _, err := Parse(true, make([]byte, MaxPlaintextBytes+OverheadMaxBytes+1)); status.Of(err) != status.Malformed || !strings.Contains(err.Error(), "16 MiB") {
		t.Errorf("a prekey message over 16 MiB: %v", err)
	}
	counter := func(v uint64) error {
		covered := c.Bytes[1 : len(c.Bytes)-macBytes]
		b := append([]byte{c.Bytes[0]}, sessiontest.Rewritten(t, covered, []protowire.Number{messageCounter}, sessiontest.WithNumber(messageCounter, v))...)
		_, err := Parse(false, append(b, make([]byte, macBytes)...))
		return err
	}
	for v, want := range map[uint64]status.Code{1<<32 - 2: status.OK, 1<<32 - 1: status.Malformed, 1 << 32: status.Malformed} {
		if err := counter(v); status.Of(err) != want {
			t.Errorf("counter %d: %v", v, err)
		}
	}
}

// If this failed, a state of a record would be overwritten by the next one, and its messages be lost.
func TestARecordsOwnMemoryIsNotUsedTwice(t *testing.T) {
	a, b := twoAlone(t)
	var messages []Ciphertext
	for range 3 {
		messages = append(messages, b.sealed(t, "message"))
	}
	r := a.decoded(t)
	for i, c := range messages {
		in, err := Parse(c.Prekey, c.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		left := MessageBudget
		was := r.current
		if _, err := r.Open(in, a.trusted, &left, System); err != nil {
			t.Fatalf("message %d: %v", i, err)
		}
		if r.current == was || r.current != &r.own[0] && r.current != &r.own[1] {
			t.Errorf("message %d has a state elsewhere", i)
		}
	}
	if err := r.Begin(&a.own, b.bundle(), noon, System); err != nil { // archives the state that was current
		t.Fatal(err)
	}
	if r.room() != nil || r.current == r.archived[0] {
		t.Error("memory in use is free")
	}
	if err := r.Begin(&a.own, b.bundle(), noon, System); err != nil { // which finds no room
		t.Fatal(err)
	}
	if len(r.archived) != 2 || r.current == &r.own[0] || r.current == &r.own[1] {
		t.Error("an archived state was overwritten")
	}
}
