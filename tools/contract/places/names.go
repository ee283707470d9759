package places

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"libcallkey/tools/contract/header"
)

// The packages of core that do the work of a function; the others are helpers.
var coreCall = regexp.MustCompile(`\b(callkey|derive|sframe|envelope|stanza|offer|session|signal|store|epoch)\.([A-Z]\w*)\(`)

// coreCalls are the functions of core that the exported Go function calls, e.g. derive.WARPAuthKey.
func (t *tree) coreCalls(f *header.Function) []string {
	body, _ := t.exportBody(f)
	var calls []string
	for _, call := range coreCall.FindAllStringSubmatch(body, -1) {
		// A conversion to a type of the package is not a call.
		name := call[1] + "." + call[2]
		if declared, err := t.text("core/" + call[1] + "/*.go"); err == nil &&
			!slices.Contains(calls, name) && !strings.Contains(declared, "\ntype "+call[2]+" ") {
			calls = append(calls, name)
		}
	}
	return calls
}

// exportBody is the exported Go function, and whether there is one.
func (t *tree) exportBody(f *header.Function) (string, bool) {
	text, err := t.text("capi/*.go")
	if err != nil {
		return "", false
	}
	_, body, found := strings.Cut(text, "//export ck_"+short(f)+"\n")
	body, _, _ = strings.Cut(body, "\n}\n")
	return body, found
}

// corePackage is the folder below core with the function that does the work, or "*".
func (t *tree) corePackage(f *header.Function) string {
	calls := t.coreCalls(f)
	if calls == nil {
		return "*"
	}
	name, _, _ := strings.Cut(calls[len(calls)-1], ".")
	return name
}

// vectorFile is the name of the file with the function's known answers, or "".
func (t *tree) vectorFile(f *header.Function) string {
	paths, err := filepath.Glob(filepath.Join(t.root, "testdata/vectors/*.json"))
	if err != nil {
		return ""
	}
	for _, path := range paths {
		name := filepath.Base(path)
		if text, err := t.text("testdata/vectors/" + name); err == nil && strings.Contains(text, `"function": "`+f.Name+`"`) {
			return name
		}
	}
	return ""
}

var methodName = regexp.MustCompile(`(?m)^ *def (\w+)\(`)

// pythonMethod is the first Python method or function that calls f, or "".
func (t *tree) pythonMethod(f *header.Function) string {
	if all := t.pythonMethods(f); all != nil {
		return all[0]
	}
	return ""
}

// pythonMethods are all Python methods and functions that call f.
func (t *tree) pythonMethods(f *header.Function) (names []string) {
	text, err := t.text("bindings/python/src/callkey/_[a-z]*.py")
	if err != nil {
		return nil
	}
	parts := strings.Split(text, `call("`+f.Name+`"`)
	for i := range parts[:len(parts)-1] {
		defs := methodName.FindAllStringSubmatch(strings.Join(parts[:i+1], ""), -1)
		if defs != nil {
			names = append(names, defs[len(defs)-1][1])
		}
	}
	return names
}

var swiftName = regexp.MustCompile(`(?m)^    (?:public |private |static |mutating |consuming |borrowing )*(?:func|var|let) (\w+)`)

// swiftMethod is the Swift method or property that calls f, or "" where an initialiser does.
func (t *tree) swiftMethod(f *header.Function) string {
	text, err := t.text("bindings/swift/Sources/CallKey/*.swift")
	if err != nil {
		return ""
	}
	before, _, found := strings.Cut(text, f.Name+"(")
	if !found {
		return ""
	}
	names := swiftName.FindAllStringSubmatchIndex(before, -1)
	if names == nil || strings.Contains(before[names[len(names)-1][1]:], " init(") {
		return ""
	}
	last := names[len(names)-1]
	return before[last[2]:last[3]]
}

var kotlinName = regexp.MustCompile(`(?m)^ *(?:public |internal |private )?(?:inline )?fun (?:<\w+> )?(\w+)\(`)

// kotlinMethods are the functions of the Kotlin package that call f, or nil where all of them may.
func (t *tree) kotlinMethods(f *header.Function) []string {
	text, err := t.text("bindings/kotlin/src/main/kotlin/callkey/*.kt")
	if err != nil {
		return nil
	}
	var methods []string
	for _, called := range t.pattern(kotlinCall(f)).FindAllStringIndex(text, -1) {
		names := kotlinName.FindAllStringSubmatch(text[:called[0]], -1)
		if names == nil {
			return nil
		}
		methods = append(methods, names[len(names)-1][1])
	}
	return methods
}

// kotlinCall is a pattern for a call of the native function of f.
func kotlinCall(f *header.Function) string {
	return `\b[nN]ative\.` + header.Camel(short(f)) + `\(`
}

// goOption is the field of core that an option of an offer is read into, or "".
func (t *tree) goOption(m *header.Member) string {
	text, err := t.text("capi/input.go")
	if err != nil {
		return ""
	}
	read := regexp.MustCompile(`options\.(\w+), err = \w+\("options->` + m.Name + `"`).FindStringSubmatch(text)
	if read == nil {
		return ""
	}
	return read[1]
}

// independent is the Python function that computes f on another library, or f's own name.
func (t *tree) independent(f *header.Function) string {
	text, err := t.text("testdata/vectors/independent.py")
	if err != nil {
		return f.Name
	}
	row := regexp.MustCompile(`"` + f.Name + `": (\w+),`).FindStringSubmatch(text)
	if row == nil {
		return f.Name
	}
	return row[1]
}

var className = regexp.MustCompile(`(?m)^class (\w+)\(`)

// pythonClass is the exception of a status, e.g. of ERR_BUSY; or "Error", which is none.
func (t *tree) pythonClass(status string) string {
	text, err := t.text("bindings/python/src/callkey/errors.py")
	if err != nil {
		return "Error"
	}
	before, _, found := strings.Cut(text, "_declarations."+status+"\n")
	classes := className.FindAllStringSubmatch(before, -1)
	if !found || classes == nil {
		return "Error"
	}
	return classes[len(classes)-1][1]
}

// camel is a status's name as Swift writes it: noPrekey of CALLKEY_ERR_NO_PREKEY.
func camel(status string) string {
	return header.Camel(strings.ToLower(strings.TrimPrefix(status, "CALLKEY_ERR_")))
}
