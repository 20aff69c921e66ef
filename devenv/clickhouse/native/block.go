// Package native translates ClickHouse's Native blocks between protocol revisions: the engine reads and writes
// revision 0, a client its own.
package native

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/ClickHouse/ch-go/proto"
	"github.com/ClickHouse/clickhouse-go/v2/lib/column"
)

// Revisions of ClickHouse's protocol at which a block's form changes.
const (
	revisionBlockInfo           = 51903
	revisionCustomSerialization = 54454
)

// Column is a column's name and ClickHouse type.
type Column struct{ Name, Type string }

// Shape is what a block's head says.
type Shape struct {
	Columns []Column
	Rows    int
}

// Translator copies blocks from one protocol revision to another.
type Translator struct {
	From, To int
	// Server is what the codec of types such as JSON needs to know of the server.
	Server column.ServerContext
}

// Block copies the next block of source to the end of target. At the end of source, before a block, the error is
// io.EOF.
func (t Translator) Block(target *bytes.Buffer, source *proto.Reader) (Shape, error) {
	c := copier{source: source, target: target}
	if t.From >= revisionBlockInfo {
		if err := skipBlockInfo(source); err != nil {
			return Shape{}, err
		}
	}
	columns, err := c.count(maxColumns)
	if errors.Is(err, io.EOF) && t.From < revisionBlockInfo {
		return Shape{}, io.EOF
	}
	if err != nil {
		return Shape{}, fmt.Errorf("read a block's head: %w", err)
	}
	rows, err := c.count(maxRows)
	if err != nil {
		return Shape{}, fmt.Errorf("read a block's head: %w", notEnd(err))
	}
	shape := Shape{Rows: rows}
	t.writeHead(target, columns, rows)
	for range columns {
		described, err := t.column(&c, rows)
		if err != nil {
			return Shape{}, fmt.Errorf("read column %q of type %q: %w", described.Name, described.Type, notEnd(err))
		}
		shape.Columns = append(shape.Columns, described)
	}
	return shape, nil
}

// Empty writes a block of no rows.
func (t Translator) Empty(target *bytes.Buffer, columns []Column) {
	c := copier{target: target}
	t.writeHead(target, len(columns), 0)
	for _, described := range columns {
		c.putString(described.Name)
		c.putString(described.Type)
		t.writeSerialization(target)
	}
}

func (t Translator) writeHead(target *bytes.Buffer, columns, rows int) {
	c := copier{target: target}
	if t.To >= revisionBlockInfo {
		// Field 1, is_overflows, false; field 2, bucket_num, -1; no more fields.
		target.Write([]byte{1, 0, 2, 0xff, 0xff, 0xff, 0xff, 0})
	}
	c.putUVarInt(uint64(columns))
	c.putUVarInt(uint64(rows))
}

// writeSerialization says that a column is in its type's ordinary form.
func (t Translator) writeSerialization(target *bytes.Buffer) {
	if t.To >= revisionCustomSerialization {
		target.WriteByte(0)
	}
}

func (t Translator) column(c *copier, rows int) (Column, error) {
	var described Column
	var err error
	if described.Name, err = c.text(); err != nil {
		return described, err
	}
	if described.Type, err = c.text(); err != nil {
		return described, err
	}
	if t.From >= revisionCustomSerialization {
		custom, err := c.source.Bool()
		if err != nil {
			return described, err
		}
		if custom {
			return described, errors.New("sparse and other custom serializations are not supported by this server")
		}
	}
	c.putString(described.Name)
	c.putString(described.Type)
	t.writeSerialization(c.target)
	if rows == 0 {
		return described, nil
	}
	shape, err := parseType(described.Type)
	if err != nil {
		return described, err
	}
	if !shape.known() {
		return described, t.transcode(c, described, rows)
	}
	if err := c.prefix(shape); err != nil {
		return described, err
	}
	return described, c.values(shape, rows)
}

// transcode takes a column apart and puts it together again with the driver's codec.
func (t Translator) transcode(c *copier, described Column, rows int) error {
	server := t.Server
	codec, err := column.Type(described.Type).Column(described.Name, &server)
	if err != nil {
		return err
	}
	stateful, hasState := codec.(column.CustomSerialization)
	if hasState {
		if err := stateful.ReadStatePrefix(c.source); err != nil {
			return err
		}
	}
	if err := codec.Decode(c.source, rows); err != nil {
		return err
	}
	var buffer proto.Buffer
	if hasState {
		if err := stateful.WriteStatePrefix(&buffer); err != nil {
			return err
		}
	}
	codec.Encode(&buffer)
	c.target.Write(buffer.Buf)
	return nil
}

func skipBlockInfo(source *proto.Reader) error {
	for {
		field, err := source.UVarInt()
		if err != nil {
			return fmt.Errorf("read a block's info: %w", err)
		}
		switch field {
		case 0:
			return nil
		case 1:
			_, err = source.Bool()
		case 2:
			_, err = source.Int32()
		default:
			err = fmt.Errorf("field %d is unknown", field)
		}
		if err != nil {
			return fmt.Errorf("read a block's info: %w", err)
		}
	}
}
