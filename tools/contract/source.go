package main

import (
	"bytes"
	"fmt"
	"strings"
)

// source is C code under construction.
type source struct{ bytes.Buffer }

// line writes a line.
func (s *source) line(format string, args ...any) {
	fmt.Fprintf(s, format+"\n", args...)
}

// width is the maximum width of a line in columns; a tab is 8.
const width = 100

// call writes before, the arguments with commas between them, and after. A line that would be
// too long continues below the first argument.
func (s *source) call(before string, arguments []string, after string) {
	tabs := len(before) - len(strings.TrimLeft(before, "\t"))
	column := len(before) + 7*tabs
	indent := strings.Repeat("\t", tabs) + strings.Repeat(" ", len(before)-tabs)
	first := column
	s.WriteString(before)
	for i, a := range arguments {
		end := ","
		if i == len(arguments)-1 {
			end = after
		}
		if i > 0 && column+1+len(a)+len(end) > width {
			s.WriteString("\n" + indent)
			column = first
		} else if i > 0 {
			s.WriteByte(' ')
			column++
		}
		s.WriteString(a + end)
		column += len(a) + len(end)
	}
	if len(arguments) == 0 {
		s.WriteString(after)
	}
	s.WriteByte('\n')
}
