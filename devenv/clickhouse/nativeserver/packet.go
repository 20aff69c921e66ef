package nativeserver

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"

	"github.com/ClickHouse/ch-go/proto"

	"github.com/fluxhound/fluxhound-detections-datasource/devenv/clickhouse/native"
)

// packet is what a client sent.
type packet struct {
	code  proto.ClientCode
	query *proto.Query
	data  data
	err   error // why the packet could not be read; the connection is of no more use then
}

// data is a block for a table: its form is the engine's.
type data struct {
	table string // an external table's name; "" for the rows of an INSERT
	shape native.Shape
	block []byte
}

// end says whether the block is the empty one that ends data.
func (d data) end() bool { return len(d.shape.Columns) == 0 && d.shape.Rows == 0 }

// readPackets hands over what the client sends until it goes away, which is what true says, or sends what cannot be
// read. A cancel is carried out at once, whatever is waiting to be handed over.
func (c *connection) readPackets(ctx context.Context) (gone bool) {
	compressed := false
	for {
		next, err := c.readPacket(&compressed)
		if connectionLost(err) {
			return true
		}
		if err == nil && next.code == proto.ClientCodeCancel {
			c.cancelStatement()
			continue
		}
		next.err = err
		select {
		case c.packets <- next:
		case <-ctx.Done():
			return true
		}
		if err != nil {
			return false
		}
	}
}

func connectionLost(err error) bool {
	var netError net.Error
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, syscall.ECONNRESET) || errors.As(err, &netError)
}

// readPacket reads one packet. Whether blocks are compressed is said by the query they belong to.
func (c *connection) readPacket(compressed *bool) (packet, error) {
	code, err := c.reader.UVarInt()
	if err != nil {
		return packet{}, err
	}
	next := packet{code: proto.ClientCode(code)}
	switch next.code {
	case proto.ClientCodeQuery:
		next.query = &proto.Query{}
		err = next.query.DecodeAware(c.reader, c.revision)
		*compressed = next.query.Compression == proto.CompressionEnabled
	case proto.ClientCodeData:
		next.data, err = c.readData(*compressed)
	case proto.ClientCodePing, proto.ClientCodeCancel:
	default:
		err = fmt.Errorf("packet %d is unknown to this server", code)
	}
	return next, err
}

func (c *connection) readData(compressed bool) (data, error) {
	var head proto.ClientData
	if err := head.DecodeAware(c.reader, c.revision); err != nil {
		return data{}, err
	}
	if compressed {
		c.reader.EnableCompression()
		defer c.reader.DisableCompression()
	}
	var block bytes.Buffer
	shape, err := native.Translator{From: c.revision}.Block(&block, c.reader)
	return data{table: head.TableName, shape: shape, block: block.Bytes()}, err
}
