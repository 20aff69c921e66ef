package main

import (
	"bytes"
	"errors"
	"io"
	"net"
	"syscall"
	"testing"
	"time"

	"github.com/ClickHouse/ch-go/proto"
)

// What is no packet of a client's gets an exception and the connection's end, and harms nobody else.
func TestNativeConnectionsSurviveNoise(t *testing.T) {
	server := startServer(t)
	cases := []struct {
		name      string
		send      func(b *proto.Buffer)
		exception proto.Error // 0 where the connection just ends
	}{
		{"no greeting", func(b *proto.Buffer) { b.PutRaw([]byte("GET / HTTP/1.1\r\n\r\n")) }, 0},
		{"an unknown packet", func(b *proto.Buffer) { greet(b, "default"); b.PutUVarInt(99) }, 1002},
		{"a wrong user", func(b *proto.Buffer) { greet(b, "nobody") }, 516},
		{"data without a query", func(b *proto.Buffer) { greet(b, "default"); putEmptyBlock(b); b.PutUVarInt(99) }, 1002},
		{"a query that breaks off", func(b *proto.Buffer) { greet(b, "default"); b.PutUVarInt(1); b.PutString("id") }, 0},
		{"a query without the end of its tables", func(b *proto.Buffer) {
			greet(b, "default")
			putQuery(b, "SELECT 1")
			b.PutUVarInt(uint64(proto.ClientCodePing))
		}, 1002},
		{"an INSERT whose data is no block", func(b *proto.Buffer) {
			greet(b, "default")
			putQuery(b, "INSERT INTO FUNCTION null('a UInt8') FORMAT Native")
			putEmptyBlock(b)
			b.PutUVarInt(uint64(proto.ClientCodeData))
			b.PutString("")
			b.PutRaw(bytes.Repeat([]byte{0xff}, 100))
		}, 1002},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			conn, err := net.Dial("tcp", server.Native)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			var b proto.Buffer
			c.send(&b)
			if _, err := conn.Write(b.Buf); err != nil {
				t.Fatal(err)
			}
			if c.exception == 0 {
				// A client that has gone is owed no answer, so only where none is wanted may this one seem to go.
				if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
					t.Fatal(err)
				}
			}
			if err := conn.SetReadDeadline(time.Now().Add(startLimit)); err != nil {
				t.Fatal(err)
			}
			got, err := firstException(proto.NewReader(conn))
			if c.exception != 0 && got != c.exception {
				t.Errorf("want exception %d, got %d, %v", c.exception, got, err)
			}
			if c.exception == 0 && !errors.Is(err, io.EOF) && !errors.Is(err, syscall.ECONNRESET) {
				t.Errorf("want the end of the connection, got exception %d, %v", got, err)
			}
			if answer := server.do(t, "POST", "/", "SELECT 1", nil); answer.body != "1\n" {
				t.Errorf("another client: want 1, got %q", answer.body)
			}
		})
	}
}

func greet(b *proto.Buffer, user string) {
	proto.ClientHello{Name: "test", Major: 1, Minor: 1, ProtocolVersion: 54460, User: user}.Encode(b)
	b.PutString("") // the addendum's quota key
}

func putQuery(b *proto.Buffer, body string) {
	proto.Query{Body: body, Info: proto.ClientInfo{ProtocolVersion: 54460, Interface: proto.InterfaceTCP, Query: proto.ClientQueryInitial}}.EncodeAware(b, 54460)
}

func putEmptyBlock(b *proto.Buffer) {
	b.PutUVarInt(uint64(proto.ClientCodeData))
	b.PutString("")
	b.PutRaw([]byte{1, 0, 2, 0xff, 0xff, 0xff, 0xff, 0, 0, 0})
}

// firstException reads packets up to the first exception and gives its code.
func firstException(r *proto.Reader) (proto.Error, error) {
	for {
		code, err := r.UVarInt()
		if err != nil {
			return 0, err
		}
		switch proto.ServerCode(code) {
		case proto.ServerCodeHello:
			var hello proto.ServerHello
			if err := hello.DecodeAware(r, 54460); err != nil {
				return 0, err
			}
		case proto.ServerCodeData:
			if _, err := r.Str(); err != nil {
				return 0, err
			}
			var block proto.Block
			if err := block.DecodeBlock(r, 54460, (&proto.Results{}).Auto()); err != nil {
				return 0, err
			}
		case proto.ServerCodeException:
			var exception proto.Exception
			if err := exception.DecodeAware(r, 54460); err != nil {
				return 0, err
			}
			return exception.Code, nil
		default:
			return 0, errors.New("unexpected packet " + proto.ServerCode(code).String())
		}
	}
}
