package ingest

import "sync"

// spares are what a part leaves for the next one of its file to be read into: fresh memory costs more than what is read into it.
type spares struct {
	sync.Mutex
	room  int // of a new text, in bytes
	texts [][]byte
	rows  map[string][]*rowsOf // by log
}

// newSpares are those of a file whose parts have so many bytes. A file that is small, as it lies there, gets little room.
func newSpares(size int, fileSize int64) *spares {
	room := min(int64(size), max(8*fileSize, 1<<20)) + peeked // a part ends behind its size; and packed, a file is larger than it lies there
	return &spares{room: int(room), rows: map[string][]*rowsOf{}}
}

// mostSpare is how much of a part's text is kept, in times of a part's size: one with a very long record is not.
const mostSpare = 2

// text gives room for a part's text.
func (s *spares) text() []byte {
	if s != nil {
		s.Lock()
		defer s.Unlock()
		if n := len(s.texts); n > 0 {
			text := s.texts[n-1]
			s.texts = s.texts[:n-1]
			return text
		}
		return make([]byte, 0, s.room)
	}
	return nil
}

// rowsFor gives rows of a log, of a part with so many records.
func (s *spares) rowsFor(log string, l landing, records int) *rowsOf {
	if s != nil {
		s.Lock()
		defer s.Unlock()
		if n := len(s.rows[log]); n > 0 {
			rows := s.rows[log][n-1]
			s.rows[log] = s.rows[log][:n-1]
			return rows
		}
	}
	return newRows(log, l, records)
}

// take takes back what a part was read into. Nothing of it may be used any more.
func (s *spares) take(r ready, size int) {
	s.Lock()
	defer s.Unlock()
	if cap(r.part.text) <= mostSpare*size {
		s.texts = append(s.texts, r.part.text[:0])
	}
	for _, b := range r.blocks {
		b.reset()
		s.rows[b.log] = append(s.rows[b.log], b)
	}
}
