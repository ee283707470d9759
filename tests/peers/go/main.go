// The driver of the Go peer, go.mau.fi/whatsmeow: accounts with its own SQL store, its
// reader of call events and its binary XML.
//
// One JSON object per line, a request on standard input and its answer on standard output:
//
//	{"do": "create", "account": "bob", "jid": "222:5@lid"}
//	{"ok": {"registration_id": 9177, "identity_key": "…"}}
//	{"error": "no session"}
//
// Bytes are lower-case hex. Public keys are the raw 32 bytes. It ends with its input.
package main

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log"
	"os"
)

// Request has the members of all requests.
type Request struct {
	Do         string  `json:"do"`
	Account    string  `json:"account"`
	JID        string  `json:"jid"`
	Type       string  `json:"type"`
	Version    int     `json:"v"`
	Prekey     bool    `json:"prekey"`
	ID         uint32  `json:"id"`
	Key        Hex     `json:"key"`
	Plaintext  Hex     `json:"plaintext"`
	Ciphertext Hex     `json:"ciphertext"`
	Record     Hex     `json:"record"`
	Wire       Hex     `json:"wire"`
	Bundle     *Bundle `json:"bundle"`
	Node       *Node   `json:"node"`
}

// Answer has the members of one answer.
type Answer map[string]any

// Hex is bytes as lower-case hex.
type Hex []byte

func (h Hex) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(h)), nil }

func (h *Hex) UnmarshalText(text []byte) error {
	b, err := hex.DecodeString(string(text))
	*h = b
	return err
}

var does = map[string]func(*Request) (Answer, error){
	"create":         create,
	"storage":        storage,
	"reopen":         reopen,
	"bundle":         takeBundle,
	"holds_prekey":   holdsPrekey,
	"private":        private,
	"seal":           seal,
	"open":           open,
	"seal_raw":       sealRaw,
	"open_raw":       openRaw,
	"session":        session,
	"put_session":    putSession,
	"remove_session": removeSession,
	"events":         callEvents,
	"decode":         decode,
	"encode":         encode,
}

// answer runs one request. The peer's code may panic on what it cannot read; that is an answer too.
func answer(line []byte) (a Answer, err error) {
	defer func() {
		if p := recover(); p != nil {
			a, err = nil, fmt.Errorf("panic: %v", p)
		}
	}()
	var r Request
	if err := json.Unmarshal(line, &r); err != nil {
		return nil, err
	}
	do, ok := does[r.Do]
	if !ok {
		return nil, fmt.Errorf("there is no %q", r.Do)
	}
	return do(&r)
}

func main() {
	in, out := bufio.NewReader(os.Stdin), json.NewEncoder(os.Stdout)
	os.Stdout = os.Stderr // the Signal library prints its log there
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			return
		}
		result, err := answer(line)
		said := map[string]any{"ok": result}
		if err != nil {
			said = map[string]any{"error": err.Error()}
		}
		if err := out.Encode(said); err != nil {
			log.Fatal(err)
		}
	}
}
