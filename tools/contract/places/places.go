// Package places finds the missing rows of a declaration of callkey.h in other files: a valid
// call for the C tests, known answers, a method in each binding, a line in the documentation.
// It includes places that a compiler would also find, so that one run names everything.
package places

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"libcallkey/tools/contract/header"
)

// Missing is a missing row.
type Missing struct {
	Table string // as exceptions name it
	Name  string // of the declaration
	File  string // where the row belongs
	Write string // what to write there
}

func (m Missing) String() string {
	return fmt.Sprintf("%s: %s: %s (or an exception %q with its reason in tools/contract/places/exceptions.txt)",
		m.File, m.Name, m.Write, m.Table+" "+m.Name)
}

// table is a place that must have a row for some of the declarations.
type table struct {
	name  string
	files string // a pattern for filepath.Glob below the root
	file  string // the one to name if a row is missing; "" is files, and PACKAGE the function's package of core
	// row returns patterns for the row, or nil for a declaration that needs none.
	row   func(t *tree, d declaration) []string
	write string // what to write; %s is the name without its prefix
}

// holds reports whether the table needs a row for d, and whether it has one.
func (a table) holds(t *tree, d declaration) (needed, found bool, err error) {
	patterns := a.row(t, d)
	text, err := t.text(a.files)
	if err != nil {
		return false, false, err
	}
	found = !slices.ContainsFunc(patterns, func(p string) bool { return !t.pattern(p).MatchString(text) })
	return len(patterns) > 0, found, nil
}

func (a table) missing(t *tree, d declaration) Missing {
	file := a.file
	if file == "" {
		file = a.files
	}
	if d.function != nil {
		file = strings.ReplaceAll(file, "PACKAGE", t.corePackage(d.function))
	}
	return Missing{a.name, d.name, file, strings.ReplaceAll(a.write, "%s", d.short())}
}

// declaration is a function, a status, or a member of options in the header.
type declaration struct {
	name     string // callkey_generate, CALLKEY_ERR_STORE, callkey_offer_options.flags
	function *header.Function
	struc    *header.Struct
	member   *header.Member
	number   *header.Number
}

// short is the name as the tables write it: generate, STORE, flags.
func (d declaration) short() string {
	if d.member != nil {
		return d.member.Name
	}
	return strings.TrimPrefix(strings.TrimPrefix(d.name, "callkey_"), "CALLKEY_ERR_")
}

// Find returns the missing rows in the tree at root. An unused exception is an error.
func Find(root string, c *header.Contract) ([]Missing, error) {
	exceptions, err := readExceptions(filepath.Join(root, "tools/contract/places/exceptions.txt"))
	if err != nil {
		return nil, err
	}
	missing, stale, err := find(plant(root), c, exceptions)
	if err == nil && stale != nil {
		err = fmt.Errorf("tools/contract/places/exceptions.txt: nothing needs %q; take it out", stale)
	}
	return missing, err
}

// find also returns the unused exceptions.
func find(t *tree, c *header.Contract, exceptions map[string]string) (missing []Missing, stale []string, err error) {
	used := map[string]bool{}
	for _, d := range declarations(c) {
		for _, table := range tables {
			needed, found, err := table.holds(t, d)
			if err != nil {
				return nil, nil, err
			}
			key := table.name + " " + d.name
			if _, excepted := exceptions[key]; excepted {
				used[key] = used[key] || needed && !found
			} else if needed && !found {
				missing = append(missing, table.missing(t, d))
			}
		}
	}
	for key := range exceptions {
		if !used[key] {
			stale = append(stale, key)
		}
	}
	slices.Sort(stale)
	return missing, stale, nil
}

func declarations(c *header.Contract) []declaration {
	var all []declaration
	for i := range c.Functions {
		all = append(all, declaration{name: c.Functions[i].Name, function: &c.Functions[i]})
	}
	for i := range c.Statuses {
		if c.Statuses[i].Value != 0 {
			all = append(all, declaration{name: c.Statuses[i].Name, number: &c.Statuses[i]})
		}
	}
	for i := range c.Structs {
		s := &c.Structs[i]
		for j := range s.Members {
			all = append(all, declaration{name: s.Name + "." + s.Members[j].Name, struc: s, member: &s.Members[j]})
		}
	}
	return all
}

// readExceptions reads lines of a table, a name and the reason.
func readExceptions(path string) (map[string]string, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	exceptions := map[string]string{}
	for i, line := range strings.Split(string(content), "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		key, reason, ok := strings.Cut(line, ": ")
		if !ok || len(strings.Fields(reason)) < 3 {
			return nil, fmt.Errorf("%s:%d: an exception is a table, a name, a colon and the reason", path, i+1)
		}
		if _, twice := exceptions[key]; twice {
			return nil, fmt.Errorf("%s:%d: %q stands there twice", path, i+1, key)
		}
		exceptions[key] = reason
	}
	return exceptions, nil
}

// tree is the project, each file read once.
type tree struct {
	root     string
	texts    map[string]string // by pattern
	patterns map[string]*regexp.Regexp
}

func plant(root string) *tree {
	return &tree{root, map[string]string{}, map[string]*regexp.Regexp{}}
}

func (t *tree) pattern(text string) *regexp.Regexp {
	if t.patterns[text] == nil {
		t.patterns[text] = regexp.MustCompile(text)
	}
	return t.patterns[text]
}

// text returns the contents of all files of a pattern, joined, without generated files and
// without comments: a row in a comment does not count.
func (t *tree) text(pattern string) (string, error) {
	if text, ok := t.texts[pattern]; ok {
		return text, nil
	}
	names, err := filepath.Glob(filepath.Join(t.root, pattern))
	if err != nil {
		return "", err
	}
	if len(names) == 0 {
		return "", fmt.Errorf("no file is %s, where a table should be", pattern)
	}
	var b strings.Builder
	for _, name := range names {
		content, err := os.ReadFile(name)
		if err != nil {
			return "", err
		}
		first, _, _ := strings.Cut(string(content), "\n")
		if strings.Contains(first, "Code generated by ") {
			continue
		}
		b.WriteString(withoutComments(filepath.Ext(name), string(content)))
		b.WriteByte('\n')
	}
	t.texts[pattern] = b.String()
	return b.String(), nil
}

// comments are the comments that start a line, by the extension of the file: up to the end of
// the line, and from one mark to another. //export is not a comment.
var comments = map[string]struct{ line, open, close string }{
	".go":    {"//", "/*", "*/"},
	".c":     {"//", "/*", "*/"},
	".swift": {"//", "/*", "*/"},
	".kt":    {"//", "/*", "*/"},
	".py":    {"#", "", ""},
	".md":    {"", "<!--", "-->"},
}

func withoutComments(ending, text string) string {
	form, ok := comments[ending]
	if !ok {
		return text
	}
	var kept []string
	inside := false
	for line := range strings.SplitSeq(text, "\n") {
		start := strings.TrimSpace(line)
		begins := !inside && form.open != "" && strings.HasPrefix(start, form.open)
		switch {
		case inside || begins:
			inside = !strings.Contains(line, form.close)
		case form.line != "" && strings.HasPrefix(start, form.line) && !strings.HasPrefix(line, "//export "):
		default:
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "\n")
}
