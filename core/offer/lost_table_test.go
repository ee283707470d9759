package offer

import (
	"database/sql"
	"path/filepath"
	"testing"

	_ "github.com/mattn/go-sqlite3"

	"libcallkey/core/session"
	"libcallkey/core/signal"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

// An error of the disk at one device is none of the device's: an offer that left it out would
// go to the others, and the callee's phone stays silent.
func TestFailureOfTheStoreIsTheWholeOffers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store")
	s, err := signal.OpenStore(path, make([]byte, store.StorageKeyBytes), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close(); db.Close() })
	const jid = "222222222222222:0@lid"
	f, err := newFanOut([]string{jid})
	if err != nil {
		t.Fatal(err)
	}
	key := make([]byte, 32)
	key[0] = 1
	seals := func(tx *store.Tx, devices []signal.Device) ([]status.Code, error) {
		return f.sealKey(tx, devices, key, ownMemory{}, func(int, session.Ciphertext) error { return nil })
	}
	var met error
	signal.WithinNamed(s, f.names, nil, func(tx *store.Tx, devices []signal.Device) error {
		if codes, err := seals(tx, devices); err != nil || codes[0] != status.NoSession {
			t.Errorf("without a session: %v, %v", codes, err)
		}
		if _, err := db.Exec("ALTER TABLE items RENAME TO elsewhere"); err != nil {
			t.Fatal(err)
		}
		_, met = seals(tx, devices)
		return nil
	})
	if status.Of(met) != status.Store {
		t.Errorf("a read that failed is %v", met)
	}
	if sealed, err := Seal(s, key, []string{jid}, nil, -1); status.Of(err) != status.Store || sealed.Statuses != nil {
		t.Errorf("the offer is %v", err)
	}
}
