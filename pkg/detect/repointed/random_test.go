package repointed_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/cases/services"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/detecttest"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/referee"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/detect/repointed"
	"github.com/fluxhound/fluxhound-detections-datasource/pkg/statement"
)

func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

// random makes names that stay, move, move again, rotate or go to several networks, each as several devices see it.
func random(seed uint64) []referee.Event {
	r := rand.New(rand.NewPCG(seed, seed))
	tops := []string{"example.com", "example.org", "example.net", "update.microsoft.com", "a.test", "b.test", "c.test"}
	addresses := []string{
		"203.0.113.7", "203.0.113.200", "203.0.114.1", "198.51.100.9", "198.51.7.1", "192.0.2.1", "9.9.9.9", "8.8.8.8", "10.1.2.3", "100.64.0.1", "2001:db8:7::9", "2001:db8:9::9", "2001:db9::1",
		"fe80::1", "[203.0.113.9]:443", "::ffff:198.51.100.7", "-", "",
	}
	devices := []string{"WS-1", "ws-1.corp.example", "WS-2", "WS-3", "WS-4", ""}
	var events []referee.Event
	for n := range 60 {
		name := fmt.Sprintf("n%d.%s", n%20, pick(r, tops))
		switch r.IntN(12) {
		case 0:
			name = "https://" + name + ":8443/x"
		case 1:
			name = pick(r, []string{"", "-", "fileserver", "203.0.113.7", "[2001:db8::1]:80"})
		}
		from := r.IntN(40)
		for range 1 + r.IntN(3) { // some stays, one after the other or at once
			to, at := from+r.IntN(30), pick(r, addresses)
			for d := from; d < min(to, 40); d += 1 + r.IntN(3) {
				e := stay(name, at, pick(r, devices), d)[0]
				e.Timestamp = e.Timestamp.Add(time.Duration(r.IntN(12*3600*1000)) * time.Millisecond)
				e.RemotePort = int64(443 + r.IntN(2))
				events = append(events, e, e) // what came twice counts once
			}
			if from = to - r.IntN(5); r.IntN(2) == 0 {
				from = max(0, r.IntN(40)-r.IntN(20))
			}
			from = max(0, from)
		}
	}
	return events
}

// What moved, and what that is worth, is worked out a second time, in plain Go.
func TestMovesAreWhatTheRefereeSays(t *testing.T) {
	systems := []referee.AS{
		{Network: "198.51.100.0/24", Number: 14061, Name: "Suspicious"}, {Network: "192.0.2.0/24", Number: 63949, Name: "Rented"}, {Network: "9.9.9.0/24", Number: 13335, Name: "Delivery"},
		{Network: "203.0.112.0/22", Number: 64500, Name: "One"}, {Network: "2001:db8::/32", Number: 64500, Name: "One"},
	}
	domains, vendors := services.Lists()
	second := referee.Repointed{
		HostingASNs: []int64{63949}, DeliveryASNs: []int64{13335}, SuspiciousASNs: referee.DefaultSuspiciousASNs(), Private: statement.SpecialNetworks(),
		Points: map[string]int64{}, Services: map[string]string{},
	}
	for _, e := range repointed.Everything() {
		second.Points[e.Name] = e.Points
	}
	for i, domain := range domains {
		second.Services[domain] = vendors[i]
	}
	bench := detecttest.Start(t)
	plain := bench.Events(t, nil)
	compared, risks := 0, map[int64]bool{}
	for seed := range uint64(20) {
		events := random(seed)
		plain.Replace(t, events)
		plain.Exec(t, "DROP TABLE IF EXISTS {database}.names")
		table := plain.WithLedger(t, known())
		q := referee.Question{Window: asked()}
		if seed == 6 {
			plain = plain.WithSystems(t, systems)
			table = plain.WithLedger(t, known())
		}
		if seed >= 6 {
			q.Systems = systems
		}
		second.StableDays, second.MinDaysSeen, second.MaxNetworks, second.MinRisk = 1+int64(seed%12), 1+int64(seed%4), 1+int(seed%3), int64(seed%3)*20
		question := detecttest.Question{Type: repointed.Name, Window: asked(), Params: map[string]any{
			"stableDays": second.StableDays, "minDaysSeen": second.MinDaysSeen, "maxNetworks": second.MaxNetworks, "minRisk": second.MinRisk, "hostingAsns": second.HostingASNs, "deliveryAsns": second.DeliveryASNs,
		}}
		want := map[string]referee.Row{}
		for _, m := range second.Find(events, q) {
			want[m.Name] = referee.Row{m.MovedAt, m.Risk, m.Before, m.Now, m.StayedDays, m.Devices, m.ConnectionCount}
			risks[m.Risk] = true
		}
		got := map[string]referee.Row{}
		for _, row := range rowsOf(t, table.Frames(t, question), "RemoteUrl", "Timestamp", "Risk", "NetworksBefore", "NetworksNow", "StayedDays", "UniqueDevices", "ConnectionCount") {
			got[row[0].(string)] = row[1:]
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("set %d (-referee +plugin):\n%s", seed, diff)
		}
		compared += len(want)
	}
	if compared < 30 || len(risks) < 6 {
		t.Errorf("%d moves of %d risks were compared: the sets say little", compared, len(risks))
	}
}
