package stanza

// BuildKey writes only the node that carries the call key (wacrg:CRY-01): <enc>, or
// <destination> for more than one device, or if multiDevice is set because the callee
// has more.
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
	return write(&key, size+len(tos)*usualToBytes)
}
