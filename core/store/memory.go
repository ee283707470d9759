package store

import (
	"slices"
	"strings"
	"time"

	"libcallkey/core/secret"
	"libcallkey/core/status"
)

// memory is a store that lives as long as the process.
type memory struct {
	mu    brief
	rows  map[stagedName]*memoryRow
	names map[Table][]string // sorted, of the tables that were walked
}

// memoryRow is a row in memory that nothing else refers to. Behind its value the memory is zero.
type memoryRow struct{ value []byte }

// maxSpareBytes is the most memory that a row has behind its value, unless that is longer.
const maxSpareBytes = 64 << 10

// set copies a value into the memory that the row has, if it is enough, and not much more.
func (r *memoryRow) set(value []byte) {
	if len(value) > cap(r.value) || cap(r.value)-len(value) > max(len(value), maxSpareBytes) {
		secret.Wipe(r.value)
		r.value = make([]byte, 0, len(value)+len(value)/8) // the next value is often a little longer
	}
	if len(value) < len(r.value) {
		secret.Wipe(r.value[len(value):])
	}
	r.value = r.value[:len(value)]
	secret.Copy(r.value, value)
}

func (r *memoryRow) copied() []byte {
	value := make([]byte, len(r.value))
	secret.Copy(value, r.value)
	return value
}

func newMemory() *memory {
	return &memory{rows: map[stagedName]*memoryRow{}, names: map[Table][]string{}}
}

func (m *memory) version() (int64, error) { return 0, nil }
func (m *memory) begin(time.Time) error   { return nil }
func (m *memory) rollback()               {}
func (m *memory) sealer() *sealer         { return nil }

func (m *memory) changeKey([]byte, time.Time) error {
	return status.New(status.Argument, "a store in memory has no storage key")
}

func (m *memory) copyTo(string) error {
	return status.New(status.Argument, "a store in memory can't be copied to a file")
}

func (m *memory) get(t Table, names []string, each func(name string, row []byte)) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, name := range names {
		if row := m.rows[stagedName{t, name}]; row != nil {
			each(name, row.copied())
		}
	}
	return nil
}

func (m *memory) after(t Table, name string, n int) (found []change, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	names, walked := m.names[t]
	if !walked {
		for row := range m.rows {
			if row.table == t {
				names = append(names, row.name)
			}
		}
		slices.Sort(names)
		m.names[t] = names
	}
	at, there := slices.BinarySearch(names, name)
	if there {
		at++
	}
	for _, name := range names[at:min(at+n, len(names))] {
		found = append(found, change{t, name, m.rows[stagedName{t, name}].copied()})
	}
	return found, nil
}

// note keeps the sorted names of a table up to date.
func (m *memory) note(c change) {
	names, walked := m.names[c.table]
	if !walked {
		return
	}
	at, there := slices.BinarySearch(names, c.name)
	switch {
	case there && c.value == nil:
		m.names[c.table] = slices.Delete(names, at, at+1)
	case !there && c.value != nil:
		m.names[c.table] = slices.Insert(names, at, strings.Clone(c.name))
	}
}

func (m *memory) commit(_ int64, changes []change, _ time.Time) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range changes {
		m.write(c)
		m.note(c)
	}
	return true, nil
}

func (m *memory) write(c change) {
	name := stagedName{c.table, c.name}
	row := m.rows[name]
	switch {
	case c.value == nil && row != nil:
		secret.Wipe(row.value)
		delete(m.rows, name)
	case c.value == nil:
	case row == nil:
		row = new(memoryRow)
		name.name = strings.Clone(name.name) // it may be part of all names of a call
		m.rows[name] = row
		fallthrough
	default:
		row.set(c.value)
	}
}

func (m *memory) close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for name, row := range m.rows {
		secret.Wipe(row.value)
		delete(m.rows, name)
	}
	return nil
}
