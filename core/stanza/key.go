package stanza

// BuildKey writes the node that carries the call key and nothing around it
// (wacrg:CRY-01): <enc>, or <destination> for more than one device and whenever
// multiDevice says that the callee has others.
//
// Errors: NO_DEVICES without devices; ARGUMENT.
func BuildKey(tos []To, multiDevice bool) ([]byte, error) {
	size := contentBytes(tos, nil)
	if size >= MaxBytes {
		return nil, errTooLarge()
	}
	key, err := keyNode(tos, multiDevice)
	if err != nil {
		return nil, err
	}
	return write(&key, size)
}
