package main

import (
	"fmt"
	"slices"
	"strings"

	"libcallkey/tools/contract/header"
	"libcallkey/tools/contract/places"
)

// native is an external function of Kotlin. places.NotNative has the functions without one.
type native struct {
	function *header.Function
	params   []crossed // as Kotlin passes them
	result   crossed   // type "" without one

	declared, outputs []string // before the call: inputs first, because they count the outputs
	arguments         []string // of the function of the contract
	variable          []string // the variable outputs
	put               []string // after the call, whatever the status
	made              string   // the result
	pair              []string // its two parts, if it has two
	structs           []string // the structs that cross
}

// crossed is a parameter or result between Kotlin and C.
type crossed struct{ name, jni, kotlin string }

func natives(c *header.Contract) ([]*native, error) {
	var all []*native
	for i := range c.Functions {
		f := &c.Functions[i]
		if places.NotNative[f.Name] != "" || f.SaysSize() {
			continue
		}
		n := &native{function: f}
		for _, p := range f.Params {
			if err := n.param(c, p); err != nil {
				return nil, fmt.Errorf("%s:%d: %s: %s: %w; give it a rule here, or a reason in places.NotNative", headerPath, f.Line, f.Name, p.Name, err)
			}
		}
		if len(n.variable) > 2 {
			return nil, fmt.Errorf("%s:%d: %s: call.h has no result for %d variable outputs", headerPath, f.Line, f.Name, len(n.variable))
		}
		all = append(all, n)
	}
	return all, nil
}

// takes adds a parameter of the external function.
func (n *native) takes(p header.Param, jni, kotlin string) {
	n.params = append(n.params, crossed{p.Name, jni, kotlin})
}

func (n *native) declare(format string, args ...any) {
	n.declared = append(n.declared, fmt.Sprintf(format, args...))
}

func (n *native) output(format string, args ...any) {
	n.outputs = append(n.outputs, fmt.Sprintf(format, args...))
}

func (n *native) puts(format string, args ...any) {
	n.put = append(n.put, fmt.Sprintf(format, args...))
}

func (n *native) passes(format string, args ...any) {
	n.arguments = append(n.arguments, fmt.Sprintf(format, args...))
}

// results gives the function its result if it has none yet.
func (n *native) results(jni, kotlin, format string, args ...any) bool {
	if n.result.jni != "" {
		return false
	}
	n.result, n.made = crossed{jni: jni, kotlin: kotlin}, fmt.Sprintf(format, args...)
	return true
}

const (
	array  = "ByteArray"
	buffer = "ByteBuffer"
)

// bytesOfRole is how bytes cross: a secret in a direct buffer.
func bytesOfRole(secret bool) (jni, kotlin, read string) {
	if secret {
		return "jobject", buffer, "buffer_in"
	}
	return "jbyteArray", array, "array_in"
}

func optional(kotlin string, null bool) string {
	if null {
		return kotlin + "?"
	}
	return kotlin
}

// param gives the native function what one parameter of the contract needs.
func (n *native) param(c *header.Contract, p header.Param) error {
	if t := structOf(c, p.Type); t != nil && !slices.Contains(n.structs, t.Name) && !bytesOnly(t) {
		n.structs = append(n.structs, t.Name)
	}
	switch p.Role {
	case header.Handle:
		n.takes(p, "jlong", "Long")
		n.passes("(%s)%s", p.Type, p.Name)
	case header.Untouched:
		n.takes(p, "jobject", buffer)
		n.declare("const struct bytes %s_in = buffer_in(&call, %[1]s)", p.Name)
		n.passes("%s_in.bytes", p.Name)
		n.passes("%s_in.len", p.Name)
	case header.Scalar:
		if p.Type == "size_t" { // behind memory, which knows it
			break
		}
		jni, kotlin, ok := number(c, p.Type)
		if !ok {
			return fmt.Errorf("it is not a number that crosses")
		}
		n.takes(p, jni, kotlin)
		n.passes("(%s)%s", p.Type, p.Name)
	case header.Length, header.Capacity:
		// A list or bytes in Java know their own length; only outputs have none.
		if p.Role == header.Length && n.countsOutputsOnly(p.Name) {
			n.takes(p, "jint", "Int")
			n.passes("(size_t)%s", p.Name)
		} else if p.Role == header.Length && !strings.HasSuffix(p.Name, "_len") {
			n.passes("%s_count", p.Name)
		} else if p.Role == header.Length {
			n.passes("%s", lengthOf(n.function, p.Name)+"_in.len")
		}
	case header.Text:
		n.takes(p, "jbyteArray", optional(array, p.Null))
		n.declare("const struct bytes %s_in = array_in(&call, %[1]s)", p.Name)
		n.passes("(const char *)%s_in.bytes", p.Name)
	case header.Bytes:
		jni, kotlin, read := bytesOfRole(p.Secret())
		n.takes(p, jni, optional(kotlin, strings.Contains(p.Text, "NULL")))
		n.declare("const struct bytes %s_in = %s(&call, %[1]s)", p.Name, read)
		n.passes("%s_in.bytes", p.Name)
	case header.FixedIn, header.GrowIn:
		return n.fixedInput(c, p)
	case header.List:
		return n.list(c, p)
	case header.FixedOut, header.GrowOut:
		return n.fixedOutput(c, p)
	case header.Variable:
		return n.variableOutput(c, p)
	case header.ListOut:
		return n.listOutput(c, p)
	default:
		return fmt.Errorf("no rule says how it crosses")
	}
	return nil
}

