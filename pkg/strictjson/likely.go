package strictjson

import "strings"

// Likely returns the known name that somebody probably meant by another: one that differs in case, or in one or two
// letters that are missing, added, changed or swapped with their neighbour. It is empty where no name, or more than one, is so near.
func Likely(name string, known []string) string {
	best, nearest := "", 1+min(2, max(1, len(name)/3))
	for _, k := range known {
		switch d := distance(strings.ToLower(name), strings.ToLower(k)); {
		case d < nearest:
			best, nearest = k, d
		case d == nearest && best != "" && best != k:
			best = "" // as near as another: neither is likely, unless a third is nearer
		}
	}
	return best
}

// distance counts the changes that make one text the other (optimal string alignment). Names are short: a long one is far
// from all of them.
func distance(a, b string) int {
	if len(a)-len(b) > 2 || len(b)-len(a) > 2 {
		return 3
	}
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			changed := 1
			if a[i-1] == b[j-1] {
				changed = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+changed)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}
