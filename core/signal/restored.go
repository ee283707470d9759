package signal

import (
	"libcallkey/core/status"
	"libcallkey/core/store"
)

// skippedNumbers is how many prekey numbers an old copy passes over. Prekeys that were made
// since the copy was made are published under the next numbers; one of the copy's own under
// the same number would be taken for them.
const skippedNumbers = 1 << 16

// afterRestore makes the account of a store that was opened as an old copy safe to go on with. Its
// sessions are stale by themselves (store.Options.Restored).
func afterRestore(s *store.Store) error {
	err := changeAccount(s, func(_ *store.Tx, a *account) error {
		for range skippedNumbers {
			a.nextPrekey = following(a.nextPrekey)
			a.nextSignedPrekey = following(a.nextSignedPrekey)
		}
		// They may be on the server, and used, since the copy was made.
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
