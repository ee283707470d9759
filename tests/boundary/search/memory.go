package main

import (
	"bufio"
	"bytes"
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

// dump calls each with every writable region of the process, and returns their bytes. It
// skips unreadable memory (the kernel's own pages).
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
	for _, r := range all {
		if !r.writable {
			continue
		}
		content := make([]byte, r.to-r.from)
		n, err := memory.ReadAt(content, int64(r.from))
		if err != nil && r.name[0] != '[' {
			return 0, fmt.Errorf("%s at %x: %w", r.name, r.from, err)
		}
		each(r, content[:n])
		size += n
	}
	return size, nil
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
