package header

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// good has one of each form. Each bad header below is this one with one change.
const good = `/* A library. */
#ifndef CALLKEY_H
#define CALLKEY_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CALLKEY_VERSION "1.2.3"
#define CALLKEY_ABI_MAJOR 1
#define CALLKEY_ABI_MINOR 4
#define CALLKEY_ABI_VERSION ((CALLKEY_ABI_MAJOR << 16) | CALLKEY_ABI_MINOR)
#  define CALLKEY_EXPORT
#  define CALLKEY_API CALLKEY_EXPORT __attribute__((warn_unused_result))
#define CALLKEY_NONNULL(arguments) __attribute__((nonnull arguments))

/* ---- Sizes, in bytes. Each has a twin. --------------------- */

#define CALLKEY_KEY_BYTES 32 /* a call key: secret */
#define CALLKEY_SSRC_COUNT 9

CALLKEY_API size_t callkey_key_bytes(void);
CALLKEY_API size_t callkey_ssrc_count(void);

/* ---- Statuses ----------------------------------------------*/

typedef int32_t callkey_status;

#define CALLKEY_OK 0 /* success */
#define CALLKEY_ERR_ARGUMENT (-1) /* an argument is missing
                                   * or not allowed */
#define CALLKEY_ERR_BUFFER (-2) /* the output is too small */
#define CALLKEY_ERR_HANDLE (-3) /* the handle is not open */
#define CALLKEY_ERR_FORKED (-4) /* in a child of fork() */
#define CALLKEY_ERR_INTERNAL (-5) /* an internal error */
#define CALLKEY_ERR_STORE (-6) /* the store failed */

/* ---- Types -------------------------------------------------*/

typedef uint64_t callkey_store;

#define CALLKEY_STORE_PLAINTEXT 2

/* A key to publish. */
typedef struct callkey_prekey {
	uint32_t id; /* from 1 on */
	uint8_t key[CALLKEY_KEY_BYTES];
} callkey_prekey;

typedef struct callkey_options {
	size_t struct_size;
	uint32_t flags;
	uint32_t reserved;
	/* Opaque,
	 * too. */
	const uint8_t *token;
	size_t token_len; /* since 1.1.0 */
} callkey_options;

#define CALLKEY_OPTIONS_INIT \
	{ sizeof(callkey_options), 0, 0, NULL, 0 }

/* ---- Work: what there is to do -----------------------------*/

/** Say the version. */
CALLKEY_API const char *callkey_version(void);

/** Erase n bytes. */
CALLKEY_EXPORT void callkey_wipe(void *p, size_t n);

/** Read the last error.
 *
 *  Returns: CALLKEY_OK
 *           CALLKEY_ERR_ARGUMENT
 *           CALLKEY_ERR_BUFFER
 *           CALLKEY_ERR_FORKED
 *  Out:     text      the words
 *  In/Out:  text_len  in: capacity, out: size
 */
CALLKEY_API callkey_status callkey_last_error(char *text, size_t *text_len) CALLKEY_NONNULL((2));

/** Do everything. It takes
 *  one of each.
 *
 *  Returns: CALLKEY_OK            also when it
 *                                 was done before
 *           CALLKEY_ERR_ARGUMENT  key is NULL
 *           CALLKEY_ERR_BUFFER
 *           CALLKEY_ERR_HANDLE
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *           CALLKEY_ERR_STORE
 *  Args:    store     an open store
 *  Out:     key       secret; zero after a failure
 *           count     a number
 *           prekey    a struct
 *           options   filled whatever the status
 *           out       variable
 *           statuses  n elements
 *  In/Out:  out_len   in: capacity, out: size
 *  In:      seed      secret; 32
 *                     bytes
 *           data      may be NULL
 *           data_len  its length in bytes
 *           jids      n texts
 *           prekeys   n elements
 *           pieces    n elements
 *           piece_lens  n elements
 *           wishes    n elements
 *           n         how many
 *           own       a struct
 *           given     NULL: the defaults
 *           jid       a text
 *           flags     a scalar
 *  Since:   1.1.0
 */
CALLKEY_API callkey_status
callkey_everything(callkey_store store, uint8_t key[CALLKEY_KEY_BYTES], uint32_t *count,
                   callkey_prekey *prekey, callkey_options *options, uint8_t *out, size_t *out_len,
                   callkey_status *statuses, const uint8_t seed[CALLKEY_KEY_BYTES],
                   const uint8_t *data, size_t data_len, const char *const *jids,
                   const callkey_prekey *prekeys, const uint8_t *const *pieces,
                   const size_t *piece_lens, const callkey_options *const *wishes, size_t n, const callkey_prekey *own,
                   const callkey_options *given, const char *jid, uint32_t flags)
    CALLKEY_NONNULL((2, 3, 4, 5, 7, 9, 18, 20));

#ifdef __cplusplus
}
#endif

#endif /* CALLKEY_H */
`

