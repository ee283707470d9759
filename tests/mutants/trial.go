package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	tags = "sqlite_omit_load_extension"

	// slow is the time of a test that runs only if the others notice nothing.
	slow = 300 * time.Millisecond
	// Tests hang if they take hurry times longer than usual, and longer than patience.
	hurry    = 6
	patience = 20 * time.Second
	// memoryKB stops a mutant that allocates endlessly.
	memoryKB = 6 << 20
)

// room is a package with its tests.
type room struct {
	path  string // of the import
	dir   string
	files []string
	above []*room // those that use it

	timed bool
	slow  []string // tests
	takes time.Duration
}

// trials tries mutations, in a folder for the built tests.
type trials struct {
	root, work string
}

// outcome is the result of a trial. by is the test that noticed the mutation and its package,
// "" if none did.
type outcome struct {
	mutation
	compiled bool
	by       string
	took     time.Duration
}

// rooms lists the packages that match the patterns, and those above them among users.
func rooms(root string, patterns, users []string) ([]*room, error) {
	type listed struct {
		ImportPath, Dir                    string
		GoFiles, TestGoFiles, XTestGoFiles []string
		Deps                               []string
	}
	list := func(patterns []string) (packages []listed, err error) {
		command := exec.Command("go", append([]string{"list", "-tags", tags, "-json=ImportPath,Dir,GoFiles,TestGoFiles,XTestGoFiles,Deps"}, patterns...)...)
		command.Dir, command.Stderr = root, os.Stderr
		out, err := command.Output()
		if err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		for d := json.NewDecoder(bytes.NewReader(out)); d.More(); {
			var p listed
			if err := d.Decode(&p); err != nil {
				return nil, err
			}
			packages = append(packages, p)
		}
		return packages, nil
	}
	wanted, err := list(patterns)
	if err != nil {
		return nil, err
	}
	others, err := list(users)
	if err != nil {
		return nil, err
	}
	known := map[string]*room{}
	get := func(p listed) *room {
		if known[p.ImportPath] == nil {
			known[p.ImportPath] = &room{path: p.ImportPath, dir: p.Dir, files: p.GoFiles}
		}
		return known[p.ImportPath]
	}
	var all []*room
	for _, p := range wanted {
		r := get(p)
		all = append(all, r)
		for _, o := range others {
			if slices.Contains(o.Deps, p.ImportPath) && len(o.TestGoFiles)+len(o.XTestGoFiles) > 0 {
				r.above = append(r.above, get(o))
			}
		}
	}
	return all, nil
}

var finished = regexp.MustCompile(`(?m)^--- PASS: (\w+) \(([0-9.]+)s\)`)

// time runs the tests as they are, once, and notes how long they take.
func (t *trials) time(r *room) error {
	if r.timed {
		return nil
	}
	binary := filepath.Join(t.work, "sound.test")
	defer os.Remove(binary)
	if out, err := t.build(r, binary); err != nil {
		return fmt.Errorf("%s: %w\n%s", r.path, err, out)
	}
	began := time.Now()
	out, err := t.run(r, binary, 10*time.Minute, false, "-test.v")
	if err != nil {
		return fmt.Errorf("%s: its tests fail as it is: %w\n%s", r.path, err, out)
	}
	r.takes, r.timed = time.Since(began), true
	times := map[string]float64{}
	for _, found := range finished.FindAllSubmatch(out, -1) {
		seconds, err := strconv.ParseFloat(string(found[2]), 64)
		if err == nil && seconds >= slow.Seconds() {
			times[string(found[1])] = seconds
		}
	}
	r.slow = slices.SortedFunc(maps.Keys(times), func(a, b string) int { return cmp.Compare(times[a], times[b]) })
	return nil
}

