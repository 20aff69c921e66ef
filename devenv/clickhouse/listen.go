package main

import (
	"crypto/tls"
	"fmt"
	"net"
	"os"
)

// listeners are the open ones; nil where there is none.
type listeners struct{ http, native, https, nativeTLS net.Listener }

func listen(options options) (opened listeners, err error) {
	var config *tls.Config
	if options.addresses.HTTPS != "" || options.addresses.NativeTLS != "" {
		certificate, err := tls.LoadX509KeyPair(options.certificate, options.key)
		if err != nil {
			return opened, fmt.Errorf("read the certificate for TLS: %w", err)
		}
		config = &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
	}
	for _, one := range []struct {
		listener *net.Listener
		address  string
		config   *tls.Config
	}{
		{&opened.http, options.addresses.HTTP, nil},
		{&opened.native, options.addresses.Native, nil},
		{&opened.https, options.addresses.HTTPS, config},
		{&opened.nativeTLS, options.addresses.NativeTLS, config},
	} {
		if one.address == "" {
			continue
		}
		listener, err := net.Listen("tcp", one.address)
		if err != nil {
			opened.close()
			return opened, fmt.Errorf("listen on %s (is another server there? port 0 takes a free one): %w", one.address, err)
		}
		if one.config != nil {
			listener = tls.NewListener(listener, one.config)
		}
		*one.listener = listener
	}
	return opened, nil
}

func (l listeners) close() {
	for _, listener := range []net.Listener{l.http, l.native, l.https, l.nativeTLS} {
		if listener != nil {
			_ = listener.Close()
		}
	}
}

func (l listeners) ready() ready {
	address := func(listener net.Listener) string {
		if listener == nil {
			return ""
		}
		return listener.Addr().String()
	}
	return ready{HTTP: address(l.http), Native: address(l.native), HTTPS: address(l.https), NativeTLS: address(l.nativeTLS), PID: os.Getpid()}
}
