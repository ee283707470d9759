//go:build without_libsignal

package session

import "libcallkey/core/status"

// decodeJSON reads nothing: the layout of such a record is go.mau.fi/libsignal's, which this
// build does not link.
func (r *Record) decodeJSON(_ []byte, _ int64) error {
	return status.New(status.Unsupported,
		"session record is the Go Signal library's JSON, which a build without that library does not read; it reads Signal's storage protobuf")
}
