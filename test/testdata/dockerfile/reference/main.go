// Program reference answers what BuildKit's own packages make of Dockerfiles, shell words and ignore patterns. The
// expected values of the tests come from it; see README.md.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerfile/shell"
	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
)

type req struct {
	Kind     string   `json:"kind"`
	Data     []byte   `json:"data"`
	Env      []string `json:"env"`
	Escape   string   `json:"escape"`
	RawQ     bool     `json:"rawQuotes"`
	RawE     bool     `json:"rawEscapes"`
	SkipQ    bool     `json:"skipProcessQuotes"`
	SkipU    bool     `json:"skipUnsetEnv"`
	Patterns []string `json:"patterns"`
	Path     string   `json:"path"`
}

type obj = map[string]any

// b is a text: a string, or its bytes when it is not UTF-8.
func b(s string) any {
	if utf8.ValidString(s) {
		return s
	}
	return obj{"bytes": []byte(s)}
}

func bs(l []string) []any {
	r := []any{}
	for _, s := range l {
		r = append(r, b(s))
	}
	return r
}

func lines(r []parser.Range) []int {
	if len(r) == 0 {
		return nil
	}
	return []int{r[0].Start.Line, r[len(r)-1].Start.Line}
}

func errOf(err error) obj {
	var el *parser.LocationError
	o := obj{"message": err.Error()}
	if errors.As(err, &el) {
		o["lines"] = lines(el.Locations[0])
	}
	return o
}

func pairs(kv instructions.KeyValuePairs) any {
	r := [][]any{}
	for _, p := range kv {
		r = append(r, []any{b(p.Key), b(p.Value), p.NoDelim})
	}
	return r
}
func optb(p *bool) any {
	if p == nil {
		return nil
	}
	return *p
}
func contents(c []instructions.SourceContent) any {
	r := [][]any{}
	for _, p := range c {
		r = append(r, []any{b(p.Path), b(p.Data), p.Expand})
	}
	return r
}
func cmdline(c instructions.ShellDependantCmdLine) any {
	files := [][]any{}
	for _, f := range c.Files {
		files = append(files, []any{b(f.Name), b(f.Data), f.Chomp})
	}
	return []any{bs(c.CmdLine), !c.PrependShell, files}
}

func dumpCmd(c instructions.Command) obj {
	o := obj{"name": b(c.Name()), "code": b(fmt.Sprint(c)), "lines": lines(c.Location()), "comments": bs(c.Comments())}
	switch c := c.(type) {
	case *instructions.EnvCommand:
		o["kind"] = "env"
		o["v"] = pairs(c.Env)
	case *instructions.LabelCommand:
		o["kind"] = "label"
		o["v"] = pairs(c.Labels)
	case *instructions.MaintainerCommand:
		o["kind"] = "maintainer"
		o["v"] = b(c.Maintainer)
	case *instructions.AddCommand:
		o["kind"] = "add"
		o["v"] = []any{bs(c.SourcePaths), contents(c.SourceContents), b(c.DestPath), b(c.Chown), b(c.Chmod), c.Link, bs(c.ExcludePatterns), optb(c.KeepGitDir), b(c.Checksum), optb(c.Unpack)}
	case *instructions.CopyCommand:
		o["kind"] = "copy"
		o["v"] = []any{bs(c.SourcePaths), contents(c.SourceContents), b(c.DestPath), b(c.Chown), b(c.Chmod), c.Link, bs(c.ExcludePatterns), b(c.From), c.Parents}
	case *instructions.OnbuildCommand:
		o["kind"] = "onbuild"
		o["v"] = b(c.Expression)
		o["trigger"] = trigger(c.Expression)
	case *instructions.WorkdirCommand:
		o["kind"] = "workdir"
		o["v"] = b(c.Path)
	case *instructions.RunCommand:
		o["kind"] = "run"
		mounts := []any{}
		for _, m := range instructions.GetMounts(c) {
			mounts = append(mounts, b(m.From))
		}
		devices := []any{}
		for _, d := range instructions.GetDevices(c) {
			devices = append(devices, []any{b(d.Name), d.Required})
		}
		v := []any{cmdline(c.ShellDependantCmdLine), mounts, devices, instructions.GetNetwork(c), instructions.GetSecurity(c)}
		err := c.Expand(func(w string) (string, error) { return strings.ReplaceAll(w, "$X", "x"), nil })
		if err != nil {
			v = append(v, err.Error())
		} else {
			ms := []any{}
			for _, m := range instructions.GetMounts(c) {
				var env, mode, uid, gid any
				if m.Env != nil {
					env = b(*m.Env)
				}
				if m.Mode != nil {
					mode = *m.Mode
				}
				if m.UID != nil {
					uid = *m.UID
				}
				if m.GID != nil {
					gid = *m.GID
				}
				ms = append(ms, []any{m.Type, b(m.From), b(m.Source), b(m.Target), m.ReadOnly, m.SizeLimit, b(m.CacheID), string(m.CacheSharing), m.Required, env, mode, uid, gid})
			}
			v = append(v, ms)
		}
		o["v"] = v
	case *instructions.CmdCommand:
		o["kind"] = "cmd"
		o["v"] = cmdline(c.ShellDependantCmdLine)
	case *instructions.EntrypointCommand:
		o["kind"] = "entrypoint"
		o["v"] = cmdline(c.ShellDependantCmdLine)
	case *instructions.HealthCheckCommand:
		o["kind"] = "healthcheck"
		h := c.Health
		o["v"] = []any{bs(h.Test), fmt.Sprint(int64(h.Interval)), fmt.Sprint(int64(h.Timeout)), fmt.Sprint(int64(h.StartPeriod)), fmt.Sprint(int64(h.StartInterval)), h.Retries}
	case *instructions.ExposeCommand:
		o["kind"] = "expose"
		o["v"] = bs(c.Ports)
	case *instructions.UserCommand:
		o["kind"] = "user"
		o["v"] = b(c.User)
	case *instructions.VolumeCommand:
		o["kind"] = "volume"
		o["v"] = bs(c.Volumes)
	case *instructions.StopSignalCommand:
		o["kind"] = "stopsignal"
		o["v"] = b(c.Signal)
	case *instructions.ShellCommand:
		o["kind"] = "shell"
		o["v"] = bs(c.Shell)
	case *instructions.ArgCommand:
		o["kind"] = "arg"
		r := [][]any{}
		for _, a := range c.Args {
			var v any
			if a.Value != nil {
				v = b(*a.Value)
			}
			r = append(r, []any{b(a.Key), v, b(a.DocComment)})
		}
		o["v"] = r
	}
	return o
}

