package store

import (
	"slices"
	"strings"
	"sync"
)

// aliasCache remembers for each name whether it is an alias, and of what: a fan-out
// looks up every device on every call. It is valid for one version of the file, until
// this process commits an alias.
type aliasCache struct {
	mu      sync.RWMutex
	version int64
	commits int
	target  map[string]string
}

const maxCachedAliases = 1 << 16

// Alias returns the name that name is an alias of, "" if it is not an alias. Errors:
// STORE, STORE_CORRUPT.
func (tx *Tx) Alias(name string) (string, error) {
	c := &tx.store.aliases
	c.mu.Lock()
	if c.version != tx.version || c.target == nil {
		c.version, c.target = tx.version, map[string]string{}
	}
	target, ok := c.target[name]
	commits := c.commits
	c.mu.Unlock()
	if ok {
		return target, nil
	}
	value, err := tx.Get(Aliases, name)
	if err != nil {
		return "", err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.version == tx.version && c.commits == commits && len(c.target) < maxCachedAliases {
		c.target[strings.Clone(name)] = string(value) // it may be part of all names of a call
	}
	return string(value), nil
}

// NoAliases reports whether it is known of all names that they are no aliases: then Alias need not be
// asked for each.
func NoAliases[Name ~string](tx *Tx, names []Name) bool {
	c := &tx.store.aliases
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.version == tx.version && !slices.ContainsFunc(names, func(name Name) bool {
		target, known := c.target[string(name)]
		return !known || target != ""
	})
}

// forget drops everything if one of the changes, which were committed, is that of an alias.
func (c *aliasCache) forget(changes []change) {
	if slices.ContainsFunc(changes, func(one change) bool { return one.table == Aliases }) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.target = nil
		c.commits++
	}
}
