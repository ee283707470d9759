package curve

import "go.mau.fi/libsignal/logger"

// silent drops what the Signal library would print to standard output.
type silent struct{}

func (silent) Debug(_, _ string)   {}
func (silent) Info(_, _ string)    {}
func (silent) Warning(_, _ string) {}
func (silent) Error(_, _ string)   {}
func (silent) Configure(_ string)  {}

// The Signal library installs a printing logger on first use; ours is there before.
func init() {
	var l logger.Loggable = silent{}
	logger.Setup(&l)
}
