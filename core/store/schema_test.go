package store_test

import (
	"bytes"
	"database/sql"
	"database/sql/driver"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"libcallkey/core/status"
	"libcallkey/core/store"
)

// old is a store file of an earlier schema, and its records.
type old struct {
	path       string
	name       string // of its files in testdata/stores
	table      string // that its rows are in
	storageKey []byte
	records    map[string][]byte // by the name of the row
}

// inTwoRows are the devices in the stores of schema 3 whose record is not whole in its row of Sessions.
var inTwoRows = []string{"1001_1:0", "1003_1:2", "1004_1:0"}

// oldStore is a store of schema 1.
func oldStore(t *testing.T, kind string) (o old) {
	t.Helper()
	return storeOf(t, "0.2.0-"+kind, "record")
}

func storeOf(t *testing.T, name, table string) (o old) {
	t.Helper()
	o.name, o.table = name, table
	base := filepath.Join("..", "..", "testdata", "stores", name)
	text, err := os.ReadFile(base + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var said struct {
		StorageKey *string           `json:"storage_key"`
		Records    map[string]string `json:"records"`
	}
	if err := json.Unmarshal(text, &said); err != nil {
		t.Fatal(err)
	}
	if said.StorageKey != nil {
		o.storageKey, _ = hex.DecodeString(*said.StorageKey)
	}
	o.records = map[string][]byte{}
	for jid, record := range said.Records {
		user, device, _ := strings.Cut(strings.TrimSuffix(jid, "@lid"), ":")
		o.records[user+"_1:"+device], _ = hex.DecodeString(record)
	}
	if table == "entries" {
		for _, name := range inTwoRows {
			delete(o.records, name)
		}
	}
	image, err := os.ReadFile(base + ".db")
	if err != nil {
		t.Fatal(err)
	}
	o.path = filepath.Join(t.TempDir(), "old")
	if err := os.WriteFile(o.path, image, 0o600); err != nil {
		t.Fatal(err)
	}
	return o
}

func (o old) options() store.Options { return store.Options{Plaintext: o.storageKey == nil} }

// holds reports whether the store has every record of the old one.
func (o old) holds(s *store.Store) error {
	return s.Update(func(tx *store.Tx) error {
		for name, want := range o.records {
			got, err := tx.Get(store.Sessions, name)
			if err != nil {
				return err
			}
			if !bytes.Equal(got, want) {
				return fmt.Errorf("%s is another record than before", name)
			}
		}
		return nil
	})
}

func everyOld(t *testing.T, run func(t *testing.T, o old)) {
	for _, kind := range []string{"sealed", "plaintext"} {
		t.Run(kind, func(t *testing.T) { run(t, oldStore(t, kind)) })
	}
}

// plaintexts makes a new copy of a plaintext store of each earlier schema.
var plaintexts = map[string]func(t *testing.T) old{
	"1": func(t *testing.T) old { return oldStore(t, "plaintext") },
	"2": func(t *testing.T) old { return storeOf(t, "0.3.0-plaintext", "records") },
	"3": func(t *testing.T) old { return storeOf(t, "0.3.0-schema-3-plaintext", "entries") },
}

func everyPlaintext(t *testing.T, run func(t *testing.T, made func(t *testing.T) old)) {
	for schema, made := range plaintexts {
		t.Run(schema, func(t *testing.T) { run(t, made) })
	}
}

// everySchema runs with stores of every earlier schema.
func everySchema(t *testing.T, run func(t *testing.T, o old)) {
	everyOld(t, run)
	for _, kind := range []string{"sealed", "plaintext"} {
		t.Run("2, "+kind, func(t *testing.T) { run(t, storeOf(t, "0.3.0-"+kind, "records")) })
		t.Run("3, "+kind, func(t *testing.T) { run(t, storeOf(t, "0.3.0-schema-3-"+kind, "entries")) })
	}
}

// Fault 35: the schema's number stood in the labels of the keys, and an older file was
// "corrupt": nobody's sessions could have survived an update.
func TestFault35OlderStoreIsMigrated(t *testing.T) {
	everySchema(t, func(t *testing.T, o old) {
		for range 2 { // migrated, and then opened as it is
			s := open(t, o.path, o.storageKey, o.options())
			if err := o.holds(s); err != nil {
				t.Fatal(err)
			}
			if get(t, s, "nobody") != "" {
				t.Fatal("a record that was never there")
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
		}
		// Each record becomes a row of today when it is written.
		s := open(t, o.path, o.storageKey, o.options())
		for name := range o.records {
			put(t, s, name, "new "+name)
			if got := get(t, s, name); got != "new "+name {
				t.Fatalf("%s reads %q", name, got)
			}
		}
		if o.storageKey == nil {
			return
		}
		// Its rows open under another storage key too, those of schema 1 among them.
		again := storeOf(t, o.name, o.table)
		s = open(t, again.path, again.storageKey, again.options())
		if err := s.ChangeKey(storageKey); err != nil {
			t.Fatal(err)
		}
		if err := again.holds(s); err != nil {
			t.Fatal(err)
		}
		s.Close()
		if err := again.holds(open(t, again.path, storageKey, again.options())); err != nil {
			t.Fatal(err)
		}
	})
}

// If this failed, opening a store with a wrong key, or one that is not a store of ours, would
// change a file that an older library still has to open.
func TestFault35RefusedMigrationChangesNothing(t *testing.T) {
	everySchema(t, func(t *testing.T, o old) {
		before, _ := os.ReadFile(o.path)
		wrong, options := bytes.Repeat([]byte{8}, store.StorageKeyBytes), store.Options{}
		for range 2 {
			if s, err := store.Open(o.path, wrong, options); status.Of(err) != status.StoreKey {
				t.Errorf("opened: %v", err)
				s.Close()
			}
			if o.storageKey != nil {
				wrong, options = nil, store.Options{Plaintext: true}
			}
		}
		if after, _ := os.ReadFile(o.path); !bytes.Equal(before, after) {
			t.Fatal("a refused open changed the file")
		}
		change(t, o.path, "CREATE TABLE other (x)")
		if _, err := store.Open(o.path, o.storageKey, o.options()); status.Of(err) != status.StoreCorrupt {
			t.Fatalf("a file with another table in it: %v", err)
		}
	})
}

// A kill or a power loss in the middle of a migration leaves some prefix of the log. Each must
// open as a store with every record.
func TestFault35KillInMigration(t *testing.T) {
	everySchema(t, func(t *testing.T, o old) {
		before, _ := os.ReadFile(o.path)
		s := open(t, o.path, o.storageKey, o.options())
		image, _ := os.ReadFile(o.path)
		log, err := os.ReadFile(o.path + "-wal")
		if err != nil || len(log) == 0 {
			t.Fatalf("no log: %v", err)
		}
		s.Close()
		// The file itself is not changed before the log is whole.
		if !bytes.Equal(image, before) {
			t.Fatal("the migration wrote into the file before it was committed")
		}
		cut := filepath.Join(t.TempDir(), "cut")
		tried, edge, stride := 0, 2, 1009
		if testing.Short() {
			edge, stride = 0, 3000
		}
		for n := 0; n <= len(log); n++ {
			if inPage := (n - 32) % (24 + 4096); inPage > edge && inPage < 24+4096-edge && inPage%stride != 0 {
				continue
			}
			tried++
			os.WriteFile(cut, image, 0o600)
			os.WriteFile(cut+"-wal", log[:n], 0o600)
			os.Remove(cut + "-shm")
			s, err := store.Open(cut, o.storageKey, o.options())
			if err != nil {
				t.Fatalf("with %d of %d bytes of the log: %v", n, len(log), err)
			}
			if err := o.holds(s); err != nil {
				t.Fatalf("with %d of %d bytes of the log: %v", n, len(log), err)
			}
			s.Close()
		}
		if tried < 20 {
			t.Fatalf("only %d cuts", tried)
		}
	})
}

// limitedMigration is what a child process does to whom the system refuses writes beyond a
// size: it opens an old store.
func limitedMigration(path string) error {
	var limit uint64
	path, number, _ := strings.Cut(path, "|")
	fmt.Sscan(number, &limit)
	ignoreFileSize()
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: limit, Max: limit}); err != nil {
		return err
	}
	s, err := store.Open(path, nil, store.Options{Plaintext: true})
	if err != nil {
		return err
	}
	return s.Close()
}

