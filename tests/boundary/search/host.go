package main

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// mask is XORed with each byte of a secret that a host prints.
const mask = 0xa5

// host is the process to search.
type host struct {
	command *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Scanner
}

func start(command []string) (*host, error) {
	h := &host{command: exec.Command(command[0], command[1:]...)}
	h.command.Stderr = os.Stderr
	var err error
	if h.in, err = h.command.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := h.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	h.out = bufio.NewScanner(out)
	h.out.Buffer(nil, 1<<20)
	return h, h.command.Start()
}

// next reads up to the next stage; "" is the end.
func (h *host) next(told func(name string, value []byte)) (stage string, err error) {
	for h.out.Scan() {
		words := strings.Fields(h.out.Text())
		switch {
		case len(words) == 2 && words[0] == "stage":
			return words[1], nil
		case len(words) == 3 && words[0] == "secret":
			value, err := hex.DecodeString(words[2])
			if err != nil {
				return "", err
			}
			xor(value, mask)
			told(words[1], value)
		default:
			return "", fmt.Errorf("the host says %q", h.out.Text())
		}
	}
	return "", h.command.Wait()
}

// process returns the host's process id, or that of the process below it that has mapped
// the file.
func (h *host) process(mapped string) (pid int, err error) {
	if mapped == "" {
		return h.command.Process.Pid, nil
	}
	found, err := below(h.command.Process.Pid)
	if err != nil {
		return 0, err
	}
	for _, pid := range found {
		regions, err := regions(pid)
		if err != nil {
			continue // it has ended
		}
		if slices.ContainsFunc(regions, func(r region) bool { return r.file && r.name == mapped }) {
			return pid, nil
		}
	}
	return 0, fmt.Errorf("no process has mapped %s", mapped)
}

func (h *host) goOn() error {
	_, err := io.WriteString(h.in, "\n")
	return err
}
