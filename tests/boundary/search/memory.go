package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// region is a mapping of a process. The writable ones are its heap, stacks, Go's arenas,
// .data and .bss.
type region struct {
	from, to uint64
	name     string
	file     bool
	writable bool
	guarded  bool // right behind inaccessible memory, like a thread's stack
}

func (r region) size() uint64 { return r.to - r.from }

func regions(pid int) (all []region, err error) {
	maps, err := os.Open(fmt.Sprintf("/proc/%d/maps", pid))
	if err != nil {
		return nil, err
	}
	defer maps.Close()
	before := region{} // the mapping before this one
	closed := false    // it is inaccessible
	for lines := bufio.NewScanner(maps); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		r := region{name: "anonymous", writable: strings.HasPrefix(fields[1], "rw")}
		if _, err := fmt.Sscanf(fields[0], "%x-%x", &r.from, &r.to); err != nil {
			return nil, err
		}
		r.guarded = before.to == r.from && closed
		closed = strings.HasPrefix(fields[1], "---")
		switch {
		case len(fields) > 5:
			r.name, r.file = filepath.Base(fields[5]), fields[5][0] == '/'
		case before.file && r.from == before.to:
			r.name = before.name + " (.bss)"
		}
		before = r
		all = append(all, r)
	}
	return all, nil
}

// dump calls each with the contents of every writable region of the process, part by part,
// and returns their bytes. It skips unreadable memory (the kernel's own pages), and pages
// that were never written.
func dump(pid int, each func(r region, content []byte)) (size int, err error) {
	all, err := regions(pid)
	if err != nil {
		return 0, err
	}
	memory, err := os.Open(fmt.Sprintf("/proc/%d/mem", pid))
	if err != nil {
		return 0, err
	}
	defer memory.Close()
	pages, err := os.Open(fmt.Sprintf("/proc/%d/pagemap", pid))
	if err != nil {
		return 0, err
	}
	defer pages.Close()
	for _, r := range all {
		if !r.writable {
			continue
		}
		parts, err := written(pages, r)
		if err != nil {
			return 0, err
		}
		for _, part := range parts {
			content := make([]byte, part.size())
			n, err := memory.ReadAt(content, int64(part.from))
			if err != nil && r.name[0] != '[' {
				return 0, fmt.Errorf("%s at %x: %w", r.name, part.from, err)
			}
			each(r, content[:n])
			size += n
		}
	}
	return size, nil
}

// Bits of a page in /proc/PID/pagemap: it is in memory, or in swap. A page of anonymous
// memory that is in neither is all zeros: nobody has written to it. Threads' stacks are
// nearly all of that kind.
const inMemoryOrSwap = 3 << 62

// written returns the parts of a region with pages that were written. Of a file's memory
// that cannot be told, so it is the whole region.
func written(pages *os.File, r region) (parts []region, err error) {
	if r.file || strings.HasPrefix(r.name, "[") {
		return []region{r}, nil
	}
	size := uint64(os.Getpagesize())
	entries := make([]byte, r.size()/size*8)
	if _, err := pages.ReadAt(entries, int64(r.from/size*8)); err != nil {
		return nil, fmt.Errorf("pages of %s at %x: %w", r.name, r.from, err)
	}
	for at := r.from; at < r.to; at += size {
		entry := binary.NativeEndian.Uint64(entries[(at-r.from)/size*8:])
		switch last := len(parts) - 1; {
		case entry&inMemoryOrSwap == 0:
		case last >= 0 && parts[last].to == at:
			parts[last].to += size
		default:
			part := r
			part.from, part.to = at, at+size
			parts = append(parts, part)
		}
	}
	return parts, nil
}

// runningOn returns the regions with the stacks of a stopped process's threads. It includes
// stacks of ended threads, which the C library keeps for reuse and which look the same.
func runningOn(pid int) (map[region]bool, error) {
	all, err := regions(pid)
	if err != nil {
		return nil, err
	}
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/syscall", pid))
	if err != nil {
		return nil, err
	}
	found, sizes := map[region]bool{}, map[uint64]bool{}
	for _, thread := range threads {
		// A system call and its arguments or -1, then stack pointer and program counter; only if
		// the thread has stopped.
		var fields []string
		for try := 0; len(fields) < 3; try++ {
			text, err := os.ReadFile(thread)
			if err != nil {
				return nil, err
			}
			if try == 1000 {
				return nil, fmt.Errorf("%s says %q: the thread does not stop", thread, text)
			}
			fields = strings.Fields(string(text))
			time.Sleep(time.Millisecond)
		}
		pointer, err := strconv.ParseUint(strings.TrimPrefix(fields[len(fields)-2], "0x"), 16, 64)
		if err != nil {
			return nil, err
		}
		for _, r := range all {
			if r.from <= pointer && pointer < r.to {
				found[r] = true
				sizes[r.size()] = sizes[r.size()] || r.guarded
			}
		}
	}
	for _, r := range all {
		if r.guarded && sizes[r.size()] {
			found[r] = true
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("no stack of process %d was found", pid)
	}
	return found, nil
}

// below returns the process and all its descendants.
func below(pid int) ([]int, error) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil, err
	}
	children := map[int][]int{}
	for _, entry := range entries {
		child, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", child))
		if err != nil {
			continue // it has ended
		}
		// The name, in parentheses, may contain any character.
		var state string
		var parent int
		if _, err := fmt.Sscan(string(stat[bytes.LastIndexByte(stat, ')')+1:]), &state, &parent); err == nil {
			children[parent] = append(children[parent], child)
		}
	}
	found := []int{pid}
	for i := 0; i < len(found); i++ {
		found = append(found, children[found[i]]...)
	}
	return found, nil
}
