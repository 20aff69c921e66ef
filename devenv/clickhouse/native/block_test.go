package native

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/ClickHouse/ch-go/proto"
	driver "github.com/ClickHouse/clickhouse-go/v2/lib/proto"
	"github.com/google/go-cmp/cmp"

	"github.com/ClickHouse/clickhouse-go/v2/lib/column"
)

const clientRevision = driver.DBMS_TCP_PROTOCOL_VERSION

// A block of the engine's revision becomes, byte for byte, the block that the driver writes at the client's, and back.
func TestBlocksTranslateBothWays(t *testing.T) {
	for _, rows := range []int{1, 3, 1000} {
		engine, client := encode(t, sample(t, rows), 0), encode(t, sample(t, rows), clientRevision)
		check := func(name string, translator Translator, from, want []byte) {
			t.Run(name, func(t *testing.T) {
				var got bytes.Buffer
				shape, err := translator.Block(&got, proto.NewReader(bytes.NewReader(from)))
				if err != nil {
					t.Fatal(err)
				}
				if shape.Rows != rows || len(shape.Columns) != 5 || shape.Columns[1] != (Column{"l", "LowCardinality(String)"}) {
					t.Errorf("shape: got %v", shape)
				}
				if diff := cmp.Diff(want, got.Bytes()); diff != "" {
					t.Errorf("block differs (-want +got):\n%s", diff)
				}
			})
		}
		check("to the client", Translator{To: clientRevision}, engine, client)
		check("to the engine", Translator{From: clientRevision}, client, engine)
	}
}

// After the last block comes io.EOF; a block that breaks off anywhere is another error, and never a panic.
func TestBlocksThatEnd(t *testing.T) {
	whole := encode(t, sample(t, 3), 0)
	source := proto.NewReader(bytes.NewReader(append(bytes.Clone(whole), whole...)))
	for i, want := range []error{nil, nil, io.EOF, io.EOF} {
		var target bytes.Buffer
		if _, err := (Translator{To: clientRevision}).Block(&target, source); !errors.Is(err, want) {
			t.Fatalf("block %d: want %v, got %v", i, want, err)
		}
	}
	for cut := 1; cut < len(whole); cut++ {
		var target bytes.Buffer
		_, err := (Translator{To: clientRevision}).Block(&target, proto.NewReader(bytes.NewReader(whole[:cut])))
		if err == nil || err == io.EOF {
			t.Fatalf("cut after %d bytes: want an error that is not the end, got %v", cut, err)
		}
	}
}

// An empty block is the one that the driver reads as such.
func TestEmptyBlock(t *testing.T) {
	var target bytes.Buffer
	want := []Column{{"a", "LowCardinality(String)"}, {"b", "Array(Nullable(UInt8))"}}
	Translator{To: clientRevision}.Empty(&target, want)
	block := driver.NewBlock()
	if err := block.Decode(proto.NewReader(&target), clientRevision); err != nil {
		t.Fatal(err)
	}
	var got []Column
	for _, c := range block.Columns {
		got = append(got, Column{c.Name(), string(c.Type())})
	}
	if diff := cmp.Diff(want, got); diff != "" || block.Rows() != 0 || target.Len() != 0 {
		t.Errorf("block differs (-want +got):\n%s, %d rows, %d bytes over", diff, block.Rows(), target.Len())
	}
}

// FuzzBlock feeds the translator anything: it may refuse it, and must not crash or take memory without bounds.
func FuzzBlock(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{1, 1, 1, 'a', 5, 'U', 'I', 'n', 't', '8', 7})
	f.Add([]byte{1, 1, 1, 'a', 6, 'S', 't', 'r', 'i', 'n', 'g', 0xff, 0xff, 0xff, 0xff, 0x0f})
	f.Fuzz(func(t *testing.T, data []byte) {
		var target bytes.Buffer
		_, _ = Translator{To: clientRevision}.Block(&target, proto.NewReader(bytes.NewReader(data)))
	})
}

// sample is a block with a column of each layout.
func sample(t testing.TB, rows int) *driver.Block {
	t.Helper()
	block := driver.NewBlock()
	for _, c := range []struct {
		name string
		kind column.Type
	}{
		{"n", "UInt64"}, {"l", "LowCardinality(String)"}, {"s", "Nullable(String)"},
		{"a", "Array(LowCardinality(Nullable(String)))"}, {"m", "Map(String, Tuple(UInt8, FixedString(2)))"},
	} {
		if err := block.AddColumn(c.name, c.kind); err != nil {
			t.Fatal(err)
		}
	}
	for i := range rows {
		var text *string
		if i%2 == 0 {
			text = new("it's\x00")
		}
		err := block.Append(uint64(i), []string{"a", "b"}[i%2], text, []*string{text, new("x")}, map[string][]any{"k": {uint8(i % 256), "ab"}})
		if err != nil {
			t.Fatal(err)
		}
	}
	return block
}

func encode(t testing.TB, block *driver.Block, revision uint64) []byte {
	t.Helper()
	var buffer proto.Buffer
	if err := block.Encode(&buffer, revision); err != nil {
		t.Fatal(err)
	}
	return buffer.Buf
}
