package clickhouse_test

import (
	"context"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/clickhouse/chtest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/settings"
)

func TestNewConnectsNothing(t *testing.T) {
	overBoth(t, func(t *testing.T, protocol settings.Protocol) {
		var dialed atomic.Int32
		s := chtest.Shared(t).Settings(protocol)
		client, err := clickhouse.New(s, func(ctx context.Context, addr string) (net.Conn, error) {
			dialed.Add(1)
			return new(net.Dialer).DialContext(ctx, "tcp", addr)
		})
		if err != nil {
			t.Fatal(err)
		}
		if n := dialed.Load(); n != 0 {
			t.Errorf("New dialed %d times", n)
		}
		run(t, client, one(t))
		if dialed.Load() == 0 {
			t.Error("the statement went past the given dialer")
		}
		if err := client.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestTheFirstAddressThatAnswersIsUsed(t *testing.T) {
	server := chtest.Shared(t)
	overBoth(t, func(t *testing.T, protocol settings.Protocol) {
		s := server.Settings(protocol)
		s.DialTimeout = time.Second
		s.Addresses = []string{nobody(t), silent(t), server.Address(protocol)}
		run(t, connect(t, s), one(t))
	})
}

func TestAnAddressThatGoesAwayCostsNoStatement(t *testing.T) {
	server := chtest.Shared(t)
	overBoth(t, func(t *testing.T, protocol settings.Protocol) {
		first, stop := listenUntil(t, forward(server.Address(protocol)))
		s := server.Settings(protocol)
		s.Addresses = []string{first, server.Address(protocol)}
		client := connect(t, s)
		run(t, client, one(t))
		stop()
		run(t, client, one(t))
	})
}

func TestWhenNoAddressAnswersTheErrorNamesEach(t *testing.T) {
	overBoth(t, func(t *testing.T, protocol settings.Protocol) {
		s := chtest.Shared(t).Settings(protocol)
		s.DialTimeout = 200 * time.Millisecond
		s.Addresses = []string{nobody(t), silent(t)}
		_, err := connect(t, s).Query(t.Context(), one(t), clickhouse.Origin{})
		wantError(t, err, clickhouse.Network, s.Addresses[0]+": ", s.Addresses[1]+": ", "refused", "no answer for 200ms")
	})
}

func TestARefusedPasswordIsNotTriedOnTheNextAddress(t *testing.T) {
	server := chtest.Start(t, chtest.WithUsers(chtest.User{Name: "viewer", Password: "right"}))
	overBoth(t, func(t *testing.T, protocol settings.Protocol) {
		asked := make(chan struct{}, 1)
		s := server.Settings(protocol)
		s.Username, s.Password = "viewer", "wrong"
		s.Addresses = append(s.Addresses, listen(t, func(net.Conn) { asked <- struct{}{} }))
		_, err := connect(t, s).Query(t.Context(), one(t), clickhouse.Origin{})
		wantError(t, err, clickhouse.Auth)
		select {
		case <-asked:
			t.Error("the next address was asked")
		default:
		}
	})
}

func TestAConnectionOnWhichAPasswordIsRefusedIsClosed(t *testing.T) {
	server := chtest.Start(t, chtest.WithUsers(chtest.User{Name: "viewer", Password: "right"}))
	overBoth(t, func(t *testing.T, protocol settings.Protocol) {
		closed := make(chan struct{}, 1)
		s := server.Settings(protocol)
		s.Username, s.Password = "viewer", "wrong"
		s.Addresses = []string{listen(t, func(client net.Conn) {
			upstream, err := net.Dial("tcp", server.Address(protocol))
			if err != nil {
				return
			}
			defer func() { _ = upstream.Close() }()
			go func() { _, _ = io.Copy(client, upstream) }() // and leaves the client's connection open
			_, _ = io.Copy(upstream, client)
			closed <- struct{}{}
		})}
		_, err := connect(t, s).Query(t.Context(), one(t), clickhouse.Origin{})
		wantError(t, err, clickhouse.Auth)
		<-closed
	})
}

func TestACancellationEndsConnectingAtOnce(t *testing.T) {
	overBoth(t, func(t *testing.T, protocol settings.Protocol) {
		s := chtest.Shared(t).Settings(protocol)
		s.DialTimeout = 5 * time.Minute
		connected := make(chan struct{}, 10)
		s.Addresses = []string{listen(t, func(net.Conn) { connected <- struct{}{} })}
		ctx, cancel := context.WithCancel(t.Context())
		ended := inBackground(func() error {
			_, err := connect(t, s).Query(ctx, one(t), clickhouse.Origin{})
			return err
		})
		<-connected
		cancel()
		wantCancelled(t, <-ended)
	})
}

func TestConnectingDoesNotCountAgainstTheStatementsLimit(t *testing.T) {
	overBoth(t, func(t *testing.T, protocol settings.Protocol) {
		s := chtest.Shared(t).Settings(protocol)
		s.QueryTimeout = 300 * time.Millisecond
		s.DialTimeout = 10 * time.Second
		client, err := clickhouse.New(s, func(ctx context.Context, addr string) (net.Conn, error) {
			time.Sleep(s.QueryTimeout * 3)
			return new(net.Dialer).DialContext(ctx, "tcp", addr)
		})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = client.Close() }()
		if _, err := client.Probe(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestNoMoreStatementsRunThanConnectionsMayBe(t *testing.T) {
	server := chtest.Shared(t)
	overBoth(t, func(t *testing.T, protocol settings.Protocol) {
		s := server.Settings(protocol)
		s.MaxOpenConns, s.MaxIdleConns = 2, 2
		client := connect(t, s)
		comment := "bounded " + string(protocol)
		ctx, cancel := context.WithCancel(clickhouse.WithClass(t.Context(), clickhouse.Alert))
		defer cancel()
		var all sync.WaitGroup
		for range 6 {
			all.Go(func() { _, _ = client.Query(ctx, slow(t), clickhouse.Origin{RefID: comment}) })
		}
		most := 0
		eventually(t, "two run", func() bool { most = max(most, len(running(t, server, comment))); return most == 2 })
		for range 10 {
			most = max(most, len(running(t, server, comment)))
		}
		if most > 2 {
			t.Errorf("%d statements ran at once", most)
		}
		cancel()
		all.Wait()
	})
}

func TestAnHTTPStatementIsStoppedThoughAProxyKeepsTheLineOpen(t *testing.T) {
	server := chtest.Shared(t)
	s := server.Settings(settings.HTTP)
	s.Addresses = []string{stubbornProxy(t, server.Address(settings.HTTP))}
	ctx, cancel := context.WithCancel(t.Context())
	ended := inBackground(func() error {
		_, err := connect(t, s).Query(ctx, slow(t), clickhouse.Origin{RefID: "behind a proxy"})
		return err
	})
	eventually(t, "the statement runs", func() bool { return len(running(t, server, "behind a proxy")) == 1 })
	cancel()
	wantCancelled(t, <-ended)
	eventually(t, "the statement is gone", func() bool { return len(running(t, server, "behind a proxy")) == 0 })
}
