package signal_test

import (
	"testing"

	"libcallkey/core/signal"
)

// If this failed, a list would name one device twice, or a device that no record is of.
func TestDeviceOfANameInOneForm(t *testing.T) {
	for name, want := range map[string]signal.Address{
		"1555:0":           {Name: "1555"},
		"1555_1:33":        {Name: "1555_1", Device: 33},
		"1555:4294967295":  {Name: "1555", Device: 1<<32 - 1},
		":7":               {Device: 7},
		"1555":             {},
		"1555:":            {},
		"1555:00":          {},
		"1555:07":          {},
		"1555:+7":          {},
		"1555:7 ":          {},
		"1555:1_0":         {},
		"1555:4294967296":  {},
		"1555:7:8":         {},
		"group 0123456789": {},
		"":                 {},
	} {
		got, ok := signal.Device(name).Address()
		if ok != (want != signal.Address{}) || ok && (got != want || got.String() != name) {
			t.Errorf("%q: %+v, %v", name, got, ok)
		}
	}
}
