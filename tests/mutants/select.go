package main

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"slices"
)

// inOrder sorts a package's mutations into the order of the trials: the kinds in turn, and
// within a kind by a hash of the name and the seed. So a sample contains all kinds, and a
// change elsewhere in the source does not change the sample.
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

// shares divides a sample among packages by their number of mutations: equal parts, and the
// unused rest of a small package goes to the others.
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