// A migration on a full disk is STORE, and after it there is room again the store opens with all
// that was in it.
func TestFault35MigrationOnFullDisk(t *testing.T) {
	everyPlaintext(t, func(t *testing.T, made func(t *testing.T) old) {
		outcomes := map[status.Code]int{}
		for limit := 0; limit <= 96<<10; limit += 4 << 10 {
			o := made(t)
			c := process("migrate", fmt.Sprintf("%s|%d", o.path, limit))
			out, err := c.CombinedOutput()
			if _, exited := err.(*exec.ExitError); err != nil && !exited || c.ProcessState.ExitCode() < 0 {
				t.Fatalf("limit %d: %v %s", limit, err, out)
			}
			outcomes[status.Code(-c.ProcessState.ExitCode())]++
			s := open(t, o.path, nil, o.options())
			if err := o.holds(s); err != nil {
				t.Fatalf("limit %d: %v", limit, err)
			}
			s.Close()
		}
		if len(outcomes) != 2 || outcomes[status.Store] < 5 || outcomes[status.OK] < 5 {
			t.Fatalf("outcomes: %v", outcomes)
		}
	})
}

// An old store that may not be written to, or whose folder may not, is STORE and stays as it is: the
// library that wrote it still opens it.
func TestFault35MigrationInReadOnlyFolder(t *testing.T) {
	everyPlaintext(t, func(t *testing.T, made func(t *testing.T) old) {
		for _, mode := range []os.FileMode{0o444, 0o666} {
			o := made(t)
			dir := filepath.Dir(o.path)
			for _, p := range []string{dir, filepath.Dir(dir)} {
				os.Chmod(p, 0o555)
			}
			os.Chmod(o.path, mode)
			t.Cleanup(func() { os.Chmod(dir, 0o755); os.Chmod(filepath.Dir(dir), 0o755) })
			before, _ := os.ReadFile(o.path)
			c := process("migrate", o.path+"|1000000")
			asNobody(t, c)
			out, err := c.CombinedOutput()
			if c.ProcessState == nil || c.ProcessState.ExitCode() != -int(status.Store) {
				t.Errorf("file mode %o: %v, %s", mode, err, out)
			}
			after, _ := os.ReadFile(o.path)
			entries, _ := os.ReadDir(dir)
			if !bytes.Equal(before, after) || len(entries) != 1 {
				t.Errorf("file mode %o: the old store was changed, %d entries", mode, len(entries))
			}
			os.Chmod(dir, 0o755)
			os.Chmod(o.path, 0o600)
			if err := o.holds(open(t, o.path, nil, o.options())); err != nil {
				t.Error(err)
			}
		}
	})
}