func trigger(t string) any {
	ast, err := parser.Parse(strings.NewReader(t))
	if err != nil {
		return err.Error()
	}
	if len(ast.AST.Children) != 1 {
		return "onbuild trigger should be a single expression"
	}
	ic, err := instructions.ParseCommand(ast.AST.Children[0])
	if err != nil {
		return err.Error()
	}
	if _, ok := ic.(*instructions.OnbuildCommand); ok {
		return "nested"
	}
	d := dumpCmd(ic)
	delete(d, "lines")
	return d
}

func dockerfile(dt []byte) obj {
	out := obj{}
	if s, c, loc, ok := parser.DetectSyntax(dt); ok {
		out["syntax"] = []any{b(s), b(c), lines(loc)}
	}
	if s, c, loc, ok := parser.ParseDirective("check", dt); ok {
		out["check"] = []any{b(s), b(c), lines(loc)}
	}
	res, err := parser.Parse(bytes.NewReader(dt))
	if err != nil {
		out["error"] = errOf(err)
		return out
	}
	out["escape"] = string(res.EscapeToken)
	findings := []any{}
	for _, w := range res.Warnings {
		findings = append(findings, []any{"NoEmptyContinuation", "Empty continuation line", []int{w.Location.Start.Line, w.Location.Start.Line}})
	}
	lint := linter.New(&linter.Config{ExperimentalAll: true, Warn: func(rule, d, u, msg string, loc []parser.Range) {
		findings = append(findings, []any{rule, b(msg), lines(loc)})
	}})
	// the comments' own check= is the compiler's business: hide it
	for _, c := range res.AST.Children {
		for i, s := range c.PrevComment {
			if strings.HasPrefix(strings.ToLower(s), "check") {
				c.PrevComment[i] = "hidden"
			}
		}
	}
	stages, meta, err := instructions.Parse(res.AST, lint)
	out["findings"] = findings
	if err != nil {
		out["error"] = errOf(err)
		return out
	}
	ms := []any{}
	for i := range meta {
		ms = append(ms, dumpCmd(&meta[i]))
	}
	out["meta"] = ms
	ss := []any{}
	for _, s := range stages {
		cs := []any{}
		for _, c := range s.Commands {
			cs = append(cs, dumpCmd(c))
		}
		ss = append(ss, obj{"name": b(s.Name), "orig": b(s.OrigCmd), "base": b(s.BaseName), "platform": b(s.Platform), "doc": b(s.DocComment), "code": b(s.SourceCode), "lines": lines(s.Location), "comments": bs(s.Comments), "commands": cs})
	}
	out["stages"] = ss
	return out
}

func keys(m map[string]struct{}) []string {
	r := []string{}
	for k := range m {
		r = append(r, k)
	}
	sort.Strings(r)
	return r
}

