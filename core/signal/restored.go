package signal

import (
	"libcallkey/core/status"
	"libcallkey/core/store"
)

// skippedNumbers is the number of prekey ids that an old copy skips. The original may have
// published prekeys under the next ids since the copy was made; a prekey of the copy under
// the same id would be mistaken for one of them.
const skippedNumbers = 1 << 16

// afterRestore makes the account of a store that was opened as an old copy safe to use. Its
// sessions are stale already (store.Options.Restored).
func afterRestore(s *store.Store) error {
	err := changeAccount(s, func(_ *store.Tx, a *account) error {
		for range skippedNumbers {
			a.nextPrekey = following(a.nextPrekey)
			a.nextSignedPrekey = following(a.nextSignedPrekey)
		}
		// They may have been published and used since the copy was made.
		for _, span := range a.unpublished {
			a.published.add(span)
		}
		a.unpublished = nil
		return nil
	})
	if status.Of(err) == status.NoIdentity {
		return nil // one will be imported
	}
	return err
}
