package offer_test

import (
	"bufio"
	"bytes"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"libcallkey/core/callkey"
	"libcallkey/core/offer"
	"libcallkey/core/session"
	"libcallkey/core/signal"
	"libcallkey/core/stanza"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

var (
	kills      = flag.Int("kills", 300, "how often TestKilled kills its child")
	killWithin = flag.Duration("kill-within", 20*time.Millisecond, "and the longest time after its first answer")
)

// The test binary is the child that gets killed when this names a store.
const victimVariable = "CALLKEY_OFFER_TEST_VICTIM"

// processes are what the test binary does instead when a variable is set, given its value.
var processes = map[string]func(string){victimVariable: runVictim}

func TestMain(m *testing.M) {
	for variable, run := range processes {
		if value := os.Getenv(variable); value != "" {
			run(value)
			return
		}
	}
	os.Exit(m.Run())
}

// runVictim obeys one command a line and says what came of it, until it is killed:
//
//	seal JID              →  sealed JID TYPE CIPHERTEXT
//	open ID JID TYPE CIPHERTEXT  →  opened ID STATUS KEY
//	offer JID JID         →  offered JID JID STANZA
func runVictim(path string) {
	s, err := signal.OpenStore(path, storageKey, store.Options{})
	if err != nil {
		fmt.Println("failed", err)
		os.Exit(1)
	}
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		word := strings.Fields(in.Text())
		switch word[0] {
		case "seal":
			var key [callkey.Bytes]byte
			callkey.Generate(&key)
			ciphertext, kind, err := offer.SealEnc(s, word[1], key[:], -1)
			if err != nil {
				fmt.Println("failed", err)
				os.Exit(1)
			}
			fmt.Printf("sealed %s %d %x\n", word[1], kind, ciphertext)
		case "offer":
			var key [callkey.Bytes]byte
			callkey.Generate(&key)
			sealed, err := offer.Seal(s, key[:], word[1:], &callOptions, -1)
			if err != nil {
				fmt.Println("failed", err)
				os.Exit(1)
			}
			fmt.Printf("offered %s %x\n", strings.Join(word[1:], " "), sealed.Wire)
		case "begin": // with the last one
			var bundle session.Bundle
			if err := json.Unmarshal([]byte(word[3]), &bundle); err != nil {
				panic(err)
			}
			var key [callkey.Bytes]byte
			callkey.Generate(&key)
			sealed, err := offer.Begin(s, key[:], word[1:3], []*session.Bundle{nil, &bundle}, &callOptions, -1)
			if err != nil {
				fmt.Println("failed", err)
				os.Exit(1)
			}
			fmt.Printf("offered %s %x\n", strings.Join(word[1:3], " "), sealed.Wire)
		case "open":
			ciphertext, _ := hex.DecodeString(word[4])
			var kind stanza.EncType
			fmt.Sscan(word[3], &kind)
			var key [callkey.Bytes]byte
			err := offer.OpenEnc(s, &key, word[2], kind, 2, ciphertext)
			fmt.Printf("opened %s %d %x\n", word[1], status.Of(err), key)
		}
	}
}

// victim is the store that is killed over and over, as its peers see it.
type victim struct {
	t      *testing.T
	path   string
	random *rand.Rand

	friend  *store.Store             // in session with the victim, never killed
	tablet  *store.Store             // so is this, which only rings
	turns   int                      // of the friend's ratchet, at most
	sent    map[string]*delivery     // to the victim, by id
	waiting []string                 // ids that no result came for
	rivals  map[string]string        // two ids that use one one-time prekey: at most one opens
	used    map[string]string        // ratchet key and counter → ciphertext released with it
	results map[string][]status.Code // by id
}

type delivery struct {
	line string
	turn int // of the friend's ratchet, at most
	key  [callkey.Bytes]byte
}

const (
	victimJID = "999:1@lid"
	friendJID = "111:0@lid"
	ringJID   = "111:4@lid" // of the tablet
)

// An app that is killed at any instant must find its sessions as its peers know them:
// what was sealed and released opens, no message key was used for two messages, nothing
// opens twice, no one-time prekey serves two handshakes.
func TestKilled(t *testing.T) {
	v := &victim{
		t: t, path: filepath.Join(t.TempDir(), "store"), random: rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 1)),
		friend: openStore(t, false), tablet: openStore(t, false), sent: map[string]*delivery{}, rivals: map[string]string{},
		used: map[string]string{}, results: map[string][]status.Code{},
	}
	v.befriend()
	rounds := *kills
	if testing.Short() {
		rounds = min(rounds, 10)
	}
	answers := 0
	for round := range rounds {
		v.prepare(round)
		answers += v.runAndKill()
		v.integrity()
	}
	opened, duplicates := 0, 0
	for _, codes := range v.results {
		for _, code := range codes {
			switch code {
			case status.OK:
				opened++
			case status.Duplicate:
				duplicates++
			}
		}
	}
	t.Logf("%d kills: %d answers, %d sealed and opened by peers, %d opened by the victim, %d redelivered", rounds, answers, len(v.used), opened, duplicates)
	if len(v.used) < rounds/2 || opened < rounds/2 {
		t.Fatal("too little happened between the kills for the test to mean anything")
	}
}

