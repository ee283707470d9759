package store

/*
#include <stddef.h>
#include <string.h>

// The head of SQLite's own type (sqlite.org/c3ref/vfs.html), version 3; it never changes.
typedef struct sqlite3_vfs sqlite3_vfs;
struct sqlite3_vfs {
	int iVersion, szOsFile, mxPathname;
	sqlite3_vfs *pNext;
	const char *zName;
	void *pAppData;
	void (*xOpen)(void), (*xDelete)(void), (*xAccess)(void);
	int (*xFullPathname)(sqlite3_vfs *, const char *, int, char *);
	void (*more[12])(void);
};

// Weak, for cgo also links this file alone, without SQLite.
extern sqlite3_vfs *sqlite3_vfs_find(const char *) __attribute__((weak));
extern int sqlite3_vfs_register(sqlite3_vfs *, int) __attribute__((weak));

static int as_it_is(sqlite3_vfs *vfs, const char *path, int room, char *out)
{
	size_t n = strlen(path);

	(void)vfs;
	if (n >= (size_t)room)
		return 14; // SQLITE_CANTOPEN
	memcpy(out, path, n + 1);
	return 0;
}

static int register_vfs(void)
{
	static sqlite3_vfs ours;
	sqlite3_vfs *unix_vfs = sqlite3_vfs_find("unix");

	if (unix_vfs == NULL)
		return 1;
	ours = *unix_vfs;
	if (ours.iVersion > 3)
		ours.iVersion = 3;
	ours.pNext = NULL;
	ours.zName = "callkey";
	ours.xFullPathname = as_it_is;
	return sqlite3_vfs_register(&ours, 0);
}
*/
import "C"

import "sync"

// fileLayer is the part of a URI that names SQLite's file layer for a place. SQLite's own ends at 504
// bytes: it resolves links into a buffer of 512. A place has no links, except the one in /proc
// that stands for a longer path and must stay as it is.
var fileLayer = sync.OnceValue(func() string {
	if C.register_vfs() != 0 {
		return ""
	}
	return "&vfs=callkey"
})
