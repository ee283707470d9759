package curve

import "filippo.io/edwards25519/field"

// A halved is a point P = 2Q that is known by its x-coordinate, with what halve finds of Q = (u, v).
// From that the other coordinate follows without another root.
type halved struct {
	x          field.Element
	root       field.Element // √(x²+Ax+1)
	slope      field.Element // v/u
	difference field.Element // u - 1/u
}

// setKey sets p to the point of a public key. It returns false if Validate refuses the key.
func (p *halved) setKey(public *[Bytes]byte) bool {
	if _, err := p.x.SetBytes(public[:]); err != nil {
		return false
	}
	return [Bytes]byte(p.x.Bytes()) == *public && p.primeOrder() // public: a public key
}

// denominator is what edwardsX divides by. It is not 0 where primeOrder is true: x²+Ax+1 has no
// zero, and u is 1 or -1 only for x = 0.
func (p *halved) denominator() (d field.Element) {
	return *d.Multiply(&p.root, &p.difference)
}

// edwardsX returns the x of p on the Edwards curve, with that sign, from the inverse of its
// denominator.
//
// Doubling says 4v²x = (u²-1)², so (u - 1/u)/(2·slope) is a root of x. Times root it is a root of
// x³+Ax²+x, the second coordinate of p or its negative. On the Edwards curve x is divided by that
// and multiplied by edwardsScale.
func (p *halved) edwardsX(inverse *field.Element, sign byte) (x field.Element) {
	x.Multiply(&edwardsScale, &p.x)
	x.Multiply(&x, &p.slope)
	x.Add(&x, &x)
	x.Multiply(&x, inverse)
	if x.IsNegative() != int(sign) {
		x.Negate(&x)
	}
	return x
}

// invertAll inverts elements, none of which is 0, by one inversion. It needs as much room.
func invertAll(elements, room []field.Element) {
	product := one
	for i := range elements {
		room[i] = product
		product.Multiply(&product, &elements[i])
	}
	product.Invert(&product)
	for i := len(elements) - 1; i >= 0; i-- {
		e := elements[i]
		elements[i].Multiply(&product, &room[i])
		product.Multiply(&product, &e)
	}
}