// number is how a number crosses.
func number(c *header.Contract, name string) (jni, kotlin string, ok bool) {
	switch {
	case name == "uint32_t", name == "callkey_status", name == "size_t":
		return "jint", "Int", true
	case name == "uint64_t", slices.Contains(c.Handles, name):
		return "jlong", "Long", true
	}
	return "", "", false
}

// countsOutputsOnly reports whether no input has the length name.
func (n *native) countsOutputsOnly(name string) bool {
	return !slices.ContainsFunc(n.function.Params, func(p header.Param) bool { return p.Input() && p.Count == name })
}

// lengthOf is the parameter with the length name.
func lengthOf(f *header.Function, name string) string {
	i := slices.IndexFunc(f.Params, func(p header.Param) bool { return p.Count == name })
	return f.Params[i].Name
}

func (n *native) fixedInput(c *header.Contract, p header.Param) error {
	t := structOf(c, p.Type)
	switch {
	case t == nil && p.Type == "uint8_t":
		jni, kotlin, read := bytesOfRole(p.Secret())
		n.takes(p, jni, optional(kotlin, p.Null))
		n.declare("const uint8_t *%s_in = sized(&call, %[2]s(&call, %[1]s), %[3]s, %[1]q)", p.Name, read, p.Array)
	case t == nil:
		return fmt.Errorf("it is an array of %s", p.Type)
	case pointers(t):
		n.takes(p, "jobjectArray", optional("Array<Any?>", p.Null))
		n.declare("const %s *%s_in = object_in(&call, sizeof *%[2]s_in, fill_%s, %[2]s)", t.Name, p.Name, noun(t))
	default:
		jni, kotlin, read := bytesOfRole(p.Secret())
		n.takes(p, jni, optional(kotlin, p.Null))
		n.declare("const %s *%s_in = struct_in(&call, &shape_%s, %s(&call, %[2]s), %[2]q)", t.Name, p.Name, noun(t), read)
	}
	n.passes("%s_in", p.Name)
	return nil
}

func (n *native) list(c *header.Contract, p header.Param) error {
	if p.Type == "size_t" { // the lengths of pieces, which know them
		n.passes("%s_in", p.Name)
		return nil
	}
	t := structOf(c, p.Type)
	kotlin := ""
	read := ""
	switch {
	case p.Texts():
		kotlin, read = "Array<ByteArray>", fmt.Sprintf("const char *const *%s_in = texts_in(&call, %[1]s)", p.Name)
	case p.Pieces() && strings.Contains(p.Text, "secret"):
		kotlin, read = "Array<ByteBuffer>", fmt.Sprintf("size_t *%s_in", p.Lengths())
	case p.Structs() && !pointers(t):
		kotlin, read = "Array<"+optional(array, p.Sparse())+">", fmt.Sprintf("%s *const *%s_in = structs_in(&call, &shape_%s, %[2]s, %[2]q)", "const "+t.Name, p.Name, noun(t))
	case t != nil && pointers(t):
		kotlin, read = "Array<Array<Any?>>", fmt.Sprintf("const %s *%s_in = objects_in(&call, sizeof *%[2]s_in, fill_%s, %[2]s)", t.Name, p.Name, noun(t))
	case p.Type == "uint32_t" && p.Stars == 1:
		kotlin, read = "IntArray", fmt.Sprintf("const uint32_t *%s_in = numbers_in(&call, %[1]s)", p.Name)
	default:
		return fmt.Errorf("no rule says how a list of %s crosses", p.C())
	}
	jni := "jobjectArray"
	if kotlin == "IntArray" {
		jni = "jintArray"
	}
	n.takes(p, jni, kotlin)
	count := "const size_t " + p.Count + "_count"
	if slices.ContainsFunc(n.declared, func(d string) bool { return strings.HasPrefix(d, count) }) {
		n.declare("counted(&call, %s, %s_count, %q)", p.Name, p.Count, p.Name)
	} else {
		n.declare("%s = length(&call, %s)", count, p.Name)
	}
	n.declare("%s", read)
	if p.Pieces() {
		n.declare("const uint8_t *const *%s_in = buffers_in(&call, %[1]s, &%s_in)", p.Name, p.Lengths())
	}
	n.passes("%s_in", p.Name)
	return nil
}

