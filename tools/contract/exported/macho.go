package exported

import (
	"bytes"
	"debug/macho"
	"errors"
	"strings"
)

// Of a symbol's type (<mach-o/nlist.h>).
const (
	stab      = 0xe0 // a debugger's
	private   = 0x10 // global in its own archive or library
	typeBits  = 0x0e
	external  = 0x01
	undefined = 0x00
)

// machoExports are the names of a .dylib, or the global ones of an object, without the underscore
// that begins a C name.
func machoExports(content []byte) ([]string, error) {
	f, err := macho.NewFile(bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	if f.Symtab == nil {
		return nil, errors.New("it has no table of symbols")
	}
	var names []string
	for _, s := range f.Symtab.Syms {
		// An undefined one with a value is a common variable of that size.
		if s.Type&(stab|private|external) == external && (s.Type&typeBits != undefined || s.Value != 0) {
			names = append(names, strings.TrimPrefix(s.Name, "_"))
		}
	}
	return names, nil
}

// isMacho tells a Mach-O file for a 64-bit processor.
func isMacho(content []byte) bool {
	return bytes.HasPrefix(content, []byte{0xcf, 0xfa, 0xed, 0xfe})
}
