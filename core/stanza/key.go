package stanza

// BuildKey writes the node that carries the call key and nothing around it
// (wacrg:CRY-01): <enc>, or <destination> for more than one device and whenever
// multiDevice says that the callee has others.
//
// Errors: NO_DEVICES without encs; ARGUMENT.
func BuildKey(encs []Enc, multiDevice bool) ([]byte, error) {
	size := contentBytes(encs, nil)
	if size >= MaxBytes {
		return nil, errTooLarge()
	}
	key, err := keyNode(encs, multiDevice)
	if err != nil {
		return nil, err
	}
	return write(&key, len(encs), size)
}
