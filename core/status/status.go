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
	Argument          Code = -1
	Buffer            Code = -2
	Handle            Code = -3
	KeyLength         Code = -4
	Participant       Code = -5
	InvalidKey        Code = -6
	Malformed         Code = -7
	Unsupported       Code = -8
	Authentication    Code = -9
	Duplicate         Code = -10
	TooFar            Code = -11
	NoSession         Code = -12
	NoPrekey          Code = -13
	UntrustedIdentity Code = -14
	NoIdentity        Code = -15
	NotForThisDevice  Code = -16
	NoDevices         Code = -17
	DeviceIdentity    Code = -18
	Stale             Code = -19
	Conflict          Code = -20
	Store             Code = -21
	StoreKey          Code = -22
	StoreCorrupt      Code = -23
	Forked            Code = -24
	Internal          Code = -25
	NotFound          Code = -26
	Busy              Code = -27
)

var table = map[Code]struct{ name, text string }{
	OK:                {"CALLKEY_OK", "success"},
	Argument:          {"CALLKEY_ERR_ARGUMENT", "an argument is missing or not allowed"},
	Buffer:            {"CALLKEY_ERR_BUFFER", "the output is too small; the size needed was set"},
	Handle:            {"CALLKEY_ERR_HANDLE", "the handle is not open"},
	KeyLength:         {"CALLKEY_ERR_KEY_LENGTH", "a secret has the wrong length"},
	Participant:       {"CALLKEY_ERR_PARTICIPANT", "the participant id is empty"},
	InvalidKey:        {"CALLKEY_ERR_INVALID_KEY", "a key or signature is not valid"},
	Malformed:         {"CALLKEY_ERR_MALFORMED", "the bytes do not parse"},
	Unsupported:       {"CALLKEY_ERR_UNSUPPORTED", "a version, keygen or field is not supported"},
	Authentication:    {"CALLKEY_ERR_AUTHENTICATION", "the data is not authentic"},
	Duplicate:         {"CALLKEY_ERR_DUPLICATE", "the message was seen before"},
	TooFar:            {"CALLKEY_ERR_TOO_FAR", "the message counter is too far ahead"},
	NoSession:         {"CALLKEY_ERR_NO_SESSION", "there is no session with the device"},
	NoPrekey:          {"CALLKEY_ERR_NO_PREKEY", "the store lacks the prekey that the message names"},
	UntrustedIdentity: {"CALLKEY_ERR_UNTRUSTED_IDENTITY", "the device's identity key is not the trusted one"},
	NoIdentity:        {"CALLKEY_ERR_NO_IDENTITY", "the store has no identity yet"},
	NotForThisDevice:  {"CALLKEY_ERR_NOT_FOR_THIS_DEVICE", "the stanza has no ciphertext for this device"},
	NoDevices:         {"CALLKEY_ERR_NO_DEVICES", "the key could not be sealed for any device"},
	DeviceIdentity:    {"CALLKEY_ERR_DEVICE_IDENTITY", "a pkmsg needs device_identity and none was given"},
	Stale:             {"CALLKEY_ERR_STALE", "the epoch is older than the one in force"},
	Conflict:          {"CALLKEY_ERR_CONFLICT", "the input conflicts with what is already there"},
	Store:             {"CALLKEY_ERR_STORE", "the store could not be read or written"},
	StoreKey:          {"CALLKEY_ERR_STORE_KEY", "the storage key is wrong or missing"},
	StoreCorrupt:      {"CALLKEY_ERR_STORE_CORRUPT", "the store is damaged or is not a store"},
	Forked:            {"CALLKEY_ERR_FORKED", "the library cannot be used in a child of fork()"},
	Internal:          {"CALLKEY_ERR_INTERNAL", "an internal error; the library refuses to work"},
	NotFound:          {"CALLKEY_ERR_NOT_FOUND", "there is no such store, identity, prekey or epoch"},
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