func (n *native) fixedOutput(c *header.Contract, p header.Param) error {
	t := structOf(c, p.Type)
	// A struct that tells something after failures too must be an argument.
	always := p.Role == header.GrowOut && strings.HasPrefix(p.Text, "filled whenever")
	variable := slices.ContainsFunc(n.function.Params, func(q header.Param) bool { return q.Role == header.Variable })
	switch {
	case p.Secret() && (t == nil && p.Type == "uint8_t" || t != nil && bytesOnly(t)):
		n.takes(p, "jobject", buffer)
		size := p.Array
		if t != nil {
			size = "sizeof(" + t.Name + ")"
		}
		n.output("void *%s_to = sized(&call, buffer_in(&call, %[1]s), %[2]s, %[1]q)", p.Name, size)
		n.passes("%s_to", p.Name)
	case p.Secret() && t != nil:
		n.takes(p, "jobject", buffer)
		n.output("uint8_t *%s_place = buffer_in(&call, %[1]s).bytes", p.Name)
		n.output("%s *%s_to = struct_room(&call, &shape_%s)", p.Type, p.Name, noun(t))
		n.puts("const struct bytes %s_packed = packed(&call, &shape_%s, %[1]s_to, 1)", p.Name, noun(t))
		n.puts("if (%s_packed.bytes != NULL && %[1]s_place != NULL)\n\t\tmemcpy(%[1]s_place, %[1]s_packed.bytes, %[1]s_packed.len)", p.Name)
		n.passes("%s_to", p.Name)
	case p.Secret():
		return fmt.Errorf("no rule says how a secret number crosses")
	case t != nil:
		n.output("%s *%s_to = struct_room(&call, &shape_%s)", p.Type, p.Name, noun(t))
		if bytesOnly(t) {
			return fmt.Errorf("it has no secret, though its struct has bytes only")
		}
		n.puts("const struct bytes %s_packed = packed(&call, &shape_%s, %[1]s_to, 1)", p.Name, noun(t))
		if always || variable || !n.results("jbyteArray", array, "new_array(&call, %s_packed.bytes, %[1]s_packed.len)", p.Name) {
			n.takes(p, "jbyteArray", array)
			n.puts("put_bytes(&call, %s, %[1]s_packed)", p.Name)
		}
		n.passes("%s_to", p.Name)
	case p.Array != "" && p.Type == "uint8_t":
		n.output("uint8_t %s_to[%s] = {0}", p.Name, p.Array)
		if variable || !n.results("jbyteArray", array, "new_array(&call, %s_to, sizeof %[1]s_to)", p.Name) {
			n.takes(p, "jbyteArray", array)
			n.puts("put_bytes(&call, %s, (struct bytes){%[1]s_to, sizeof %[1]s_to})", p.Name)
		}
		n.passes("%s_to", p.Name)
	case p.Array != "" && p.Type == "uint32_t":
		n.output("uint32_t %s_to[%s] = {0}", p.Name, p.Array)
		if variable || !n.results("jintArray", "IntArray", "new_ints(&call, %s_to, %s)", p.Name, p.Array) {
			n.takes(p, "jintArray", "IntArray")
			n.puts("put_ints(&call, %s, %[1]s_to, %s)", p.Name, p.Array)
		}
		n.passes("%s_to", p.Name)
	default:
		jni, kotlin, ok := number(c, p.Type)
		if !ok || p.Array != "" {
			return fmt.Errorf("no rule says how %s crosses", p.C())
		}
		n.output("%s %s_to = 0", p.Type, p.Name)
		n.passes("&%s_to", p.Name)
		if !variable && n.results(jni, kotlin, "(%s)%s_to", jni, p.Name) {
			break
		}
		n.takes(p, jni+"Array", kotlin+"Array")
		put := map[string]string{"uint32_t": "put_ints", "uint64_t": "put_longs", "size_t": "put_sizes"}[p.Type]
		n.puts("%s(&call, %s, &%[2]s_to, 1)", put, p.Name)
	}
	return nil
}

