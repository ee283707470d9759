package main

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
)

// mask is what a host XORs each byte of a secret with before it tells it.
const mask = 0xa5

// host is the process whose memory is searched.
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

func (h *host) goOn() error {
	_, err := io.WriteString(h.in, "\n")
	return err
}
