package main

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"libcallkey/tools/contract/header"
)

// swiftTests makes Contract.swift, the header's facts for the tests of the Swift package.
func swiftTests(c *header.Contract) ([]byte, error) {
	var b bytes.Buffer
	fmt.Fprintf(&b, `// %s
import CCallKey

/// The declarations of `+"`callkey.h`"+`, to compare with the package.
enum Contract {
    static let functions: Set<String> = [
`, origin)
	for _, f := range c.Functions {
		fmt.Fprintf(&b, "        %q,\n", f.Name)
	}
	b.WriteString(`    ]

    /// The functions that return a size, with their result and their macro in Swift, and the number.
    static let sizes: [String: (twin: Int, macro: Int32, number: Int32)] = [
`)
	for _, s := range c.Sizes {
		b.WriteString(swiftRow(fmt.Sprintf("%q: ", twin(s)), twin(s)+"()", s.Name, fmt.Sprint(s.Value)))
	}
	b.WriteString(`    ]

    /// All but OK.
    static let failures: [Int32: String] = [
`)
	for _, s := range c.Statuses[1:] {
		fmt.Fprintf(&b, "        %d: %q,\n", s.Value, s.Name)
	}
	b.WriteString(`    ]

    /// The place of a struct or a member, in bytes.
    struct Place: Equatable {
        let offset: Int
        let size: Int

        init(_ offset: Int, _ size: Int) {
            self.offset = offset
            self.size = size
        }

        init<T>(of type: T.Type) {
            self.init(0, MemoryLayout<T>.size)
        }

        init<T, Member>(_ path: KeyPath<T, Member>) {
            self.init(MemoryLayout<T>.offset(of: path)!, MemoryLayout<Member>.size)
        }
    }

    /// Each struct and member: its place in C with 64-bit pointers, and in Swift.
    static let places: [(name: String, c: Place, swift: Place)] = [
`)
	for _, s := range c.Structs {
		b.WriteString(swiftRow("", strconv.Quote(s.Name), fmt.Sprintf("Place(0, %d)", s.Place.Size64), "Place(of: "+s.Name+".self)"))
		for _, m := range s.Members {
			name := s.Name + "." + m.Name
			b.WriteString(swiftRow("", strconv.Quote(name), fmt.Sprintf("Place(%d, %d)", m.Place.Offset64, m.Place.Size64), `Place(\`+name+")"))
		}
	}
	b.WriteString("    ]\n}\n")
	return b.Bytes(), nil
}

// swiftWidth is the maximum width of a line of the package, in columns.
const swiftWidth = 120

// swiftRow is a tuple in a list, as swift format breaks it: in one line, or filled into lines of its
// own.
func swiftRow(before string, items ...string) string {
	const indent = "        "
	if line := indent + before + "(" + strings.Join(items, ", ") + "),"; len(line) <= swiftWidth {
		return line + "\n"
	}
	text, line := indent+before+"(\n", ""
	for i, item := range items {
		if i < len(items)-1 {
			item += ","
		}
		switch {
		case line == "":
			line = indent + "    " + item
		case len(line)+1+len(item) > swiftWidth:
			text += line + "\n"
			line = indent + "    " + item
		default:
			line += " " + item
		}
	}
	return text + line + "\n" + indent + "),\n"
}
