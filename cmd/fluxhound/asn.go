package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/asn"
)

// asn reads ranges of addresses with their autonomous system, as iptoasn.com publishes them, and prints the prefixes that
// make up each range, for the table of `schema print --asn`.
func (p program) asn(_ context.Context, arguments []string) (err error) {
	set := p.flags("asn", "asn --ranges FILE\n\nIt prints lines of prefix, number and name, separated by tabs: INSERT INTO asn_prefixes FORMAT TSV takes them.")
	file := set.String("ranges", "", "`file` of ranges, as it is or packed with gzip: first address, last address, number, country and name, separated by tabs; - for the standard input")
	if err := parse(set, arguments); err != nil {
		return err
	}
	if *file == "" {
		return misused("--ranges is missing: name a file such as ip2asn-combined.tsv")
	}
	var in io.Reader = os.Stdin
	if *file != "-" {
		opened, err := os.Open(*file)
		if err != nil {
			return fmt.Errorf("read the ranges: %w", err)
		}
		defer opened.Close() // nothing was written to it
		in = opened
	}
	out := bufio.NewWriter(p.stdout)
	if err := asn.Prefixes(in, out); err != nil {
		return fmt.Errorf("read the ranges of %s: %w", *file, err)
	}
	return out.Flush()
}
