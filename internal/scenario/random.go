package scenario

import (
	"encoding/binary"
	"hash/fnv"
	"math/rand/v2"
	"time"
)

// random returns the generator of one part of the scenario. Each part has its own, so that a change in one leaves the
// others' events as they are.
func (s *Scenario) random(part string, numbers ...uint64) *rand.Rand {
	hash := fnv.New128a()
	_, _ = hash.Write([]byte(part)) // a hash never fails to write
	for _, n := range numbers {
		_, _ = hash.Write(binary.BigEndian.AppendUint64(nil, n))
	}
	sum := hash.Sum(nil)
	return rand.New(rand.NewPCG(s.Seed^binary.BigEndian.Uint64(sum), binary.BigEndian.Uint64(sum[8:])))
}

// between returns a whole number in [low, high].
func between(r *rand.Rand, low, high int) int { return low + r.IntN(high-low+1) }

// moment returns a time within the hour that starts at start.
func moment(r *rand.Rand, start time.Time) time.Time {
	return start.Add(time.Duration(r.Int64N(int64(time.Hour/time.Millisecond))) * time.Millisecond)
}

// pick returns one element.
func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }
