package httpserver

import (
	"compress/gzip"
	"compress/zlib"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/ClickHouse/ch-go/compress"

	"github.com/fluxhound/fluxhound-detections-datasource/devenv/clickhouse/engine"
	"github.com/fluxhound/fluxhound-detections-datasource/devenv/clickhouse/statement"
)

// decodeBody undoes what Content-Encoding and decompress=1 say was done to the body.
func decodeBody(r *http.Request, values url.Values) (io.Reader, error) {
	var body io.Reader = r.Body
	var err error
	switch encoding := r.Header.Get("Content-Encoding"); encoding {
	case "", "identity":
	case "gzip":
		body, err = gzip.NewReader(body)
	case "deflate":
		body, err = zlib.NewReader(body)
	default:
		return nil, notImplemented("Bodies in Content-Encoding " + encoding)
	}
	if err != nil {
		return nil, fmt.Errorf("read the request's body: %w", err)
	}
	if isOn(values.Get("decompress")) {
		body = frameReader{compress.NewReader(body)}
	}
	return body, nil
}

// maxFormMemory is how much of external tables is held in memory, in bytes; more goes to temporary files.
const maxFormMemory = 32 << 20

// maxField and maxFields are a server's http_max_field_value_size and http_max_fields: how long a field of a form may be, in
// bytes, and how many there may be.
const (
	maxField  = 128 << 10
	maxFields = 1000
)

// readForm takes the statement, its parameters and the external tables from a form. Several fields query are one statement.
// NAME_structure and NAME_format, in the form or the URL, describe the table NAME.
func (r *request) readForm(from *http.Request) (query string, err error) {
	if err := from.ParseMultipartForm(maxFormMemory); err != nil {
		return "", fmt.Errorf("read the request's form: %w", err)
	}
	if err := checkFields(from.MultipartForm.Value); err != nil {
		return "", err
	}
	query = strings.Join(from.MultipartForm.Value["query"], "")
	r.readQueryParameters(from.MultipartForm.Value)
	parts := map[string]io.Reader{}
	for name, files := range from.MultipartForm.File {
		file, err := files[0].Open()
		if err != nil {
			return "", fmt.Errorf("read external table %s: %w", name, err)
		}
		parts[name] = file
	}
	for name, values := range from.MultipartForm.Value {
		if name != "query" && from.Form.Has(name+structureSuffix) {
			parts[name] = strings.NewReader(values[0]) // a part without a file name
		}
	}
	for name, data := range parts {
		structure := from.Form.Get(name + structureSuffix)
		if structure == "" {
			return "", &engine.Exception{Code: 36, Name: "BAD_ARGUMENTS", Message: "External table " + name + " has no " + name + structureSuffix}
		}
		r.tables = append(r.tables, statement.Table{
			Name: name, Structure: structure, Format: firstOf(from.Form.Get(name+formatSuffix), "TabSeparated"), Data: data,
		})
	}
	return query, nil
}

func checkFields(fields map[string][]string) error {
	n := 0
	for _, values := range fields {
		for _, value := range values {
			if n++; n > maxFields {
				return formException("Too many form fields")
			}
			if len(value) > maxField {
				return formException("Field value too long")
			}
		}
	}
	return nil
}

func formException(what string) error {
	return &engine.Exception{Code: 1000, Name: "POCO_EXCEPTION", Message: "HTML Form Exception: " + what}
}

const structureSuffix, formatSuffix = "_structure", "_format"

// describesTable says whether a URL parameter belongs to an external table. Beside a form a server takes every parameter for
// such a one that ends like it, settings too.
func (r *request) describesTable(parameter string) bool {
	return r.isForm && slices.ContainsFunc([]string{structureSuffix, formatSuffix, "_types"}, func(suffix string) bool {
		return strings.HasSuffix(parameter, suffix)
	})
}