// befriend makes the victim's store, an answered session with the friend and one with the
// tablet.
func (v *victim) befriend() {
	s, err := signal.OpenStore(v.path, storageKey, store.Options{})
	if err != nil {
		v.t.Fatal(err)
	}
	defer s.Close()
	begin(v.t, s, v.friend, friendJID)
	begin(v.t, s, v.tablet, ringJID)
	key := newKey(v.t)
	ciphertext, kind, err := offer.SealEnc(s, friendJID, key[:], -1)
	if err != nil {
		v.t.Fatal(err)
	}
	var opened [callkey.Bytes]byte
	if err := offer.OpenEnc(v.friend, &opened, victimJID, kind, 2, ciphertext); err != nil {
		v.t.Fatal(err)
	}
}

// prepare makes new messages to the victim: some of the friend's, and now and then the
// first ones of two strangers who were given the same bundle.
func (v *victim) prepare(round int) {
	if !v.behind() {
		v.turns++
		for i := range 3 {
			v.send(fmt.Sprintf("f%d.%d", round, i), friendJID, v.friend)
		}
	}
	if round%5 != 0 {
		return
	}
	s, err := signal.OpenStore(v.path, storageKey, store.Options{})
	if err != nil {
		v.t.Fatal(err)
	}
	defer s.Close()
	bundle, err := signal.TakeBundle(s)
	if err != nil {
		v.t.Fatal(err)
	}
	for i := range 2 {
		stranger := openStore(v.t, false)
		if err := signal.Begin(stranger, addressOf(v.t, victimJID), &bundle); err != nil {
			v.t.Fatal(err)
		}
		v.send(fmt.Sprintf("s%d.%d", round, i), fmt.Sprintf("%d%d:3@lid", 700+i, round), stranger)
	}
	v.rivals[fmt.Sprintf("s%d.0", round)] = fmt.Sprintf("s%d.1", round)
}

// behind reports whether a message still waits from three turns of the ratchet ago. A session
// keeps five receiving chains: the friend of a device that never gets round to reading must
// stop before its messages can't be opened any more.
func (v *victim) behind() bool {
	for _, id := range v.waiting {
		if v.turns-v.sent[id].turn >= 3 {
			return true
		}
	}
	return false
}

func (v *victim) send(id, from string, s *store.Store) {
	d := &delivery{key: newKey(v.t), turn: v.turns}
	ciphertext, kind, err := offer.SealEnc(s, victimJID, d.key[:], -1)
	if err != nil {
		v.t.Fatal(err)
	}
	d.line = fmt.Sprintf("open %s %s %d %x\n", id, from, kind, ciphertext)
	v.sent[id] = d
	v.waiting = append(v.waiting, id)
}

// runAndKill starts the victim, gives it work, kills it after a random time and reads
// what it had said by then. What it had no answer for is delivered again next time.
func (v *victim) runAndKill() (answers int) {
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), victimVariable+"="+v.path)
	var work bytes.Buffer
	v.random.Shuffle(len(v.waiting), func(i, j int) { v.waiting[i], v.waiting[j] = v.waiting[j], v.waiting[i] })
	for _, id := range v.waiting {
		work.WriteString(v.sent[id].line)
		switch v.random.IntN(5) {
		case 0, 1:
			fmt.Fprintf(&work, "seal %s\n", friendJID)
		case 2, 3:
			fmt.Fprintf(&work, "offer %s %s\n", friendJID, ringJID)
		case 4:
			fmt.Fprintf(&work, "begin %s %s %s\n", friendJID, ringJID, v.published())
		}
		if v.random.IntN(3) == 0 {
			work.WriteString(v.sent[id].line)
		}
	}
	c.Stdin, c.Stderr = &work, os.Stderr
	out, err := c.StdoutPipe()
	if err != nil {
		v.t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		v.t.Fatal(err)
	}
	var timer *time.Timer
	killAfter := func(limit time.Duration) {
		timer = time.AfterFunc(time.Duration(v.random.Int64N(int64(limit))), func() { c.Process.Kill() })
	}
	// One in four dies while it opens its store, the others while they work.
	if v.random.IntN(4) == 0 {
		killAfter(10 * time.Millisecond)
	}
	lines := bufio.NewReader(out)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			break // the rest of a line that the kill cut was not released
		}
		if timer == nil {
			killAfter(*killWithin)
		}
		answers++
		v.hear(strings.Fields(line))
	}
	c.Wait()
	if timer != nil {
		timer.Stop()
	}
	return answers
}

