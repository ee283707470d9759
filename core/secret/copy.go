package secret

// Copy copies src, a secret, to dst, and leaves nothing of it in the registers. Do would erase a whole
// stack besides, which takes longer than everything else that a warm message does with the store.
func Copy(dst, src []byte) {
	copy(dst, src)
	ClearRegisters()
}
