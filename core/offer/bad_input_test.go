package offer_test

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"libcallkey/core/callkey"
	"libcallkey/core/offer"
	"libcallkey/core/signal"
	"libcallkey/core/stanza"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

// damages are what can be wrong with one attribute.
var damages = map[string]func(name, value string) [][2]string{
	"missing":           func(name, value string) [][2]string { return nil },
	"empty":             func(name, value string) [][2]string { return [][2]string{{name, ""}} },
	"doubled":           func(name, value string) [][2]string { return [][2]string{{name, value}, {name, value}} },
	"with a second":     func(name, value string) [][2]string { return [][2]string{{name, value}, {name, "3"}} },
	"in capitals":       func(name, value string) [][2]string { return [][2]string{{strings.ToUpper(name), value}} },
	"value in capitals": func(name, value string) [][2]string { return [][2]string{{name, strings.ToUpper(value)}} },
	"of 128 bytes":      func(name, value string) [][2]string { return [][2]string{{name, strings.Repeat("2", 128)}} },
	"name of 128 bytes": func(name, value string) [][2]string { return [][2]string{{strings.Repeat("k", 128), value}} },
	"with a NUL":        func(name, value string) [][2]string { return [][2]string{{name, value + "\x00"}} },
	"not UTF-8":         func(name, value string) [][2]string { return [][2]string{{name, "\xff"}} },
}

// attributes are those of the three nodes, as clients write them.
var attributes = map[string][][2]string{
	"video":  {{"enc", "h.264"}, {"dec", "H264"}, {"device_orientation", "0"}, {"screen_width", "0"}, {"screen_height", "0"}},
	"encopt": {{"keygen", "2"}},
	"enc":    {{"v", "2"}, {"type", "msg"}, {"count", "0"}},
}

// spoilt is what becomes of a stanza with one damaged attribute. change makes its info of
// the sound stanza's; without one the info is the same, or empty after MALFORMED.
func spoilt(action, attribute, damage string) (code status.Code, change func(*stanza.Info)) {
	switch damage {
	case "doubled", "with a second", "name of 128 bytes":
		return status.Malformed, nil // it is not binary XML that anybody writes
	}
	value := damage != "missing" && damage != "in capitals"
	switch attribute {
	case "keygen":
		if damage == "value in capitals" {
			return status.OK, nil // a number has none
		}
		if action == "enc_rekey" {
			return status.Unsupported, func(i *stanza.Info) { i.Keygen, i.EncVersion, i.EncType = 0, 0, stanza.EncNone }
		}
		return status.OK, func(i *stanza.Info) { i.Keygen = 0 }
	case "v":
		if value && damage != "value in capitals" {
			return status.Unsupported, func(i *stanza.Info) { i.EncVersion = 0 }
		}
	case "type":
		if value && damage != "empty" {
			return status.Unsupported, func(i *stanza.Info) { i.EncType = stanza.EncNone }
		}
		return status.Malformed, nil
	}
	return status.OK, nil
}

// world is a callee with a file, and a caller with a session that the callee answered.
type world struct {
	path   string
	s      *store.Store
	caller *store.Store
}

func newWorld(t *testing.T) world {
	w := world{path: filepath.Join(t.TempDir(), "store"), caller: openStore(t, false)}
	var err error
	if w.s, err = signal.OpenStore(w.path, storageKey, store.Options{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.s.Close() })
	begin(t, w.caller, w.s, meJID)
	acknowledge(t, w.caller, w.s, meJID)
	return w
}

// call is the <call> from the caller around an action with the ciphertext.
func (w world) call(action string, ciphertext []byte) raw {
	n := raw{tag: action, attrs: [][2]string{{"call-id", "AB12"}, {"call-creator", callerJID}}}
	if action == "enc_rekey" {
		n.attrs = append(n.attrs, [2]string{"transaction-id", "7"})
	}
	for _, tag := range []string{"video", "encopt", "enc"} {
		n.nodes = append(n.nodes, raw{tag: tag, attrs: attributes[tag]})
	}
	n.nodes[2].data = ciphertext
	return raw{tag: "call", attrs: [][2]string{{"from", callerJID}}, nodes: []raw{n}}
}

