package curve

import "go.mau.fi/libsignal/logger"

// silent discards the messages that the Signal library would print to standard output.
type silent struct{}

func (silent) Debug(_, _ string)   {}
func (silent) Info(_, _ string)    {}
func (silent) Warning(_, _ string) {}
func (silent) Error(_, _ string)   {}
func (silent) Configure(_ string)  {}

// The Signal library's signature functions call its logger, and install a printing one on
// first use if there is none. Ours is installed before.
func init() {
	var l logger.Loggable = silent{}
	logger.Setup(&l)
}
