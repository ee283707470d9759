package main

import (
	"os"
	"regexp"
	"strings"

	"libcallkey/tools/contract/header"
)

// doxygen prints the header with comments of Doxygen's form: an INPUT_FILTER.
func doxygen(c *header.Contract, _ []string) error {
	content, err := os.ReadFile(headerPath)
	if err != nil {
		return err
	}
	_, err = os.Stdout.WriteString(inDoxygen(string(content), c))
	return err
}

// inDoxygen returns a header's text with comments of Doxygen's form. A section becomes a group, a comment above several
// macros a named group of members, Returns \retval, and Args, Out, In and In/Out \param with its direction.
func inDoxygen(content string, c *header.Contract) string {
	d := commented{lines: strings.Split(strings.TrimRight(content, "\n"), "\n"), functions: map[int]header.Function{}}
	for _, f := range c.Functions {
		d.functions[f.Line] = f
	}
	for d.at < len(d.lines) {
		d.step()
	}
	d.line("/** @} */")
	return d.String()
}

// commented is a header under construction.
type commented struct {
	source
	lines     []string
	at        int
	groups    int
	named     int
	functions map[int]header.Function // by the line of the prototype
}

var (
	headingLine = regexp.MustCompile(`^/\* ---- (.*?)[ -]*\*/$`)
	headingText = regexp.MustCompile(`^(.*?)(?:(?:, |\. |: )(.*?))?\.?$`)
	behindLine  = regexp.MustCompile(`^(.*\S)\s*/\*\s*(.*)$`)
	definition  = regexp.MustCompile(`^#\s*define (\w+)`)
	star        = regexp.MustCompile(`^\s*\*?/?`)
)

// literally has what Doxygen would take for a command, a tag or a link.
var literally = strings.NewReplacer(`\`, `\\`, "@", `\@`, "<", `\<`, ">", `\>`, "&", `\&`, "#", `\#`, "%", `\%`, "::", `\::`, `"`, `\"`, "\t", "")

func (d *commented) step() {
	line := d.lines[d.at]
	heading := headingLine.FindStringSubmatch(line)
	switch {
	case d.at == 0:
		d.line("/** \\file\n\\verbatim\n%s\n\\endverbatim */", strings.Join(d.block(), "\n"))
		d.group("Version and linking", "")
	case heading != nil:
		text := headingText.FindStringSubmatch(heading[1])
		d.at++
		d.line("/** @} */")
		d.group(text[1], text[2])
	case strings.HasPrefix(line, "/**"):
		d.block()
		d.function(d.functions[d.at+1])
		d.declaration()
	case strings.HasPrefix(line, "/*"):
		d.above(d.block())
	case strings.HasPrefix(line, "\t/*"):
		d.line("\t/** %s */", literally.Replace(strings.Join(d.block(), "\n")))
	case line == "#define CALLKEY_H":
		d.at++
	default:
		d.declaration()
	}
}

func (d *commented) group(title, text string) {
	d.groups++
	if text != "" {
		text = strings.ToUpper(text[:1]) + text[1:] + "."
	}
	d.line("/** \\defgroup section%02d %s\n * %s\n * @{ */", d.groups, literally.Replace(title), literally.Replace(text))
}

// block reads a comment of lines of its own, without the stars.
func (d *commented) block() (text []string) {
	for {
		line := strings.TrimSpace(d.lines[d.at])
		line, ended := strings.CutSuffix(line, "*/")
		d.at++
		line = strings.TrimPrefix(strings.TrimPrefix(line, "/**"), "/*")
		text = append(text, strings.TrimRight(strings.TrimPrefix(strings.TrimPrefix(line, "*"), " "), " "))
		if ended {
			return text
		}
	}
}

// declaration passes a line on. A comment behind it belongs to what it declares.
func (d *commented) declaration() {
	line := d.lines[d.at]
	d.at++
	found := behindLine.FindStringSubmatch(line)
	if found == nil {
		d.line("%s", line)
		return
	}
	text := found[2]
	for !strings.Contains(text, "*/") {
		text += " " + star.ReplaceAllString(d.lines[d.at], "")
		if strings.HasSuffix(d.lines[d.at], "*/") && !strings.HasSuffix(text, "*/") {
			text += "*/"
		}
		d.at++
	}
	text, _, _ = strings.Cut(text, "*/")
	d.line("%s /**< %s */", found[1], literally.Replace(strings.Join(strings.Fields(text), " ")))
}

// above writes a comment that stands above declarations: for one of them, for the macro in a condition, or, if there
// are more up to the next empty line, for all.
func (d *commented) above(text []string) {
	words := literally.Replace(strings.Join(text, "\n"))
	next := d.lines[d.at]
	end := d.at
	declared := 0
	for ; end < len(d.lines) && d.lines[end] != ""; end++ {
		if definition.MatchString(d.lines[end]) || strings.HasSuffix(d.lines[end], "(void);") {
			declared++
		}
	}
	switch {
	case strings.HasPrefix(next, "#if"):
		for at := d.at; at < len(d.lines); at++ {
			if found := definition.FindStringSubmatch(d.lines[at]); found != nil {
				d.line("/** \\def %s\n%s */", found[1], words)
				break
			}
		}
	case declared > 1 && !strings.HasPrefix(next, "typedef"):
		d.named++ // Doxygen makes one of two with the same name
		d.line("/** \\name %d\n%s\n@{ */", d.named, words)
		for d.at < end {
			d.declaration()
		}
		d.line("/** @} */")
	case strings.HasPrefix(next, "#define"), strings.HasPrefix(next, "typedef"):
		d.line("/** %s */", words)
	}
}

// function writes the comment of a function.
func (d *commented) function(f header.Function) {
	d.line("/** %s\n", literally.Replace(f.Doc.Summary))
	for _, r := range f.Doc.Returns {
		d.line("\\retval %s %s", r.Status, literally.Replace(r.When))
	}
	for _, e := range f.Doc.Entries {
		direction := map[string]string{"Args": "", "Out": "[out]", "In/Out": "[in,out]", "In": "[in]"}[e.Column]
		d.line("\\param%s %s %s", direction, e.Name, literally.Replace(e.Text))
	}
	if f.Doc.Since != "" {
		d.line("\\since %s", f.Doc.Since)
	}
	d.line("*/")
}
