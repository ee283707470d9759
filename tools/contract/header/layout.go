package header

import (
	"fmt"
	"slices"
)

// Place is the offset and the size of a member or a whole struct, in bytes: with 64-bit and
// with 32-bit pointers. A struct's offset is 0.
type Place struct {
	Offset64, Size64 int
	Offset32, Size32 int
}

// layOut places the struct's members as every C compiler does: each at the next multiple of its
// alignment. It rejects a struct with different layouts on machines of the same width.
func (r *reader) layOut(s *Struct) error {
	var wide, arm, i386 layout
	for i := range s.Members {
		m := &s.Members[i]
		size64, size32, err := r.size(*m)
		if err != nil {
			return fmt.Errorf("%s.%s: %w", s.Name, m.Name, err)
		}
		elements := max(1, m.Count)
		m.Place.Size64, m.Place.Size32 = elements*size64, elements*size32
		m.Place.Offset64 = wide.add(elements*size64, size64)
		m.Place.Offset32 = arm.add(elements*size32, size32)
		// Of all 32-bit machines this one alone aligns 8 bytes to 4.
		if i386.add(elements*size32, min(4, size32)) != m.Place.Offset32 {
			return fmt.Errorf("%s.%s: 32-bit x86 and 32-bit arm would place it differently; put 4 bytes before it", s.Name, m.Name)
		}
		if i > 0 && m.Name == "struct_size" {
			return fmt.Errorf("%s.struct_size is not its first member", s.Name)
		}
	}
	s.Place.Size64, s.Place.Size32 = wide.whole(), arm.whole()
	if i386.whole() != s.Place.Size32 {
		return fmt.Errorf("%s: 32-bit x86 and 32-bit arm would end it differently; add a reserved member", s.Name)
	}
	if s.Grows() && (wide.end != s.Place.Size64 || arm.end != s.Place.Size32) {
		return fmt.Errorf("%s has padding at its end, which a later version could not use; add a reserved member", s.Name)
	}
	return nil
}

// layout is a struct under construction.
type layout struct{ end, alignment int }

// add places a member and returns its offset.
func (l *layout) add(size, alignment int) int {
	offset := (l.end + alignment - 1) / alignment * alignment
	l.end = offset + size
	l.alignment = max(l.alignment, alignment)
	return offset
}

// whole returns the struct's size, with the padding that aligns the next element of an array.
func (l *layout) whole() int { return (l.end + l.alignment - 1) / l.alignment * l.alignment }

// size returns the size of one element, which is also its alignment.
func (r *reader) size(m Member) (bits64, bits32 int, err error) {
	switch {
	case m.Pointer, m.Type == "size_t":
		return 8, 4, nil
	case m.Type == "char", m.Type == "uint8_t":
		return 1, 1, nil
	case m.Type == "uint16_t":
		return 2, 2, nil
	case m.Type == "uint32_t", m.Type == "int32_t", m.Type == "callkey_status":
		return 4, 4, nil
	case m.Type == "uint64_t", slices.Contains(r.contract.Handles, m.Type):
		return 8, 8, nil
	}
	return 0, 0, fmt.Errorf("a member is not of the type %s", m.Type)
}
