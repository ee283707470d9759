package main

import (
	"bytes"
	"fmt"
	"go/format"

	"libcallkey/tools/contract/header"
)

// cgoStructs makes tools/contract/structs/structs.go: the structs as cgo imports them.
func cgoStructs(c *header.Contract) ([]byte, error) {
	var b bytes.Buffer
	fmt.Fprintf(&b, `// %s

package structs

/*
#cgo CFLAGS: -I${SRCDIR}/../../../include
#include "callkey.h"
*/
import "C"

import "reflect"

// types are the header's structs by their C names.
var types = map[string]reflect.Type{
`, origin)
	for _, s := range c.Structs {
		fmt.Fprintf(&b, "%q: reflect.TypeFor[C.%s](),\n", s.Name, s.Name)
	}
	b.WriteString("}\n")
	return format.Source(b.Bytes())
}
