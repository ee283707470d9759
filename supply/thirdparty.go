package main

import (
	"bytes"
	"fmt"
	"strings"
)

const head = `# What is inside the library

All code by others that the linker put into libcallkey on linux/amd64: into the default build, or also into that of
` + "`make lib WITHOUT_LIBSIGNAL=1`" + ` (both). The C library is not inside: programs use the system's. ` + "`make licences`" + ` writes this file
from the finished libraries, and ` + "`make check`" + ` compares them.

The default build as a whole is under the GPL-3.0 because ` + "`go.mau.fi/libsignal`" + ` is. The other build links no module under the GPL.
The licence of libcallkey's own code is in [LICENSE](LICENSE). If you distribute the library, distribute these texts with it.

| component | version | licence | builds | what for |
|---|---|---|---|---|
`

const publicDomain = `## SQLite

SQLite is in the public domain. Its authors disclaim copyright; in place of a licence the source has this blessing:

    May you do good and not evil.
    May you find forgiveness for yourself and forgive others.
    May you share freely, never taking more than you give.
`

// thirdParty writes THIRD_PARTY.md: a table, then each licence text once, with its components.
func thirdParty(components []component) []byte {
	var out bytes.Buffer
	out.WriteString(head)
	holders := map[licence][]string{}
	var texts []licence
	for _, c := range components {
		fmt.Fprintf(&out, "| %s | %s | %s | %s | %s |\n", c.name, c.release, c.licence.id, c.builds, c.what)
		if c.licence == blessing {
			continue
		}
		if holders[c.licence] == nil {
			texts = append(texts, c.licence)
		}
		holders[c.licence] = append(holders[c.licence], c.name)
	}
	fmt.Fprintf(&out, "\n%s", publicDomain)
	for _, text := range texts {
		fmt.Fprintf(&out, "\n## %s\n\n%s\n\n", strings.Join(holders[text], ", "), text.id)
		if strings.HasPrefix(text.id, "GPL-3.0") {
			out.WriteString("The text is [LICENSE](LICENSE).\n")
			continue
		}
		fmt.Fprintf(&out, "```\n%s\n```\n", text.text)
	}
	return out.Bytes()
}
