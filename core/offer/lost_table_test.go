package offer

import (
	"database/sql"
	"path/filepath"
	"testing"

	_ "github.com/mattn/go-sqlite3"

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
	a, err := address(jid)
	if err != nil {
		t.Fatal(err)
	}
	key := make([]byte, 32)
	key[0] = 1
	var met result
	signal.Within(s, []signal.Address{a}, nil, func(tx *store.Tx, devices []signal.Device) error {
		if r := sealTo(tx, devices[0], jid, key); r.status != status.NoSession || r.err != nil {
			t.Errorf("without a session: %v, %v", r.status.Name(), r.err)
		}
		if _, err := db.Exec("ALTER TABLE records RENAME TO elsewhere"); err != nil {
			t.Fatal(err)
		}
		met = sealTo(tx, devices[0], jid, key)
		return nil
	})
	if met.status != status.Store || status.Of(met.err) != status.Store {
		t.Errorf("a read that failed is %s of the device, and %v", met.status.Name(), met.err)
	}
	if sealed, err := Seal(s, key, []string{jid}, nil, -1); status.Of(err) != status.Store || sealed.Statuses != nil {
		t.Errorf("the offer is %v", err)
	}
}
