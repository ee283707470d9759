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
}

func writable(pid int) ([]region, error) {
	maps, err := os.Open(fmt.Sprintf("/proc/%d/maps", pid))
	if err != nil {
		return nil, err
	}
	defer maps.Close()
	var regions []region
	for lines := bufio.NewScanner(maps); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) < 5 || !strings.HasPrefix(fields[1], "rw") {
			continue
		}
		r := region{name: "anonymous"}
		if _, err := fmt.Sscanf(fields[0], "%x-%x", &r.from, &r.to); err != nil {
			return nil, err
		}
		switch {
		case len(fields) > 5:
			r.name = filepath.Base(fields[5])
		case r.from>>36 == 0xc: // where its first arenas are on 64-bit systems
			r.name = "Go's heap and stacks"
		}
		regions = append(regions, r)
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