func handle(r req) (out obj) {
	defer func() {
		if e := recover(); e != nil {
			out = obj{"panic": fmt.Sprint(e)}
		}
	}()
	switch r.Kind {
	case "dockerfile":
		return dockerfile(r.Data)
	case "shell":
		lex := shell.NewLex(rune(r.Escape[0]))
		lex.RawQuotes, lex.RawEscapes, lex.SkipProcessQuotes, lex.SkipUnsetEnv = r.RawQ, r.RawE, r.SkipQ, r.SkipU
		env := shell.EnvsFromSlice(r.Env)
		res, err := lex.ProcessWordWithMatches(string(r.Data), env)
		out := obj{}
		if err != nil {
			out["error"] = err.Error()
		} else {
			out["text"] = b(res.Result)
			out["matched"] = keys(res.Matched)
			out["unmatched"] = keys(res.Unmatched)
		}
		words, err := lex.ProcessWords(string(r.Data), env)
		if err != nil {
			out["wordsError"] = err.Error()
		} else {
			out["words"] = bs(words)
		}
		return out
	case "ignorefile":
		p, err := ignorefile.ReadAll(bytes.NewReader(r.Data))
		if err != nil {
			return obj{"error": err.Error()}
		}
		return obj{"patterns": bs(p)}
	case "ignore":
		pm, err := patternmatcher.New(r.Patterns)
		if err != nil {
			return obj{"newError": err.Error()}
		}
		out := obj{"exceptions": pm.Exclusions()}
		ps := []any{}
		for _, p := range pm.Patterns() {
			s := p.String()
			if p.Exclusion() {
				s = "!" + s
			}
			ps = append(ps, s)
		}
		out["patterns"] = ps
		m, err := pm.MatchesOrParentMatches(r.Path)
		if err != nil {
			out["error"] = err.Error()
		} else {
			out["match"] = m
		}
		// walk from the root
		var info patternmatcher.MatchInfo
		walk := []any{}
		parts := strings.Split(r.Path, "/")
		for i := range parts {
			var ok bool
			ok, info, err = pm.MatchesUsingParentResults(strings.Join(parts[:i+1], "/"), info)
			if err != nil {
				walk = append(walk, err.Error())
				break
			}
			walk = append(walk, ok)
		}
		out["walk"] = walk
		return out
	}
	return obj{"error": "kind"}
}

func main() {
	if len(os.Args) < 2 {
		serve()
		return
	}
	for _, path := range os.Args[2:] {
		switch os.Args[1] {
		case "tree":
			tree(path)
		case "words":
			fill(path, wordsAnswer)
		case "ignore":
			fill(path, ignoreAnswer)
		default:
			panic("unknown command " + os.Args[1])
		}
	}
}

// serve answers requests, one JSON object a line.
func serve() {
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	w := bufio.NewWriterSize(os.Stdout, 1<<20)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for {
		line, err := in.ReadBytes('\n')
		if len(line) > 0 {
			var r req
			check(json.Unmarshal(line, &r))
			check(enc.Encode(handle(r)))
			check(w.Flush())
		}
		if err != nil {
			return
		}
	}
}

// tree writes tree.json beside a Dockerfile.
func tree(path string) {
	dt, err := os.ReadFile(path)
	check(err)
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	check(enc.Encode(dockerfile(dt)))
	check(os.WriteFile(filepath.Join(filepath.Dir(path), "tree.json"), out.Bytes(), 0o644))
}

// settings are what the lines of a table before the current one have said.
type settings map[string][]string

// fill writes the answers into a table: what follows the tab of each line.
func fill(path string, answer func(string, settings) any) {
	dt, err := os.ReadFile(path)
	check(err)
	set := settings{}
	lines := strings.Split(strings.TrimSuffix(string(dt), "\n"), "\n")
	for i, line := range lines {
		if line == "" || line[0] == '#' {
			continue
		}
		if key, rest, ok := strings.Cut(line, ": "); ok && line[0] != '"' {
			var values []string
			check(json.Unmarshal([]byte(rest), &values))
			set[key] = values
			continue
		}
		quoted, _, _ := strings.Cut(line, "\t")
		var input string
		check(json.Unmarshal([]byte(quoted), &input))
		var out bytes.Buffer
		enc := json.NewEncoder(&out)
		enc.SetEscapeHTML(false)
		check(enc.Encode(answer(input, set)))
		lines[i] = quoted + "\t" + strings.TrimSpace(out.String())
	}
	check(os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o644))
}

func wordsAnswer(input string, set settings) any {
	r := req{Kind: "shell", Data: []byte(input), Env: set["env"], Escape: "\\"}
	for _, option := range set["options"] {
		switch option {
		case "backtick":
			r.Escape = "`"
		case "rawQuotes":
			r.RawQ = true
		case "rawEscapes":
			r.RawE = true
		case "skipProcessQuotes":
			r.SkipQ = true
		case "skipUnsetEnv":
			r.SkipU = true
		default:
			panic(option)
		}
	}
	return handle(r)
}

func ignoreAnswer(input string, set settings) any {
	return handle(req{Kind: "ignore", Patterns: set["patterns"], Path: input})
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
