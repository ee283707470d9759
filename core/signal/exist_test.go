package signal_test

import (
	"bytes"
	"path/filepath"
	"testing"

	"libcallkey/core/signal"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

// Row 31: a store without an identity is not given one by an app that says it has one.
func TestFault31MustExistMakesNoIdentity(t *testing.T) {
	path, key := filepath.Join(t.TempDir(), "s"), bytes.Repeat([]byte{7}, store.StorageKeyBytes)
	for _, step := range []struct {
		options store.Options
		want    status.Code
	}{
		{store.Options{MustExist: true}, status.NotFound},
		{store.Options{NoIdentity: true}, status.OK},
		{store.Options{MustExist: true}, status.NotFound},
		{store.Options{MustExist: true, NoIdentity: true}, status.OK},
		{store.Options{}, status.OK},
		{store.Options{MustExist: true}, status.OK},
	} {
		s, err := signal.OpenStore(path, key, step.options)
		if status.Of(err) != step.want {
			t.Errorf("%+v: %v, want %s", step.options, err, step.want.Name())
		}
		if s != nil {
			s.Close()
		}
	}
}
