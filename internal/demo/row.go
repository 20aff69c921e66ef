package demo

import (
	"iter"
	"strconv"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/scenario"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/schema"
)

// batchSize is how many events one INSERT carries.
const batchSize = 100_000

// batches yields the events as lines of TabSeparated, so many at a time, with their number. The lines are valid until the
// next batch.
func batches(events iter.Seq[scenario.Event]) iter.Seq2[[]byte, int] {
	return func(yield func([]byte, int) bool) {
		var batch []byte
		rows := 0
		for e := range events {
			batch = appendRow(batch, e)
			if rows++; rows == batchSize {
				if !yield(batch, rows) {
					return
				}
				batch, rows = batch[:0], 0
			}
		}
		if rows > 0 {
			yield(batch, rows)
		}
	}
}

// columnNames are those that a row has, in order; the table's others are an endpoint sensor's blanks.
func columnNames() []string {
	return []string{
		schema.Timestamp, schema.DeviceID, schema.DeviceName, schema.ActionType, schema.RemoteIP, schema.RemotePort, schema.RemoteURL,
		schema.Protocol, schema.LocalIP, schema.InitiatingProcessFileName, schema.InitiatingProcessAccountName, schema.SentBytes,
		schema.ReceivedBytes,
	}
}

// appendRow appends the event as one line of TabSeparated, in the order of columnNames:
// https://clickhouse.com/docs/interfaces/formats/TabSeparated.
func appendRow(row []byte, e scenario.Event) []byte {
	row = e.Timestamp.AppendFormat(row, "2006-01-02 15:04:05.000")
	for _, text := range []string{e.DeviceID, e.DeviceName, e.ActionType, e.RemoteIP} {
		row = appendText(append(row, '\t'), text)
	}
	row = strconv.AppendUint(append(row, '\t'), uint64(e.RemotePort), 10)
	for _, text := range []string{e.RemoteURL, e.Protocol, e.LocalIP, e.Process, e.Account} {
		row = appendText(append(row, '\t'), text)
	}
	row = appendBytes(append(row, '\t'), e.Sent)
	row = appendBytes(append(row, '\t'), e.Received)
	return append(row, '\n')
}

func appendText(row []byte, text string) []byte {
	for i := range len(text) {
		switch c := text[i]; c {
		case '\t':
			row = append(row, `\t`...)
		case '\n':
			row = append(row, `\n`...)
		case '\\':
			row = append(row, `\\`...)
		default:
			row = append(row, c)
		}
	}
	return row
}

func appendBytes(row []byte, n int64) []byte {
	if n == scenario.Unknown {
		return append(row, `\N`...)
	}
	return strconv.AppendInt(row, n, 10)
}
