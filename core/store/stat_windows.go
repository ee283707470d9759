package store

import "syscall"

func statFolder(path string) (fileInfo, error) { return statFile(path) }

func statFile(path string) (fileInfo, error) {
	const shared = syscall.FILE_SHARE_READ | syscall.FILE_SHARE_WRITE | syscall.FILE_SHARE_DELETE
	name, err := syscall.UTF16PtrFromString(path)
	if err != nil {
		return fileInfo{}, err
	}
	handle, err := syscall.CreateFile(name, 0, shared, nil, syscall.OPEN_EXISTING, syscall.FILE_FLAG_BACKUP_SEMANTICS, 0)
	if err != nil {
		return fileInfo{}, err
	}
	defer syscall.CloseHandle(handle)
	kind, err := syscall.GetFileType(handle)
	if err != nil {
		return fileInfo{}, err
	}
	var s syscall.ByHandleFileInformation
	if err := syscall.GetFileInformationByHandle(handle, &s); err != nil {
		return fileInfo{}, err
	}
	return fileInfo{
		id:      fileID{uint64(s.VolumeSerialNumber), uint64(s.FileIndexHigh)<<32 | uint64(s.FileIndexLow)},
		links:   uint64(s.NumberOfLinks),
		regular: kind == syscall.FILE_TYPE_DISK && s.FileAttributes&syscall.FILE_ATTRIBUTE_DIRECTORY == 0,
		size:    int64(s.FileSizeHigh)<<32 | int64(s.FileSizeLow),
	}, nil
}
