package native

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/ClickHouse/ch-go/proto"
)

// What a block can hold at the most, far from what it does. Anything more is not a block but noise.
const (
	maxColumns = 1 << 20
	maxRows    = 1 << 32
	maxValue   = 1 << 32 // bytes of one string
	maxText    = 1 << 26 // bytes of a name, which may be a whole expression, or a type
)

// copier copies the values of columns byte by byte: between revisions only what stands around them differs.
type copier struct {
	source *proto.Reader
	target *bytes.Buffer
}

// prefix copies what stands before a column's values.
func (c *copier) prefix(l layout) error {
	if l.kind == kindLowCardinality {
		return c.bytes(8) // the version of the dictionary's form
	}
	for _, inner := range l.inner {
		if err := c.prefix(inner); err != nil {
			return err
		}
	}
	return nil
}

func (c *copier) values(l layout, rows int) error {
	switch l.kind {
	case kindFixed:
		return c.bytes(rows * l.width)
	case kindString:
		return c.strings(rows)
	case kindNullable:
		if err := c.bytes(rows); err != nil {
			return err
		}
		return c.values(l.inner[0], rows)
	case kindArray:
		return c.array(l, rows)
	case kindTuple:
		if len(l.inner) == 0 {
			return c.bytes(rows)
		}
		for _, inner := range l.inner {
			if err := c.values(inner, rows); err != nil {
				return err
			}
		}
		return nil
	case kindLowCardinality:
		return c.lowCardinality(l, rows)
	default:
		return fmt.Errorf("layout %d has no known form", l.kind)
	}
}

func (c *copier) array(l layout, rows int) error {
	if rows == 0 {
		return nil
	}
	if err := c.bytes(rows * 8); err != nil {
		return err
	}
	total := binary.LittleEndian.Uint64(c.target.Bytes()[c.target.Len()-8:])
	if total > maxRows {
		return fmt.Errorf("an array of %d values", total)
	}
	return c.values(l.inner[0], int(total))
}

// lowCardinality copies a dictionary, whose Nullable is only in the type, and the keys into it.
func (c *copier) lowCardinality(l layout, rows int) error {
	if rows == 0 {
		return nil
	}
	flags, err := c.uint64()
	if err != nil {
		return err
	}
	const keyWidthMask, hasSharedDictionary, hasOwnKeys = 0xff, 1 << 8, 1 << 9
	if flags&hasSharedDictionary != 0 || flags&hasOwnKeys == 0 || flags&keyWidthMask > 3 {
		return fmt.Errorf("a LowCardinality column of the unknown form %#x", flags)
	}
	values, err := c.uint64()
	if err != nil {
		return err
	}
	if values > maxRows {
		return fmt.Errorf("a dictionary of %d values", values)
	}
	inner := l.inner[0]
	if inner.kind == kindNullable {
		inner = inner.inner[0]
	}
	if err := c.values(inner, int(values)); err != nil {
		return err
	}
	keys, err := c.uint64()
	if err != nil {
		return err
	}
	if keys > maxRows {
		return fmt.Errorf("%d keys into a dictionary", keys)
	}
	return c.bytes(int(keys) << (flags & keyWidthMask))
}

func (c *copier) strings(rows int) error {
	for range rows {
		length, err := c.count(maxValue)
		if err != nil {
			return err
		}
		c.putUVarInt(uint64(length))
		if err := c.bytes(length); err != nil {
			return err
		}
	}
	return nil
}

// copyPiece is how many bytes are copied at a time: a false length does not make the target that large.
const copyPiece = 1 << 20

func (c *copier) bytes(n int) error {
	for n > 0 {
		size := min(n, copyPiece)
		c.target.Grow(size)
		piece := c.target.AvailableBuffer()[:size]
		if err := c.source.ReadFull(piece); err != nil {
			return notEnd(err)
		}
		c.target.Write(piece)
		n -= size
	}
	return nil
}

// text reads a string without copying it.
func (c *copier) text() (string, error) {
	length, err := c.count(maxText)
	if err != nil {
		return "", err
	}
	text := make([]byte, length)
	return string(text), c.source.ReadFull(text)
}

// count reads a number that cannot be more than limit.
func (c *copier) count(limit uint64) (int, error) {
	n, err := c.source.UVarInt()
	if err != nil {
		return 0, err
	}
	if n > limit {
		return 0, fmt.Errorf("a count of %d where %d is the most there can be", n, limit)
	}
	return int(n), nil
}

// notEnd is err, but that the end of the source is one too early.
func notEnd(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

func (c *copier) uint64() (uint64, error) {
	if err := c.bytes(8); err != nil {
		return 0, err
	}
	return binary.LittleEndian.Uint64(c.target.Bytes()[c.target.Len()-8:]), nil
}

func (c *copier) putUVarInt(value uint64) {
	c.target.Grow(binary.MaxVarintLen64)
	c.target.Write(binary.AppendUvarint(c.target.AvailableBuffer(), value))
}

func (c *copier) putString(value string) {
	c.putUVarInt(uint64(len(value)))
	c.target.WriteString(value)
}
