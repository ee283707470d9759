package header

import (
	"fmt"
	"regexp"
	"strings"
)

var (
	columnLine = regexp.MustCompile(`^  (Returns|Args|Out|In|In/Out|Since): +(.*)$`)
	statusText = regexp.MustCompile(`^(CALLKEY_[A-Z_]+)(?: +(.*))?$`)
	entryText  = regexp.MustCompile(`^([a-z0-9_]+) +(.*)$`)
)

// indent is where the text of a column begins.
const indent = 11

// readDoc parses a function's comment. A line that starts deeper than its column continues
// the entry above.
func readDoc(lines []string) (Doc, error) {
	var doc Doc
	var summary []string
	column := ""
	for _, line := range lines {
		text := line
		if found := columnLine.FindStringSubmatch(line); found != nil {
			column = found[1]
			text = strings.Repeat(" ", indent) + found[2]
		} else if column == "" {
			summary = append(summary, strings.TrimSpace(line))
			continue
		}
		text = strings.TrimRight(text, " ")
		if text == "" {
			continue
		}
		if len(text) <= indent || strings.TrimSpace(text[:indent]) != "" {
			return doc, fmt.Errorf("its comment has a line that is in no column: %q", line)
		}
		text = text[indent:]
		continued := strings.HasPrefix(text, " ")
		text = strings.TrimSpace(text)
		switch {
		case column == "Since":
			doc.Since = text
		case column == "Returns" && continued && len(doc.Returns) > 0:
			last := &doc.Returns[len(doc.Returns)-1]
			last.When = strings.TrimSpace(last.When + " " + text)
		case column == "Returns":
			found := statusText.FindStringSubmatch(text)
			if found == nil {
				return doc, fmt.Errorf("its comment has no status in %q", line)
			}
			doc.Returns = append(doc.Returns, Return{found[1], found[2]})
		case continued && len(doc.Entries) > 0:
			last := &doc.Entries[len(doc.Entries)-1]
			last.Text += " " + text
		default:
			found := entryText.FindStringSubmatch(text)
			if found == nil {
				return doc, fmt.Errorf("its comment names no parameter in %q", line)
			}
			doc.Entries = append(doc.Entries, Entry{column, found[1], found[2]})
		}
	}
	doc.Summary = strings.TrimSpace(strings.Join(summary, "\n"))
	return doc, nil
}
