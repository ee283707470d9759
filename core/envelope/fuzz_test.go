package envelope_test

import (
	"bytes"
	"slices"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"

	"libcallkey/core/envelope"
	"libcallkey/core/status"
	"libcallkey/testdata/vectors"
)

// messageType is Message { call = 10: Call { callKey = 1: bytes } } for Google's protobuf
// library, the judge of our reader.
func messageType(t testing.TB) protoreflect.MessageDescriptor {
	field := func(name string, number int32, kind descriptorpb.FieldDescriptorProto_Type, typeName *string) *descriptorpb.FieldDescriptorProto {
		return &descriptorpb.FieldDescriptorProto{
			Name: &name, Number: &number, Type: &kind, TypeName: typeName,
			Label: descriptorpb.FieldDescriptorProto_LABEL_OPTIONAL.Enum(),
		}
	}
	file, err := protodesc.NewFile(&descriptorpb.FileDescriptorProto{
		Name:   proto.String("envelope.proto"),
		Syntax: proto.String("proto2"),
		MessageType: []*descriptorpb.DescriptorProto{
			{Name: proto.String("Message"), Field: []*descriptorpb.FieldDescriptorProto{
				field("call", 10, descriptorpb.FieldDescriptorProto_TYPE_MESSAGE, proto.String(".Call"))}},
			{Name: proto.String("Call"), Field: []*descriptorpb.FieldDescriptorProto{
				field("callKey", 1, descriptorpb.FieldDescriptorProto_TYPE_BYTES, nil)}},
		},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return file.Messages().ByName("Message")
}

// judge is what Decode has to say about a message without padding.
func judge(message protoreflect.MessageDescriptor, body []byte) ([]byte, status.Code) {
	m := dynamicpb.NewMessage(message)
	if proto.Unmarshal(body, m) != nil {
		return nil, status.Malformed
	}
	call := message.Fields().ByName("call")
	callKey := call.Message().Fields().ByName("callKey")
	if !m.Has(call) || !m.Get(call).Message().Has(callKey) {
		return nil, status.Malformed
	}
	key := m.Get(call).Message().Get(callKey).Bytes()
	if len(key) != 32 {
		return nil, status.KeyLength
	}
	return key, status.OK
}

// mayNestTooDeep reports whether body could hold more than 100 groups in each other: we and
// the C++ reader refuse them, the Go reader goes on to 10000.
func mayNestTooDeep(body []byte) bool {
	starts := 0
	for _, b := range body {
		if b&7 == 3 {
			starts++
		}
	}
	return starts > 100
}

// mayHideALargeNumber reports whether a group in body could hold a field number above 2^29-1: we
// and the C++ reader refuse it there as everywhere, the Go reader does not look.
func mayHideALargeNumber(body []byte) bool {
	group := slices.ContainsFunc(body, func(b byte) bool { return b&7 == 3 })
	long := 0
	for _, b := range body {
		if b < 0x80 {
			long = 0
		} else if long++; long == 4 {
			return group
		}
	}
	return false
}

// If this failed, a message would crash us, or mean one thing to us and another to every
// other protobuf reader.
func FuzzDecodePlaintext(f *testing.F) {
	for _, c := range vectors.Load(f, "callkey_plaintext_decode") {
		f.Add(c.In.Hex(f, "plaintext"), c.In.Number(f, "enc_version"))
	}
	message := messageType(f)
	f.Fuzz(func(t *testing.T, plaintext []byte, version uint32) {
		before := bytes.Clone(plaintext)
		out := [32]byte{1, 31: 1}
		err := envelope.Decode(&out, plaintext, version)
		if !bytes.Equal(plaintext, before) {
			t.Fatal("the plaintext was modified")
		}
		body, want := plaintext, status.OK
		switch {
		case version != 2 && version != 3:
			want = status.Unsupported
		case version == 2 && !wellPadded(plaintext):
			want = status.Malformed
		case version == 2:
			body = plaintext[:len(plaintext)-int(plaintext[len(plaintext)-1])]
		}
		var key []byte
		if want == status.OK {
			if mayNestTooDeep(body) || mayHideALargeNumber(body) {
				return
			}
			if key, want = judge(message, body); want == status.OK && bytes.Equal(key, make([]byte, 32)) {
				want = status.InvalidKey // a protobuf like any other, and a wiped key
			}
		}
		if got := status.Of(err); got != want {
			t.Fatalf("%x in version %d: got %v, want %v", plaintext, version, err, want)
		}
		if want != status.OK {
			key = make([]byte, 32)
		}
		if !bytes.Equal(out[:], key) {
			t.Fatalf("%x in version %d: key %x, want %x", plaintext, version, out, key)
		}
	})
}

func wellPadded(plaintext []byte) bool {
	if len(plaintext) == 0 {
		return false
	}
	n := int(plaintext[len(plaintext)-1])
	return n >= 1 && n <= 16 && n < len(plaintext) &&
		bytes.HasSuffix(plaintext, bytes.Repeat([]byte{byte(n)}, n))
}
