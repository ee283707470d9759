package registers

const (
	wide             = false
	vectors          = 32
	wordsInVector    = 2
	generalRegisters = 27
)
