// Package hunting holds no code but tests: they run every question of the hunting library, on the demo's week and on captures of
// real traffic, and hold what each says of normal networks to what it finds there.
package hunting