// Four processes that open an old store at once migrate it once, and none fails.
func TestFault35ProcessesMigrateOnce(t *testing.T) {
	everyPlaintext(t, func(t *testing.T, made func(t *testing.T) old) {
		o := made(t)
		var processes []*exec.Cmd
		for range 4 {
			c := process("migrate", o.path+"|1000000")
			c.Stderr = os.Stderr
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			processes = append(processes, c)
		}
		for _, c := range processes {
			if err := c.Wait(); err != nil {
				t.Error(err)
			}
		}
		if err := o.holds(open(t, o.path, nil, o.options())); err != nil {
			t.Fatal(err)
		}
	})
}

// A process with the older library that still has the file open must fail, and write nothing
// that the newer one can't read.
func TestFault35OlderLibraryAtWork(t *testing.T) {
	everySchema(t, func(t *testing.T, o old) {
		older, err := openRaw(o.path)
		if err != nil {
			t.Fatal(err)
		}
		defer older.Close()
		var statements []driver.Stmt
		for _, text := range []string{
			"INSERT INTO " + o.table + " (kind, name, value) VALUES (4, x'00', x'00') ON CONFLICT DO UPDATE SET value = excluded.value",
			"DELETE FROM " + o.table + " WHERE kind = 4",
			"SELECT value FROM " + o.table + " WHERE kind = 0", // what each call begins with after a commit of another process
		} {
			statement, err := older.Prepare(text)
			if err != nil {
				t.Fatal(err)
			}
			defer statement.Close()
			statements = append(statements, statement)
		}
		s := open(t, o.path, o.storageKey, o.options())
		for i, statement := range statements {
			if _, err := statement.(driver.StmtExecContext).ExecContext(t.Context(), nil); err == nil {
				t.Errorf("statement %d of the older library works on the migrated store", i)
			}
		}
		if err := o.holds(s); err != nil {
			t.Fatal(err)
		}
	})
}

