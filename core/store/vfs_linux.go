package store

/*
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

// The head of SQLite's own type (sqlite.org/c3ref/vfs.html), version 3; it never changes.
typedef struct sqlite3_vfs sqlite3_vfs;
struct sqlite3_vfs {
	int iVersion, szOsFile, mxPathname;
	sqlite3_vfs *pNext;
	const char *zName;
	void *pAppData;
	void (*xOpen)(void), (*xDelete)(void), (*xAccess)(void);
	int (*xFullPathname)(sqlite3_vfs *, const char *, int, char *);
	void (*xDlOpen)(void), (*xDlError)(void), (*xDlSym)(void), (*xDlClose)(void), (*xRandomness)(void);
	int (*xSleep)(sqlite3_vfs *, int);
	void (*more[6])(void);
};

// Weak, for cgo also links this file alone, without SQLite.
extern sqlite3_vfs *sqlite3_vfs_find(const char *) __attribute__((weak));
extern int sqlite3_vfs_register(sqlite3_vfs *, int) __attribute__((weak));
extern int sqlite3_vfs_unregister(sqlite3_vfs *) __attribute__((weak));

// layer is one connection's file layer: SQLite's own, but for what stands below.
typedef struct layer {
	sqlite3_vfs vfs; // first
	sqlite3_vfs *own;
	int64_t until; // microseconds
	char name[32];
} layer;

static int as_it_is(sqlite3_vfs *vfs, const char *path, int room, char *out)
{
	size_t n = strlen(path);

	(void)vfs;
	if (n >= (size_t)room)
		return 14; // SQLITE_CANTOPEN
	memcpy(out, path, n + 1);
	return 0;
}

static int64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int sleep_until(sqlite3_vfs *vfs, int micros)
{
	layer *l = (layer *)vfs;
	int64_t left = l->until - now();

	if (left > 0)
		l->own->xSleep(l->own, left < micros ? (int)left : micros);
	return micros;
}

static layer *make_layer(uint64_t number)
{
	sqlite3_vfs *own = sqlite3_vfs_find("unix");
	layer *l = own == NULL ? NULL : calloc(1, sizeof *l);

	if (l == NULL)
		return NULL;
	l->own = own;
	l->vfs = *own;
	if (l->vfs.iVersion > 3)
		l->vfs.iVersion = 3;
	snprintf(l->name, sizeof l->name, "callkey-%llu", (unsigned long long)number);
	l->vfs.pNext = NULL;
	l->vfs.zName = l->name;
	l->vfs.xFullPathname = as_it_is;
	l->vfs.xSleep = sleep_until;
	if (sqlite3_vfs_register(&l->vfs, 0) != 0) {
		free(l);
		return NULL;
	}
	return l;
}

static void wait_for(layer *l, int64_t micros)
{
	l->until = now() + micros;
}

static void unmake_layer(layer *l)
{
	sqlite3_vfs_unregister(&l->vfs);
	free(l);
}
*/
import "C"

import (
	"fmt"
	"sync/atomic"
	"time"

	"github.com/mattn/go-sqlite3"
)

// layer is a connection's own file layer.
//
// It accepts any path unchanged. SQLite's own layer stops at 504 bytes, because it resolves links into
// a buffer of 512. A place has no links, except the one in /proc that represents a longer path and must
// stay unresolved.
//
// And it ends SQLite's waiting at a set time. A reader that finds the index of the log half written,
// because its writer was stopped, retries for ten seconds, whatever the busy timeout is.
type layer struct{ c *C.layer }

var layers atomic.Uint64

// newLayer returns nil if there is no memory; then SQLite's own layer is used.
func newLayer(until time.Time) *layer {
	c := C.make_layer(C.uint64_t(layers.Add(1)))
	if c == nil {
		return nil
	}
	l := &layer{c}
	l.waitUntil(nil, until)
	return l
}

// option returns the part of a URI that names the layer.
func (l *layer) option() string {
	if l == nil {
		return ""
	}
	return fmt.Sprintf("&vfs=%s", C.GoString(&l.c.name[0]))
}

// waitUntil sets the time until which SQLite waits.
func (l *layer) waitUntil(_ *sqlite3.SQLiteConn, until time.Time) {
	if l != nil {
		C.wait_for(l.c, C.int64_t(time.Until(until).Microseconds()))
	}
}

// close is for a caller that has closed the connection.
func (l *layer) close() {
	if l != nil {
		C.unmake_layer(l.c)
	}
}
