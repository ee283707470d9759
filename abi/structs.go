// Package abi is what cgo makes of the structs of callkey.h, for the test that holds them
// against the table in layout.json. It is in no library: a test file can't use cgo itself.
package abi

/*
#cgo CFLAGS: -I${SRCDIR}/../include
#include "callkey.h"
*/
import "C"

import "reflect"

// Structs are the header's structs by their C names.
var Structs = map[string]reflect.Type{
	"callkey_srtp_keys":     reflect.TypeFor[C.callkey_srtp_keys](),
	"callkey_identity":      reflect.TypeFor[C.callkey_identity](),
	"callkey_prekey":        reflect.TypeFor[C.callkey_prekey](),
	"callkey_signed_prekey": reflect.TypeFor[C.callkey_signed_prekey](),
	"callkey_prekey_bundle": reflect.TypeFor[C.callkey_prekey_bundle](),
	"callkey_enc":           reflect.TypeFor[C.callkey_enc](),
	"callkey_offer_options": reflect.TypeFor[C.callkey_offer_options](),
	"callkey_store_options": reflect.TypeFor[C.callkey_store_options](),
	"callkey_call_info":     reflect.TypeFor[C.callkey_call_info](),
}