func (n *native) variableOutput(c *header.Contract, p header.Param) error {
	t := structOf(c, p.Type)
	size, cast := "1", ""
	jni, kotlin, made := "jbyteArray", array, fmt.Sprintf("new_array(&call, %s_to.bytes, %[1]s_to.len)", p.Name)
	switch {
	case t != nil && !pointers(t) && !p.Secret():
		size, cast = "sizeof("+t.Name+")", "(void *)"
		n.puts("const struct bytes %s_packed = packed(&call, &shape_%s, %[1]s_to.bytes, call.status == CALLKEY_OK ? %[1]s_to.len : 0)", p.Name, noun(t))
		made = fmt.Sprintf("new_array(&call, %s_packed.bytes, %[1]s_packed.len)", p.Name)
	case p.Type == "char":
		cast, made = "(char *)", fmt.Sprintf("new_array(&call, %s_to.bytes, %[1]s_to.len - 1)", p.Name)
	case p.Type == "uint8_t" && p.Secret():
		jni, kotlin, made = "jobject", buffer, fmt.Sprintf("new_buffer(&call, %s_to.bytes, %[1]s_to.len)", p.Name)
	case p.Type != "uint8_t":
		return fmt.Errorf("no rule says how a list of %s crosses", p.Type)
	}
	n.output("struct output %s_to = room(&call, %s)", p.Name, size)
	n.passes("%s%s_to.bytes", cast, p.Name)
	n.passes("&%s_to.len", p.Name)
	n.variable = append(n.variable, p.Name)
	if len(n.variable) == 2 {
		n.result = crossed{jni: "jobjectArray", kotlin: "Array<Any>"}
		n.pair = []string{"jobject first = " + n.made, "jobject second = " + made}
		n.made = "new_pair(&call, first, second)"
		return nil
	}
	n.result, n.made = crossed{jni: jni, kotlin: kotlin}, made
	return nil
}

func (n *native) listOutput(c *header.Contract, p header.Param) error {
	t := structOf(c, p.Type)
	count := p.Count + "_count"
	if n.countsOutputsOnly(p.Count) {
		count = "(size_t)" + p.Count
	}
	n.passes("%s_to", p.Name)
	switch {
	case t != nil && bytesOnly(t) && strings.Contains(p.Text, "secret"):
		n.takes(p, "jobject", buffer)
		n.output("void *%s_to = sized(&call, buffer_in(&call, %[1]s), %[2]s * sizeof(%[3]s), %[1]q)", p.Name, count, p.Type)
	case t != nil && !pointers(t) && !strings.Contains(p.Text, "secret"):
		n.output("%s *%s_to = take(&call, %s, sizeof *%[2]s_to)", p.Type, p.Name, count)
		n.puts("const struct bytes %s_packed = packed(&call, &shape_%s, %[1]s_to, call.status == CALLKEY_OK ? %[3]s : 0)", p.Name, noun(t), count)
		if !n.results("jbyteArray", array, "new_array(&call, %s_packed.bytes, %[1]s_packed.len)", p.Name) {
			return fmt.Errorf("it is not the only result")
		}
	case p.Type == "callkey_status", p.Type == "uint32_t":
		n.takes(p, "jintArray", "IntArray")
		n.output("%s *%s_to = take(&call, %s, sizeof *%[2]s_to)", p.Type, p.Name, count)
		n.puts("put_ints(&call, %s, %[1]s_to, %s)", p.Name, count)
	case p.Type == "size_t":
		n.takes(p, "jintArray", "IntArray")
		n.output("size_t *%s_to = take(&call, %s, sizeof *%[1]s_to)", p.Name, count)
		n.puts("put_sizes(&call, %s, %[1]s_to, %s)", p.Name, count)
	default:
		return fmt.Errorf("no rule says how a list of %s crosses", p.Type)
	}
	return nil
}

func structOf(c *header.Contract, name string) *header.Struct {
	i := slices.IndexFunc(c.Structs, func(s header.Struct) bool { return s.Name == name })
	if i < 0 {
		return nil
	}
	return &c.Structs[i]
}

func noun(t *header.Struct) string { return strings.TrimPrefix(t.Name, "callkey_") }

// pointers reports whether a member points somewhere.
func pointers(t *header.Struct) bool {
	return slices.ContainsFunc(t.Members, func(m header.Member) bool { return m.Pointer })
}

// bytesOnly structs have no padding, and no number of the processor's byte order.
func bytesOnly(t *header.Struct) bool {
	return !slices.ContainsFunc(t.Members, func(m header.Member) bool { return m.Type != "uint8_t" || m.Pointer })
}
