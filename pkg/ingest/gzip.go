package ingest

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
)

// members reads a gzip file: one member behind the other, and zeros behind the last, with which tapes and preallocated files are
// filled up.
type members struct {
	packed *bufio.Reader
	member *gzip.Reader
	err    error // what it ended with
}

func newMembers(packed *bufio.Reader) (*members, error) {
	first, err := gzip.NewReader(packed)
	if err != nil {
		return nil, err
	}
	first.Multistream(false)
	return &members{packed: packed, member: first}, nil
}

func (m *members) Read(to []byte) (int, error) {
	for m.err == nil {
		n, err := m.member.Read(to)
		if n > 0 || !errors.Is(err, io.EOF) {
			if n > 0 && errors.Is(err, io.EOF) {
				err = nil // the next read says what is behind it
			}
			return n, err
		}
		m.err = m.next()
	}
	return 0, m.err
}

// next goes to the next member; io.EOF where there is none.
func (m *members) next() error {
	for {
		switch c, err := m.packed.ReadByte(); {
		case err != nil:
			return err
		case c != 0:
			if err := m.packed.UnreadByte(); err != nil {
				return err
			}
			if err := m.member.Reset(m.packed); err != nil {
				return fmt.Errorf("what stands behind the packed text cannot be unpacked: %w", noEOF(err))
			}
			m.member.Multistream(false)
			return nil
		}
	}
}

// noEOF tells an end in the wrong place from the end of a file.
func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
