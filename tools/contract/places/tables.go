package places

import (
	"regexp"
	"strings"

	"libcallkey/tools/contract/header"
)

// The tables, in the order in which a developer adds a function.
var tables = []table{
	{name: "export", files: "capi/*.go", write: "add the exported Go function ck_%s to the file of its section",
		row: functions(enters, func(_ *tree, f *header.Function) []string {
			return []string{`(?m)^//export ck_` + short(f) + `$`}
		})},
	{name: "core", files: "core/*/*.go", file: "core/PACKAGE/", write: "write the Go function that ck_%s calls",
		row: functions(enters, func(t *tree, f *header.Function) []string {
			var patterns []string
			for _, call := range t.coreCalls(f) {
				_, name, _ := strings.Cut(call, ".")
				patterns = append(patterns, `\nfunc `+name+`[(\[]`)
			}
			return patterns
		})},
	{name: "call", files: "tests/c/every.c", write: "add a valid call, CALL(%s), and its ROW: every test of the boundary runs on it",
		row: functions(enters, func(_ *tree, f *header.Function) []string {
			return []string{`\bCALL\(` + short(f) + `\)`, `\bROW\(` + short(f) + `,`}
		})},
	{name: "vectors", files: "testdata/vectors/*.json", file: "testdata/vectors/", write: `add a file of known answers whose "function" is callkey_%s`,
		row: functions(pure, func(_ *tree, f *header.Function) []string { return []string{`"function": "` + f.Name + `"`} })},
	{name: "independent", files: "testdata/vectors/independent.py", write: "compute it a second time, on another library",
		row: answered(func(t *tree, f *header.Function) []string {
			return []string{`"` + f.Name + `": \w+`, `(?m)^(def ` + t.independent(f) + `\(|    "` + f.Name + `": lambda )`}
		})},
	{name: "go-vectors", files: "core/*/*_test.go", file: "core/PACKAGE/", write: "run the known answers in a test of the package",
		row: answered(quoted)},
	{name: "python-vectors", files: "bindings/python/src/callkey/cli/cases.py", write: "run the known answers in Python",
		row: answered(func(t *tree, f *header.Function) []string {
			// cases.py finds a derivation by the name of its method.
			name := strings.TrimPrefix(f.Name, "callkey_derive_")
			if method := t.pythonMethod(f); derivation(f) && (method == name || "e2e_"+method == name) {
				return nil
			}
			return quoted(t, f)
		})},
	{name: "swift-vectors", files: "bindings/swift/Tests/CallKeyTests/VectorTests.swift", write: "run the known answers in Swift",
		row: answered(quoted)},
	{name: "self-test", files: "core/selftest/*.go", write: "compare it with a known answer in the self-test",
		row: functions(pure, func(t *tree, f *header.Function) []string {
			var patterns []string
			for _, call := range t.coreCalls(f) {
				patterns = append(patterns, `\b`+regexp.QuoteMeta(call)+`\(`)
			}
			if _, exported := t.exportBody(f); exported && patterns == nil {
				// It does the work itself or in a package that coreCall lacks: there is no pattern.
				return []string{`\bck_` + short(f) + `\b`}
			}
			return patterns
		})},
	{name: "documentation", files: "docs/protocol.md", write: "say what the protocol says of it, with the file of its vectors",
		row: answered(func(t *tree, f *header.Function) []string {
			return []string{"`" + regexp.QuoteMeta(t.vectorFile(f)) + "`"}
		})},
	{name: "changelog", files: "CHANGELOG.md", write: "say that %s is new", row: news},
	{name: "python", files: "bindings/python/src/callkey/*.py", file: "bindings/python/src/callkey/", write: "give callkey_%s a method",
		row: functions(declared, func(_ *tree, f *header.Function) []string {
			return []string{`"` + f.Name + `"|\.` + f.Name + `\(`}
		})},
	{name: "go-test", files: "core/*/*_test.go", file: "core/PACKAGE/", write: "test the Go function that ck_%s calls",
		row: functions(enters, func(t *tree, f *header.Function) []string {
			calls := t.coreCalls(f)
			if calls == nil {
				return nil
			}
			_, name, _ := strings.Cut(calls[len(calls)-1], ".")
			return []string{`\b` + name + `\(`}
		})},
	{name: "python-test", files: "bindings/python/tests/*.py", file: "bindings/python/tests/", write: "test the method that calls callkey_%s",
		row: functions(declared, func(t *tree, f *header.Function) []string {
			methods := t.pythonMethods(f)
			if methods == nil || t.vectorFile(f) != "" { // the known answers test it
				return nil
			}
			return []string{`\b(` + strings.Join(methods, "|") + `)\b`}
		})},
	{name: "swift-test", files: "bindings/swift/Tests/CallKeyTests/*.swift", file: "bindings/swift/Tests/CallKeyTests/", write: "test the method that calls callkey_%s",
		row: functions(declared, func(t *tree, f *header.Function) []string {
			method := t.swiftMethod(f)
			if method == "" {
				return nil
			}
			return []string{`\b` + method + `\b`}
		})},
	{name: "swift", files: "bindings/swift/Sources/CallKey/*.swift", file: "bindings/swift/Sources/CallKey/", write: "give callkey_%s a method",
		row: functions(declared, func(_ *tree, f *header.Function) []string { return []string{`\b` + f.Name + `\(`} })},
	{name: "kotlin", files: "bindings/kotlin/src/main/kotlin/callkey/*.kt", file: "bindings/kotlin/src/main/kotlin/callkey/", write: "give callkey_%s a method",
		row: functions(declared, func(_ *tree, f *header.Function) []string {
			if f.DerivesFromKey() || NotNative[f.Name] != "" { // Derivations.kt is generated
				return nil
			}
			return []string{kotlinCall(f)}
		})},
	{name: "kotlin-test", files: "bindings/kotlin/src/test/kotlin/callkey/*.kt", file: "bindings/kotlin/src/test/kotlin/callkey/", write: "test the method that calls callkey_%s",
		row: functions(declared, func(t *tree, f *header.Function) []string {
			methods := t.kotlinMethods(f)
			if methods == nil || t.vectorFile(f) != "" { // the known answers test it
				return nil
			}
			return []string{`\b(` + strings.Join(methods, "|") + `)\b`}
		})},
	{name: "kotlin-vectors", files: "bindings/kotlin/src/test/kotlin/callkey/VectorTest.kt", write: "run the known answers in Kotlin",
		row: answered(func(t *tree, f *header.Function) []string {
			if f.DerivesFromKey() { // Derived.kt is generated
				return nil
			}
			return quoted(t, f)
		})},
	{name: "command", files: "bindings/python/src/callkey/cli/*.py", file: "bindings/python/src/callkey/cli/derive.py", write: "print it in `callkey derive`",
		row: functions(derivation, func(t *tree, f *header.Function) []string {
			method := t.pythonMethod(f)
			if method == "" {
				return []string{`\b` + short(f) + `\b`}
			}
			return []string{`\.` + method + `\(`}
		})},
	{name: "python-error", files: "bindings/python/src/callkey/errors.py", write: "add the exception of CALLKEY_ERR_%s, in __all__ too",
		row: statuses(func(t *tree, n *header.Number) []string {
			class := t.pythonClass(strings.TrimPrefix(n.Name, "CALLKEY_"))
			return []string{`\b_declarations\.` + strings.TrimPrefix(n.Name, "CALLKEY_") + `\b`, `"` + class + `",`}
		})},
	{name: "swift-error", files: "bindings/swift/Sources/CallKey/CallKeyError.swift", write: "add the case of CALLKEY_ERR_%s, and name it in both switches",
		row: statuses(func(_ *tree, n *header.Number) []string {
			return []string{"\n    case `?" + camel(n.Name) + "`?\\(Details", `case ` + n.Name + `: \.`, `\(` + n.Name + `, details\)`}
		})},
	{name: "options", files: "capi/*.go", file: "capi/input.go", write: "read options->%s",
		row: members("callkey_offer_options", func(m *header.Member) []string { return []string{`\bo\._?` + m.Name + `\b`} })},
	{name: "options-go-test", files: "core/*/*_test.go", file: "core/stanza/offer_test.go", write: "try the option %s",
		row: func(t *tree, d declaration) []string {
			if d.member == nil || d.struc.Name != "callkey_offer_options" {
				return nil
			}
			field := t.goOption(d.member)
			if field == "" {
				return nil
			}
			return []string{`\b` + field + `\b`}
		}},
	{name: "options-test", files: "tests/c/options.c", write: "try the option %s",
		row: members("callkey_offer_options", func(m *header.Member) []string { return []string{`\b` + m.Name + `\b`} })},
	{name: "options-python", files: "bindings/python/src/callkey/_offer_options.py", write: "give OfferOptions the option %s",
		row: members("callkey_offer_options", func(m *header.Member) []string { return []string{`\b` + m.Name + `\b`} })},
	{name: "options-swift", files: "bindings/swift/Sources/CallKey/*.swift", file: "bindings/swift/Sources/CallKey/OfferOptions.swift", write: "give OfferOptions the option %s",
		row: members("callkey_offer_options", func(m *header.Member) []string { return []string{`\.` + m.Name + `\b`} })},
}

