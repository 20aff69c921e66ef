package ingest

import (
	"bufio"
	"bytes"
	"errors"
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
	// Fault says why a file or a folder in a folder cannot be looked at; empty for none.
	Fault string
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
		switch {
		case errors.Is(err, fs.ErrNotExist): // nothing is done where a name is mistaken
			return nil, err
		case err != nil:
			files = append(files, File{Path: path, Named: true, Fault: err.Error()})
		case !info.IsDir():
			files = append(files, File{Path: path, Size: info.Size(), Named: true})
		default:
			files = append(files, inFolder(path)...)
		}
	}
	return files, nil
}

// inFolder lists the files in a folder. What cannot be looked at is in the list, with its fault.
func inFolder(path string) []File {
	var files []File
	root, err := filepath.EvalSymlinks(path)
	if err != nil {
		return []File{{Path: path, Named: true, Fault: err.Error()}}
	}
	_ = filepath.WalkDir(root, func(at string, entry fs.DirEntry, err error) error { // it goes on whatever it meets
		named := filepath.Join(path, strings.TrimPrefix(at, root))
		switch {
		case at != root && strings.HasPrefix(filepath.Base(at), "."):
			if err == nil && entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		case err == nil && entry.IsDir():
			return nil
		}
		var info fs.FileInfo
		if err == nil {
			info, err = os.Stat(at) // of what a link leads to
		}
		switch {
		case errors.Is(err, fs.ErrNotExist): // it was rotated away, or a link leads nowhere
		case err != nil:
			files = append(files, File{Path: named, Fault: err.Error()})
		case info.Mode().IsRegular():
			files = append(files, File{Path: named, Size: info.Size()})
		}
		return nil
	})
	return files
}

// recognised is a file that a source reads.
type recognised struct {
	File
	source Source
	format format
	opened *file // what can be read once only, such as a pipe: it was opened to tell what it is
}

// open opens the file at its beginning.
func (r recognised) open() (*file, error) {
	if r.opened != nil {
		return r.opened, nil
	}
	return open(r.Path, nil)
}

// closeAll closes what was opened and not read.
func closeAll(files []recognised) {
	for _, r := range files {
		if r.opened != nil {
			_ = r.opened.Close() // nothing was written to it
		}
	}
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

// How much of a file is looked at to tell what it is, in bytes and in records: first so much as most files need, then more, since
// records that no source reads may stand first; and where that holds no whole record, as much as the longest has.
const (
	mostLooked  = 4 << 20
	mostRecords = 10_000
)

func looks() []int { return []int{peeked, mostLooked / 4, mostLooked, longestRecord + peeked} }

// tellFile reads a file's beginning.
func (im *importer) tellFile(file File) (recognised, error) {
	r := recognised{File: file}
	if file.Fault != "" {
		return r, errors.New(file.Fault)
	}
	f, err := open(file.Path, im.Stdin)
	if err != nil {
		return r, err
	}
	for _, most := range looks() {
		beginning := f.lookAhead(most)
		guessed := im.guess(beginning)
		all := len(beginning) < most
		r.source, r.format = guessed.source, guessed.format
		if guessed.format.name != "" || all || most >= mostLooked && guessed.whole {
			if guessed.format.name == "" && len(im.Sources) == 1 {
				r.source, r.format = im.Sources[0], guessed.taken(file.Named)
			}
			break
		}
		if bytes.IndexByte(beginning, 0) >= 0 { // it is no text
			break
		}
	}
	if r.format.name != "" && f.once {
		r.opened = f
		return r, nil
	}
	return r, f.Close()
}

// guessed is what a file's beginning looks like.
type guessed struct {
	source Source
	format format // none where no source reads a record
	whole  bool   // a record that can be read is there
	object format // how its JSON is read; none where it holds none
}

// taken is the format of a file of which somebody said whose it is, where its beginning holds nothing that the source reads: JSON,
// whose records tell what they are one by one. A file that was only found must have one that can be read.
func (g guessed) taken(named bool) format {
	if named || g.whole {
		return g.object
	}
	return format{}
}

// guess finds the source that reads most of the records at a file's beginning.
func (im *importer) guess(beginning []byte) guessed {
	var best guessed
	most := 0
	for _, sources := range alike(im.Sources) {
		for _, f := range formats(beginning, sources[0].unwraps()) {
			reads, readable := count(sources, f, beginning)
			best.whole = best.whole || readable > 0
			if f.certain {
				best.object = f
			}
			for i, n := range reads {
				if n > most {
					best.source, best.format, most = sources[i], f, n
				}
			}
		}
	}
	return best
}

// alike puts sources together whose records are cut in the same way.
func alike(sources []Source) [][]Source {
	var list [][]Source
	for _, source := range sources {
		i := slices.IndexFunc(list, func(l []Source) bool { return slices.Equal(l[0].unwraps(), source.unwraps()) })
		if i < 0 {
			i, list = len(list), append(list, nil)
		}
		list[i] = append(list[i], source)
	}
	return list
}

// count counts the records at a file's beginning that each source reads, and those that can be read at all. A header counts where
// there are none.
func count(sources []Source, f format, beginning []byte) (reads []int, readable int) {
	split := f.split(&file{Reader: bufio.NewReaderSize(bytes.NewReader(beginning), peeked)})
	parser, faults := f.parser(), 0
	reads = make([]int, len(sources))
	for records := 0; records < mostRecords && (readable > 0 || faults < hopelessAfter); records++ {
		raw, _, err := split.next(nil)
		if err != nil && !errors.Is(err, errHalf) {
			if errors.Is(err, errBroken) || errors.Is(err, errTooLong) {
				continue
			}
			break
		}
		fault := parser.parse(string(raw), func(record *fields) {
			for i, source := range sources {
				if source.logOf(record) != nil {
					reads[i]++
				}
			}
		})
		if fault == nil {
			readable++
		} else {
			faults++
		}
		if err != nil {
			break
		}
	}
	if t, ok := parser.(*tsv); ok && !slices.ContainsFunc(reads, func(n int) bool { return n > 0 }) && len(t.fields.keys) > 0 {
		header := fields{keys: t.fields.keys, values: make([]string, len(t.fields.keys))}
		if t.path != "" {
			header.values[len(header.values)-1] = t.path
		}
		for i, source := range sources {
			if source.logOf(&header) != nil {
				reads[i] = 1
			}
		}
	}
	return reads, readable
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
