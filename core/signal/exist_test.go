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
	for i, step := range []struct {
		open      func(path string, storageKey []byte, o store.Options) (*store.Store, error)
		mustExist bool
		want      status.Code
	}{
		{signal.OpenStore, true, status.NotFound},
		{signal.OpenStoreWithoutIdentity, true, status.NotFound},
		{signal.OpenStoreWithoutIdentity, false, status.OK},
		{signal.OpenStore, true, status.NotFound},
		{signal.OpenStoreWithoutIdentity, true, status.OK},
		{signal.OpenStore, false, status.OK},
		{signal.OpenStore, true, status.OK},
	} {
		s, err := step.open(path, key, store.Options{MustExist: step.mustExist})
		if status.Of(err) != step.want {
			t.Errorf("step %d: %v, want %s", i, err, step.want.Name())
		}
		if s != nil {
			s.Close()
		}
	}
}
