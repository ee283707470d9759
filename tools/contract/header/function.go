package header

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var (
	prototype = regexp.MustCompile(`^CALLKEY_(API|EXPORT) ((?:const )?[a-z0-9_]+ ?\*?) ?(callkey_[a-z0-9_]+)\(([^()]*)\)(?: CALLKEY_NONNULL\(\(([0-9, ]+)\)\))?;$`)
	parameter = regexp.MustCompile(`^(const )?([a-z0-9_]+) (\*const \*|\*)?([a-z0-9_]+)(?:\[(\w+)\])?$`)
)

// ends are the functions with a status that a caller may ignore.
var ends = regexp.MustCompile(`_(close|free|remove)$`)

// function reads a prototype; the comment above it is the function's.
func (r *reader) function() (err error) {
	f := Function{Section: r.section, Line: r.at + 1}
	defer func() {
		if err != nil {
			r.at = f.Line - 1
		}
	}()
	var text string
	for ; r.at < len(r.lines); r.at++ {
		text += " " + strings.TrimSpace(r.lines[r.at])
		if strings.HasSuffix(text, ";") {
			r.at++
			break
		}
	}
	found := prototype.FindStringSubmatch(strings.TrimSpace(text))
	if found == nil {
		return fmt.Errorf("this is no form of a prototype: %q", text)
	}
	f.Result, f.Name = strings.TrimSpace(found[2]), found[3]
	if !slices.Contains(results, f.Result) {
		return fmt.Errorf("%s: a function does not return %s", f.Name, f.Result)
	}
	if slices.ContainsFunc(r.contract.Functions, func(other Function) bool { return other.Name == f.Name }) {
		return fmt.Errorf("%s is declared twice", f.Name)
	}
	want := "API"
	if f.Result == "void" || f.HasStatus() && ends.MatchString(f.Name) {
		want = "EXPORT"
	}
	if found[1] != want {
		return fmt.Errorf("%s does not begin with CALLKEY_%s: a caller may ignore what closes, frees or removes, and nothing else", f.Name, want)
	}
	notNull := map[int]bool{}
	if found[5] != "" {
		for place := range strings.SplitSeq(found[5], ",") {
			n, err := strconv.Atoi(strings.TrimSpace(place))
			if err != nil {
				return err
			}
			notNull[n] = true
		}
	}
	if found[4] != "void" {
		for i, written := range strings.Split(found[4], ",") {
			p := parameter.FindStringSubmatch(strings.TrimSpace(written))
			if p == nil {
				return fmt.Errorf("%s: this is no form of a parameter: %q", f.Name, written)
			}
			param := Param{Name: p[4], Type: p[2], Const: p[1] != "", Array: p[5]}
			switch {
			case p[3] == "*const *":
				param.Stars = 2
			case p[3] == "*", p[5] != "":
				param.Stars = 1
			}
			if err := r.knows(param); err != nil {
				return fmt.Errorf("%s: %w", f.Name, err)
			}
			if param.Stars > 0 {
				param.Null = !notNull[i+1]
				delete(notNull, i+1)
			}
			f.Params = append(f.Params, param)
		}
	}
	if len(notNull) > 0 {
		return fmt.Errorf("%s: CALLKEY_NONNULL names a place that is no pointer", f.Name)
	}
	if f.Doc, err = readDoc(r.comment); err != nil {
		return fmt.Errorf("%s: %w", f.Name, err)
	}
	r.comment = nil
	r.contract.Functions = append(r.contract.Functions, f)
	return nil
}

// results are the types that a function may return.
var results = []string{"callkey_status", "size_t", "uint32_t", "const char *", "void"}

// knows rejects a parameter of a type that the bindings have no rule for.
func (r *reader) knows(p Param) error {
	switch {
	case slices.Contains([]string{"uint8_t", "uint32_t", "uint64_t", "size_t", "callkey_status"}, p.Type),
		slices.Contains(r.contract.Handles, p.Type):
		return nil
	case p.Stars > 0 && (r.isStruct(p.Type) || p.Type == "char"), p.Stars == 1 && p.Type == "void":
		return nil
	}
	return fmt.Errorf("a parameter is not of the type of %s", p.C())
}

// counted matches the comment of a parameter with elements that another parameter counts.
var counted = regexp.MustCompile(`^(n(?:_[a-z]+)?) (?:elements|texts)\b`)

