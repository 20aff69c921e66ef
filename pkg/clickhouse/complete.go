package clickhouse

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
)

// Over the native protocol an answer has an end of its own. Over HTTP it has none: a proxy that gives up in the middle, and
// ends its own answer as if nothing was, leaves fewer rows or none. So ClickHouse is made to finish an answer before it sends
// the first byte (wait_end_of_query), and its header then tells how many rows there are.

// summaryHeader holds, in ClickHouse's answer, what the statement has read and made.
const summaryHeader = "X-ClickHouse-Summary"

// summary is what the header says: X-ClickHouse-Summary, https://clickhouse.com/docs/interfaces/http.
type summary struct {
	ReadRows   uint64 `json:"read_rows,string"`
	ReadBytes  uint64 `json:"read_bytes,string"`
	ResultRows *int64 `json:"result_rows,string"`
}

// note keeps what the header of the statement's answer says.
func (f *flight) note(header http.Header) {
	var s summary
	if f == nil || json.Unmarshal([]byte(header.Get(summaryHeader)), &s) != nil {
		return
	}
	f.progress(s.ReadRows, s.ReadBytes)
	if s.ResultRows != nil {
		f.promised.Store(*s.ResultRows)
	}
}

// complete says whether an answer of so many rows is the whole answer.
func (f *flight) complete(rows int) error {
	switch promised := f.promised.Load(); promised {
	case int64(rows):
		return nil
	case noPromise:
		return errNoProof
	default:
		return &cutShort{rows: int64(rows), promised: promised}
	}
}

// errNoProof is an answer that does not say how many rows it has.
var errNoProof = errors.New("the answer lacks the header " + summaryHeader + ", which says how many rows it has")

// cutShort is an answer of which a part is missing.
type cutShort struct{ rows, promised int64 }

func (e *cutShort) Error() string {
	return fmt.Sprintf("the answer was cut short: %d of its %d rows came", e.rows, e.promised)
}

// answered says whether the error is of an answer that came, so that asking again would bring another such.
func answered(err error) bool {
	return errors.Is(err, errNoProof) || is[*cutShort](err) || is[*redirected](err)
}
