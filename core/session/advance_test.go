package session_test

import (
	"bytes"
	"testing"

	"libcallkey/core/session"
	"libcallkey/core/status"
)

const now = 1_800_000_000

// party keeps its record and its keys itself.
type party struct {
	session.Keys
	private, prekey, signedPrekey [32]byte
	public                        [32]byte
	record                        []byte
}

func newParty(t *testing.T) *party {
	t.Helper()
	p := new(party)
	p.RegistrationID = session.GenerateAccount(&p.private, session.System)
	p.Private = &p.private
	own := p.account(t)
	p.public = own.Public
	own.Wipe()
	return p
}

func (p *party) account(t *testing.T) *session.Account {
	t.Helper()
	own, err := session.OpenAccount(p.RegistrationID, &p.private)
	if err != nil {
		t.Fatal(err)
	}
	return own
}

// publish makes a bundle with the one-time prekey of that id, 0 for none.
func (p *party) publish(t *testing.T, prekeyID uint32) *session.Bundle {
	t.Helper()
	own := p.account(t)
	defer own.Wipe()
	b := &session.Bundle{RegistrationID: p.RegistrationID, IdentityKey: own.Public, SignedPrekeyID: 7, PrekeyID: prekeyID}
	var err error
	if b.SignedPrekey, b.Signature, err = session.GenerateSignedPrekey(&p.signedPrekey, own, 7, session.System); err != nil {
		t.Fatal(err)
	}
	p.SignedPrekey = &p.signedPrekey
	if prekeyID != 0 {
		if b.Prekey, err = session.GeneratePrekey(&p.prekey, prekeyID, session.System); err != nil {
			t.Fatal(err)
		}
		p.Prekey = &p.prekey
	}
	return b
}

func (p *party) begin(t *testing.T, b *session.Bundle) {
	t.Helper()
	next, err := session.BeginRecord(p.record, &p.Keys, b, now, session.System)
	if err != nil {
		t.Fatal(err)
	}
	p.record, p.Identity = next, b.IdentityKey[:]
}

func (p *party) seal(t *testing.T, plaintext []byte) session.Ciphertext {
	t.Helper()
	next, c, err := session.SealRecord(p.record, &p.Keys, plaintext, now)
	if err != nil {
		t.Fatal(err)
	}
	p.record = next
	return c
}

// try opens a message and commits nothing.
func (p *party) try(c session.Ciphertext) (next, plaintext []byte, sender [32]byte, err error) {
	return session.OpenRecord(p.record, &p.Keys, c.Prekey, c.Bytes, now, session.System)
}

func (p *party) open(t *testing.T, c session.Ciphertext) []byte {
	t.Helper()
	next, plaintext, sender, err := p.try(c)
	if err != nil {
		t.Fatal(err)
	}
	p.record, p.Identity = next, sender[:]
	return plaintext
}

func begun(t *testing.T) (caller, callee *party) {
	t.Helper()
	caller, callee = newParty(t), newParty(t)
	caller.begin(t, callee.publish(t, 5))
	return caller, callee
}

func want(t *testing.T, err error, s status.Code) {
	t.Helper()
	if status.Of(err) != s {
		t.Errorf("%v, not %v", err, s)
	}
}

// If this failed, two programs that keep their records themselves could not talk.
func TestBothDirections(t *testing.T) {
	caller, callee := begun(t)
	for i := range 20 {
		text := bytes.Repeat([]byte{byte(i)}, i*7)
		if got := callee.open(t, caller.seal(t, text)); !bytes.Equal(got, text) {
			t.Fatalf("message %d opened as %x", i, got)
		}
		if got := caller.open(t, callee.seal(t, text)); !bytes.Equal(got, text) {
			t.Fatalf("answer %d opened as %x", i, got)
		}
	}
	if !bytes.Equal(callee.Identity, caller.public[:]) {
		t.Error("the callee was told another identity than the caller's")
	}
	if caller.seal(t, nil).Prekey {
		t.Error("an answered session still seals prekey messages")
	}
}