// complete gives every parameter its role and compares the comment with the prototype.
func (r *reader) complete(f *Function) error {
	if f.SaysSize() {
		return nil
	}
	if f.Doc.Summary == "" {
		return fmt.Errorf("it has no comment")
	}
	entries := map[string]Entry{}
	for _, e := range f.Doc.Entries {
		if _, twice := entries[e.Name]; twice {
			return fmt.Errorf("its comment has %s twice", e.Name)
		}
		entries[e.Name] = e
	}
	for i := range f.Params {
		p := &f.Params[i]
		if f.HasStatus() {
			e, ok := entries[p.Name]
			if !ok {
				return fmt.Errorf("its comment lacks %s", p.Name)
			}
			p.Text = e.Text
			delete(entries, p.Name)
		}
		if err := r.role(f, i); err != nil {
			return err
		}
		if want := column(p.Role); f.HasStatus() && entryColumn(f, p.Name) != want {
			return fmt.Errorf("its comment has %s under %s, which belongs under %s", p.Name, entryColumn(f, p.Name), want)
		}
	}
	if err := inOrder(f); err != nil {
		return err
	}
	for i := range f.Params {
		if err := fits(f, i); err != nil {
			return err
		}
	}
	if f.HasStatus() {
		for name := range entries {
			return fmt.Errorf("its comment has %s, which is no parameter", name)
		}
		return r.returns(f)
	}
	return nil
}

// inOrder checks rule 1 for the parameters that are pointers: handle, outputs, inputs.
func inOrder(f *Function) error {
	rank := map[string]int{"Args": 0, "Out": 1, "In/Out": 1, "In": 2}
	for i, p := range f.Params[min(1, len(f.Params)):] {
		if before := f.Params[i]; rank[column(p.Role)] < rank[column(before.Role)] {
			return fmt.Errorf("%s stands behind %s; the order is handle, outputs, inputs", p.Name, before.Name)
		}
	}
	return nil
}

func entryColumn(f *Function, name string) string {
	for _, e := range f.Doc.Entries {
		if e.Name == name {
			return e.Column
		}
	}
	return ""
}

// column returns the column of the comment for a parameter of that role.
func column(role Role) string {
	switch role {
	case Handle:
		return "Args"
	case FixedOut, GrowOut, Variable, ListOut:
		return "Out"
	case Capacity:
		return "In/Out"
	}
	return "In"
}

// role decides what parameter i is for.
func (r *reader) role(f *Function, i int) error {
	p := &f.Params[i]
	next := Param{}
	if i+1 < len(f.Params) {
		next = f.Params[i+1]
	}
	list := counted.FindStringSubmatch(p.Text)
	lengthOf := func(q Param) bool { return q.Type == "size_t" && q.Stars == 0 && !q.Const }
	switch {
	case p.Stars == 0 && slices.Contains(r.contract.Handles, p.Type):
		p.Role = Handle
	case p.Stars == 0 && p.Type == "size_t" && i > 0 && (f.Params[i-1].Count == p.Name || counts(f, p.Name)):
		p.Role = Length
	case p.Stars == 0:
		p.Role = Scalar
	case !p.Const && p.Type == "size_t" && i > 0 && f.Params[i-1].Role == Variable && f.Params[i-1].Count == p.Name:
		p.Role = Capacity
	case p.Type == "void":
		p.Role = Untouched
	case !p.Const && p.Array == "" && next.Type == "size_t" && next.Stars == 1 && (next.Name == p.Name+"_len" || next.Name == "n"):
		p.Role, p.Count = Variable, next.Name
	case list != nil && p.Const:
		p.Role, p.Count = List, list[1]
	case list != nil:
		p.Role, p.Count = ListOut, list[1]
	case p.Const && p.Type == "uint8_t" && p.Array == "" && lengthOf(next) && next.Name == p.Name+"_len":
		p.Role, p.Count = Bytes, next.Name
	case p.Const && p.Type == "char" && p.Stars == 1:
		p.Role = Text
	case p.Const && p.Array != "":
		p.Role = FixedIn
	case p.Const && r.grows(p.Type):
		p.Role = GrowIn
	case p.Const && p.Stars == 1 && r.isStruct(p.Type):
		p.Role = FixedIn
	case !p.Const && r.grows(p.Type):
		p.Role = GrowOut
	case !p.Const:
		p.Role = FixedOut
	default:
		return fmt.Errorf("%s has no role: %s", p.Name, p.C())
	}
	if p.Structs() && !r.grows(p.Type) {
		return fmt.Errorf("%s is a list of pointers to structs without struct_size", p.Name)
	}
	if p.Count != "" && !slices.ContainsFunc(f.Params, func(q Param) bool { return q.Name == p.Count }) {
		return fmt.Errorf("%s is counted by %s, which is no parameter", p.Name, p.Count)
	}
	if p.Array != "" {
		if _, ok := r.values[p.Array]; !ok {
			return fmt.Errorf("%s has the size %s, which is not defined", p.Name, p.Array)
		}
	}
	return nil
}

