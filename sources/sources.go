// Package sources holds what sensors write and what it means, a folder each: no Go is written for one. The README beside this
// file says what a folder holds; pkg/ingest reads it.
package sources

import "embed"

// Files are the folders of all sources.
//
//go:embed */source.yaml */*.sql
var Files embed.FS