// If this failed, a call that lacks a key would work with another one, or fail for a wrong reason.
func TestKeysThatAreNotGiven(t *testing.T) {
	caller, callee := begun(t)
	b := newParty(t).publish(t, 0)
	_, err := session.BeginRecord(nil, &session.Keys{}, b, now, session.System)
	want(t, err, status.NoIdentity)
	_, err = session.BeginRecord(nil, &session.Keys{Private: &caller.private, Identity: callee.public[:]}, b, now, session.System)
	want(t, err, status.UntrustedIdentity)
	_, err = session.BeginRecord(nil, &session.Keys{Private: new([32]byte)}, b, now, session.System)
	want(t, err, status.InvalidKey)

	_, _, err = session.SealRecord(nil, &caller.Keys, nil, now)
	want(t, err, status.NoSession)
	_, _, err = session.SealRecord(caller.record, &session.Keys{}, nil, now)
	want(t, err, status.UntrustedIdentity)
	_, _, err = session.SealRecord(caller.record, &session.Keys{Identity: caller.public[:]}, nil, now)
	want(t, err, status.UntrustedIdentity)
	_, _, err = session.SealRecord(caller.record, &caller.Keys, make([]byte, session.MaxPlaintextBytes+1), now)
	want(t, err, status.Argument)
	_, _, err = session.SealRecord(caller.record, &caller.Keys, nil, now+31*24*3600)
	want(t, err, status.NoSession)

	first := caller.seal(t, []byte("first"))
	all := callee.Keys
	for _, lacks := range []struct {
		what string
		take func()
		want status.Code
	}{
		{"account", func() { callee.Private = nil }, status.NoIdentity},
		{"signed prekey", func() { callee.SignedPrekey = nil }, status.NoPrekey},
		{"one-time prekey", func() { callee.Prekey = nil }, status.NoPrekey},
		{"wiped account", func() { callee.Private = new([32]byte) }, status.InvalidKey},
		{"wiped signed prekey", func() { callee.SignedPrekey = new([32]byte) }, status.InvalidKey},
		{"wiped one-time prekey", func() { callee.Prekey = new([32]byte) }, status.InvalidKey},
		{"swapped prekeys", func() { callee.Prekey, callee.SignedPrekey = callee.SignedPrekey, callee.Prekey }, status.Authentication},
		{"another account", func() { callee.Private = &caller.private }, status.Authentication},
		{"another identity", func() { callee.Identity = callee.public[:] }, status.UntrustedIdentity},
	} {
		callee.Keys = all
		lacks.take()
		if _, _, _, err := callee.try(first); status.Of(err) != lacks.want {
			t.Errorf("%s: %v, not %v", lacks.what, err, lacks.want)
		}
	}
	callee.Keys = all
	callee.open(t, first)

	// The session is there: no prekey is needed any more, and a plain message needs the identity.
	callee.Keys = session.Keys{Identity: callee.Identity}
	callee.open(t, caller.seal(t, []byte("second")))
	answer := callee.seal(t, []byte("answer"))
	caller.Keys = session.Keys{}
	_, _, _, err = caller.try(answer)
	want(t, err, status.UntrustedIdentity)
	caller.record = nil
	_, _, _, err = caller.try(answer)
	want(t, err, status.NoSession)
}

// If this failed, one message could be opened twice, or a failure would change a record.
func TestOpenedOnce(t *testing.T) {
	caller, callee := begun(t)
	first := caller.seal(t, []byte("first"))
	callee.open(t, first)
	before := bytes.Clone(callee.record)
	_, _, _, err := callee.try(first)
	want(t, err, status.Duplicate)
	first.Bytes[len(first.Bytes)/2] ^= 1
	_, _, _, err = callee.try(first)
	if err == nil {
		t.Error("a changed message opens")
	}
	if !bytes.Equal(callee.record, before) {
		t.Error("a failure wrote to the caller's record")
	}
}

// If this failed, two workers on one record would disturb each other, though only one commits.
func TestTwoResultsOfOneRecord(t *testing.T) {
	caller, callee := begun(t)
	callee.open(t, caller.seal(t, nil))
	caller.open(t, callee.seal(t, nil))
	record := bytes.Clone(caller.record)
	results := make(chan session.Ciphertext)
	for i := range 2 {
		go func() {
			_, c, err := session.SealRecord(record, &caller.Keys, []byte{byte(i)}, now)
			if err != nil {
				t.Error(err)
			}
			results <- c
		}()
	}
	for range 2 {
		c := <-results
		if _, _, _, err := callee.try(c); err != nil {
			t.Error(err)
		}
	}
	if !bytes.Equal(record, caller.record) {
		t.Error("a call wrote to its input")
	}
}

// If this failed, a damaged row would crash the program, or give a session that loses messages.
func TestRecordCutAnywhere(t *testing.T) {
	caller, callee := begun(t)
	c := caller.seal(t, []byte("text"))
	callee.open(t, c)
	answer := callee.seal(t, []byte("answer"))
	for n := range len(caller.record) {
		cut := &party{Keys: caller.Keys, record: caller.record[:n]}
		if _, _, _, err := cut.try(answer); err == nil {
			t.Fatalf("a record of %d of %d bytes opens a message", n, len(caller.record))
		}
		if _, _, err := session.SealRecord(cut.record, &cut.Keys, nil, now); err == nil {
			t.Fatalf("a record of %d of %d bytes seals", n, len(caller.record))
		}
	}
	_, _, err := session.SealRecord(make([]byte, 16<<20), &caller.Keys, nil, now)
	want(t, err, status.Malformed)
	_, err = session.RecordInfo(bytes.Repeat(caller.record, 16<<20/len(caller.record)), nil, now)
	want(t, err, status.Malformed)
}

