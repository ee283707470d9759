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
	"strings"

	"libcallkey/tools/contract/header"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: loans HEADER")
		os.Exit(2)
	}
	c, err := header.Read(os.Args[1])
	if err == nil {
		err = write(c)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "loans:", err)
		os.Exit(1)
	}
}

func write(c *header.Contract) error {
	fmt.Print("#include \"loan.h\"\n")
	for _, f := range c.Functions {
		if !f.HasStatus() {
			continue
		}
		if err := wrap(f); err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
	}
	return nil
}

func wrap(f header.Function) error {
	var arguments, parameters []string
	lent := false
	for _, p := range f.Params {
		argument, err := lend(f, p)
		if err != nil {
			return err
		}
		lent = lent || argument != p.Name
		arguments = append(arguments, argument)
		parameters = append(parameters, p.C())
	}
	if !lent {
		return nil
	}
	prototype := strings.Join(parameters, ", ")
	for _, prefix := range []string{"__real_", "__wrap_"} {
		fmt.Printf("callkey_status %s%s(%s);\n", prefix, f.Name, prototype)
	}
	fmt.Printf("callkey_status __wrap_%s(%s)\n{\n\tloan *all = NULL;\n\tcallkey_status status = __real_%s(%s);\n\n\tloan_end(&all);\n\treturn status;\n}\n",
		f.Name, prototype, f.Name, strings.Join(arguments, ", "))
	return nil
}

// lend is the argument that stands for p.
func lend(f header.Function, p header.Param) (string, error) {
	way := "out"
	if p.Const {
		way = "in"
	}
	switch {
	case p.Stars == 0:
		return p.Name, nil
	case p.Array != "":
		return fmt.Sprintf("loan_list_%s(&all, %s, %s, sizeof *%s)", way, p.Name, p.Array, p.Name), nil
	case p.Type == "char" && p.Stars == 2:
		return fmt.Sprintf("loan_texts(&all, %s, %s)", p.Name, count(f, p)), nil
	case p.Stars == 1 && p.Type == "callkey_enc" && p.Role == header.List:
		return fmt.Sprintf("loan_encs(&all, %s, %s)", p.Name, count(f, p)), nil
	case p.Stars == 1 && p.Type == "callkey_offer_options":
		return fmt.Sprintf("loan_options(&all, %s)", p.Name), nil
	case p.Role == header.Text && p.Name == "path":
		return fmt.Sprintf("loan_text(&all, %s, LOAN_PATH_BYTES)", p.Name), nil
	case p.Role == header.Text:
		return fmt.Sprintf("loan_text(&all, %s, CALLKEY_JID_BYTES)", p.Name), nil
	case p.Stars == 1 && p.Count != "":
		return fmt.Sprintf("loan_list_%s(&all, %s, %s, sizeof *%s)", way, p.Name, count(f, p), p.Name), nil
	case p.Stars == 1 && (p.Role == header.GrowIn || p.Role == header.GrowOut):
		return fmt.Sprintf("loan_struct_%s(&all, %s)", way, p.Name), nil
	case p.Stars == 1 && (p.Role == header.FixedOut || p.Role == header.Capacity):
		return fmt.Sprintf("loan_out(&all, %s, sizeof *%s)", p.Name, p.Name), nil
	}
	return "", fmt.Errorf("loan.h cannot lend %s", p.C())
}

// count is how many elements p has. An output's length is a pointer to its capacity.
func count(f header.Function, p header.Param) string {
	for _, q := range f.Params {
		if q.Name == p.Count && q.Stars == 1 {
			return fmt.Sprintf("(%s == NULL ? 0 : *%s)", q.Name, q.Name)
		}
	}
	return p.Count
}