// If this failed, a record of schema 2 or 3 would be changed by the migration, which does not open it, or
// the migration would not be in the chain of commits, and a log from before it would fit the file.
func TestMigrationMovesRowsAsTheyAre(t *testing.T) {
	everySchema(t, func(t *testing.T, o old) {
		if o.table == "record" {
			return // its rows are wrapped
		}
		rows := func(text string) map[string]string {
			t.Helper()
			conn, err := openRaw(o.path)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			found, err := conn.Query(text, nil)
			if err != nil {
				t.Fatal(err)
			}
			defer found.Close()
			all := map[string]string{}
			for dest := newDest(2); found.Next(dest) == nil; {
				all[fmt.Sprint(dest[0])] = fmt.Sprint(dest[1])
			}
			return all
		}
		const these, link = "SELECT kind || ' ' || hex(name), hex(value) FROM ", "SELECT one, hex(value) FROM link"
		had, linked := rows(these+o.table), rows(link)
		archived := map[string]string{}
		if o.table == "entries" {
			if archived = rows(these + "archives"); len(archived) == 0 {
				t.Fatal("there are no archives: this test is blind")
			}
		}
		open(t, o.path, o.storageKey, o.options()).Close()
		if got := rows(these + "items"); len(got) < 20 || !maps.Equal(got, had) {
			t.Errorf("%d rows are %d others", len(had), len(got))
		}
		if got := rows(these + "archives"); !maps.Equal(got, archived) {
			t.Errorf("%d archives are %d others", len(archived), len(got))
		}
		if got := rows("SELECT id, hex(value) FROM chains"); len(got) != 0 {
			t.Errorf("there are %d chains", len(got))
		}
		if got := rows(link); len(got) != 1 || maps.Equal(got, linked) {
			t.Errorf("the migration's commit is %v, and that before it was %v", got, linked)
		}
		was := rows("SELECT name, sql FROM sqlite_schema")
		o.path = filepath.Join(t.TempDir(), "new")
		open(t, o.path, o.storageKey, o.options()).Close()
		if is := rows("SELECT name, sql FROM sqlite_schema"); !maps.Equal(is, was) {
			t.Errorf("the schema of a new store is %v, that of a migrated one %v", is, was)
		}
	})
}

// If this failed, a row that someone put into a store of schema 1 would crash the process.
func TestMigrationMeetsAForgedKind(t *testing.T) {
	o := oldStore(t, "plaintext")
	change(t, o.path, "INSERT INTO record (kind, name, value) VALUES (11, x'00', x'00')")
	if _, err := store.Open(o.path, nil, o.options()); status.Of(err) != status.StoreCorrupt {
		t.Errorf("opened: %v", err)
	}
}

// A row that a newer library wrote in a form of its own is UNSUPPORTED: an app that hears
// "damaged" throws its sessions away.
func TestFault35RowOfANewerForm(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	s := open(t, path, nil, store.Options{Plaintext: true})
	put(t, s, "a", "1")
	s.Close()
	change(t, path, "UPDATE items SET value = CAST(x'09' || substr(value, 2) AS BLOB) WHERE kind = 4")
	s = open(t, path, nil, store.Options{Plaintext: true})
	err := s.Update(func(tx *store.Tx) error { _, err := tx.Get(store.Sessions, "a"); return err })
	if status.Of(err) != status.Unsupported {
		t.Fatalf("read: %v", err)
	}
}

// The rows of schema 1 were sealed straight under the storage key. None of them stays behind in the
// file: whoever gets the storage key later could read the sessions as they were then, and a
// new storage key would not help.
func TestFault35MigrationLeavesNoOldRow(t *testing.T) {
	o := oldStore(t, "sealed")
	had := oldRows(t, o.path)
	s := open(t, o.path, o.storageKey, o.options())
	if err := s.ChangeKey(storageKey); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	image, err := os.ReadFile(o.path)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range had {
		if bytes.Contains(image, row) {
			t.Fatal("a row that schema 1 sealed is still in the file")
		}
	}
}

// oldRows are the beginnings of all rows of a file of schema 1.
func oldRows(t *testing.T, path string) (rows [][]byte) {
	t.Helper()
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	found, err := db.Query("SELECT substr(value, 1, 32) FROM record")
	if err != nil {
		t.Fatal(err)
	}
	defer found.Close()
	for found.Next() {
		var row []byte
		if err := found.Scan(&row); err != nil {
			t.Fatal(err)
		}
		rows = append(rows, row)
	}
	if len(rows) < 2 {
		t.Fatalf("%d rows", len(rows))
	}
	return rows
}
