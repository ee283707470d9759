package main

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"libcallkey/tools/contract/header"
)

// parse reads the header of the project with changes made to it: pairs of old and new text.
func parse(t *testing.T, changes ...string) *header.Contract {
	t.Helper()
	content, err := os.ReadFile("../../" + headerPath)
	if err != nil {
		t.Fatal(err)
	}
	text := string(content)
	for i := 0; i < len(changes); i += 2 {
		if !strings.Contains(text, changes[i]) {
			t.Fatalf("the header has no %q", changes[i])
		}
		text = strings.Replace(text, changes[i], changes[i+1], 1)
	}
	c, err := header.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

const (
	idMember = "\tuint32_t id; /* 1 to 16777215 */\n"
	anOption = "\tsize_t device_identity_len;\n"
	// The end of the options, and the values of their initialiser.
	optionsEnd = "} callkey_offer_options;\n"
	values     = "sizeof(callkey_offer_options), 0, "
	oneMore    = "sizeof(callkey_offer_options), 0, 0, "
	oneLess    = "sizeof(callkey_offer_options), "
	busy       = "#define CALLKEY_ERR_BUSY (-27)"
	roster     = "callkey_epochs_roster(callkey_epochs epochs, uint32_t transaction_id);"
)

// If one of these passed, a program built with an older header would call a wrong function, or
// read or write a wrong member.
func TestBrokenInterface(t *testing.T) {
	old := toRecord(parse(t))
	for _, change := range []struct {
		old, new, says string
		more           []string
	}{
		{"#define CALLKEY_INFO_GROUP 2\n", "", "CALLKEY_INFO_GROUP is gone", nil},
		{"#define CALLKEY_STORE_PLAINTEXT 2", "#define CALLKEY_STORE_PLAINTEXT 32", "CALLKEY_STORE_PLAINTEXT is 32, recorded as 2", nil},
		{idMember, "", `callkey_prekey has "uint8_t public_key[32]" at 0 (32-bit: 0), recorded is "uint32_t id" at 0 (0)`, nil},
		{idMember, "\tuint32_t number;\n", `callkey_prekey has "uint32_t number" at 0`, nil},
		{"} callkey_prekey;", "\tuint32_t more; /* since 9.0.0 */\n} callkey_prekey;", "callkey_prekey has a new member; a struct without struct_size is frozen", nil},
		{anOption, "", " is gone", []string{values, oneLess}},
		{"\tconst char *stanza_id; ", "\tconst char *first;\n\tconst char *stanza_id; ", `callkey_offer_options has "const char *first" at 16`, []string{values, oneMore}},
		{roster, strings.Replace(roster, "uint32_t", "uint64_t", 1), "callkey_epochs_roster is callkey_status(callkey_epochs, uint64_t), recorded as callkey_status(callkey_epochs, uint32_t)", nil},
		{roster, strings.Replace(roster, "_roster", "_list", 1), "callkey_epochs_roster is gone", nil},
	} {
		broken, _ := old.against(toRecord(parse(t, append([]string{change.old, change.new}, change.more...)...)))
		if err := errors.Join(broken...); err == nil || !strings.Contains(err.Error(), change.says) {
			t.Errorf("%q says %v, not %q", change.new, err, change.says)
		}
	}
	for name, change := range map[string]func(*recorded){
		"callkey_epochs is gone":              func(r *recorded) { r.Handles = r.Handles[:1] },
		"CALLKEY_CALL_INFO_INIT is gone":      func(r *recorded) { r.Macros = r.Macros[:len(r.Macros)-1] },
		"callkey_srtp_keys is gone":           func(r *recorded) { r.Structs = r.Structs[1:] },
		"callkey_identity has a new member; ": func(r *recorded) { r.Structs[2].Size64++ },
	} {
		now := toRecord(parse(t))
		change(&now)
		broken, _ := old.against(now)
		if err := errors.Join(broken...); err == nil || !strings.HasPrefix(err.Error(), name) {
			t.Errorf("%v, not %q", err, name)
		}
	}
}

// If this failed, the interface could never grow.
func TestAdditions(t *testing.T) {
	old := toRecord(parse(t))
	now := parse(t,
		busy, "#define CALLKEY_STORE_MORE 32\n"+busy,
		optionsEnd, "\tsize_t more; /* since 9.0.0 */\n"+optionsEnd, values, oneMore)
	broken, added := old.against(toRecord(now))
	if broken != nil || added != 2 {
		t.Errorf("%v, %d added", broken, added)
	}
	if wrong := old.undated(now); wrong != nil {
		t.Errorf("%v", wrong)
	}
	// The first version must be named.
	for says, c := range map[string]*header.Contract{
		"callkey_offer_options.more is new": parse(t, optionsEnd, "\tsize_t more;\n"+optionsEnd, values, oneMore),
		"callkey_epochs_roster lacks Since": parse(t, " *  Since:   0.2.0\n */\nCALLKEY_API callkey_status\n"+roster, " */\nCALLKEY_API callkey_status\n"+roster),
	} {
		if err := errors.Join(old.undated(c)...); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, not %q", err, says)
		}
	}
}

// If this failed, the record would not be the interface that was written to it.
func TestRecordIsRead(t *testing.T) {
	c := parse(t)
	text, err := toRecord(c).text()
	if err != nil {
		t.Fatal(err)
	}
	var again recorded
	if err := json.Unmarshal(text, &again); err != nil {
		t.Fatal(err)
	}
	if broken, added := again.against(toRecord(c)); broken != nil || added != 0 {
		t.Errorf("%v, %d added", broken, added)
	}
	t.Chdir(t.TempDir())
	if _, err := checkRecord(c); err == nil || !strings.HasSuffix(err.Error(), "run make abi") {
		t.Errorf("without a record: %v", err)
	}
	if err := os.MkdirAll("abi", 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(recordPath, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if added, err := checkRecord(c); added != 0 || err != nil {
		t.Errorf("%d added, %v", added, err)
	}
	c.Major++
	if _, err := checkRecord(c); err == nil || !strings.Contains(err.Error(), "is of ABI major 0 and include/callkey.h of 1") {
		t.Errorf("another major: %v", err)
	}
}
