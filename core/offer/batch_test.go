package offer_test

import (
	"bytes"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"libcallkey/core/callkey"
	"libcallkey/core/offer"
	"libcallkey/core/session"
	"libcallkey/core/signal"
	"libcallkey/core/stanza"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

// group is a file store and devices that it knows: the even ones have answered.
type group struct {
	path    string
	s       *store.Store
	devices []*store.Store
	jids    []string
}

func newGroup(t testing.TB, n int) (g group) {
	t.Helper()
	g.path = filepath.Join(t.TempDir(), "store")
	var err error
	if g.s, err = signal.OpenStore(g.path, storageKey, store.Options{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { g.s.Close() })
	var bundles []*session.Bundle
	for i := range n {
		g.devices = append(g.devices, openStore(t, false))
		g.jids = append(g.jids, fmt.Sprintf(calleeJID, i))
		bundle, err := signal.TakeBundle(g.devices[i])
		if err != nil {
			t.Fatal(err)
		}
		bundles = append(bundles, &bundle)
	}
	codes, err := offer.BeginAll(g.s, g.jids, bundles)
	if err != nil || slices.ContainsFunc(codes, func(c status.Code) bool { return c != status.OK }) {
		t.Fatalf("%v, %v", codes, err)
	}
	for i := 0; i < n; i += 2 {
		acknowledge(t, g.s, g.devices[i], g.jids[i])
	}
	return g
}

// part is what a batch has for device i.
func part(b offer.Batch, i int) []byte {
	start := 0
	if i > 0 {
		start = b.Ends[i-1]
	}
	return b.Bytes[start:b.Ends[i]]
}

const secondName = "15550001111:0@s.whatsapp.net"

// spoil adds a second name of device 1, a device without a session, and what is no device.
func (g *group) spoil(t testing.TB) []status.Code {
	t.Helper()
	alias(t, g.s, secondName, g.jids[1])
	want := make([]status.Code, len(g.jids))
	g.jids = append(g.jids, secondName, g.jids[0], "999:9@lid", "nobody")
	return append(want, status.Duplicate, status.Duplicate, status.NoSession, status.Argument)
}

func TestRekeysForManyDevices(t *testing.T) {
	g := newGroup(t, 2*store.Batch+3)
	want := g.spoil(t)
	epoch := newKey(t)
	before := rowsOf(t, g.path)
	_, err := offer.SealRekeys(g.s, g.jids, epoch[:], 9, &callOptions, 0)
	need := needed(t, err)
	_, err = offer.SealRekeys(g.s, g.jids, epoch[:], 9, &callOptions, need-1)
	if again := needed(t, err); again != need {
		t.Errorf("needs %d, then %d", need, again)
	}
	if !sameRows(before, rowsOf(t, g.path)) {
		t.Error("a refused batch wrote something")
	}
	b, err := offer.SealRekeys(g.s, g.jids, epoch[:], 9, &callOptions, need)
	if err != nil || !slices.Equal(b.Statuses, want) || len(b.Bytes) > need {
		t.Fatalf("%d of %d bytes, %v, %v", len(b.Bytes), need, b.Statuses, err)
	}
	for i, device := range g.devices {
		var opened [callkey.Bytes]byte
		info, err := offer.OpenRekey(device, &opened, part(b, i), "")
		if err != nil || opened != epoch || info.TransactionID != 9 || info.EncType != b.EncTypes[i] {
			t.Errorf("device %d: %v, %+v", i, err, info)
		}
		if wantType := []stanza.EncType{stanza.EncMsg, stanza.EncPkmsg}[i%2]; b.EncTypes[i] != wantType {
			t.Errorf("device %d has type %d", i, b.EncTypes[i])
		}
	}
	for i := len(g.devices); i < len(g.jids); i++ {
		if len(part(b, i)) != 0 || b.EncTypes[i] != stanza.EncNone {
			t.Errorf("%s failed and has %d bytes", g.jids[i], len(part(b, i)))
		}
	}
	for i, device := range g.devices { // each goes on
		sealed(t, g.s, g.jids[i]).opens(t, device, callerJID)
	}
}

// If this failed, a device that needs device_identity would stop the others, or lose a message key.
func TestRekeysFailAlone(t *testing.T) {
	g := newGroup(t, 4)
	epoch := newKey(t)
	without := callOptions
	without.DeviceIdentity = nil
	records := [][]byte{export(t, g.s, g.jids[1]), export(t, g.s, g.jids[3])}
	b, err := offer.SealRekeys(g.s, g.jids, epoch[:], 2, &without, -1)
	want := []status.Code{status.OK, status.DeviceIdentity, status.OK, status.DeviceIdentity}
	if err != nil || !slices.Equal(b.Statuses, want) {
		t.Fatalf("%v, %v", b.Statuses, err)
	}
	if !bytes.Equal(records[0], export(t, g.s, g.jids[1])) || !bytes.Equal(records[1], export(t, g.s, g.jids[3])) {
		t.Error("a ratchet moved for nothing")
	}
	before := rowsOf(t, g.path)
	for _, jids := range [][]string{{g.jids[1], g.jids[3], "nobody"}, nil} {
		b, err := offer.SealRekeys(g.s, jids, epoch[:], 2, &without, -1)
		wantStatus(t, err, status.NoDevices)
		if len(b.Bytes) != 0 || len(b.Ends) != len(jids) || len(b.Statuses) != len(jids) || slices.Contains(b.Statuses, status.OK) {
			t.Errorf("%+v", b)
		}
	}
	notDevice := callOptions
	notDevice.CallCreator = "1@g.us"
	for _, row := range []struct {
		epoch       []byte
		transaction uint32
		o           *stanza.OfferOptions
		jids        []string
		want        status.Code
	}{
		{epoch[:31], 1, &callOptions, g.jids, status.KeyLength},
		{make([]byte, 32), 1, &callOptions, g.jids, status.InvalidKey},
		{epoch[:], 0, &callOptions, g.jids, status.Argument},
		{epoch[:], 1, nil, g.jids, status.Argument},
		{epoch[:], 1, &notDevice, g.jids, status.Argument},
		{epoch[:], 1, &callOptions, make([]string, stanza.MaxDevices+1), status.Argument},
	} {
		b, err := offer.SealRekeys(g.s, row.jids, row.epoch, row.transaction, row.o, -1)
		wantStatus(t, err, row.want)
		if b.Statuses != nil {
			t.Errorf("%+v", b)
		}
	}
	if !sameRows(before, rowsOf(t, g.path)) {
		t.Error("a refused batch wrote something")
	}
}

func TestMessagesForManyDevices(t *testing.T) {
	g := newGroup(t, 2*store.Batch+3)
	want := g.spoil(t)
	plaintexts := make([][]byte, len(g.jids))
	for i := range plaintexts {
		plaintexts[i] = bytes.Repeat([]byte{byte(i)}, i*i) // none for the first
	}
	g.jids = append(g.jids, g.jids[2], g.jids[2]) // too long, and then a second one
	plaintexts = append(plaintexts, make([]byte, session.MaxPlaintextBytes+1), nil)
	want = append(want, status.Argument, status.Duplicate)

	need := 0
	for i := range g.devices {
		need += len(plaintexts[i]) + session.OverheadMaxBytes
	}
	before := rowsOf(t, g.path)
	for _, capacity := range []int{0, need - 1} {
		_, err := offer.SealMessages(g.s, g.jids, plaintexts, capacity)
		if got := needed(t, err); got != need {
			t.Errorf("needs %d, not %d", got, need)
		}
	}
	none, err := offer.SealMessages(g.s, g.jids[len(g.devices)+2:len(g.devices)+5], plaintexts[len(g.devices)+2:len(g.devices)+5], -1)
	wantStatus(t, err, status.NoDevices)
	if want := []status.Code{status.NoSession, status.Argument, status.Argument}; !slices.Equal(none.Statuses, want) || !slices.Equal(none.Ends, []int{0, 0, 0}) {
		t.Errorf("%+v", none)
	}
	_, err = offer.SealMessages(g.s, nil, nil, -1)
	wantStatus(t, err, status.NoDevices)
	_, err = offer.SealMessages(g.s, g.jids[:17], slices.Repeat([][]byte{make([]byte, session.MaxPlaintextBytes)}, 17), -1)
	wantStatus(t, err, status.Argument)
	if !sameRows(before, rowsOf(t, g.path)) {
		t.Error("a refused batch wrote something")
	}

	for _, capacity := range []int{need, -1} {
		b, err := offer.SealMessages(g.s, g.jids, plaintexts, capacity)
		if err != nil || !slices.Equal(b.Statuses, want) || len(b.Bytes) > need {
			t.Fatalf("%d of %d bytes, %v, %v", len(b.Bytes), need, b.Statuses, err)
		}
		for i, device := range g.devices {
			text{plaintexts[i], b.EncTypes[i], part(b, i)}.opens(t, device, callerJID)
		}
		for i := len(g.devices); i < len(g.jids); i++ {
			if len(part(b, i)) != 0 || b.EncTypes[i] != stanza.EncNone {
				t.Errorf("%s failed and has %d bytes", g.jids[i], len(part(b, i)))
			}
		}
	}
}

func TestBeginForManyDevices(t *testing.T) {
	g := newGroup(t, 3)
	alias(t, g.s, secondName, g.jids[1])
	peer, stranger := openStore(t, false), openStore(t, false)
	bundle := func(s *store.Store) *session.Bundle {
		b, err := signal.TakeBundle(s)
		if err != nil {
			t.Fatal(err)
		}
		return &b
	}
	unsigned := bundle(peer)
	unsigned.Signature[3] ^= 1
	jids := []string{"700:1@lid", g.jids[1], secondName, g.jids[2], "701:1@lid", "nobody", "700:1@lid"}
	bundles := []*session.Bundle{bundle(peer), bundle(g.devices[1]), bundle(g.devices[1]), bundle(stranger), unsigned, bundle(peer), bundle(peer)}
	want := []status.Code{status.OK, status.OK, status.Duplicate, status.UntrustedIdentity, status.InvalidKey, status.Argument, status.Duplicate}
	other := export(t, g.s, g.jids[2])
	codes, err := offer.BeginAll(g.s, jids, bundles)
	if err != nil || !slices.Equal(codes, want) {
		t.Fatalf("%v, %v", codes, err)
	}
	sealed(t, g.s, jids[0]).opens(t, peer, callerJID)
	sealed(t, g.s, jids[1]).opens(t, g.devices[1], callerJID)
	if !bytes.Equal(other, export(t, g.s, g.jids[2])) {
		t.Error("another identity began a session")
	}
	if _, err := signal.IdentityOf(g.s, addressOf(t, "701:1@lid")); status.Of(err) != status.NotFound {
		t.Errorf("a bundle with a wrong signature is trusted: %v", err)
	}

	before := rowsOf(t, g.path)
	codes, err = offer.BeginAll(g.s, jids[3:6], bundles[3:6])
	wantStatus(t, err, status.NoDevices)
	if !slices.Equal(codes, want[3:6]) {
		t.Errorf("%v", codes)
	}
	_, err = offer.BeginAll(g.s, nil, nil)
	wantStatus(t, err, status.NoDevices)
	many := stanza.MaxDevices + 1
	codes, err = offer.BeginAll(g.s, make([]string, many), slices.Repeat(bundles[:1], many))
	wantStatus(t, err, status.Argument)
	if codes != nil || !sameRows(before, rowsOf(t, g.path)) {
		t.Error("a refused batch did something")
	}
	blank, err := signal.OpenStoreWithoutIdentity("", nil, store.Options{Memory: true})
	if err != nil {
		t.Fatal(err)
	}
	defer blank.Close()
	codes, err = offer.BeginAll(blank, jids[:1], bundles[:1])
	wantStatus(t, err, status.NoIdentity)
	if codes != nil {
		t.Errorf("%v", codes)
	}
}
