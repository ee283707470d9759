package main

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"slices"
)

// inOrder puts a room's mutations in the order in which they are tried: the kinds in turn, and
// those of a kind by a hash of their name with the seed. So a sample has all kinds in it, and
// a change elsewhere in the source does not make another sample of it.
func inOrder(all []mutation, seed int) []mutation {
	rank := func(m mutation) uint64 {
		h := fnv.New64a()
		fmt.Fprintf(h, "%d %s", seed, m.key())
		return h.Sum64()
	}
	sorted := slices.SortedFunc(slices.Values(all), func(a, b mutation) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.key(), b.key()))
	})
	turn := map[string]int{}
	turns := map[string]int{} // of each mutation
	for _, m := range sorted {
		turns[m.key()] = turn[m.kind]
		turn[m.kind]++
	}
	slices.SortStableFunc(sorted, func(a, b mutation) int { return turns[a.key()] - turns[b.key()] })
	return sorted
}

// shares divides a sample among rooms that have so many mutations each: equal parts, and what
// a small room can't use goes to the others.
func shares(sample int, have []int) []int {
	shares := make([]int, len(have))
	for left := sample; left > 0; {
		var open []int
		for i := range have {
			if shares[i] < have[i] {
				open = append(open, i)
			}
		}
		if len(open) == 0 {
			break
		}
		for n, i := range open {
			more := left / (len(open) - n)
			more = min(more, have[i]-shares[i])
			shares[i] += more
			left -= more
		}
		if left < len(open) {
			for _, i := range open {
				if left > 0 && shares[i] < have[i] {
					shares[i]++
					left--
				}
			}
		}
	}
	return shares
}
