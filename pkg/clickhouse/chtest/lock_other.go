//go:build !unix

package chtest

// lock does nothing: the engine exists for unix only.
func lock(string) (unlock func(), err error) { return func() {}, nil }