// try makes the change and runs the room's tests, then those of the rooms above, until one
// notices it.
func (t *trials) try(m mutation, r *room) (o outcome, err error) {
	o.mutation = m
	began := time.Now()
	defer func() { o.took = time.Since(began) }()
	source := filepath.Join(t.root, m.file)
	sound, err := os.ReadFile(source)
	if err != nil {
		return o, err
	}
	changed, overlay := filepath.Join(t.work, "changed.go"), filepath.Join(t.work, "overlay.json")
	if err := os.WriteFile(changed, m.apply(sound), 0o600); err != nil {
		return o, err
	}
	replace, err := json.Marshal(map[string]map[string]string{"Replace": {source: changed}})
	if err != nil {
		return o, err
	}
	if err := os.WriteFile(overlay, replace, 0o600); err != nil {
		return o, err
	}
	tested := []*room{r}
	for i := 0; i < len(tested); i++ {
		if err := t.time(tested[i]); err != nil {
			return o, err
		}
		by, err := t.notice(tested[i], overlay, m.kind == locking)
		if i == 0 && errors.Is(err, errCompile) {
			return o, nil
		}
		if err != nil {
			return o, err
		}
		if o.compiled = true; by != "" {
			o.by = by + " of " + tested[i].path
			return o, nil
		}
		if i == 0 {
			if tested, err = t.fastestFirst(r); err != nil {
				return o, err
			}
		}
	}
	return o, nil
}

// fastestFirst is the room and then those above it.
func (t *trials) fastestFirst(r *room) ([]*room, error) {
	for _, a := range r.above {
		if err := t.time(a); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(r.above, func(a, b *room) int { return cmp.Compare(a.takes, b.takes) })
	return append([]*room{r}, r.above...), nil
}

var (
	errCompile = errors.New("it does not compile")
	failed     = regexp.MustCompile(`(?m)^--- FAIL: (\w+)|^\s+panic: test timed out|^panic: test timed out`)
)

// notice builds a package's tests with the change and returns the name of the first that
// fails, "" if none does: the fast ones first. Only the race detector notices a missing lock.
func (t *trials) notice(r *room, overlay string, race bool) (by string, err error) {
	binary := filepath.Join(t.work, "changed.test")
	defer os.Remove(binary)
	limit := max(patience, hurry*r.takes)
	flags := []string{"-overlay", overlay}
	if race {
		flags = append(flags, "-race")
		limit *= 4
	}
	if out, err := t.build(r, binary, flags...); err != nil {
		return "", fmt.Errorf("%s: %w: %v\n%s", r.path, errCompile, err, out)
	}
	runs := [][]string{nil}
	if len(r.slow) > 0 {
		runs[0] = []string{"-test.skip", "^(" + strings.Join(r.slow, "|") + ")$"}
	}
	for _, test := range r.slow {
		runs = append(runs, []string{"-test.run", "^" + test + "$"})
	}
	for _, flags := range runs {
		out, err := t.run(r, binary, limit, race, append(flags, "-test.failfast")...)
		if err == nil {
			continue
		}
		switch found := failed.FindSubmatch(out); {
		case found == nil:
			return "a crash", nil
		case len(found[1]) == 0:
			return "a hang", nil
		default:
			return string(found[1]), nil
		}
	}
	return "", nil
}

func (t *trials) build(r *room, binary string, flags ...string) ([]byte, error) {
	command := exec.Command("go", append(append([]string{"test", "-c", "-tags", tags, "-o", binary}, flags...), r.path)...)
	command.Dir = t.root
	return command.CombinedOutput()
}

// run runs tests in their folder, with a folder for files that is removed then. The race
// detector's shadow of the memory is larger than any limit.
func (t *trials) run(r *room, binary string, limit time.Duration, race bool, flags ...string) ([]byte, error) {
	files, err := os.MkdirTemp("", "mutants")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(files)
	if err := os.Chmod(files, 0o755); err != nil { // some test's child is another user
		return nil, err
	}
	ctx, stop := context.WithTimeout(context.Background(), limit+5*time.Second)
	defer stop()
	script := fmt.Sprintf(`ulimit -d %d; exec "$0" "$@"`, memoryKB)
	if race {
		script = `exec "$0" "$@"`
	}
	arguments := append([]string{"-c", script, binary, "-test.short", "-test.timeout", limit.String()}, flags...)
	command := exec.CommandContext(ctx, "sh", arguments...)
	command.Dir, command.WaitDelay = r.dir, 5*time.Second
	command.Env = append(os.Environ(), "TMPDIR="+files)
	// A killed test leaves the processes that it started: they end with its group.
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	end := func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGKILL) }
	command.Cancel = end
	out, err := command.CombinedOutput()
	if command.Process != nil {
		end()
	}
	return out, err
}
