// Package signalclient_test holds the library against the official Signal
// client library, npm @signalapp/libsignal-client, as the other side of real
// sessions: 0.22.0, the last line from before Kyber, which writes the message
// version byte 0x33 as WhatsApp does, and 0.58.0, which still speaks X3DH v3 but
// announces 0x34.
//
// install.py fetches both; without Node.js the tests are skipped and say so,
// unless CI=true.
package signalclient_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	replyWait = 20 * time.Second // one command; the slowest, a first begin, takes milliseconds
	exitWait  = 5 * time.Second  // from the end of its input to the end of the process
)

// versions are the releases of the client library, each in a folder of its name.
var versions = []string{"0.22.0", "0.58.0"}

// versionByte is the first byte of every message a release writes: the session's
// version in the high nibble, the newest it knows in the low one.
var versionByte = map[string]byte{"0.22.0": 0x33, "0.58.0": 0x34}

// command is one line to peer.js. Bytes travel as base64, which is what
// encoding/json makes of them.
type command struct {
	ID          int     `json:"id"`
	Op          string  `json:"op"`
	Account     string  `json:"account,omitempty"`
	Name        string  `json:"name,omitempty"`
	Device      uint32  `json:"device"`
	Type        string  `json:"type,omitempty"`
	Plaintext   []byte  `json:"plaintext,omitempty"`
	Ciphertext  []byte  `json:"ciphertext,omitempty"`
	Prekey      bool    `json:"prekey,omitempty"`
	Bundle      *bundle `json:"bundle,omitempty"`
	KyberSigner string  `json:"kyberSigner,omitempty"`
	IdentityKey []byte  `json:"identityKey,omitempty"`
	Record      []byte  `json:"record,omitempty"`
}

type reply struct {
	ID     int             `json:"id"`
	Result json.RawMessage `json:"result"`
	Error  *refusal        `json:"error"`
}

// refusal is the client library's own error, by its name there.
type refusal struct {
	Name    string `json:"name"`
	Message string `json:"message"`
}

func (r *refusal) Error() string { return r.Name + ": " + r.Message }

// peer is one running peer.js. Commands go one at a time.
type peer struct {
	version string
	input   io.WriteCloser
	replies chan reply
	stderr  *bytes.Buffer
	last    int
}

// requireClient skips the test, or fails it when CI=true, if the client library
// cannot run here. It returns the path of node.
func requireClient(t *testing.T, version string) string {
	t.Helper()
	missing := func(what string) {
		t.Helper()
		if os.Getenv("CI") == "true" {
			t.Fatalf("CI must not skip this test: %s", what)
		}
		t.Skipf("skipped: %s", what)
	}
	node := findNode()
	if node == "" {
		missing(`needs Node.js 18+ with npm, get it with "apt-get install nodejs npm"`)
	}
	if _, err := os.Stat(filepath.Join(version, "node_modules", "@signalapp", "libsignal-client")); err != nil {
		missing(fmt.Sprintf(`needs the Signal client library %s, get it with "python3 -m tests.signal-client.install"`, version))
	}
	return node
}

// findNode is the path of a Node.js that peer.js runs on, "" if there is none.
var findNode = sync.OnceValue(func() string {
	node, err := exec.LookPath("node")
	if err != nil {
		return ""
	}
	ctx, cancel := context.WithTimeout(context.Background(), replyWait)
	defer cancel()
	out, err := exec.CommandContext(ctx, node, "--version").Output() // "v20.20.2"
	if err != nil {
		return ""
	}
	digits, _, _ := strings.Cut(strings.TrimPrefix(string(out), "v"), ".")
	if major, err := strconv.Atoi(digits); err != nil || major < 18 {
		return ""
	}
	return node
})

// startPeer runs peer.js for one version until the test ends.
func startPeer(t *testing.T, version string) *peer {
	t.Helper()
	node := requireClient(t, version)
	ctx, kill := context.WithCancel(context.Background())
	child := exec.CommandContext(ctx, node, "peer.js", version)
	child.WaitDelay = exitWait
	p := &peer{version: version, replies: make(chan reply, 1), stderr: new(bytes.Buffer)}
	child.Stderr = p.stderr
	var err error
	if p.input, err = child.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	output, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.replies)
		for lines := json.NewDecoder(output); ; {
			var r reply
			if lines.Decode(&r) != nil {
				return
			}
			select {
			case p.replies <- r:
			case <-ctx.Done():
				return
			}
		}
	}()
	t.Cleanup(func() {
		p.input.Close()
		timer := time.AfterFunc(exitWait, kill)
		for range p.replies { // until the process closed its output
		}
		err := child.Wait()
		if !timer.Stop() {
			t.Errorf("peer.js %s had to be killed", version)
		} else if err != nil {
			t.Errorf("peer.js %s: %v\n%s", version, err, p.stderr)
		}
		kill()
	})
	return p
}

// try runs one command. A *refusal means that the client library said no; every
// other trouble ends the test.
func (p *peer) try(t *testing.T, c command, result any) error {
	t.Helper()
	p.last++
	c.ID = p.last
	line, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.input.Write(append(line, '\n')); err != nil {
		t.Fatalf("peer.js %s, %s: %v", p.version, c.Op, err)
	}
	select {
	case r, running := <-p.replies:
		switch {
		case !running:
			t.Fatalf("peer.js %s ended during %s", p.version, c.Op)
		case r.ID != c.ID:
			t.Fatalf("peer.js %s answered %d to command %d", p.version, r.ID, c.ID)
		case r.Error != nil:
			return r.Error
		case result != nil:
			if err := json.Unmarshal(r.Result, result); err != nil {
				t.Fatalf("peer.js %s, %s: %v", p.version, c.Op, err)
			}
		}
		return nil
	case <-time.After(replyWait):
		t.Fatalf("peer.js %s did not answer %s within %v", p.version, c.Op, replyWait)
		return nil
	}
}

// call is try for a command that must succeed.
func (p *peer) call(t *testing.T, c command, result any) {
	t.Helper()
	if err := p.try(t, c, result); err != nil {
		t.Fatalf("signal-client %s, %s: %v", p.version, c.Op, err)
	}
}

// refusalName is the client library's error name, "" for none.
func refusalName(err error) string {
	var r *refusal
	if errors.As(err, &r) {
		return r.Name
	}
	return ""
}
