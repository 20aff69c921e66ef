// Package pull fetches feeds of threat intelligence over HTTPS: files, which are asked for only where they have changed, and collections of
// TAXII 2.1 servers, of which only what is new is asked for.
package pull

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/strictjson"
)

// Feed is one feed of the file that names them.
type Feed struct {
	Source     string            `json:"source"` // whose it is
	URL        string            `json:"url"`    // of a file, or with TAXII the objects of a collection
	TAXII      bool              `json:"taxii"`
	Format     string            `json:"format"`     // as `fluxhound intel import` has it; empty for auto
	Confidence *int              `json:"confidence"` // the same
	Days       *int              `json:"days"`       // the same
	Reference  string            `json:"reference"`
	Header     map[string]string `json:"header"` // sent with each request; $NAME is what the environment has under the name
}

// Feeds reads the file that names them. Keys belong into the environment, and not into it. The error names what is wrong.
func Feeds(text []byte) ([]Feed, error) {
	var raw []json.RawMessage
	if err := json.Unmarshal(text, &raw); err != nil {
		return nil, fmt.Errorf("it must be a list of feeds: %w", err)
	}
	feeds, seen := make([]Feed, len(raw)), map[string]bool{}
	for i, one := range raw {
		if err := strictjson.Struct(one, &feeds[i]); err != nil {
			return nil, fmt.Errorf("feed %d: %w", i+1, err)
		}
		f := feeds[i]
		switch at, err := url.Parse(f.URL); {
		case f.Source == "":
			return nil, fmt.Errorf("feed %d: source is missing: whose list it is", i+1)
		case seen[f.Source]:
			return nil, fmt.Errorf("feed %d: there are two feeds of the source %s", i+1, f.Source)
		case err != nil || at.Host == "" || at.Scheme != "https" && !loopback(at.Hostname()):
			return nil, fmt.Errorf("feed %d: url must be an https address", i+1)
		}
		seen[f.Source] = true
	}
	return feeds, nil
}

// loopback is a server of this computer, such as a mirror: nobody listens in between.
func loopback(host string) bool { return host == "127.0.0.1" || host == "::1" || host == "localhost" }

// State is what is known of a feed from the last time, to ask only for what is new.
type State struct {
	ETag         string    `json:"etag,omitempty"`
	LastModified string    `json:"lastModified,omitempty"`
	AddedAfter   time.Time `json:"addedAfter,omitzero"` // of a TAXII collection
}

// Errors of a feed's server.
var (
	// ErrUnchanged says that a feed is as it was the last time.
	ErrUnchanged = errors.New("the feed has not changed")
	// ErrRefused says that the server refuses the key, or wants one.
	ErrRefused = errors.New("the server refuses who asks")
)

// most is how many bytes a feed may have.
const most = 2 << 30

// Client fetches feeds. Requests go through the proxy that the environment names (HTTPS_PROXY), and no redirect is followed: a key would go to
// whoever it leads to.
func Client() *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.ResponseHeaderTimeout = time.Minute
	return &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Fetch hands each part of a feed to read, and returns what to know the next time. It returns ErrUnchanged where there is nothing new.
func Fetch(ctx context.Context, client *http.Client, f Feed, known State, read func(io.Reader) error) (State, error) {
	if f.TAXII {
		return collection(ctx, client, f, known, read)
	}
	response, err := get(ctx, client, f, f.URL, func(h http.Header) {
		if known.ETag != "" {
			h.Set("If-None-Match", known.ETag)
		}
		if known.LastModified != "" {
			h.Set("If-Modified-Since", known.LastModified)
		}
	})
	if err != nil {
		return known, err
	}
	defer response.Body.Close() //nolint:errcheck // it was read
	if response.StatusCode == http.StatusNotModified {
		return known, ErrUnchanged
	}
	if err := read(bounded(response.Body)); err != nil {
		return known, err
	}
	return State{ETag: response.Header.Get("ETag"), LastModified: response.Header.Get("Last-Modified")}, nil
}

const taxii = "application/taxii+json;version=2.1"

// collection reads the objects of a TAXII 2.1 collection, page by page
// (https://docs.oasis-open.org/cti/taxii/v2.1/os/taxii-v2.1-os.html#_Toc31107537).
func collection(ctx context.Context, client *http.Client, f Feed, known State, read func(io.Reader) error) (State, error) {
	next, some := "", false
	for {
		at, err := url.Parse(f.URL)
		if err != nil {
			return known, fmt.Errorf("read the address of %s: %w", f.Source, err)
		}
		asked := at.Query()
		if !known.AddedAfter.IsZero() {
			asked.Set("added_after", known.AddedAfter.Format(time.RFC3339Nano))
		}
		if next != "" {
			asked.Set("next", next)
		}
		at.RawQuery = asked.Encode()
		page, last, err := pageOf(ctx, client, f, at.String())
		if err != nil {
			return known, err
		}
		if len(page.Objects) > 0 {
			some = true
			text, err := json.Marshal(map[string]any{"type": "bundle", "objects": page.Objects})
			if err != nil {
				return known, err
			}
			if err := read(strings.NewReader(string(text))); err != nil {
				return known, err
			}
		}
		if !page.More || page.Next == "" || page.Next == next {
			if !last.IsZero() {
				known.AddedAfter = last
			}
			if !some {
				return known, ErrUnchanged
			}
			return known, nil
		}
		next = page.Next
	}
}

