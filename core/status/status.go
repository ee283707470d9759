// Package status lists the outcomes of all functions of the library, shared with the C
// header: each has one fixed number, one name and one text.
//
// Packages return errors made by New. Their text is for a person: lower case, it names
// the argument or the device, and never contains a secret or a byte of a message. The C
// boundary converts an error to its number with Of.
package status

import (
	"errors"
	"fmt"
	"syscall"
)

// Code is a callkey_status. OK (0) is the only success; the numbers never change.
type Code int32

// row is what the contract calls a code.
type row struct{ name, text string }

func (c Code) row() row {
	if c > OK || c <= Code(-len(table)) {
		return unknown
	}
	return table[-c]
}

// Name is the macro's name in callkey.h, or "CALLKEY_ERR_UNKNOWN" for a number
// that is none of ours.
func (c Code) Name() string { return c.row().name }

// Text is one sentence for a person.
func (c Code) Text() string { return c.row().text }

// Error makes a bare Code usable with errors.Is.
func (c Code) Error() string { return c.Text() }

// All lists every code, OK first, in the header's order.
func All() []Code {
	codes := make([]Code, len(table))
	for i := range codes {
		codes[i] = Code(-i)
	}
	return codes
}

type failure struct {
	code   Code
	text   string
	system syscall.Errno
}

func (f *failure) Error() string { return f.text }
func (f *failure) Unwrap() error { return f.code }

// New makes an error with a code and a text in the form of fmt.Sprintf. An error of the operating
// system among args is remembered: see System.
func New(code Code, format string, args ...any) error {
	f := &failure{code: code, text: fmt.Sprintf(format, args...)}
	for _, arg := range args {
		if err, ok := arg.(error); ok && f.system == 0 {
			errors.As(err, &f.system)
		}
	}
	return f
}

// Because makes an error as New does, of the operating system's error number.
func Because(system syscall.Errno, code Code, format string, args ...any) error {
	return &failure{code, fmt.Sprintf(format, args...), system}
}

// invented is the first of the numbers that package syscall has for errors that the operating
// system does not know.
const invented = 1 << 29

// System is the operating system's error number behind err, 0 if it has none.
func System(err error) uint32 {
	var f *failure
	if !errors.As(err, &f) || f.system >= invented {
		return 0
	}
	return uint32(f.system)
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