func parse(t *testing.T) *Contract {
	t.Helper()
	c, err := Parse(good)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// If this failed, a declaration would be missing in every generated file.
func TestEveryForm(t *testing.T) {
	c := parse(t)
	if c.Version != "1.2.3" || c.Major != 1 || c.Minor != 4 {
		t.Errorf("version %s, ABI %d.%d", c.Version, c.Major, c.Minor)
	}
	var numbers []string
	for _, n := range slices.Concat(c.Sizes, c.Statuses, c.Numbers) {
		numbers = append(numbers, n.Name)
	}
	want := "CALLKEY_KEY_BYTES CALLKEY_SSRC_COUNT CALLKEY_OK CALLKEY_ERR_ARGUMENT CALLKEY_ERR_BUFFER CALLKEY_ERR_HANDLE CALLKEY_ERR_FORKED CALLKEY_ERR_INTERNAL CALLKEY_ERR_STORE CALLKEY_STORE_PLAINTEXT"
	if got := strings.Join(numbers, " "); got != want {
		t.Errorf("numbers %s", got)
	}
	if s := c.Statuses[1]; s.Value != -1 || s.Comment != "an argument is missing or not allowed" || s.Line != 32 {
		t.Errorf("%+v", s)
	}
	if got := strings.Join(c.Macros, " "); got != "CALLKEY_ABI_VERSION CALLKEY_EXPORT CALLKEY_API CALLKEY_NONNULL CALLKEY_OPTIONS_INIT" {
		t.Errorf("macros %s", got)
	}
	if !slices.Equal(c.Handles, []string{"callkey_store"}) || len(c.Structs) != 2 || len(c.Functions) != 6 {
		t.Errorf("handles %v, %d structs, %d functions", c.Handles, len(c.Structs), len(c.Functions))
	}
	last := c.Functions[5]
	if last.Doc.Summary != "Do everything. It takes\none of each." || last.Doc.Since != "1.1.0" || last.Section != "Work: what there is to do" ||
		last.Doc.Returns[0] != (Return{"CALLKEY_OK", "also when it was done before"}) {
		t.Errorf("%+v", last.Doc)
	}
}

// If this failed, a binding would pass an argument in another way than C does.
func TestEveryRole(t *testing.T) {
	f := parse(t).Functions[5]
	rows := []string{
		"store handle callkey_store store",
		"key fixed output uint8_t key[CALLKEY_KEY_BYTES]",
		"count fixed output uint32_t *count",
		"prekey fixed output callkey_prekey *prekey",
		"options growing output callkey_options *options",
		"out variable output uint8_t *out counted by out_len or NULL",
		"out_len capacity size_t *out_len",
		"statuses output list callkey_status *statuses counted by n or NULL",
		"seed fixed input const uint8_t seed[CALLKEY_KEY_BYTES]",
		"data bytes const uint8_t *data counted by data_len or NULL",
		"data_len length size_t data_len",
		"jids list const char *const *jids counted by n or NULL",
		"prekeys list const callkey_prekey *prekeys counted by n or NULL",
		"pieces list const uint8_t *const *pieces counted by n or NULL",
		"piece_lens list const size_t *piece_lens counted by n or NULL",
		"wishes list const callkey_options *const *wishes counted by n or NULL",
		"n length size_t n",
		"own fixed input const callkey_prekey *own",
		"given growing input const callkey_options *given or NULL",
		"jid text const char *jid",
		"flags scalar uint32_t flags",
	}
	for i, p := range f.Params {
		row := p.Name + " " + string(p.Role) + " " + p.C()
		if p.Count != "" {
			row += " counted by " + p.Count
		}
		if p.Null {
			row += " or NULL"
		}
		if row != rows[i] {
			t.Errorf("%s\nis not %s", row, rows[i])
		}
	}
	if p := f.Params[8]; !p.Secret() || !p.Input() || p.Text != "secret; 32 bytes" {
		t.Errorf("%+v", p)
	}
	if p := f.Params[1]; !p.Secret() || p.Input() {
		t.Errorf("%+v", p)
	}
	if p := parse(t).Functions[3].Params[0]; p.Role != Untouched {
		t.Errorf("%+v", p)
	}
	if s := f.Signature(); !strings.HasPrefix(s, "callkey_status(callkey_store, uint8_t [CALLKEY_KEY_BYTES], uint32_t *, ") {
		t.Error(s)
	}
}

// If this failed, the shim would refuse a struct that may be missing, or read one that is NULL.
func TestSparse(t *testing.T) {
	for i, p := range parse(t).Functions[5].Params {
		if p.Sparse() {
			t.Errorf("parameter %d, %s, may have no NULL in it", i, p.Name)
		}
	}
	sparse, err := Parse(strings.Replace(good, "wishes    n elements", "wishes    n elements; NULL: has none", 1))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range sparse.Functions[5].Params {
		if p.Sparse() != (p.Name == "wishes") {
			t.Errorf("%s: %v", p.Name, p.Sparse())
		}
	}
	// A list of something else, and a single struct.
	for _, p := range []Param{
		{Type: "char", Stars: 2, Role: List, Text: "n texts; NULL: none"},
		{Type: "uint8_t", Stars: 2, Role: List, Text: "n elements; NULL: none"},
		{Type: "callkey_prekey", Stars: 1, Role: List, Text: "n elements; NULL: none"},
		{Type: "callkey_options", Stars: 1, Role: GrowIn, Text: "NULL: the defaults"},
	} {
		if p.Sparse() {
			t.Errorf("%+v", p)
		}
	}
}

// If this failed, a program would read a member where the library did not write it.
func TestLayout(t *testing.T) {
	c := parse(t)
	prekey, options := c.Structs[0], c.Structs[1]
	if prekey.Grows() || prekey.Place != (Place{Size64: 36, Size32: 36}) || prekey.Members[1].Place != (Place{4, 32, 4, 32}) {
		t.Errorf("%+v", prekey)
	}
	want := []Place{{0, 8, 0, 4}, {8, 4, 4, 4}, {12, 4, 8, 4}, {16, 8, 12, 4}, {24, 8, 16, 4}}
	for i, m := range options.Members {
		if m.Place != want[i] {
			t.Errorf("%+v", m)
		}
	}
	if !options.Grows() || options.Place != (Place{Size64: 32, Size32: 20}) || options.Members[4].Since != "1.1.0" || options.Members[3].C() != "const uint8_t *token" {
		t.Errorf("%+v", options)
	}
}

// If one of these were accepted, a mistake in the header, or a form that this package does not
// know, would go unnoticed: the declaration would be missing or wrong in every binding.
func TestRefused(t *testing.T) {
	const id = "\tuint32_t id; /* from 1 on */\n"
	const jid = "const char *jid, uint32_t flags)"
	for _, bad := range []struct{ old, new, says string }{
		// The text as a whole.
		{`#define CALLKEY_VERSION "1.2.3"`, "", "1: no contract"},
		{`"1.2.3"`, `"1.2"`, `11: this is no form of a macro`},
		{"/* A library. */", "/* A library. */ int x;", "1: there is text behind a comment"},
		{"#endif /* CALLKEY_H */\n", "/* A comment", "a comment does not end"},
		{"typedef uint64_t callkey_store;", "typedef uint64_t callkey_store, callkey_epochs;", "no form of the header's"},
		{"typedef uint64_t callkey_store;", "extern int callkey_count;", "no form of the header's"},
		{"/** Say the version. */\n", "/** Say the version. */\n\n", "the comment above is of a function"},

		// Macros.
		{"#define CALLKEY_STORE_PLAINTEXT 2", "#define CALLKEY_STORE_PLAINTEXT 0x2", "no form of a macro"},
		{"#define CALLKEY_STORE_PLAINTEXT 2", "#define CALLKEY_STORE_PLAINTEXT (1 << 1)", "no form of a macro"},
		{"#define CALLKEY_STORE_PLAINTEXT 2", "#define CALLKEY_STORE_PLAINTEXT 2 /* a */ /* b */", "text behind a comment"},
		{"#define CALLKEY_STORE_PLAINTEXT 2", "#define CALLKEY_KEY_BYTES 2", "CALLKEY_KEY_BYTES is defined twice"},
		{"#define CALLKEY_STORE_PLAINTEXT 2", "#define plaintext 2", "no form of a macro"},
		{"#define CALLKEY_STORE_PLAINTEXT 2", "#define CALLKEY_STORE_PLAINTEXT 99999999999999999999", "out of range"},
		{"ERR_HANDLE (-3)", "ERR_HANDLE (-4)", "CALLKEY_ERR_HANDLE is -4; the next status is -3"},
		{"#define CALLKEY_SSRC_COUNT 9", "#define CALLKEY_SSRC_COUNT 9\n#define CALLKEY_TAG_BYTES 4", "CALLKEY_TAG_BYTES has no function callkey_tag_bytes"},
		{"#define CALLKEY_SSRC_COUNT 9", "", "with a macro CALLKEY_SSRC_COUNT"},
		{"size_t callkey_ssrc_count(void)", "uint32_t callkey_ssrc_count(void)", "is not size_t callkey_ssrc_count(void)"},
		{"#define CALLKEY_OPTIONS_INIT \\\n\t{ sizeof(callkey_options), 0, 0, NULL, 0 }\n", "", "callkey_options has no macro CALLKEY_OPTIONS_INIT"},
		{"sizeof(callkey_options), 0, 0, NULL, 0 }", "sizeof(callkey_options), 0, 0, NULL }", "CALLKEY_OPTIONS_INIT has 4 values and callkey_options 5 members"},

		// Structs.
		{id, "\tuint32_t id, more;\n", "no form of a member"},
		{id, "\tuint32_t id : 4;\n", "no form of a member"},
		{id, "\tfloat id;\n", "callkey_prekey.id: a member is not of the type float"},
		{id, "\tuint8_t id[CALLKEY_ID_BYTES];\n", "CALLKEY_ID_BYTES is not a number and not defined above"},
		{id, "\t/* a */ uint32_t id;\n", "text behind a comment"},
		{id, "\tuint32_t id;\n\tsize_t struct_size;\n", "struct_size is not its first member"},
		{id, id + "\tuint64_t since;\n", "callkey_prekey.since: 32-bit x86 and 32-bit arm would place it differently"},
		{"\tuint8_t key[CALLKEY_KEY_BYTES];\n", "\tuint32_t more;\n\tuint64_t since;\n\tuint32_t last;\n", "callkey_prekey: 32-bit x86 and 32-bit arm would end it differently"},
		{"\tsize_t token_len; /* since 1.1.0 */\n", "\tuint32_t token_len;\n", "callkey_options has padding"},
		{"} callkey_prekey;", "} callkey_key;", "no form of a member"},
		{"typedef struct callkey_options {", "typedef struct callkey_prekey {", "callkey_prekey is declared twice"},
		{id + "\tuint8_t key[CALLKEY_KEY_BYTES];\n", "", "callkey_prekey has no members"},

		// Prototypes.
		{jid, "const char *jid, unsigned flags)", "a parameter is not of the type of unsigned flags"},
		{jid, "const char **jid, uint32_t flags)", "no form of a parameter"},
		{jid, "const char *jid, callkey_epochs flags)", "a parameter is not of the type of callkey_epochs flags"},
		{jid, "const char *jid, void (*done)(void))", "no form of a prototype"},
		{jid, "const char *jid, ...)", "no form of a parameter"},
		{"store, uint8_t key[CALLKEY_KEY_BYTES]", "store, uint8_t key[CALLKEY_LONG_BYTES]", "CALLKEY_LONG_BYTES, which is not defined"},
		{"CALLKEY_NONNULL((2, 3,", "CALLKEY_NONNULL((1, 3,", "CALLKEY_NONNULL names a place that is no pointer"},
		{"CALLKEY_EXPORT void callkey_wipe", "CALLKEY_API void callkey_wipe", "callkey_wipe does not begin with CALLKEY_EXPORT"},
		{"CALLKEY_API const char *callkey_version", "CALLKEY_EXPORT const char *callkey_version", "callkey_version does not begin with CALLKEY_API"},
		{"CALLKEY_API callkey_status\n", "CALLKEY_EXPORT callkey_status\n", "callkey_everything does not begin with CALLKEY_API"},
		{"callkey_everything(callkey_store", "callkey_everything_close(callkey_store", "callkey_everything_close does not begin with CALLKEY_EXPORT"},
		{"CALLKEY_API const char *callkey_version(void);", "CALLKEY_API double callkey_version(void);", "callkey_version: a function does not return double"},
		{"CALLKEY_EXPORT void callkey_wipe(void *p, size_t n);", "CALLKEY_EXPORT void callkey_wipe(void *p, size_t n)", "no form of a prototype"},
		{"CALLKEY_EXPORT void callkey_wipe(void *p, size_t n);", "void callkey_wipe(void *p, size_t n);", "a function, and none follows"},
		{"CALLKEY_API const char *callkey_version(void);", "CALLKEY_API const char *callkey_key_bytes(void);", "callkey_key_bytes is declared twice"},
		{"const uint8_t *data, size_t data_len", "const uint8_t *data, uint32_t data_len", "data has no role"},
		{"uint32_t *count,\n", "uint8_t *count,\n", "count has no size"},
		{"uint8_t key[CALLKEY_KEY_BYTES], uint32_t *count", "char *key, uint32_t *count", "key has no size"},
		{"uint8_t *out, size_t *out_len", "uint8_t *out, size_t *room", "its comment lacks room"},
		{"statuses  n elements", "statuses  one each", "statuses is an output and not in CALLKEY_NONNULL"},
		{jid, "const char *jid, size_t flags)", "flags counts nothing"},
		{"const size_t *piece_lens", "const size_t *some_lens", "its comment lacks some_lens"},
		{"const size_t *piece_lens", "const uint32_t *piece_lens", "pieces has no lengths: a list piece_lens"},
		{"const callkey_options *const *wishes", "const callkey_prekey *const *wishes", "wishes is a list of pointers to structs without struct_size"},
		{"CALLKEY_NONNULL((2, 3,", "CALLKEY_NONNULL((3,", "key is an output and not in CALLKEY_NONNULL"},
		{"(2, 3, 4, 5, 7, 9, 18, 20)", "(2, 3, 4, 7, 9, 18, 20)", "options is an output and not in CALLKEY_NONNULL"},
		{"(2, 3, 4, 5, 7, 9, 18, 20)", "(2, 3, 4, 5, 9, 18, 20)", "out_len is an output and not in CALLKEY_NONNULL"},
		{"(2, 3, 4, 5, 7, 9, 18, 20)", "(2, 3, 4, 5, 7, 18, 20)", "seed is not in CALLKEY_NONNULL, and its comment does not say"},
		{"(2, 3, 4, 5, 7, 9, 18, 20)", "(2, 3, 4, 5, 7, 9, 18)", "jid is not in CALLKEY_NONNULL, and its comment does not say"},
		{"given     NULL: the", "given     the", "given is not in CALLKEY_NONNULL, and its comment does not say"},
		{" *           CALLKEY_ERR_STORE\n", "", "its comment lacks CALLKEY_ERR_STORE"},
		{"callkey_status *statuses, const uint8_t seed[CALLKEY_KEY_BYTES]", "const uint8_t seed[CALLKEY_KEY_BYTES], callkey_status *statuses", "statuses stands behind seed"},

		// Comments of functions.
		{"/** Say the version. */\n", "", "callkey_version: it has no comment"},
		{" *           CALLKEY_ERR_HANDLE\n", "", "callkey_everything: its comment lacks CALLKEY_ERR_HANDLE"},
		{" *           CALLKEY_ERR_INTERNAL\n", "", "its comment lacks CALLKEY_ERR_INTERNAL"},
		{" *           CALLKEY_ERR_HANDLE\n", " *           CALLKEY_ERR_HANDLES\n", "CALLKEY_ERR_HANDLES, which is no status"},
		{" *           CALLKEY_ERR_HANDLE\n", " *           CALLKEY_ERR_HANDLE\n *           CALLKEY_ERR_HANDLE\n", "its comment has CALLKEY_ERR_HANDLE twice"},
		{" *           CALLKEY_ERR_HANDLE\n", " *           the handle\n", "its comment has no status in"},
		{" *           flags     a scalar\n", "", "its comment lacks flags"},
		{" *           flags     a scalar\n", " *           flags     a scalar\n *           more      nothing\n", "its comment has more, which is no parameter"},
		{" *           flags     a scalar\n", " *           flags     a scalar\n *           flags     a scalar\n", "its comment has flags twice"},
		{" *           flags     a scalar\n", " *           Flags: a scalar\n", "its comment names no parameter in"},
		{" *           flags     a scalar\n", " *      flags     a scalar\n", "its comment has a line that is in no column"},
		{" *  In/Out:  out_len ", " *  In:      out_len ", "its comment has out_len under In, which belongs under In/Out"},
		{" *           jids      n texts\n", " *           jids      n_own texts\n", "jids is counted by n_own, which is no parameter"},
	} {
		if strings.Count(good, bad.old) != 1 {
			t.Errorf("%q is %d times in the good header", bad.old, strings.Count(good, bad.old))
			continue
		}
		_, err := Parse(strings.Replace(good, bad.old, bad.new, 1))
		if err == nil {
			t.Errorf("taken: %q for %q", bad.new, bad.old)
		} else if !strings.Contains(err.Error(), bad.says) {
			t.Errorf("%q is refused with %q, not with %q", bad.new, err, bad.says)
		}
	}
}

// If this failed, a truncated header would crash the reader.
func TestCutOff(t *testing.T) {
	lines := strings.SplitAfter(good, "\n")
	for i := range lines {
		text := strings.Join(lines[:i], "")
		for _, cut := range []string{text, strings.TrimSuffix(text, "\n"), text[:max(0, len(text)-2)]} {
			if _, err := Parse(cut); err == nil && !strings.Contains(cut, "#endif /* CALLKEY_H") {
				t.Errorf("taken without line %d and what follows", i+1)
			}
		}
	}
}

// If this failed, the project's header would have a declaration that the generator ignores.
func TestTheHeader(t *testing.T) {
	c, err := Read("../../../include/callkey.h")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("../../../include/callkey.h")
	n := strings.Count(string(text), "\nCALLKEY_API ") + strings.Count(string(text), "\nCALLKEY_EXPORT ")
	if err != nil || len(c.Functions) != n {
		t.Errorf("%d functions, but CALLKEY_API and CALLKEY_EXPORT begin %d lines; %v", len(c.Functions), n, err)
	}
	if _, err := Read("absent.h"); err == nil {
		t.Error("a header that is not there was read")
	}
}
