package main

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// region is a writable mapping of a process: heap, stacks, Go's arenas, .data and .bss.
type region struct {
	from, to uint64
	name     string
	file     bool
}

func writable(pid int) ([]region, error) {
	maps, err := os.Open(fmt.Sprintf("/proc/%d/maps", pid))
	if err != nil {
		return nil, err
	}
	defer maps.Close()
	var regions []region
	before := region{} // the mapping before this one
	for lines := bufio.NewScanner(maps); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		r := region{name: "anonymous"}
		if _, err := fmt.Sscanf(fields[0], "%x-%x", &r.from, &r.to); err != nil {
			return nil, err
		}
		switch {
		case len(fields) > 5:
			r.name, r.file = filepath.Base(fields[5]), fields[5][0] == '/'
		case before.file && r.from == before.to:
			r.name = before.name + " (.bss)"
		}
		before = r
		if strings.HasPrefix(fields[1], "rw") {
			regions = append(regions, r)
		}
	}
	return regions, nil
}

// dump calls each with every writable region of the process, and returns how many bytes
// that were. What can't be read (the kernel's own pages) is left out.
func dump(pid int, each func(r region, content []byte)) (size int, err error) {
	regions, err := writable(pid)
	if err != nil {
		return 0, err
	}
	memory, err := os.Open(fmt.Sprintf("/proc/%d/mem", pid))
	if err != nil {
		return 0, err
	}
	defer memory.Close()
	for _, r := range regions {
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
