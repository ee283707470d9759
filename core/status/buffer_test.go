package status_test

import (
	"errors"
	"fmt"
	"testing"

	"libcallkey/core/status"
)

// A call with a too small buffer must change nothing, so the bound is exact.
func TestFits(t *testing.T) {
	for room, want := range map[int]status.Code{-1: status.OK, -100: status.OK, 0: status.Buffer, 9: status.Buffer, 10: status.OK, 11: status.OK} {
		if err := status.Fits(10, room, "bytes"); status.Of(err) != want {
			t.Errorf("10 bytes into %d: %v", room, err)
		}
	}
	if err := status.Fits(0, 0, "bytes"); err != nil {
		t.Errorf("nothing into nothing: %v", err)
	}
}

// If this failed, an app would get no size or a wrong one, and could never allocate enough.
func TestBufferErrorCarriesTheSize(t *testing.T) {
	err := status.Fits(12, 5, "prekeys")
	for range 2 {
		var small *status.BufferError
		if !errors.As(err, &small) || small.Need != 12 || small.Room != 5 {
			t.Fatalf("in %v is %+v", err, small)
		}
		if status.Of(err) != status.Buffer || !errors.Is(err, status.Buffer) {
			t.Fatalf("%v is %s", err, status.Of(err).Name())
		}
		err = fmt.Errorf("sealing: %w", err)
	}
	if text := status.Fits(12, 5, "prekeys").Error(); text != "the output has room for 5 prekeys and needs 12" {
		t.Errorf("its text is %q", text)
	}
}
