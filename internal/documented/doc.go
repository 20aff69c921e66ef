// Package documented holds no code but tests: what the documentation tells people to ask, choose and open is there.
package documented
