//go:build e2e

package alerting_test

import (
	"fmt"
	"io"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/fluxhound/fluxhound-detections-datasource/internal/grafana"
	"github.com/fluxhound/fluxhound-detections-datasource/internal/planted"
)

// The policy sends what is of medium severity by e-mail, each alert as one message that needs no Grafana to act on.
func TestAFindingOfLesserSeverityIsMailedOnce(t *testing.T) {
	t.Parallel()
	box := newMailbox(t)
	s := start(t, func(o *grafana.Options) {
		o.Environment = append(o.Environment, "GF_SMTP_ENABLED=true", "GF_SMTP_HOST="+box.address, "GF_SMTP_STARTTLS_POLICY=NoStartTLS")
		lessen(t, filepath.Join(o.Provisioning, "alerting", "detections.yaml"))
	})
	now := time.Now()
	s.insert(t, append(planted.Attack(now), heartbeats(now)...)...)
	s.eventually(t, func() error {
		if n := len(box.subjects()); n < len(mailed) {
			return fmt.Errorf("%d messages of %d: %q", n, len(mailed), box.subjects())
		}
		return nil
	})
	s.evaluations(t, 3)
	for subject, texts := range mailed {
		letters := box.about(subject)
		if len(letters) != 1 {
			t.Errorf("%d messages about %q, want one, of: %q", len(letters), subject, box.subjects())
			continue
		}
		if to := letters[0].to; !slices.Equal(to, []string{"soc@example.org"}) {
			t.Errorf("%q went to %q", subject, to)
		}
		for _, text := range texts {
			if !strings.Contains(letters[0].text, text) {
				t.Errorf("%q is not in the message about %q:\n%s", text, subject, letters[0].text)
			}
		}
	}
	logIsClean(t, s)
}

// mailed are texts of the messages about planted.Attack, by what stands in their subject.
var mailed = map[string][]string{
	"Potential beaconing":    {"WS-VICTIM beacons to c2[.]example", "1.0 times an hour", "Destination: 203[.]0[.]113[.]9 c2[.]example", "runbooks/beaconing.md"},
	"Suspicious dynamic DNS": {"dropzone[.]duckdns[.]org", "12 times", "runbooks/dynamic-dns.md"},
	"Potential fast flux":    {"WS-VICTIM reached 12 addresses within one hour", "runbooks/fast-flux.md"},
}

// lessen makes rules ones of medium severity, whatever theirs is: none that ships is.
func lessen(t *testing.T, path string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	severity := regexp.MustCompile(`(?m)^( +severity:) .*$`)
	if found := len(severity.FindAll(text, -1)); found != len(mailed) {
		t.Fatalf("%s has %d rules with a severity, want %d", path, found, len(mailed))
	}
	lessened := severity.ReplaceAllString(string(text), "$1 medium")
	if err := os.WriteFile(path, []byte(lessened), 0o600); err != nil {
		t.Fatal(err)
	}
}

// letter is a message as its reader sees it; its text is HTML.
type letter struct {
	to            []string
	subject, text string
}

// mailbox is a mail server on loopback that keeps what it is given.
type mailbox struct {
	address string

	mu      sync.Mutex
	letters []letter
}

func newMailbox(t *testing.T) *mailbox {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	box := &mailbox{address: listener.Addr().String()}
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &delivery{box: box}, nil }))
	server.Domain = "localhost"
	served := make(chan struct{})
	go func() { defer close(served); _ = server.Serve(listener) }() // ends with the listener
	// Serve may not have begun where the test has failed already: then only the listener ends it.
	t.Cleanup(func() { _, _ = server.Close(), listener.Close(); <-served })
	return box
}

func (b *mailbox) subjects() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var subjects []string
	for _, l := range b.letters {
		subjects = append(subjects, l.subject)
	}
	return subjects
}

// about returns the letters whose subject has the text.
func (b *mailbox) about(text string) []letter {
	b.mu.Lock()
	defer b.mu.Unlock()
	var found []letter
	for _, l := range b.letters {
		if strings.Contains(l.subject, text) {
			found = append(found, l)
		}
	}
	return found
}

// delivery takes one letter for its mailbox.
type delivery struct {
	box *mailbox
	to  []string
}

func (d *delivery) Reset()                                    { d.to = nil }
func (d *delivery) Logout() error                             { return nil }
func (d *delivery) Mail(string, *smtp.MailOptions) error      { return nil }
func (d *delivery) Rcpt(to string, _ *smtp.RcptOptions) error { d.to = append(d.to, to); return nil }

func (d *delivery) Data(r io.Reader) error {
	message, err := mail.ReadMessage(r)
	if err != nil {
		return err
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(message.Header.Get("Subject"))
	if err != nil {
		return err
	}
	// Grafana writes HTML alone, in lines of quoted-printable, unless its settings ask for plain text beside it.
	text, err := io.ReadAll(quotedprintable.NewReader(message.Body))
	if err != nil {
		return err
	}
	d.box.mu.Lock()
	defer d.box.mu.Unlock()
	d.box.letters = append(d.box.letters, letter{to: slices.Clone(d.to), subject: subject, text: string(text)})
	return nil
}