// NotNative are the functions that the generator makes no external function of Kotlin of, and why.
var NotNative = map[string]string{
	"callkey_last_error": "a failure's exception has its text, which call.c reads before another thread runs",
	"callkey_last_errno": "a failure's exception has it, like the text",
}

// unlisted is the release whose changes CHANGELOG.md does not list.
const unlisted = "0.2.0"

// news needs a line for each declaration that was added later.
func news(_ *tree, d declaration) []string {
	switch {
	case d.function != nil && d.function.Doc.Since != "" && d.function.Doc.Since != unlisted, d.number != nil && d.number.Value < firstStatuses:
		return []string{`\b` + d.name + `\b`}
	case d.member != nil && d.member.Since != "" && d.member.Name != "reserved":
		return []string{"`" + d.member.Name + "`"}
	}
	return nil
}

// firstStatuses is the last status of 0.2.0, which is older than the changelog's first list of them.
const firstStatuses = -25

func short(f *header.Function) string { return strings.TrimPrefix(f.Name, "callkey_") }

// answered are rows for the functions with known answers.
func answered(patterns func(*tree, *header.Function) []string) func(*tree, declaration) []string {
	return functions(pure, func(t *tree, f *header.Function) []string {
		if t.vectorFile(f) == "" {
			return nil
		}
		return patterns(t, f)
	})
}