// If this failed, an app could not send a message that the interface allows, or a program that
// makes room as it is told would need a second call.
func TestLargestMessage(t *testing.T) {
	caller, callee := begun(t)
	text := bytes.Repeat([]byte("0123456789abcdef"), session.MaxPlaintextBytes/16)
	c := caller.seal(t, text)
	if over := len(c.Bytes) - len(text); over > session.OverheadMaxBytes {
		t.Errorf("a message is %d bytes longer than its plaintext, not at most %d", over, session.OverheadMaxBytes)
	}
	if !bytes.Equal(callee.open(t, c), text) {
		t.Error("16 MiB opened as something else")
	}
	c.Bytes = append(c.Bytes, make([]byte, session.OverheadMaxBytes)...)
	_, _, _, err := callee.try(c)
	want(t, err, status.Malformed)
}

// If this failed, a program would not know which keys a first message needs.
func TestFirstMessageSaysItsKeys(t *testing.T) {
	caller, _ := begun(t)
	c := caller.seal(t, nil)
	in, err := session.Parse(true, c.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	first, ok := in.First()
	if !ok || first.PrekeyID != 5 || first.SignedPrekeyID != 7 || first.Identity != caller.public || first.RegistrationID != caller.RegistrationID || first.BaseKey == [32]byte{} {
		t.Errorf("a first message says %+v, %v", first, ok)
	}
	_, err = session.Parse(false, c.Bytes)
	want(t, err, status.Malformed)
}

// If this failed, a prekey could get an id that no message can name.
func TestPrekeyIDs(t *testing.T) {
	var private [32]byte
	for _, id := range []uint32{0, 1 << 24, 1<<32 - 1} {
		_, err := session.GeneratePrekey(&private, id, session.System)
		want(t, err, status.Argument)
	}
	if private != [32]byte{} {
		t.Error("a rejected id made a key")
	}
	for _, id := range []uint32{1, 1<<24 - 1} {
		_, err := session.GeneratePrekey(&private, id, session.System)
		want(t, err, status.OK)
	}
}

// If this failed, a program would keep two records of one device, each with half of its messages.
func TestMergedRecords(t *testing.T) {
	caller, callee := begun(t)
	callee.open(t, caller.seal(t, nil))
	old := bytes.Clone(callee.record)
	late := caller.seal(t, []byte("late"))
	callee.open(t, caller.seal(t, nil))

	merged, err := session.MergeRecords(old, callee.record)
	if err != nil {
		t.Fatal(err)
	}
	again, err := session.MergeRecords(callee.record, old)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(merged, again) || !bytes.Equal(merged, callee.record) {
		t.Error("the copy that is further along does not win")
	}
	callee.record = merged
	if got := callee.open(t, late); string(got) != "late" {
		t.Errorf("a late message opened as %q", got)
	}

	for _, empty := range [][2][]byte{{callee.record, nil}, {nil, callee.record}} {
		if got, err := session.MergeRecords(empty[0], empty[1]); err != nil || !bytes.Equal(got, callee.record) {
			t.Errorf("a record and none make another record: %v", err)
		}
	}
	if got, err := session.MergeRecords(nil, nil); err != nil || len(got) != 0 {
		t.Errorf("no records make %x, %v", got, err)
	}
	_, err = session.MergeRecords(callee.record, caller.record)
	want(t, err, status.Conflict)
	_, err = session.MergeRecords(callee.record, []byte{1})
	want(t, err, status.Malformed)
}

// If this failed, an operator would take a session that seals for one that does not.
func TestRecordInfo(t *testing.T) {
	caller, callee := begun(t)
	info, err := session.RecordInfo(caller.record, caller.Identity, now)
	if err != nil || !info.CanSeal || !info.Unacknowledged || info.Begun != now || info.IdentityKey != callee.public {
		t.Errorf("%+v, %v", info, err)
	}
	if info, err = session.RecordInfo(caller.record, nil, now); err != nil || info.CanSeal {
		t.Errorf("without a trusted identity: %+v, %v", info, err)
	}
	_, err = session.RecordInfo(nil, nil, now)
	want(t, err, status.NoSession)
}
