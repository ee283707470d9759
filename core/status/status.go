// Package status is the list of outcomes that every room of the library shares
// with its C contract: one fixed number and one name each.
//
// Rooms return errors made by New. Their text is for a person: lower case, it
// names the thing and never holds a secret or a byte of a message. The C
// boundary turns an error into its number with Of.
package status

import (
	"errors"
	"fmt"
)

// Code is a callkey_status. OK (0) is the only success; the numbers never change.
type Code int32

const (
	OK                Code = 0
	Argument          Code = -1  // a pointer, flag or text that the contract forbids
	Buffer            Code = -2  // the output is too small; the size needed was set and nothing else changed
	Handle            Code = -3  // a zero, closed or foreign handle
	KeyLength         Code = -4  // a secret of the wrong length
	Participant       Code = -5  // an empty participant id
	InvalidKey        Code = -6  // a key or signature that is not acceptable
	Malformed         Code = -7  // bytes that do not parse
	Unsupported       Code = -8  // a newer or unknown version, keygen or post-quantum field
	Authentication    Code = -9  // parsed, but not genuine
	Duplicate         Code = -10 // seen before
	TooFar            Code = -11 // a counter too far ahead
	NoSession         Code = -12 // no session with that device
	NoPrekey          Code = -13 // the prekey that the message names is not there (any more)
	UntrustedIdentity Code = -14 // the device's identity key changed
	NoIdentity        Code = -15 // the store has no identity yet
	NotForThisDevice  Code = -16 // the stanza holds no enc for any of the own JIDs
	NoDevices         Code = -17 // no device could be sealed for
	DeviceIdentity    Code = -18 // a pkmsg needs device_identity and none was given
	Stale             Code = -19 // older than the epoch in force
	Conflict          Code = -20 // at odds with what is already there: same number, other bytes
	Store             Code = -21 // the store could not be read or written
	StoreKey          Code = -22 // wrong or missing storage key
	StoreCorrupt      Code = -23 // the store file, or a record in it, is damaged
	Forked            Code = -24 // called in a child of fork()
	Internal          Code = -25 // a bug; the library refuses further work
	NotFound          Code = -26 // nothing of that kind under that name
	Busy              Code = -27 // another process held the store for too long
)

var table = map[Code]struct{ name, text string }{
	OK:                {"CALLKEY_OK", "success"},
	Argument:          {"CALLKEY_ERR_ARGUMENT", "an argument is missing or not allowed"},
	Buffer:            {"CALLKEY_ERR_BUFFER", "the output buffer is too small; the size needed was set and nothing else changed"},
	Handle:            {"CALLKEY_ERR_HANDLE", "the handle is not open"},
	KeyLength:         {"CALLKEY_ERR_KEY_LENGTH", "a secret has the wrong length"},
	Participant:       {"CALLKEY_ERR_PARTICIPANT", "the participant id is empty"},
	InvalidKey:        {"CALLKEY_ERR_INVALID_KEY", "a key or its signature is not acceptable"},
	Malformed:         {"CALLKEY_ERR_MALFORMED", "the bytes do not parse"},
	Unsupported:       {"CALLKEY_ERR_UNSUPPORTED", "the version or a field is newer than this library"},
	Authentication:    {"CALLKEY_ERR_AUTHENTICATION", "the data is not genuine"},
	Duplicate:         {"CALLKEY_ERR_DUPLICATE", "the message was seen before"},
	TooFar:            {"CALLKEY_ERR_TOO_FAR", "the message counter is too far ahead"},
	NoSession:         {"CALLKEY_ERR_NO_SESSION", "there is no session with the device"},
	NoPrekey:          {"CALLKEY_ERR_NO_PREKEY", "the prekey that the message names is gone or was never there"},
	UntrustedIdentity: {"CALLKEY_ERR_UNTRUSTED_IDENTITY", "the device's identity key changed and was not yet trusted"},
	NoIdentity:        {"CALLKEY_ERR_NO_IDENTITY", "the store has no identity yet"},
	NotForThisDevice:  {"CALLKEY_ERR_NOT_FOR_THIS_DEVICE", "the stanza holds no ciphertext for this device"},
	NoDevices:         {"CALLKEY_ERR_NO_DEVICES", "no device could be sealed for"},
	DeviceIdentity:    {"CALLKEY_ERR_DEVICE_IDENTITY", "a prekey message needs the device identity and none was given"},
	Stale:             {"CALLKEY_ERR_STALE", "the epoch is older than the one in force"},
	Conflict:          {"CALLKEY_ERR_CONFLICT", "it conflicts with what is already there"},
	Store:             {"CALLKEY_ERR_STORE", "the store could not be read or written"},
	StoreKey:          {"CALLKEY_ERR_STORE_KEY", "the storage key is wrong or missing"},
	StoreCorrupt:      {"CALLKEY_ERR_STORE_CORRUPT", "the store is damaged or is not a store"},
	Forked:            {"CALLKEY_ERR_FORKED", "the library cannot be used in a child of fork()"},
	Internal:          {"CALLKEY_ERR_INTERNAL", "an internal error; the library refuses further work"},
	NotFound:          {"CALLKEY_ERR_NOT_FOUND", "nothing of that kind under that name"},
	Busy:              {"CALLKEY_ERR_BUSY", "another process held the store for too long"},
}

// Name is the macro's name in callkey.h, or "CALLKEY_ERR_UNKNOWN" for a number
// that is none of ours.
func (c Code) Name() string {
	if row, ok := table[c]; ok {
		return row.name
	}
	return "CALLKEY_ERR_UNKNOWN"
}

// Text is one sentence for a person.
func (c Code) Text() string {
	if row, ok := table[c]; ok {
		return row.text
	}
	return "not a callkey_status"
}

// Error makes a bare Code usable with errors.Is.
func (c Code) Error() string { return c.Text() }

// All lists every code, OK first, in the header's order.
func All() []Code {
	codes := make([]Code, 0, len(table))
	for c := OK; c >= Busy; c-- {
		codes = append(codes, c)
	}
	return codes
}

type failure struct {
	code Code
	text string
}

func (f *failure) Error() string { return f.text }
func (f *failure) Unwrap() error { return f.code }

// New makes an error with a code and a text in the form of fmt.Sprintf.
func New(code Code, format string, args ...any) error {
	return &failure{code, fmt.Sprintf(format, args...)}
}

// Of is the code of err: OK for nil, Internal for an error that New did not make.
func Of(err error) Code {
	if err == nil {
		return OK
	}
	var code Code
	if errors.As(err, &code) {
		return code
	}
	return Internal
}