type envelope struct {
	More    bool              `json:"more"`
	Next    string            `json:"next"`
	Objects []json.RawMessage `json:"objects"`
}

func pageOf(ctx context.Context, client *http.Client, f Feed, at string) (page envelope, last time.Time, err error) {
	response, err := get(ctx, client, f, at, func(h http.Header) { h.Set("Accept", taxii) })
	if err != nil {
		return page, last, err
	}
	defer response.Body.Close() //nolint:errcheck // it was read
	if err := json.NewDecoder(bounded(response.Body)).Decode(&page); err != nil {
		return page, last, fmt.Errorf("read the page of %s: %w", f.Source, err)
	}
	last, _ = time.Parse(time.RFC3339Nano, response.Header.Get("X-TAXII-Date-Added-Last")) // it may be missing
	return page, last, nil
}

// get asks a server, and again where it asks for patience. Neither the address's query nor a header stands in an error: both may hold a key.
func get(ctx context.Context, client *http.Client, f Feed, at string, more func(http.Header)) (*http.Response, error) {
	for try := 1; ; try++ {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, at, nil)
		if err != nil {
			return nil, fmt.Errorf("ask for %s: its address cannot be used", f.Source)
		}
		for name, value := range f.Header {
			filled, err := filled(value)
			if err != nil {
				return nil, fmt.Errorf("ask for %s: header %s: %w", f.Source, name, err)
			}
			request.Header.Set(name, filled)
		}
		more(request.Header)
		response, err := client.Do(request)
		if err != nil {
			if of := new(url.Error); errors.As(err, &of) {
				err = of.Err // without the address
			}
			return nil, fmt.Errorf("ask %s for %s: %w", request.URL.Host, f.Source, err)
		}
		switch status := response.StatusCode; {
		case status == http.StatusOK || status == http.StatusNotModified:
			return response, nil
		case status == http.StatusTooManyRequests && try < 4:
			_ = response.Body.Close()
			select {
			case <-time.After(patience(response.Header.Get("Retry-After"), try)):
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		default:
			_ = response.Body.Close()
			return nil, refusal(f, request.URL.Host, response)
		}
	}
}

func refusal(f Feed, host string, response *http.Response) error {
	switch status := response.StatusCode; {
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return fmt.Errorf("ask %s for %s: %w (%s): check the header with its key", host, f.Source, ErrRefused, response.Status)
	case status >= 300 && status < 400:
		to := "elsewhere"
		if at, err := response.Location(); err == nil {
			to = at.Scheme + "://" + at.Host + at.Path
		}
		return fmt.Errorf("ask %s for %s: it leads to %s: write that into the file of feeds", host, f.Source, to)
	default:
		return fmt.Errorf("ask %s for %s: it answers %s", host, f.Source, response.Status)
	}
}

// patience is how long to wait, a minute at most.
func patience(retryAfter string, try int) time.Duration {
	if seconds, err := strconv.Atoi(retryAfter); err == nil && seconds >= 0 {
		return min(time.Minute, time.Duration(seconds)*time.Second)
	}
	return time.Duration(try) * 2 * time.Second
}

var variable = regexp.MustCompile(`\$[A-Za-z_][A-Za-z0-9_]*`)

// filled puts what the environment has in the place of $NAME.
func filled(value string) (string, error) {
	var missing string
	text := variable.ReplaceAllStringFunc(value, func(name string) string {
		held, ok := os.LookupEnv(name[1:])
		if !ok || held == "" {
			missing = name[1:]
		}
		return held
	})
	if missing != "" {
		return "", fmt.Errorf("the environment has no %s", missing)
	}
	return text, nil
}

// bounded ends with an error where a feed is larger than any is.
func bounded(in io.Reader) io.Reader { return &limited{in: in, left: most} }

type limited struct {
	in   io.Reader
	left int64
}

func (l *limited) Read(p []byte) (int, error) {
	if l.left <= 0 {
		return 0, fmt.Errorf("the feed has more than %d bytes", int64(most))
	}
	n, err := l.in.Read(p[:min(int64(len(p)), l.left)])
	l.left -= int64(n)
	return n, err
}