func quoted(_ *tree, f *header.Function) []string { return []string{`"` + f.Name + `"`} }

// functions are rows for those of the functions for which need holds.
func functions(need func(*header.Function) bool, patterns func(*tree, *header.Function) []string) func(*tree, declaration) []string {
	return func(t *tree, d declaration) []string {
		if d.function == nil || !need(d.function) {
			return nil
		}
		return patterns(t, d.function)
	}
}

func statuses(patterns func(*tree, *header.Number) []string) func(*tree, declaration) []string {
	return func(t *tree, d declaration) []string {
		if d.number == nil {
			return nil
		}
		return patterns(t, d.number)
	}
}

// members are rows for the members of one struct that a program sets.
func members(name string, patterns func(*header.Member) []string) func(*tree, declaration) []string {
	return func(_ *tree, d declaration) []string {
		if d.member == nil || d.struc.Name != name || d.member.Type == "size_t" || d.member.Name == "reserved" {
			return nil
		}
		return patterns(d.member)
	}
}

// declared functions are all but the twins of the sizes, which are generated throughout.
func declared(f *header.Function) bool {
	return !strings.HasSuffix(f.Name, "_bytes") && !strings.HasSuffix(f.Name, "_count")
}

// enters reports whether the function enters Go.
func enters(f *header.Function) bool {
	return f.HasStatus() && !strings.HasPrefix(f.Name, "callkey_last_")
}

// pure functions depend only on their arguments, so they can have known answers.
func pure(f *header.Function) bool {
	if !enters(f) {
		return false
	}
	for _, p := range f.Params {
		if p.Role == header.Handle || p.Type == "callkey_store" || p.Type == "callkey_epochs" {
			return false
		}
	}
	return len(f.Params) > 0
}

func derivation(f *header.Function) bool { return strings.HasPrefix(f.Name, "callkey_derive_") }
