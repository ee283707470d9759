package selftest

import (
	"slices"
	"strings"
	"testing"

	"libcallkey/core/status"
)

// If this failed, the library would refuse to say that it is sound.
func TestEveryPrimitive(t *testing.T) {
	if len(primitives) == 0 {
		t.Fatal("nothing is tested")
	}
	for _, p := range primitives {
		t.Run(p.name, func(t *testing.T) {
			if err := run([]primitive{p}); err != nil {
				t.Error(err)
			}
		})
	}
	if err := Run(); err != nil {
		t.Error(err)
	}
}

// If this failed, the library would say that it is sound with a broken primitive, or name
// another one than the one to look at.
func TestABrokenAnswerIsNamed(t *testing.T) {
	named := func(t *testing.T, i int, change func(p *primitive)) {
		broken := slices.Clone(primitives)
		change(&broken[i])
		err := run(broken)
		if status.Of(err) != status.Internal || !strings.Contains(err.Error(), "selftest: "+broken[i].name+" does not") {
			t.Fatalf("the error is %v", err)
		}
	}
	for i, p := range primitives {
		t.Run(p.name, func(t *testing.T) {
			for at := range p.answer { // each digit counts
				named(t, i, func(p *primitive) { p.answer = flipped(p.answer, at) })
			}
			named(t, i, func(p *primitive) { p.gives = func() []byte { return nil } })
		})
	}
}

// flipped is text with one bit of the hexadecimal digit at that place flipped.
func flipped(text string, at int) string {
	const digits = "0123456789abcdef"
	value := strings.IndexByte(digits, text[at])
	return text[:at] + digits[value^1:value^1+1] + text[at+1:]
}
