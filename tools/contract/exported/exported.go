// Package exported lists the names that a library exports, for any processor.
package exported

import (
	"bytes"
	"debug/elf"
	"debug/pe"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
)

// Names are the exports of a .so, .dylib or .dll, or the global names of an .a with ELF or Mach-O objects, sorted.
func Names(path string) ([]string, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	list := elfExports
	switch {
	case strings.HasSuffix(path, ".dll"):
		list = peExports
	case strings.HasSuffix(path, ".dylib"):
		list = machoExports
	case strings.HasSuffix(path, ".a"):
		list = archiveGlobals
	}
	names, err := list(content)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	slices.Sort(names)
	return names, nil
}

// Versions returns the version node of each export of a .so, "" for one without a node.
func Versions(path string) (map[string]string, error) {
	f, err := elf.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	symbols, err := exports(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	nodes := map[uint16]string{}
	// Without nodes there is no section of them, which is an error for the reader.
	if f.SectionByType(elf.SHT_GNU_VERDEF) != nil {
		versions, err := f.DynamicVersions()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		for _, v := range versions {
			if v.Flags&elf.VER_FLG_BASE == 0 { // the library's own name
				nodes[v.Index] = v.Name
			}
		}
	}
	of := map[string]string{}
	for _, s := range symbols {
		of[s.Name] = nodes[s.VersionIndex.Index()]
	}
	return of, nil
}

func elfExports(content []byte) ([]string, error) {
	f, err := elf.NewFile(bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	symbols, err := exports(f)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, s := range symbols {
		names = append(names, s.Name)
	}
	return names, nil
}

func exports(f *elf.File) ([]elf.Symbol, error) {
	symbols, err := f.DynamicSymbols()
	return slices.DeleteFunc(symbols, func(s elf.Symbol) bool {
		// A symbol version is also a symbol, without a section.
		return elf.ST_BIND(s.Info) == elf.STB_LOCAL || s.Section == elf.SHN_UNDEF || s.Section >= elf.SHN_LORESERVE
	}), err
}

// The export directory of a DLL (PE format, section 6.3.1).
const (
	numberOfNames  = 24 // the offset of the number of names
	addressOfNames = 32 // and of the address of their addresses
)

func peExports(content []byte) ([]string, error) {
	f, err := pe.NewFile(bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	var directory pe.DataDirectory
	switch h := f.OptionalHeader.(type) {
	case *pe.OptionalHeader64:
		directory = h.DataDirectory[pe.IMAGE_DIRECTORY_ENTRY_EXPORT]
	case *pe.OptionalHeader32:
		directory = h.DataDirectory[pe.IMAGE_DIRECTORY_ENTRY_EXPORT]
	}
	// at is the section's content from an address on.
	at := func(address uint32) ([]byte, error) {
		for _, s := range f.Sections {
			if address >= s.VirtualAddress && address-s.VirtualAddress < s.Size {
				data, err := s.Data()
				if err != nil {
					return nil, err
				}
				return data[address-s.VirtualAddress:], nil
			}
		}
		return nil, fmt.Errorf("no section has the address %#x", address)
	}
	exports, err := at(directory.VirtualAddress)
	if err != nil || len(exports) < addressOfNames+4 {
		return nil, errors.Join(errors.New("it has no export directory"), err)
	}
	count := binary.LittleEndian.Uint32(exports[numberOfNames:])
	addresses, err := at(binary.LittleEndian.Uint32(exports[addressOfNames:]))
	if err != nil || uint64(len(addresses)) < 4*uint64(count) {
		return nil, errors.Join(errors.New("its export directory is cut off"), err)
	}
	var names []string
	for i := range count {
		text, err := at(binary.LittleEndian.Uint32(addresses[4*i:]))
		if err != nil {
			return nil, err
		}
		name, _, _ := bytes.Cut(text, []byte{0})
		names = append(names, string(name))
	}
	return names, nil
}

// An archive is a magic text and then, for each member, a header of 60 bytes and the content.
const (
	archiveMagic  = "!<arch>\n"
	archiveHeader = 60
	sizeField     = 48 // ten digits
)

func archiveGlobals(content []byte) ([]string, error) {
	rest, ok := bytes.CutPrefix(content, []byte(archiveMagic))
	if !ok {
		return nil, errors.New("it is not an archive")
	}
	var names []string
	for len(rest) > 0 {
		if len(rest) < archiveHeader {
			return nil, errors.New("it is cut off")
		}
		size, err := strconv.Atoi(strings.TrimSpace(string(rest[sizeField : sizeField+10])))
		if err != nil || size < 0 || size > len(rest)-archiveHeader {
			return nil, errors.New("it is cut off")
		}
		name, member := string(rest[:16]), rest[archiveHeader:archiveHeader+size]
		rest = rest[min(len(rest), archiveHeader+size+size%2):] // each begins at an even place
		// A long name stands before the content, in archives as Apple makes them.
		if long, ok := strings.CutPrefix(name, "#1/"); ok {
			length, err := strconv.Atoi(strings.TrimSpace(long))
			if err != nil || length < 0 || length > len(member) {
				return nil, errors.New("it is cut off")
			}
			name, member = strings.TrimRight(string(member[:length]), "\x00"), member[length:]
		}
		// Its table of symbols and its table of long names.
		if strings.HasPrefix(name, "/ ") || strings.HasPrefix(name, "// ") || strings.HasPrefix(name, "/SYM64/") ||
			strings.HasPrefix(name, "__.SYMDEF") {
			continue
		}
		if isMacho(member) {
			globals, err := machoExports(member)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", strings.TrimRight(name, " /"), err)
			}
			names = append(names, globals...)
			continue
		}
		f, err := elf.NewFile(bytes.NewReader(member))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", strings.TrimRight(name, " /"), err)
		}
		symbols, err := f.Symbols()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", strings.TrimRight(name, " /"), err)
		}
		for _, s := range symbols {
			if elf.ST_BIND(s.Info) != elf.STB_LOCAL && s.Section != elf.SHN_UNDEF {
				names = append(names, s.Name)
			}
		}
	}
	return names, nil
}
