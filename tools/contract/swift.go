package main

import (
	"bytes"
	"fmt"

	"libcallkey/tools/contract/header"
)

// swiftTests makes Contract.swift, what the tests of the Swift package know of the header.
func swiftTests(c *header.Contract) ([]byte, error) {
	var b bytes.Buffer
	fmt.Fprintf(&b, `// %s
import CCallKey

/// What `+"`callkey.h`"+` declares, to hold the package to.
enum Contract {
    static let functions: Set<String> = [
`, origin)
	for _, f := range c.Functions {
		fmt.Fprintf(&b, "        %q,\n", f.Name)
	}
	b.WriteString(`    ]

    /// The functions that only say a size, with what they and their macros say here, and the number.
    static let sizes: [String: (twin: Int, macro: Int32, number: Int32)] = [
`)
	for _, s := range c.Sizes {
		fmt.Fprintf(&b, "        %q: (%s(), %s, %d),\n", twin(s), twin(s), s.Name, s.Value)
	}
	b.WriteString(`    ]

    /// All but OK.
    static let failures: [Int32: String] = [
`)
	for _, s := range c.Statuses[1:] {
		fmt.Fprintf(&b, "        %d: %q,\n", s.Value, s.Name)
	}
	b.WriteString(`    ]

    /// Where a struct or a member of one lies, in bytes.
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

    /// Each struct and member: where C has it with 64-bit pointers, and where Swift does.
    static let places: [(name: String, c: Place, swift: Place)] = [
`)
	for _, s := range c.Structs {
		fmt.Fprintf(&b, "        (%q, Place(0, %d), Place(of: %s.self)),\n", s.Name, s.Place.Size64, s.Name)
		for _, m := range s.Members {
			fmt.Fprintf(&b, "        (%q, Place(%d, %d), Place(\\%s.%s)),\n", s.Name+"."+m.Name, m.Place.Offset64, m.Place.Size64, s.Name, m.Name)
		}
	}
	b.WriteString("    ]\n}\n")
	return b.Bytes(), nil
}
