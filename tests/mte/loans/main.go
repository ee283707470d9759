// Command loans writes the functions that stand between a C test and the library under
// memory tagging: for each function of the header __wrap_NAME, which lends the library
// copies of all that its pointers lead to (tests/mte/loan.h) and calls __real_NAME. The
// linker's --wrap puts it in the way.
//
//	loans HEADER
package main

import (
	"fmt"
	"os"
	"regexp"
	"strings"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: loans HEADER")
		os.Exit(2)
	}
	header, err := os.ReadFile(os.Args[1])
	if err == nil {
		err = write(string(header))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "loans:", err)
		os.Exit(1)
	}
}

var (
	comment   = regexp.MustCompile(`(?s)/\*.*?\*/`)
	prototype = regexp.MustCompile(`CALLKEY_API callkey_status (callkey_\w+)\(([^)]*)\)`)
	spaces    = regexp.MustCompile(`\s+`)
	parts     = regexp.MustCompile(`^(.*?)(\w+)(?:\[(\w+)\])?$`)
)

// parameter is one of a prototype: const char *const *jids, uint8_t key[CALLKEY_KEY_BYTES].
type parameter struct {
	typ, name, count string
}

func write(header string) error {
	fmt.Print("#include \"loan.h\"\n")
	found := prototype.FindAllStringSubmatch(spaces.ReplaceAllString(comment.ReplaceAllString(header, ""), " "), -1)
	if len(found) == 0 {
		return fmt.Errorf("the header declares no function with a status")
	}
	for _, f := range found {
		if err := wrap(f[1], f[2]); err != nil {
			return fmt.Errorf("%s: %w", f[1], err)
		}
	}
	return nil
}

func wrap(name, prototype string) error {
	if prototype == "void" {
		return nil
	}
	var list []parameter
	for _, p := range strings.Split(prototype, ", ") {
		m := parts.FindStringSubmatch(p)
		if m == nil {
			return fmt.Errorf("%q is no parameter", p)
		}
		list = append(list, parameter{strings.TrimSpace(m[1]), m[2], m[3]})
	}
	var arguments []string
	lent := false
	for i, p := range list {
		argument, err := lend(p, list[i+1:])
		if err != nil {
			return err
		}
		lent = lent || argument != p.name
		arguments = append(arguments, argument)
	}
	if !lent {
		return nil
	}
	for _, prefix := range []string{"__real_", "__wrap_"} {
		fmt.Printf("callkey_status %s%s(%s);\n", prefix, name, prototype)
	}
	fmt.Printf("callkey_status __wrap_%s(%s)\n{\n\tloan *all = NULL;\n\tcallkey_status status = __real_%s(%s);\n\n\tloan_end(&all);\n\treturn status;\n}\n",
		name, prototype, name, strings.Join(arguments, ", "))
	return nil
}

// lend is the argument that stands for p, by its type and by what comes after it.
func lend(p parameter, after []parameter) (string, error) {
	element, isPointer := strings.CutSuffix(p.typ, " *")
	in := strings.HasPrefix(p.typ, "const ")
	way := "out"
	if in {
		way = "in"
	}
	length, counted := lengthOf(p, after)
	switch {
	case p.count != "":
		return fmt.Sprintf("loan_list_%s(&all, %s, %s, sizeof *%s)", way, p.name, p.count, p.name), nil
	case !isPointer && p.typ != "const char *const *":
		return p.name, nil
	case p.typ == "const char *const *":
		return fmt.Sprintf("loan_texts(&all, %s, %s)", p.name, length), require(counted, p)
	case element == "const callkey_enc":
		return fmt.Sprintf("loan_encs(&all, %s, %s)", p.name, length), require(counted, p)
	case element == "const callkey_offer_options":
		return fmt.Sprintf("loan_options(&all, %s)", p.name), nil
	case element == "const char" && p.name == "path":
		return fmt.Sprintf("loan_text(&all, %s, LOAN_PATH_BYTES)", p.name), nil
	case element == "const char":
		return fmt.Sprintf("loan_text(&all, %s, CALLKEY_JID_BYTES)", p.name), nil
	case counted:
		return fmt.Sprintf("loan_list_%s(&all, %s, %s, sizeof *%s)", way, p.name, length, p.name), nil
	case element == "const callkey_store_options" || element == "const callkey_prekey_bundle":
		return fmt.Sprintf("loan_struct_in(&all, %s)", p.name), nil
	case element == "callkey_prekey_bundle" || element == "callkey_call_info":
		return fmt.Sprintf("loan_struct_out(&all, %s)", p.name), nil
	case in:
		return "", fmt.Errorf("nothing says how long %s is", p.name)
	default:
		return fmt.Sprintf("loan_out(&all, %s, sizeof *%s)", p.name, p.name), nil
	}
}

func require(counted bool, p parameter) error {
	if !counted {
		return fmt.Errorf("nothing says how long %s is", p.name)
	}
	return nil
}

// lists are the parameters that have one element for each of a later list.
var lists = map[string]bool{"statuses": true, "enc_types": true}

// lengthOf is how many elements p has: NAME_len for bytes, n or n_own for a list. An
// output's length is a pointer to its capacity.
func lengthOf(p parameter, after []parameter) (string, bool) {
	for i, a := range after {
		near := i == 0 || lists[p.name] || p.name == "out" && p.typ == "callkey_srtp_keys *"
		if a.name != p.name+"_len" && !(near && (a.name == "n" || a.name == "n_own")) {
			continue
		}
		if a.typ == "size_t *" {
			return fmt.Sprintf("(%s == NULL ? 0 : *%s)", a.name, a.name), true
		}
		return a.name, true
	}
	return "", false
}
