package signal_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"libcallkey/core/signal"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

// Each call on a device reads what its name means. An app that gets a status which the header does
// not list for the call would take a row that only needs an update for damage.
func TestHeaderTellsOfANewerAlias(t *testing.T) {
	header, err := os.ReadFile("../../include/callkey.h")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "s")
	s := openKind(t, path, store.Options{Plaintext: true})
	lid, number := at("501_1", 0), at("1555", 0)
	meet(t, s, lid)
	alias(t, s, number, lid)
	bundle := newPeer(t, lid).bundle(t, true)
	identity, err := signal.IdentityOf(s, lid)
	if err != nil {
		t.Fatal(err)
	}
	record, err := signal.Export(s, lid)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	// The first byte is the row's form.
	_, err = db.Exec("UPDATE items SET value = CAST(x'09' || substr(value, 2) AS BLOB) WHERE kind = ?", store.Aliases)
	db.Close()
	if err != nil {
		t.Fatal(err)
	}
	s = openKind(t, path, store.Options{Plaintext: true})
	for name, call := range map[string]func() error{
		"callkey_store_alias":      func() error { return signal.Alias(s, number, lid) },
		"callkey_store_unalias":    func() error { return signal.Unalias(s, number) },
		"callkey_session_begin":    func() error { return signal.Begin(s, number, &bundle) },
		"callkey_session_check":    func() error { return signal.Check(s, number) },
		"callkey_session_info_get": func() error { _, err := signal.InfoOf(s, number); return err },
		"callkey_session_remove":   func() error { return signal.Remove(s, number) },
		"callkey_session_export":   func() error { _, err := signal.Export(s, number); return err },
		"callkey_session_import":   func() error { return signal.Import(s, number, record) },
		"callkey_identity_get":     func() error { _, err := signal.IdentityOf(s, number); return err },
		"callkey_identity_trust":   func() error { return signal.Trust(s, number, &identity) },
		"callkey_identity_remove":  func() error { return signal.RemoveIdentity(s, number) },
		"callkey_user_remove":      func() error { return signal.RemoveUser(s, number.Name) },
		"callkey_message_done":     func() error { return signal.Done(s, number, record) },
	} {
		if err := call(); status.Of(err) != status.Unsupported {
			t.Errorf("%s: %v", name, err)
		}
		before, _, found := strings.Cut(string(header), "callkey_status "+name+"(")
		if !found {
			before, _, found = strings.Cut(string(header), "callkey_status\n"+name+"(")
		}
		comment := before[strings.LastIndex(before, "/**")+1:]
		if !found || !strings.Contains(comment, "CALLKEY_ERR_UNSUPPORTED") {
			t.Errorf("%s: the header does not list UNSUPPORTED", name)
		}
	}
}
