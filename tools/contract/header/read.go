package header

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Read reads the header at path.
func Read(path string) (*Contract, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	c, err := Parse(string(content))
	if err != nil {
		return nil, fmt.Errorf("%s:%w", path, err)
	}
	return c, nil
}

// Parse reads a header's text. An error starts with its line.
func Parse(text string) (*Contract, error) {
	r := reader{lines: strings.Split(text, "\n"), values: map[string]int64{}, structs: map[string]bool{}, initial: map[string]int{}}
	for r.at < len(r.lines) {
		if err := r.step(); err != nil {
			return nil, fmt.Errorf("%d: %w", min(r.at, len(r.lines)-1)+1, err)
		}
	}
	c := &r.contract
	if r.open != 0 {
		return nil, fmt.Errorf("%d: an #if and an #endif are not a pair", len(r.lines))
	}
	if c.Version == "" || len(c.Statuses) == 0 || len(c.Sizes) == 0 || len(c.Functions) == 0 {
		return nil, fmt.Errorf("1: no contract: a version, sizes, statuses or functions are missing")
	}
	for i := range c.Functions {
		if err := r.complete(&c.Functions[i]); err != nil {
			return nil, fmt.Errorf("%d: %s: %w", c.Functions[i].Line, c.Functions[i].Name, err)
		}
	}
	if err := c.twins(r.initial); err != nil {
		return nil, err
	}
	return c, nil
}

// twins compares the sizes with their functions, and the growing structs with their
// initialisers; values has the number of values of each.
func (c *Contract) twins(values map[string]int) error {
	sizes := map[string]int{}
	for _, s := range c.Sizes {
		sizes[strings.ToLower(s.Name)] = s.Line
	}
	for _, f := range c.Functions {
		if !f.SaysSize() {
			continue
		}
		if _, ok := sizes[f.Name]; !ok || f.Result != "size_t" || len(f.Params) > 0 {
			return fmt.Errorf("%d: %s is not size_t %s(void) with a macro %s", f.Line, f.Name, f.Name, strings.ToUpper(f.Name))
		}
		delete(sizes, f.Name)
	}
	for name, line := range sizes {
		return fmt.Errorf("%d: %s has no function %s", line, strings.ToUpper(name), name)
	}
	for _, s := range c.Structs {
		macro := strings.ToUpper(s.Name) + "_INIT"
		if s.Grows() && !slices.Contains(c.Macros, macro) {
			return fmt.Errorf("%d: %s has no macro %s", s.Line, s.Name, macro)
		}
		if s.Grows() && values[macro] != len(s.Members) {
			return fmt.Errorf("%d: %s has %d values and %s %d members", s.Line, macro, values[macro], s.Name, len(s.Members))
		}
	}
	return nil
}

type reader struct {
	lines    []string
	at       int
	section  string
	comment  []string // of the function that follows
	open     int      // #if without their #endif
	contract Contract
	values   map[string]int64
	structs  map[string]bool // by name, whether it grows
	initial  map[string]int  // the number of values of an initialiser
}

var (
	sectionLine = regexp.MustCompile(`^/\* ---- (.*?)[ -]*\*/$`)
	numberLine  = regexp.MustCompile(`^#define (CALLKEY_[A-Z0-9_]+) \(?(-?\d+)\)?\s*(/\*.*)?$`)
	versionLine = regexp.MustCompile(`^#define CALLKEY_VERSION "(\d+\.\d+\.\d+)"$`)
	otherMacro  = regexp.MustCompile(`^#\s*define (CALLKEY_H$|CALLKEY_ABI_VERSION|CALLKEY_API|CALLKEY_EXPORT|CALLKEY_NONNULL\(|CALLKEY_[A-Z0-9_]+_INIT)`)
	directive   = regexp.MustCompile(`^#\s*(if|ifdef|ifndef|elif|else|endif|include)\b`)
	structLine  = regexp.MustCompile(`^typedef struct (callkey_[a-z0-9_]+) \{$`)
	memberLine  = regexp.MustCompile(`^\t(const )?([a-z0-9_]+) (\*?)([a-z0-9_]+)(?:\[(\w+)\])?;\s*(/\*.*)?$`)
	handleLine  = regexp.MustCompile(`^typedef uint64_t (callkey_[a-z0-9_]+);$`)
	declares    = regexp.MustCompile(`^CALLKEY_(API|EXPORT) `)
	sinceMark   = regexp.MustCompile(`[Ss]ince (\d+\.\d+\.\d+)`)
)

