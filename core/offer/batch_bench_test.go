package offer_test

import (
	"fmt"
	"testing"

	"libcallkey/core/offer"
	"libcallkey/core/session"
	"libcallkey/core/signal"
	"libcallkey/core/store"
)

// known is a file store with answered sessions, and the offer's JIDs.
func known(b *testing.B, n int) (s *store.Store, jids []string) {
	s = openStore(b, true)
	for i := range n {
		jids = append(jids, fmt.Sprintf(calleeJID, i))
		peer := openStore(b, false)
		begin(b, s, peer, jids[i])
		acknowledge(b, s, peer, jids[i])
	}
	return s, jids
}

// BenchmarkRekey compares one commit for a group with one for each member.
func BenchmarkRekey(b *testing.B) {
	const n = 96
	epoch := newKey(b)
	b.Run("each", func(b *testing.B) {
		s, jids := known(b, n)
		for b.Loop() {
			for _, jid := range jids {
				if _, err := offer.SealRekey(s, jid, epoch[:], 1, &callOptions, -1); err != nil {
					b.Fatal(err)
				}
			}
		}
		perDevice(b, n)
	})
	b.Run("batch", func(b *testing.B) {
		s, jids := known(b, n)
		for b.Loop() {
			if _, err := offer.SealRekeys(s, jids, epoch[:], 1, &callOptions, -1); err != nil {
				b.Fatal(err)
			}
		}
		perDevice(b, n)
	})
}

func BenchmarkMessages(b *testing.B) {
	const n = 96
	plaintexts := make([][]byte, n)
	for i := range plaintexts {
		plaintexts[i] = make([]byte, 200)
	}
	b.Run("each", func(b *testing.B) {
		s, jids := known(b, n)
		for b.Loop() {
			for i, jid := range jids {
				if _, _, err := offer.SealMessage(s, jid, plaintexts[i], -1); err != nil {
					b.Fatal(err)
				}
			}
		}
		perDevice(b, n)
	})
	b.Run("batch", func(b *testing.B) {
		s, jids := known(b, n)
		for b.Loop() {
			if _, err := offer.SealMessages(s, jids, plaintexts, -1); err != nil {
				b.Fatal(err)
			}
		}
		perDevice(b, n)
	})
}

// BenchmarkBegin begins sessions with devices that were never met: on a file, each in its own
// commit and in one; and in memory, where their curve work is nearly all.
func BenchmarkBegin(b *testing.B) {
	const n = 100
	callee := openStore(b, false)
	bundles := make([]*session.Bundle, n)
	for i := range bundles {
		bundle, err := signal.TakeBundle(callee)
		if err != nil {
			b.Fatal(err)
		}
		bundles[i] = &bundle
	}
	user := 0
	next := func(n int) (jids []string) {
		user++
		for i := range n {
			jids = append(jids, fmt.Sprintf("%d:%d@lid", 1000+user, i))
		}
		return jids
	}
	b.Run("each", func(b *testing.B) {
		s := openStore(b, true)
		for b.Loop() {
			for i, jid := range next(n) {
				if err := signal.Begin(s, addressOf(b, jid), bundles[i]); err != nil {
					b.Fatal(err)
				}
			}
		}
		perDevice(b, n)
	})
	batch := func(file bool, n int) func(b *testing.B) {
		return func(b *testing.B) {
			s := openStore(b, file)
			for b.Loop() {
				if _, err := offer.BeginAll(s, next(n), bundles[:n]); err != nil {
					b.Fatal(err)
				}
			}
			perDevice(b, n)
		}
	}
	b.Run("batch", batch(true, n))
	b.Run("memory/1", batch(false, 1))
	b.Run("memory/100", batch(false, n))
}
