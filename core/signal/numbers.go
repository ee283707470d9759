package signal

import (
	"slices"
	"sort"
)

// numbers is a set of prekey ids: spans in ascending order, with gaps between them.
type numbers []span

// span is count ids from first on.
type span struct{ first, count uint32 }

// end returns the id after the last.
func (s span) end() uint32 { return s.first + s.count }

// add adds a span to the set; parts of it may be there already.
func (n *numbers) add(s span) {
	from := sort.Search(len(*n), func(i int) bool { return (*n)[i].end() >= s.first })
	to := from
	first, end := s.first, s.end()
	for ; to < len(*n) && (*n)[to].first <= end; to++ {
		first, end = min(first, (*n)[to].first), max(end, (*n)[to].end())
	}
	*n = slices.Replace(*n, from, to, span{first, end - first})
}

// remove removes an id and reports whether it was there.
func (n *numbers) remove(id uint32) bool {
	at := n.search(id)
	if at < 0 {
		return false
	}
	s := (*n)[at]
	var left []span
	if s.first < id {
		left = append(left, span{s.first, id - s.first})
	}
	if id+1 < s.end() {
		left = append(left, span{id + 1, s.end() - id - 1})
	}
	*n = slices.Replace(*n, at, at+1, left...)
	return true
}

func (n numbers) has(id uint32) bool { return n.search(id) >= 0 }

// search returns the index of the span with the id, -1 if there is none.
func (n numbers) search(id uint32) int {
	at := sort.Search(len(n), func(i int) bool { return n[i].end() > id })
	if at == len(n) || n[at].first > id {
		return -1
	}
	return at
}

// count returns the number of ids in the set.
func (n numbers) count() int {
	total := 0
	for _, s := range n {
		total += int(s.count)
	}
	return total
}

// list returns the ids one by one, in ascending order.
func (n numbers) list() []uint32 {
	all := make([]uint32, 0, n.count())
	for _, s := range n {
		for id := s.first; id < s.end(); id++ {
			all = append(all, id)
		}
	}
	return all
}