// step reads one declaration or comment.
func (r *reader) step() error {
	line := r.lines[r.at]
	c := &r.contract
	if r.comment != nil && !declares.MatchString(line) {
		return fmt.Errorf("the comment above is of a function, and none follows")
	}
	switch {
	case sectionLine.MatchString(line):
		r.section = strings.TrimSuffix(sectionLine.FindStringSubmatch(line)[1], ".")
		r.at++
	case strings.HasPrefix(line, "/**"):
		var err error
		r.comment, err = r.commentLines()
		return err
	case strings.HasPrefix(line, "/*"):
		_, err := r.commentLines()
		return err
	case strings.HasPrefix(line, "#"):
		return r.macro(line)
	case structLine.MatchString(line):
		return r.structure(structLine.FindStringSubmatch(line)[1])
	case handleLine.MatchString(line):
		c.Handles = append(c.Handles, handleLine.FindStringSubmatch(line)[1])
		r.at++
	case declares.MatchString(line):
		return r.function()
	case line == "", line == "}", line == `extern "C" {`, line == "typedef int32_t callkey_status;":
		r.at++
	default:
		return fmt.Errorf("this is no form of the header's: %q", line)
	}
	return nil
}

// commentLines reads a block comment, without the stars.
func (r *reader) commentLines() ([]string, error) {
	var out []string
	for ; r.at < len(r.lines); r.at++ {
		line := r.lines[r.at]
		text, ended := strings.CutSuffix(strings.TrimRight(line, " "), "*/")
		if strings.Contains(text, "*/") {
			return nil, fmt.Errorf("there is text behind a comment: %q", line)
		}
		text = strings.TrimPrefix(strings.TrimPrefix(text, "/**"), "/*")
		if rest, ok := strings.CutPrefix(text, " *"); ok {
			text = rest
		}
		out = append(out, strings.TrimRight(text, " "))
		if ended {
			r.at++
			return out, nil
		}
	}
	return nil, fmt.Errorf("a comment does not end")
}