// said is the info of call.
func said(action string) stanza.Info {
	return stanza.Info{
		Kind:          map[string]stanza.Kind{"offer": stanza.KindOffer, "accept": stanza.KindAccept, "enc_rekey": stanza.KindRekey}[action],
		Keygen:        2,
		EncVersion:    2,
		EncType:       stanza.EncMsg,
		TransactionID: map[string]uint32{"enc_rekey": 7}[action],
		Video:         true, Group: action == "enc_rekey", Accept: action == "accept",
		CallID: "AB12", CallCreator: callerJID, From: callerJID, Sender: callerJID,
	}
}

// seals is a fresh key and its ciphertext.
func (w world) seals(t *testing.T) (key [callkey.Bytes]byte, ciphertext []byte) {
	t.Helper()
	key = newKey(t)
	ciphertext, kind, err := offer.SealEnc(w.caller, meJID, key[:], -1)
	if err != nil || kind != stanza.EncMsg {
		t.Fatal(kind, err)
	}
	return key, ciphertext
}

func (w world) open(action string, wire []byte) (info offer.Info, key [callkey.Bytes]byte, err error) {
	if action == "enc_rekey" {
		info, err = offer.OpenRekey(w.s, &key, wire, "")
	} else {
		info, err = offer.Open(w.s, &key, wire, []string{meJID}, "")
	}
	return info, key, err
}

// becomes opens a stanza, which must have that status and info. Unless it opens, nothing of
// it is left: no key, no row that was written, no message key that was used up.
func (w world) becomes(t *testing.T, action string, n raw, key [callkey.Bytes]byte, ciphertext []byte, code status.Code, want stanza.Info) {
	t.Helper()
	before := rowsOf(t, w.path)
	info, opened, err := w.open(action, n.wire())
	if status.Of(err) != code || info != (offer.Info{Info: want}) {
		t.Errorf("%v: %s, want %s\n got %+v\nwant %+v", err, status.Of(err).Name(), code.Name(), info.Info, want)
	}
	if err == nil {
		if opened != key {
			t.Error("another key opened")
		}
		return
	}
	if opened != [callkey.Bytes]byte{} {
		t.Error("a key came with the error")
	}
	after := rowsOf(t, w.path)
	for name, row := range after {
		if !bytes.Equal(row, before[name]) {
			t.Errorf("row %s was written", name)
		}
	}
	if len(after) != len(before) {
		t.Errorf("%d rows, there were %d", len(after), len(before))
	}
	if _, opened, err := w.open(action, w.call(action, ciphertext).wire()); err != nil || opened != key {
		t.Errorf("the sound stanza after it: %v", err)
	}
}

// If this failed, a client that writes one attribute in its own way could lose its calls,
// an app would see half of a stanza, or a stanza that does not open would cost a message.
func TestBadInput(t *testing.T) {
	w := newWorld(t)
	for _, action := range []string{"offer", "accept", "enc_rekey"} {
		for place, tag := range []string{"video", "encopt", "enc"} {
			for which, attribute := range attributes[tag] {
				for damage, damaged := range damages {
					t.Run(action+"/"+tag+"/"+attribute[0]+" "+damage, func(t *testing.T) {
						key, ciphertext := w.seals(t)
						n := w.call(action, ciphertext)
						attrs := append([][2]string{}, attributes[tag][:which]...)
						attrs = append(attrs, damaged(attribute[0], attribute[1])...)
						n.nodes[0].nodes[place].attrs = append(attrs, attributes[tag][which+1:]...)
						code, change := status.OK, func(*stanza.Info) {}
						if c, changes := spoilt(action, attribute[0], damage); tag != "video" || c == status.Malformed {
							code = c
							if changes != nil {
								change = changes
							}
						}
						var want stanza.Info
						if code != status.Malformed {
							want = said(action)
							change(&want)
						}
						w.becomes(t, action, n, key, ciphertext, code, want)
					})
				}
			}
		}
	}
}

