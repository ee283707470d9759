// Mutants changes the sources in one place at a time, and reports which changes the tests
// notice:
//
//	mutants [FLAGS] PACKAGE...
//
// kinds.go has the kinds of changes: a comparison, a limit, a missing wipe or lock, a commit
// one statement early, and so on. An overlay compiles each into the tests of its package, so
// the tree itself never changes. A change that does not compile is not counted. A change is
// noticed if the package's tests, or those of a package above, fail or hang; they run with
// -short, and with the race detector if a lock was removed.
//
// It prints one line for each change that was not noticed, then the share that was.
// equivalent.txt lists changes without an observable effect, with reasons; they are skipped.
//
// gremlins v0.6, a public tool, treats a case of a switch as not covered, and does not know
// wipes, locks or the order of a commit.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

func main() {
	var o options
	flag.IntVar(&o.sample, "sample", 400, "how many changes to try, spread over packages and kinds; 0: all")
	flag.IntVar(&o.seed, "seed", 1, "which of them")
	flag.Float64Var(&o.least, "least", 95, "the share in percent below which it fails")
	flag.StringVar(&o.match, "match", "", "only changes that match this regular expression, in FILE: FUNCTION: KIND: CHANGE")
	flag.StringVar(&o.users, "users", "./core/...", "where the packages above are looked for")
	flag.StringVar(&o.equivalent, "equivalent", "tests/mutants/equivalent.txt", "the list of changes that nobody can observe")
	flag.Parse()
	if err := o.run(os.Stdout, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1)
	}
}

type options struct {
	sample, seed             int
	least                    float64
	match, users, equivalent string
}

func (o options) run(out io.Writer, patterns []string) error {
	root, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return fmt.Errorf("go list -m: %w", err)
	}
	t := trials{root: strings.TrimSpace(string(root))}
	if t.work, err = os.MkdirTemp("", "mutants"); err != nil {
		return err
	}
	defer os.RemoveAll(t.work)
	known, err := readEquivalents(o.equivalent)
	if err != nil {
		return err
	}
	list, err := rooms(t.root, patterns, strings.Fields(o.users))
	if err != nil {
		return err
	}
	plan, err := o.plan(t.root, list, known)
	if err != nil {
		return err
	}
	s := summary{out: out}
	for i, r := range list {
		if err := s.try(&t, r, plan.mutations[i], plan.shares[i]); err != nil {
			return err
		}
	}
	return s.report(plan, o.least)
}

// plan is the mutations to try of a package, in this order, until its share of the sample is
// full.
type plan struct {
	mutations [][]mutation
	shares    []int
	known     int // equivalents
	stale     []string
}

func (o options) plan(root string, list []*room, known equivalents) (p plan, err error) {
	wanted, err := regexp.Compile(o.match)
	if err != nil {
		return p, err
	}
	var all []mutation
	files := map[string]bool{}
	var have []int
	for _, r := range list {
		var open []mutation
		for _, name := range r.files {
			path := filepath.Join(r.dir, name)
			source, err := os.ReadFile(path)
			if err != nil {
				return p, err
			}
			relative, err := filepath.Rel(root, path)
			if err != nil {
				return p, err
			}
			relative = filepath.ToSlash(relative)
			files[relative] = true
			found, err := mutationsOf(relative, source)
			if err != nil {
				return p, err
			}
			all = append(all, found...)
			for _, m := range found {
				switch _, equivalent := known[m.key()]; {
				case !wanted.MatchString(m.file + ": " + m.function + ": " + m.kind + ": " + m.change):
				case equivalent:
					p.known++
				default:
					open = append(open, m)
				}
			}
		}
		p.mutations = append(p.mutations, inOrder(open, o.seed))
		have = append(have, len(open))
	}
	p.shares, p.stale = have, known.stale(all, files)
	if o.sample > 0 {
		p.shares = shares(o.sample, have)
	}
	return p, nil
}

// summary counts.
type summary struct {
	out                    io.Writer
	tried, noticed, broken int
	survivors              []outcome
	lines                  []string // one for each room
}

func (s *summary) try(t *trials, r *room, mutations []mutation, share int) error {
	tried, noticed := 0, 0
	for _, m := range mutations {
		if tried == share {
			break
		}
		o, err := t.try(m, r)
		if err != nil {
			return err
		}
		said := "NOT NOTICED"
		switch {
		case !o.compiled:
			s.broken++
			continue
		case o.by != "":
			noticed++
			said = "noticed by " + o.by
		default:
			s.survivors = append(s.survivors, o)
		}
		tried++
		fmt.Fprintf(s.out, "%s (%s, %.1f s)\n", m, said, o.took.Round(100*time.Millisecond).Seconds())
	}
	s.tried, s.noticed = s.tried+tried, s.noticed+noticed
	if tried > 0 {
		s.lines = append(s.lines, fmt.Sprintf("%-24s %4d of %4d", r.path, noticed, tried))
	}
	return nil
}

func (s *summary) report(p plan, least float64) error {
	fmt.Fprintln(s.out)
	for _, o := range s.survivors {
		fmt.Fprintln(s.out, "NOT NOTICED", o)
	}
	for _, line := range s.lines {
		fmt.Fprintln(s.out, line)
	}
	for _, key := range p.stale {
		fmt.Fprintln(s.out, "no such change any more:", key)
	}
	if s.tried == 0 {
		return fmt.Errorf("there is nothing to try")
	}
	share := 100 * float64(s.noticed) / float64(s.tried)
	fmt.Fprintf(s.out, "%d of %d changes were noticed: %.1f %% (%d more did not compile; %d that nobody can observe were not tried)\n",
		s.noticed, s.tried, share, s.broken, p.known)
	switch {
	case len(p.stale) > 0:
		return fmt.Errorf("%d entries of the list of equivalents name no change", len(p.stale))
	case share < least:
		return fmt.Errorf("%.1f %% is under %g %%", share, least)
	}
	return nil
}
