package store

// knownNames are the last names whose value a transaction took, or whose session it read: a few, because
// a fan-out has a part for every Batch devices.
type knownNames struct {
	list [Batch]known
	next int // the place of the next one
}

// known is what a transaction knows of a name.
type known struct {
	name  string
	row   string // the name of its row in Chains, which each message writes; "" if it is not known
	taken bool   // its value was taken, or there was none; and it was not returned
}

// find returns what is known of a name, nil if nothing is.
func (k *knownNames) find(name string) *known {
	for i := range k.list {
		if one := &k.list[i]; one.name == name {
			return one
		}
	}
	return nil
}

// add remembers what is known of a name, instead of what was before.
func (k *knownNames) add(one known) {
	if had := k.find(one.name); had != nil {
		*had = one
		return
	}
	k.list[k.next] = one
	k.next = (k.next + 1) % len(k.list)
}

// read remembers the name of a device's row in Chains.
func (k *knownNames) read(name, row string) {
	if had := k.find(name); had != nil {
		had.row = row
		return
	}
	k.add(known{name: name, row: row})
}
