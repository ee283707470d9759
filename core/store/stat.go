package store

// fileID is a file whatever its names.
type fileID struct{ device, number uint64 }

// fileInfo is what the system says about a file.
type fileInfo struct {
	id      fileID
	links   uint64 // names that it has
	regular bool
	size    int64
}