// published is a bundle of the tablet, as a word.
func (v *victim) published() []byte {
	bundle, err := signal.TakeBundle(v.tablet)
	if err != nil {
		v.t.Fatal(err)
	}
	word, err := json.Marshal(bundle)
	if err != nil {
		v.t.Fatal(err)
	}
	return word
}

func (v *victim) hear(word []string) {
	switch word[0] {
	case "sealed":
		kind := stanza.EncMsg
		if word[2] == fmt.Sprint(uint32(stanza.EncPkmsg)) {
			kind = stanza.EncPkmsg
		}
		ciphertext, _ := hex.DecodeString(word[3])
		v.released(v.friend, kind, ciphertext)
	case "offered":
		wire, _ := hex.DecodeString(word[3])
		for jid, peer := range map[string]*store.Store{friendJID: v.friend, ringJID: v.tablet} {
			info, ciphertext, err := stanza.ParseOffer(wire, []string{jid})
			if err != nil {
				v.t.Fatalf("a released offer for %s: %v", jid, err)
			}
			v.released(peer, info.EncType, ciphertext)
		}
	case "opened":
		v.opened(word)
	default:
		v.t.Fatalf("the victim says %q", word)
	}
}

// released checks that the peer can open what left the victim, and that no message key made
// two messages.
func (v *victim) released(peer *store.Store, kind stanza.EncType, ciphertext []byte) {
	name := keyName(v.t, kind == stanza.EncPkmsg, ciphertext)
	if other, ok := v.used[name]; ok && other != string(ciphertext) {
		v.t.Fatal("a message key was used for two messages")
	}
	v.used[name] = string(ciphertext)
	var key [callkey.Bytes]byte
	if err := offer.OpenEnc(peer, &key, victimJID, kind, 2, ciphertext); err != nil {
		v.t.Fatalf("a peer can't open what the victim released: %v", err)
	}
}

// keyName identifies a message key: the ratchet key and the counter.
func keyName(t *testing.T, prekey bool, ciphertext []byte) string {
	t.Helper()
	field := func(b []byte, wanted protowire.Number) []byte {
		for len(b) > 0 {
			number, kind, n := protowire.ConsumeTag(b)
			m := protowire.ConsumeFieldValue(number, kind, b[n:])
			if n < 0 || m < 0 {
				t.Fatal("a released message does not parse")
			}
			if number == wanted {
				return b[n : n+m]
			}
			b = b[n+m:]
		}
		return nil
	}
	if prekey {
		inner, _ := protowire.ConsumeBytes(field(ciphertext[1:], 4))
		ciphertext = inner
	}
	body := ciphertext[1 : len(ciphertext)-8]
	return fmt.Sprintf("%x %x", field(body, 1), field(body, 2))
}

func (v *victim) opened(word []string) {
	id := word[1]
	var number int
	fmt.Sscan(word[2], &number)
	code := status.Code(number)
	d := v.sent[id]
	had := v.results[id]
	v.results[id] = append(had, code)
	switch code {
	case status.OK:
		if fmt.Sprintf("%x", d.key) != word[3] {
			v.t.Fatalf("%s opened to another key", id)
		}
		for _, before := range had {
			if before == status.OK || before == status.Duplicate {
				v.t.Fatalf("%s opened after it was %v", id, had)
			}
		}
	case status.Duplicate, status.NoPrekey:
	default:
		v.t.Fatalf("%s: %s", id, code.Name())
	}
	if code == status.NoPrekey && !strings.HasPrefix(id, "s") {
		v.t.Fatalf("%s lost its prekey", id)
	}
	for i, waiting := range v.waiting {
		if waiting == id {
			v.waiting = append(v.waiting[:i], v.waiting[i+1:]...)
			break
		}
	}
	for a, b := range v.rivals {
		if opensEver(v.results[a]) && opensEver(v.results[b]) {
			v.t.Fatalf("%s and %s both opened with one one-time prekey", a, b)
		}
	}
}

// opensEver: a DUPLICATE means that it had opened, only the answer was lost.
func opensEver(codes []status.Code) bool {
	for _, code := range codes {
		if code == status.OK || code == status.Duplicate {
			return true
		}
	}
	return false
}

func (v *victim) integrity() {
	db, err := sql.Open("sqlite3", v.path)
	if err != nil {
		v.t.Fatal(err)
	}
	defer db.Close()
	var verdict string
	if err := db.QueryRow("PRAGMA integrity_check").Scan(&verdict); err != nil || verdict != "ok" {
		v.t.Fatalf("integrity check: %s, %v", verdict, err)
	}
}
