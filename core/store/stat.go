package store

// fileID identifies a file under any name.
type fileID struct{ device, number uint64 }

// fileInfo is the system's information about a file.
type fileInfo struct {
	id      fileID
	links   uint64 // number of its names
	regular bool
	size    int64
}