// fits rejects a role that a parameter has only by an omission: of its length, of words in its
// comment, or of its index in CALLKEY_NONNULL. The shim would lack a check.
func fits(f *Function, i int) error {
	p := f.Params[i]
	switch {
	case p.Role == FixedOut && p.Array == "" && (p.Type == "uint8_t" || p.Type == "char"):
		return fmt.Errorf("%s has no size: neither an array's, nor %s_len, nor \"n elements\" in its comment", p.Name, p.Name)
	case p.Role == Scalar && p.Type == "size_t" && (i == 0 || f.Params[i-1].Role != Untouched):
		return fmt.Errorf("%s counts nothing: no comment says \"%s elements\" or \"%s texts\"", p.Name, p.Name, p.Name)
	case (p.Role == FixedOut || p.Role == GrowOut || p.Role == Capacity) && p.Null:
		return fmt.Errorf("%s is an output and not in CALLKEY_NONNULL", p.Name)
	case p.Pieces() && !slices.ContainsFunc(f.Params, func(q Param) bool {
		return q.Name == p.Lengths() && q.Role == List && q.Type == "size_t" && q.Count == p.Count
	}):
		return fmt.Errorf("%s has no lengths: a list %s with as many elements", p.Name, p.Lengths())
	case (p.Role == FixedIn || p.Role == GrowIn || p.Role == Text) && p.Null && !saysNull.MatchString(p.Text):
		return fmt.Errorf("%s is not in CALLKEY_NONNULL, and its comment does not say what NULL means", p.Name)
	}
	return nil
}

var saysNull = regexp.MustCompile(`\bNULL\b`)

func (r *reader) grows(name string) bool { return r.structs[name] }

func (r *reader) isStruct(name string) bool { _, ok := r.structs[name]; return ok }

// counts reports whether name counts an earlier parameter.
func counts(f *Function, name string) bool {
	return slices.ContainsFunc(f.Params, func(p Param) bool { return p.Count == name })
}

// returns compares the statuses of a comment with the header's, and checks rules 9 and 10.
func (r *reader) returns(f *Function) error {
	seen := map[string]bool{}
	for _, s := range f.Doc.Returns {
		if !slices.ContainsFunc(r.contract.Statuses, func(n Number) bool { return n.Name == s.Status }) {
			return fmt.Errorf("its comment has %s, which is no status", s.Status)
		}
		if seen[s.Status] {
			return fmt.Errorf("its comment has %s twice", s.Status)
		}
		seen[s.Status] = true
	}
	need := []string{"CALLKEY_OK", "CALLKEY_ERR_FORKED", "CALLKEY_ERR_INTERNAL"}
	if strings.HasPrefix(f.Name, "callkey_last_") { // they work after a bug, and do not enter Go
		need = need[:2]
	}
	for _, p := range f.Params {
		switch {
		case p.Role == Variable && p.Type != "":
			need = append(need, "CALLKEY_ERR_BUFFER", "CALLKEY_ERR_ARGUMENT")
		case p.Role == Handle:
			need = append(need, "CALLKEY_ERR_HANDLE")
		case p.Stars > 0:
			need = append(need, "CALLKEY_ERR_ARGUMENT")
		}
		// Without it the shim would pass SIGXFSZ, for a file that gets too large, to the host.
		if p.Type == "callkey_store" {
			need = append(need, "CALLKEY_ERR_STORE")
		}
	}
	for _, status := range need {
		if !seen[status] {
			return fmt.Errorf("its comment lacks %s", status)
		}
	}
	return nil
}
