package hardening

import "go.mau.fi/libsignal/logger"

// silent discards the messages that the Signal library would print to standard output.
type silent struct{}

func (silent) Debug(_, _ string)   {}
func (silent) Info(_, _ string)    {}
func (silent) Warning(_, _ string) {}
func (silent) Error(_, _ string)   {}
func (silent) Configure(_ string)  {}

// The Signal library installs a printing logger on first use if there is none.
func init() {
	var l logger.Loggable = silent{}
	logger.Setup(&l)
}
