package lanes_test

import (
	"os"
	"os/exec"
	"testing"

	"libcallkey/core/curve/lanes"
)

// If this failed, `make test-go-plain` would test the lanes once more, and the way without them
// would have no test on a processor that has them.
func TestTurnedOff(t *testing.T) {
	const off = "cpu.avx512ifma=off"
	if os.Getenv("GODEBUG") == off {
		if lanes.Available() {
			t.Error("they are available")
		}
		return
	}
	c := exec.Command(os.Args[0], "-test.run=^TestTurnedOff$")
	c.Env = append(os.Environ(), "GODEBUG="+off)
	if out, err := c.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
