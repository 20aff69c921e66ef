package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
)

// options are the command line's.
type options struct {
	data          string
	addresses     addresses
	certificate   string
	key           string
	users         string
	exitWithStdin bool
	logLevel      slog.Level
}

// addresses are where to listen, as host:port; "" for not at all, port 0 for any free one.
type addresses struct{ HTTP, Native, HTTPS, NativeTLS string }

func parseOptions(arguments []string, output io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("clickhouse", flag.ContinueOnError)
	flags.SetOutput(output)
	flags.StringVar(&o.data, "data", "", "`folder` of the data, kept from one run to the next; a temporary one when left out")
	flags.StringVar(&o.addresses.HTTP, "http", "127.0.0.1:18123", "`address` of HTTP; port 0 for a free one, empty for none")
	flags.StringVar(&o.addresses.Native, "native", "127.0.0.1:19000", "`address` of the native protocol; port 0 for a free one, empty for none")
	flags.StringVar(&o.addresses.HTTPS, "https", "", "`address` of HTTP over TLS; port 0 for a free one, empty for none")
	flags.StringVar(&o.addresses.NativeTLS, "native-tls", "", "`address` of the native protocol over TLS; port 0 for a free one, empty for none")
	flags.StringVar(&o.certificate, "tls-cert", "", "`file` of the certificate for TLS, in PEM")
	flags.StringVar(&o.key, "tls-key", "", "`file` of the certificate's private key, in PEM")
	flags.StringVar(&o.users, "users", "", "`file` of users in JSON; without one there is only default, who needs no password and may do everything")
	flags.BoolVar(&o.exitWithStdin, "exit-with-stdin", false, "stop when the standard input ends, as it does when the parent process dies")
	flags.TextVar(&o.logLevel, "log-level", slog.LevelInfo, "`level` of the log on standard error: debug, info, warn or error")
	if err := flags.Parse(arguments); err != nil {
		return o, err
	}
	if flags.NArg() > 0 {
		return o, fmt.Errorf("argument %q is not known; every option starts with --", flags.Arg(0))
	}
	return o, o.validate()
}

func (o options) validate() error {
	all := o.addresses
	if all == (addresses{}) {
		return errors.New("no address to listen on; give --http or --native one")
	}
	for flagName, address := range map[string]string{"http": all.HTTP, "native": all.Native, "https": all.HTTPS, "native-tls": all.NativeTLS} {
		if err := validateLoopback(address); err != nil {
			return fmt.Errorf("--%s %s: %w", flagName, address, err)
		}
	}
	if (all.HTTPS != "" || all.NativeTLS != "") && (o.certificate == "" || o.key == "") {
		return errors.New("TLS needs --tls-cert and --tls-key")
	}
	return nil
}

// validateLoopback refuses an address that other machines could reach: this server is no place for their data.
func validateLoopback(address string) error {
	if address == "" {
		return nil
	}
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return err
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return errors.New("this development server listens on loopback only; use 127.0.0.1, [::1] or localhost")
	}
	return nil
}
