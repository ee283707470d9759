package registers

const (
	wide             = false
	vectors          = 8
	wordsInVector    = 2
	generalRegisters = 7
)
