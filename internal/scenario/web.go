package scenario

import (
	"fmt"
	"math"
	"math/rand/v2"
	"net/netip"
	"slices"
	"sort"
	"time"
)

// web is what people browse: many sites, of which few are visited often.
type web struct {
	sites  []site
	shares []float64 // shares[i] is the share of visits that go to the sites up to i
}

type site struct {
	url  string
	ipv4 []string
	ipv6 []string // none for a site without
}

// The web's size, and how busy its visitors are.
const (
	siteCount = 2000
	// visitsPerHour is how many connections a browser makes in a full hour's work.
	visitsPerHour = 64
	// visitsPerAddress keeps the visits of one device to one address of one site in a week well below the analytic's
	// 20 connections: large sites sit behind many addresses.
	visitsPerAddress = 3.0
	visitsPerWeek    = 2700.0
)

func newWeb(r *rand.Rand) web {
	var w web
	address := netip.MustParseAddr("198.18.0.1")
	names := siteNames(r, siteCount)
	total := 0.0
	for rank := range siteCount {
		total += 1 / float64(rank+1)
	}
	sum := 0.0
	for rank, name := range names {
		share := 1 / float64(rank+1) / total // Zipf's law
		sum += share
		w.shares = append(w.shares, sum)
		s := site{url: name}
		if r.IntN(10) == 0 {
			s.url = "https://" + name + "/"
		}
		for range int(math.Ceil(share * visitsPerWeek / visitsPerAddress)) {
			s.ipv4 = append(s.ipv4, address.String())
			address = address.Next()
		}
		if r.IntN(3) == 0 {
			s.ipv6 = []string{fmt.Sprintf("2001:db8:%x::%x", rank+1, between(r, 1, 0xffff))}
		}
		w.sites = append(w.sites, s)
	}
	return w
}

func (w web) visit(r *rand.Rand) site {
	i := sort.SearchFloat64s(w.shares, r.Float64())
	return w.sites[min(i, len(w.sites)-1)]
}

// browse adds what the device's user does in the browser: a few sittings, many sites.
func (t *traffic) browse(w web) {
	visits := int(t.device.busy(t.hour.ofWeek) * visitsPerHour * (0.5 + t.random.Float64()))
	if visits == 0 {
		return
	}
	sittings := make([]time.Time, 1+visits/20)
	for i := range sittings {
		sittings[i] = moment(t.random, t.hour.start)
	}
	for range visits {
		s := w.visit(t.random)
		at := pick(t.random, sittings).Add(time.Duration(t.random.ExpFloat64()*float64(4*time.Minute/time.Millisecond)) * time.Millisecond)
		if !at.Before(t.hour.start.Add(time.Hour)) {
			at = moment(t.random, t.hour.start)
		}
		e := t.event(at, pick(t.random, s.ipv4), pick(t.random, []uint16{443, 443, 443, 443, 443, 443, 443, 80}), s.url, t.device.browser)
		if s.ipv6 != nil && t.random.IntN(2) == 0 {
			e.RemoteIP = s.ipv6[0]
		}
		if t.random.IntN(30) == 0 {
			e.RemoteURL = "" // the sensor saw no name
		}
		e.Sent, e.Received = int64(between(t.random, 400, 9000)), int64(between(t.random, 900, 400_000))
		switch t.random.IntN(25) {
		case 0:
			e.ActionType, e.Sent, e.Received = attempt, Unknown, Unknown
		case 1:
			e.ActionType, e.Sent, e.Received = failed, Unknown, Unknown
		}
		t.add(e)
	}
}

// siteNames returns so many different names, the most visited first.
func siteNames(r *rand.Rand, count int) []string {
	var all []string
	for _, first := range firstWords {
		for _, second := range secondWords {
			all = append(all, first+"-"+second+".example")
		}
	}
	r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	names := slices.Clip(all[:count])
	for i := range names {
		names[i] = pick(r, []string{"www.", "www.", "www.", "", "api.", "static.", "img.", "app."}) + names[i]
	}
	return names
}

var (
	firstWords = []string{
		"amber", "autumn", "bright", "brisk", "calm", "clear", "cobalt", "copper", "coral", "crisp", "dawn", "deep", "early",
		"eastern", "fair", "fern", "first", "frost", "gentle", "golden", "grand", "green", "harvest", "hazel", "hidden",
		"ivory", "jade", "keen", "lively", "lucky", "maple", "mellow", "misty", "modern", "noble", "north", "oaken", "olive",
		"open", "pale", "plain", "prime", "quiet", "rapid", "river", "royal", "silver", "slate", "solar", "still",
	}
	secondWords = []string{
		"atlas", "bakery", "basin", "beacon", "books", "bridge", "canvas", "cargo", "castle", "charts", "circle", "cloud",
		"coffee", "compass", "corner", "courier", "credit", "desk", "digest", "field", "forum", "gallery", "garden", "gazette",
		"harbor", "herald", "house", "journal", "kitchen", "ledger", "library", "market", "meadow", "media", "mobility",
		"museum", "news", "office", "orchard", "outlet", "post", "recipes", "records", "studio", "supply", "tickets", "tools",
		"travel", "weather", "works",
	}
)
