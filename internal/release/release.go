// Package release makes what a publisher needs of what was built: archives, checksums, a bill of materials and notes. All of it follows
// from the commit alone, so that two builds of one commit are the same bytes.
package release

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// File is one file of an archive.
type File struct {
	Name string // in the archive, with slashes
	From string // on the disk
	Runs bool   // it is a program
}

// Under lists the files of a folder, links followed, for an archive in which they stand under a prefix. skip leaves out some by their
// name within the folder; nil leaves out none.
func Under(folder, prefix string, skip func(name string) bool) ([]File, error) {
	var files []File
	err := filepath.WalkDir(folder, func(at string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(folder, at)
		if err != nil {
			return err
		}
		if name = filepath.ToSlash(name); skip == nil || !skip(name) {
			files = append(files, File{Name: path.Join(prefix, name), From: at})
		}
		return nil
	})
	return files, err
}

// Zip writes an archive of files, in the order of their names and all of one time, in UTC.
func Zip(to string, files []File, at time.Time) (err error) {
	sorted := slices.SortedFunc(slices.Values(files), func(a, b File) int { return strings.Compare(a.Name, b.Name) })
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	archive := zip.NewWriter(out)
	for i, f := range sorted {
		if i > 0 && f.Name == sorted[i-1].Name {
			return fmt.Errorf("write %s: it would hold %s twice", to, f.Name)
		}
		if err := add(archive, f, at); err != nil {
			return fmt.Errorf("write %s: %w", to, err)
		}
	}
	return archive.Close()
}

func add(archive *zip.Writer, f File, at time.Time) error {
	header := &zip.FileHeader{Name: f.Name, Method: zip.Deflate, Modified: at.UTC()}
	header.SetMode(0o644)
	if f.Runs {
		header.SetMode(0o755)
	}
	into, err := archive.CreateHeader(header)
	if err != nil {
		return err
	}
	from, err := os.Open(f.From)
	if err != nil {
		return err
	}
	_, err = io.Copy(into, from)
	return errors.Join(err, from.Close())
}

// Sums is the name of the file that holds the others' checksums.
const Sums = "SHA256SUMS"

// WriteSums writes the checksums of a folder's files, as sha256sum reads them.
func WriteSums(folder string) error {
	entries, err := os.ReadDir(folder) // in the order of the names
	if err != nil {
		return err
	}
	var lines strings.Builder
	for _, e := range entries {
		if e.IsDir() || e.Name() == Sums {
			continue
		}
		sum, err := sumOf(filepath.Join(folder, e.Name()))
		if err != nil {
			return err
		}
		fmt.Fprintf(&lines, "%s  %s\n", sum, e.Name())
	}
	return os.WriteFile(filepath.Join(folder, Sums), []byte(lines.String()), 0o644)
}

func sumOf(name string) (string, error) {
	file, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }()
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// Notes cuts a version's section out of the change log, without its heading. released says whether the heading has a date in place of
// the word unreleased.
func Notes(changelog, version string) (notes string, released bool, err error) {
	for section := range strings.SplitSeq("\n"+changelog, "\n## ") {
		heading, text, _ := strings.Cut(section, "\n")
		if name, of, _ := strings.Cut(heading, " "); name == version {
			return strings.TrimSpace(text) + "\n", !strings.Contains(of, "unreleased"), nil
		}
	}
	return "", false, fmt.Errorf("the change log has no section %q", version)
}
