package store

import (
	"encoding/binary"
	"strings"

	"libcallkey/core/kdf"
	"libcallkey/core/secret"
)

// The rows of Chains are written at every message, so they are small, of one size, and in a table of
// their own, in which a row's name is a number, its id: SQLite overwrites such a row in place.
// In this package the name is those 64 bits, big-endian; only the arguments and results of a
// statement have the number.
//
// The upper bits of an id are a keyed hash of the user, the lower bits one of the device's
// whole name. So the devices of a user are neighbours, mostly on one page, and an offer
// writes few pages. A stolen file shows which of these rows are of one user, and so how many devices of
// that user have a session. It does not show which user, nor which other rows are of that
// device.
//
// Two devices of different users have one id with a chance of 2^-64 for each pair, two devices of one user with
// 2^-44; in a plaintext store, whose key is known, whoever chooses names can search for two. They would have one row, and whoever reads the other's is told by the mark inside: that is
// STORE_CORRUPT, and never a wrong key.
const (
	chainUserBits   = 20
	chainDeviceBits = 64 - chainUserBits

	// What is hashed begins with the table and one of these. A name of another table can't
	// have the same hash.
	chainUserHash   = 0
	chainDeviceHash = 1
)

// nameChains replaces the names of devices, at most Batch, by those of their rows in Chains. A
// plaintext store's key is zero.
func nameChains(key *[kdf.Size]byte, names []string) {
	var ids [Batch]uint64
	secret.Do(func() { sumChains(&ids, key, names) })
	for i := range names {
		names[i] = chainName(int64(ids[i]))
	}
}

func sumChains(ids *[Batch]uint64, key *[kdf.Size]byte, names []string) {
	var ready kdf.Key
	ready.Set(key[:])
	for i, name := range names {
		user := sumChain(&ready, chainUserHash, userOf(name)) >> chainDeviceBits << chainDeviceBits
		device := sumChain(&ready, chainDeviceHash, name) << chainUserBits >> chainUserBits
		ids[i] = user | device
	}
	ready.Clear()
}

func sumChain(key *kdf.Key, hash byte, name string) uint64 {
	var sum [kdf.Size]byte
	key.HMAC(&sum, []byte{byte(Chains), hash}, []byte(name))
	return binary.BigEndian.Uint64(sum[:])
}

// userOf returns the user in the name of a device: all before its last colon, or all of it.
func userOf(name string) string {
	if i := strings.LastIndexByte(name, ':'); i >= 0 {
		return name[:i]
	}
	return name
}

// chainName returns the name of a row of Chains.
func chainName(id int64) string { return string(binary.BigEndian.AppendUint64(nil, uint64(id))) }

// chainID returns the id in the name of a row of Chains.
func chainID(rowName string) int64 { return int64(binary.BigEndian.Uint64([]byte(rowName))) }
