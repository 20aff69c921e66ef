package ingest

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// File is a file to import.
type File struct {
	Path string // Stdin for the standard input
	Size int64  // bytes
	// Named says that the file itself was named, and not only a folder above it.
	Named bool
}

// Find lists the files at the paths: those themselves, and all files in folders and the folders below them, in the order of
// their names, without those whose names begin with a dot. A link to a folder is not followed unless it is named.
func Find(paths []string) ([]File, error) {
	var files []File
	for _, path := range paths {
		if path == Stdin {
			files = append(files, File{Path: Stdin, Named: true})
			continue
		}
		info, err := os.Stat(path)
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			files = append(files, File{Path: path, Size: info.Size(), Named: true})
			continue
		}
		root, err := filepath.EvalSymlinks(path)
		if err != nil {
			return nil, err
		}
		err = filepath.WalkDir(root, func(at string, entry fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case at != root && strings.HasPrefix(entry.Name(), "."):
				if entry.IsDir() {
					return fs.SkipDir
				}
				return nil
			case entry.IsDir():
				return nil
			}
			info, err := os.Stat(at) // of what a link leads to
			if err == nil && info.Mode().IsRegular() {
				files = append(files, File{Path: filepath.Join(path, strings.TrimPrefix(at, root)), Size: info.Size()})
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return files, nil
}

// recognised is a file that a source reads.
type recognised struct {
	File
	source Source
	format format
	ahead  *bytes.Buffer // what was read of the standard input to tell what it is
}

// stdin is the standard input from its beginning.
func (r recognised) stdin(rest io.Reader) io.Reader {
	if r.ahead == nil {
		return rest
	}
	return io.MultiReader(r.ahead, rest)
}

// recognise finds the source and format of each file. Files that none reads, and those that cannot be opened, are in the summary.
func (im *importer) recognise(files []File, total *Summary) []recognised {
	var list []recognised
	for _, file := range files {
		r, err := im.tellFile(file)
		switch {
		case err != nil:
			total.add(FileSummary{Path: file.Path, Fault: err.Error()})
		case r.format.name == "" && file.Named:
			total.add(FileSummary{Path: file.Path, Fault: "no source reads what it holds"})
		case r.format.name == "":
			total.Unread = append(total.Unread, file.Path)
		default:
			list = append(list, r)
			im.progress.Size += file.Size
		}
	}
	im.progress.Files = len(list)
	return list
}

// tellFile reads a file's beginning.
func (im *importer) tellFile(file File) (recognised, error) {
	r := recognised{File: file}
	in := im.Stdin
	if file.Path == Stdin {
		r.ahead = &bytes.Buffer{}
		in = io.TeeReader(im.Stdin, r.ahead)
	}
	f, err := open(file.Path, in)
	if err != nil {
		return r, err
	}
	defer f.Close() // nothing was written to it
	beginning, err := f.Peek(peeked)
	if err != nil && !errors.Is(err, io.EOF) {
		return r, err
	}
	r.source, r.format = im.guess(beginning)
	return r, nil
}

// guess finds the source that reads most of the records at a file's beginning.
func (im *importer) guess(beginning []byte) (Source, format) {
	var best Source
	var as format
	most := 0
	for _, source := range im.Sources {
		for _, f := range formats(beginning, source.unwraps()) {
			if n := source.reads(f, beginning); n > most {
				best, as, most = source, f, n
			}
		}
	}
	if most == 0 {
		return Source{}, format{}
	}
	return best, as
}

// reads counts the records at a file's beginning that the source reads. A header counts where there are none.
func (s Source) reads(f format, beginning []byte) int {
	split := f.split(&file{Reader: bufio.NewReaderSize(bytes.NewReader(beginning), peeked)})
	n, parser := 0, f.parser()
	for {
		raw, _, err := split.next(nil)
		if err != nil && !errors.Is(err, errHalf) {
			break
		}
		_ = parser.parse(string(raw), func(record *fields) {
			if s.logOf(record) != nil {
				n++
			}
		})
		if err != nil {
			break
		}
	}
	if t, ok := parser.(*tsv); ok && n == 0 && len(t.fields.keys) > 0 {
		header := fields{keys: t.fields.keys, values: append(make([]string, len(t.fields.keys)-1), t.path)}
		if s.logOf(&header) != nil {
			return 1
		}
	}
	return n
}

func (s Source) unwraps() []string {
	var names []string
	for _, log := range s.Logs {
		if log.Unwrap != "" {
			names = append(names, log.Unwrap)
		}
	}
	return names
}

// sourcesOf are the sources of the files, each once.
func sourcesOf(files []recognised) []Source {
	var list []Source
	for _, f := range files {
		if !slices.ContainsFunc(list, func(s Source) bool { return s.Name == f.source.Name }) {
			list = append(list, f.source)
		}
	}
	return list
}