// If this failed, an app would answer the wrong call, or a device that nobody called would
// be keyed.
func TestBadCalls(t *testing.T) {
	w := newWorld(t)
	const stranger = "333333333333333:4@lid"
	with := func(i stanza.Info, change func(*stanza.Info)) stanza.Info { change(&i); return i }
	stripped := func(i *stanza.Info) { i.EncVersion, i.EncType = 0, stanza.EncNone }
	from := func(name string) func(*raw) { return func(n *raw) { n.attrs = [][2]string{{"from", name}} } }
	for _, row := range []struct {
		name, action string
		change       func(n *raw)
		code         status.Code
		want         stanza.Info
	}{
		{"two offers", "offer", func(n *raw) { n.nodes = append(n.nodes, n.nodes[0]) }, status.Malformed, stanza.Info{}},
		{"an offer and an accept", "offer", func(n *raw) { n.nodes = append(n.nodes, w.call("accept", nil).nodes...) }, status.Malformed, stanza.Info{}},
		{"an enc_rekey and an accept", "enc_rekey", func(n *raw) { n.nodes = append(n.nodes, w.call("accept", nil).nodes...) }, status.Malformed, stanza.Info{}},
		{"two without a key", "offer", func(n *raw) { n.nodes = []raw{{tag: "terminate"}, {tag: "transport"}} }, status.Malformed, stanza.Info{}},
		{"an offer and one without a key", "offer", func(n *raw) { n.nodes = append(n.nodes, raw{tag: "transport"}) }, status.OK, said("offer")},
		{"nothing", "offer", func(n *raw) { n.nodes = nil }, status.Malformed, stanza.Info{}},
		{"two keys", "offer", func(n *raw) { n.nodes[0].nodes = append(n.nodes[0].nodes, n.nodes[0].nodes[2]) }, status.NotForThisDevice, with(said("offer"), stripped)},
		{"a stripped offer", "offer", func(n *raw) { n.nodes[0].nodes = n.nodes[0].nodes[:2] }, status.NotForThisDevice, with(said("offer"), stripped)},
		{"an accept without a key from a device that was not called", "accept", func(n *raw) { from(stranger)(n); n.nodes[0].nodes = nil }, status.NotForThisDevice,
			with(said("accept"), func(i *stanza.Info) {
				stripped(i)
				i.Keygen, i.Video, i.From, i.Sender = 0, false, stranger, stranger
			})},
		{"an accept with a key from a device that was not called", "accept", from(stranger), status.NoSession, with(said("accept"), func(i *stanza.Info) { i.From, i.Sender = stranger, stranger })},
		{"an accept from a device above 255", "accept", from("222222222222222:256@lid"), status.OK, with(said("accept"), func(i *stanza.Info) { i.From = "222222222222222:256@lid" })},
		{"an offer of a bot", "offer", func(n *raw) { n.attrs = nil; n.nodes[0].attrs[1][1] = "5@bot" }, status.Argument, with(said("offer"), func(i *stanza.Info) { i.CallCreator, i.From, i.Sender = "5@bot", "", "" })},
		{"an offer of an interop user", "offer", func(n *raw) { n.attrs = nil; n.nodes[0].attrs[1][1] = "3-5:2@interop" }, status.Argument, with(said("offer"), func(i *stanza.Info) { i.CallCreator, i.From, i.Sender = "3-5:2@interop", "", "" })},
	} {
		t.Run(row.name, func(t *testing.T) {
			key, ciphertext := w.seals(t)
			n := w.call(row.action, ciphertext)
			row.change(&n)
			w.becomes(t, row.action, n, key, ciphertext, row.code, row.want)
		})
	}
}