func (r *reader) macro(line string) error {
	c := &r.contract
	if found := versionLine.FindStringSubmatch(line); found != nil {
		c.Version = found[1]
		r.at++
		return nil
	}
	if found := numberLine.FindStringSubmatch(line); found != nil {
		value, err := strconv.ParseInt(found[2], 10, 64)
		if err != nil {
			return err
		}
		if _, twice := r.values[found[1]]; twice {
			return fmt.Errorf("%s is defined twice", found[1])
		}
		r.values[found[1]] = value
		n := Number{Name: found[1], Value: value, Line: r.at + 1}
		if n.Comment, err = r.lineComment(found[3]); err != nil {
			return err
		}
		switch {
		case n.Name == "CALLKEY_ABI_MAJOR":
			c.Major = int(value)
		case n.Name == "CALLKEY_ABI_MINOR":
			c.Minor = int(value)
		case n.Name == "CALLKEY_OK", strings.HasPrefix(n.Name, "CALLKEY_ERR_"):
			if value != -int64(len(c.Statuses)) {
				return fmt.Errorf("%s is %d; the next status is %d", n.Name, value, -len(c.Statuses))
			}
			c.Statuses = append(c.Statuses, n)
		case strings.HasSuffix(n.Name, "_BYTES"), strings.HasSuffix(n.Name, "_COUNT"):
			c.Sizes = append(c.Sizes, n)
		default:
			c.Numbers = append(c.Numbers, n)
		}
		r.at++
		return nil
	}
	start := r.at
	if found := otherMacro.FindStringSubmatch(line); found != nil {
		if name := strings.TrimSuffix(found[1], "("); name != "CALLKEY_H" && !slices.Contains(c.Macros, name) {
			c.Macros = append(c.Macros, name)
		}
	} else if found := directive.FindStringSubmatch(line); found == nil {
		return fmt.Errorf("this is no form of a macro: %q", line)
	} else if strings.HasPrefix(found[1], "if") {
		r.open++
	} else if found[1] == "endif" {
		r.open--
	}
	for r.at < len(r.lines)-1 && strings.HasSuffix(r.lines[r.at], `\`) {
		r.at++
	}
	r.at++
	if found := otherMacro.FindStringSubmatch(line); found != nil && strings.HasSuffix(found[1], "_INIT") {
		r.initial[found[1]] = 1 + outerCommas(strings.Join(r.lines[start:r.at], " "))
	}
	return nil
}

// outerCommas counts the commas of an initialiser outside inner parentheses and braces.
func outerCommas(text string) int {
	depth, n := 0, 0
	for _, c := range text {
		switch c {
		case '{', '(':
			depth++
		case '}', ')':
			depth--
		case ',':
			if depth == 1 {
				n++
			}
		}
	}
	return n
}

// lineComment returns the text of a comment at the end of a line; it may continue in the lines
// below.
func (r *reader) lineComment(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	text = strings.TrimPrefix(text, "/*")
	for !strings.Contains(text, "*/") {
		if r.at+1 >= len(r.lines) {
			return "", fmt.Errorf("a comment does not end")
		}
		r.at++
		text += " " + strings.TrimLeft(strings.TrimSpace(r.lines[r.at]), "* ")
	}
	text, behind, _ := strings.Cut(text, "*/")
	if strings.TrimSpace(behind) != "" {
		return "", fmt.Errorf("there is text behind a comment: %q", r.lines[r.at])
	}
	return strings.Join(strings.Fields(text), " "), nil
}

func (r *reader) structure(name string) error {
	s := Struct{Name: name, Line: r.at + 1}
	if _, twice := r.structs[name]; twice {
		return fmt.Errorf("%s is declared twice", name)
	}
	for r.at++; r.at < len(r.lines); r.at++ {
		line := r.lines[r.at]
		if line == "} "+name+";" {
			if len(s.Members) == 0 {
				return fmt.Errorf("%s has no members", name)
			}
			if err := r.layOut(&s); err != nil {
				return err
			}
			r.structs[name] = s.Grows()
			r.contract.Structs = append(r.contract.Structs, s)
			r.at++
			return nil
		}
		if strings.HasPrefix(strings.TrimSpace(line), "/*") {
			for r.at < len(r.lines)-1 && !strings.Contains(r.lines[r.at], "*/") {
				r.at++
			}
			if !strings.HasSuffix(r.lines[r.at], "*/") {
				return fmt.Errorf("there is text behind a comment: %q", r.lines[r.at])
			}
			continue
		}
		found := memberLine.FindStringSubmatch(line)
		if found == nil {
			return fmt.Errorf("this is no form of a member: %q", line)
		}
		m := Member{Name: found[4], Type: found[2], Const: found[1] != "", Pointer: found[3] != ""}
		if found[5] != "" {
			n, err := r.number(found[5])
			if err != nil {
				return err
			}
			m.Count = int(n)
		}
		var err error
		if m.Comment, err = r.lineComment(found[6]); err != nil {
			return err
		}
		if since := sinceMark.FindStringSubmatch(m.Comment); since != nil {
			m.Since = since[1]
		}
		s.Members = append(s.Members, m)
	}
	return fmt.Errorf("%s does not end", name)
}

// number returns a literal or the value of a macro above.
func (r *reader) number(text string) (int64, error) {
	if value, ok := r.values[text]; ok {
		return value, nil
	}
	value, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%s is not a number and not defined above", text)
	}
	return value, nil
}
