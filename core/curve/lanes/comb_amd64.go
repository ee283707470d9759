//go:build !purego

package lanes

// A Comb has the multiples of a fixed point that MultiplyFixed adds: 1 to 8 times 16^d times the
// point, for each digit d. Digit 8s+l is added in step s, in lane l. It has 60 kB.
type Comb struct {
	steps [steps][8][3]element
}

// steps is how many multiples each lane adds.
const steps = 64 / Width

// Set sets the multiple n, 1 to 8, of a digit: y+x, y-x and 2dxy of the point on the twisted Edwards
// curve, reduced.
func (c *Comb) Set(digit, n int, parts *[3][32]byte) {
	for i := range parts {
		set(&c.steps[digit/Width][n-1][i], digit%Width, &parts[i])
	}
}

// MultiplyFixed sets points to some with the sum that the digits say, from -8 to 8: each times the
// power of 16 times the point.
func (c *Comb) MultiplyFixed(points *[Width]Point, digits *[64]int8) {
	var selected [steps][2][Width]uint64
	for i, digit := range digits {
		negative := uint64(int64(digit) >> 63) // all ones
		selected[i/Width][0][i%Width] = (uint64(digit) ^ negative) - negative
		selected[i/Width][1][i%Width] = negative
	}
	var sums [4]element
	comb(&sums, &c.steps, &selected)
	for lane := range points {
		p := &points[lane]
		get(&sums[0], lane, &p.X)
		get(&sums[1], lane, &p.Y)
		get(&sums[2], lane, &p.Z)
		get(&sums[3], lane, &p.T)
	}
	selected = [steps][2][Width]uint64{}
	sums = [4]element{}
}
