package signal_test

import (
	"fmt"
	"path/filepath"
	"sync"
	"testing"

	"libcallkey/core/session"
	"libcallkey/core/signal"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

// A call reads the rows of a device one after the other, and another process may write both in
// between. If this failed, the rows would seem to be of different times: STORE_CORRUPT, and an app
// throws its sessions away.
func TestRowsThatAnotherProcessWrites(t *testing.T) {
	for name, o := range map[string]store.Options{"sealed": {}, "plaintext": {Plaintext: true}} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "s")
			first, second := openKind(t, path, o), openKind(t, path, o)
			device, us, _ := fatRow(t, first, bob)
			n := 150
			if testing.Short() {
				n = 30
			}
			var skipped []session.Ciphertext
			for range n {
				skipped = append(skipped, device.seal(t, us, "skipped"))
			}
			us.mustOpen(t, device, device.seal(t, us, "passed"), "passed")
			bundle := device.bundle(t, false)

			var work sync.WaitGroup
			stop := make(chan struct{})
			run := func(what string, call func() error) {
				work.Add(1)
				go func() {
					defer work.Done()
					for calls := 0; ; calls++ {
						select {
						case <-stop:
							if calls == 0 {
								t.Errorf("%s: never", what)
							}
							return
						default:
						}
						if err := call(); err != nil {
							t.Errorf("%s: %v", what, err)
							return
						}
					}
				}()
			}
			forged := device.seal(t, us, "never arrives")
			forged.Bytes[len(forged.Bytes)-1] ^= 1
			run("info", func() error { _, err := signal.InfoOf(second, bob); return err })
			run("export", func() error { _, err := signal.Export(second, bob); return err })
			run("a forgery", func() error {
				_, err := (&peer{second, alice}).open(device, forged)
				if status.Of(err) == status.Authentication {
					return nil
				}
				return fmt.Errorf("opened: %v", err)
			})
			run("begin", func() error { return signal.Begin(second, bob, &bundle) })
			for i, c := range skipped {
				if got, err := us.open(device, c); err != nil || got != "skipped" {
					t.Errorf("message %d: %q, %v", i, got, err)
					break
				}
				if _, err := us.open(device, c); status.Of(err) != status.Duplicate && i%10 == 0 {
					// begun so often that its session is gone from the archive, it is AUTHENTICATION
					t.Logf("message %d again: %v", i, err)
				}
			}
			close(stop)
			work.Wait()
		})
	}
}
