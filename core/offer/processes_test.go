package offer_test

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"libcallkey/core/callkey"
	"libcallkey/core/offer"
	"libcallkey/core/signal"
	"libcallkey/core/stanza"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

// An app and its notification extension use one file at once. Three processes seal for the
// same two devices, singly and in fan-outs of opposite order, and two of them are given the
// same messages: every message key is used once, every message opens in one process only,
// and the devices can open everything.
func TestProcessesShareSessions(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped with -short: three processes share a store for a while")
	}
	path := filepath.Join(t.TempDir(), "store")
	s, err := signal.OpenStore(path, storageKey, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	jids := []string{"111:0@lid", "111:5@lid"}
	devices := map[string]*store.Store{}
	for _, jid := range jids {
		devices[jid] = openStore(t, false)
		begin(t, s, devices[jid], jid)
		key := newKey(t)
		ciphertext, kind, err := offer.SealEnc(s, jid, key[:], -1)
		if err == nil {
			err = offer.OpenEnc(devices[jid], &key, victimJID, kind, 2, ciphertext)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	var work []string
	keys := map[string][callkey.Bytes]byte{}
	for i := range 40 {
		from := jids[i%2]
		key := newKey(t)
		ciphertext, kind, err := offer.SealEnc(devices[from], victimJID, key[:], -1)
		if err != nil {
			t.Fatal(err)
		}
		id := fmt.Sprintf("m%d", i)
		keys[id] = key
		work = append(work, fmt.Sprintf("open %s %s %d %x\n", id, from, kind, ciphertext),
			fmt.Sprintf("seal %s\n", from), fmt.Sprintf("offer %s %s\n", jids[i/2%2], jids[1-i/2%2]))
	}
	var lines [2]*bufio.Scanner
	for i := range lines {
		c := exec.Command(os.Args[0])
		c.Env = append(os.Environ(), victimVariable+"="+path)
		rand.Shuffle(len(work), func(i, j int) { work[i], work[j] = work[j], work[i] })
		c.Stdin, c.Stderr = strings.NewReader(strings.Join(work, "")), os.Stderr
		out, err := c.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Process.Kill(); c.Wait() })
		lines[i] = bufio.NewScanner(out)
		lines[i].Buffer(nil, 1<<20)
	}
	used := map[string]bool{}
	released := func(to string, kind stanza.EncType, ciphertext []byte) {
		name := to + keyName(t, kind == stanza.EncPkmsg, ciphertext)
		if used[name] {
			t.Fatalf("one message key for two messages: %s", name)
		}
		used[name] = true
		var key [callkey.Bytes]byte
		if err := offer.OpenEnc(devices[to], &key, victimJID, kind, 2, ciphertext); err != nil {
			t.Fatalf("%s can't open what was sealed for it: %v", to, err)
		}
	}
	offered := func(wire []byte) {
		for _, jid := range jids {
			info, ciphertext, err := stanza.ParseOffer(wire, []string{jid})
			if err != nil {
				t.Fatal(err)
			}
			released(jid, info.EncType, ciphertext)
		}
	}
	opened := map[string]int{}
	answers := 0
	for i := 0; i < len(work); i++ {
		key := newKey(t)
		sealed, err := offer.Seal(s, key[:], jids, &callOptions, -1)
		if err != nil {
			t.Fatal(err)
		}
		offered(sealed.Wire)
		for _, from := range lines {
			if !from.Scan() {
				t.Fatalf("a process ended after %d answers: %v", i, from.Err())
			}
			word := strings.Fields(from.Text())
			last, _ := hex.DecodeString(word[len(word)-1])
			answers++
			switch word[0] {
			case "sealed":
				kind := stanza.EncMsg
				if word[2] == fmt.Sprint(uint32(stanza.EncPkmsg)) {
					kind = stanza.EncPkmsg
				}
				released(word[1], kind, last)
			case "offered":
				offered(last)
			case "opened":
				switch key := keys[word[1]]; word[2] {
				case fmt.Sprint(int(status.OK)):
					if opened[word[1]]++; [callkey.Bytes]byte(last) != key {
						t.Fatalf("%s opened to another key", word[1])
					}
				case fmt.Sprint(int(status.Duplicate)):
				default:
					t.Fatalf("%q", word)
				}
			default:
				t.Fatalf("a process says %q", word)
			}
		}
	}
	for id := range keys {
		if opened[id] != 1 {
			t.Fatalf("%s was opened %d times", id, opened[id])
		}
	}
	t.Logf("%d answers of two processes, %d messages sealed", answers, len(used))
}
