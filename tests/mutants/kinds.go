package main

import (
	"go/ast"
	"go/token"
	"slices"
	"strconv"
	"strings"
)

// The kinds of changes. None checks types, because a change that does not compile is not
// counted.
const (
	comparison = "comparison" // < and <=, == and !=
	condition  = "condition"  // an if or a case that never applies, an operand without an effect
	limit      = "limit"      // a number one larger or smaller, true and false
	arithmetic = "arithmetic" // + and -, << and >>
	wipe       = "wipe"       // a secret is not wiped
	locking    = "lock"       // a lock is not taken
	order      = "order"      // a commit or a lock is one statement early or late; what is staged is committed together
	dropped    = "drop"       // a statement is removed
	statusCode = "status"     // an error has another status
)

var opposites = map[token.Token]token.Token{
	token.LSS: token.LEQ, token.LEQ: token.LSS, token.GTR: token.GEQ, token.GEQ: token.GTR,
	token.EQL: token.NEQ, token.NEQ: token.EQL,
}

var inverses = map[token.Token]token.Token{
	token.ADD: token.SUB, token.SUB: token.ADD, token.MUL: token.QUO, token.QUO: token.MUL, token.REM: token.MUL,
	token.SHL: token.SHR, token.SHR: token.SHL, token.AND: token.OR, token.OR: token.AND, token.XOR: token.OR,
	token.AND_NOT:    token.AND,
	token.ADD_ASSIGN: token.SUB_ASSIGN, token.SUB_ASSIGN: token.ADD_ASSIGN, token.OR_ASSIGN: token.AND_ASSIGN,
	token.AND_ASSIGN: token.OR_ASSIGN, token.XOR_ASSIGN: token.OR_ASSIGN, token.SHL_ASSIGN: token.SHR_ASSIGN,
	token.SHR_ASSIGN: token.SHL_ASSIGN, token.INC: token.DEC, token.DEC: token.INC,
}

var (
	wipers  = []string{"clear", "Wipe", "WipeObject", "wipe", "release"}
	lockers = []string{"Lock", "RLock", "Unlock", "RUnlock"}
	commits = []string{"commit", "begin", "rollback", "exec", "Update", "forget", "finish", "step", "Close", "close"}
)

func (s *scan) visit(n ast.Node) bool {
	if s.skipped[n] {
		return false
	}
	switch n := n.(type) {
	case *ast.ImportSpec:
		return false
	case *ast.BinaryExpr:
		s.binary(n)
	case *ast.BasicLit:
		s.literal(n)
	case *ast.Ident:
		if n.Name == "true" || n.Name == "false" {
			s.replace(n, limit, strconv.FormatBool(n.Name == "false"))
		}
	case *ast.CallExpr:
		s.call(n)
	case *ast.ReturnStmt:
		s.failure(n)
	case *ast.IfStmt:
		s.never(n.Cond)
	case *ast.SwitchStmt:
		if n.Tag == nil {
			for _, c := range n.Body.List {
				for _, e := range c.(*ast.CaseClause).List {
					s.never(e)
				}
			}
		}
	case *ast.BlockStmt:
		s.statements(n.List)
	case *ast.CaseClause:
		s.statements(n.Body)
	case *ast.FuncDecl:
		if n.Type.TypeParams != nil {
			s.skipped[n.Type.TypeParams] = true // a | between types is not arithmetic
		}
		if n.Body != nil {
			s.locks(n.Body)
		}
	case *ast.FuncLit:
		s.locks(n.Body)
	}
	return true
}

func (s *scan) binary(n *ast.BinaryExpr) {
	if is, ok := opposites[n.Op]; ok {
		s.operator(n, n.OpPos, n.Op, is, comparison)
	}
	if is, ok := inverses[n.Op]; ok {
		s.operator(n, n.OpPos, n.Op, is, arithmetic)
	}
	if n.Op != token.LAND && n.Op != token.LOR {
		return
	}
	neutral := " || true)"
	if n.Op == token.LOR {
		neutral = " && false)"
	}
	for _, operand := range []ast.Expr{n.X, n.Y} {
		if inner, ok := operand.(*ast.BinaryExpr); ok && inner.Op == n.Op {
			continue // its operands are tried
		}
		s.replace(operand, condition, "(("+s.text(operand)+")"+neutral)
	}
}

func (s *scan) literal(n *ast.BasicLit) {
	switch n.Kind {
	case token.INT:
		v, err := strconv.ParseInt(n.Value, 0, 64)
		if err != nil {
			return
		}
		s.replace(n, limit, strconv.FormatInt(v+1, 10))
		if v > 1 {
			s.replace(n, limit, strconv.FormatInt(v-1, 10))
		}
	case token.CHAR:
		if v, err := strconv.Unquote(n.Value); err == nil {
			s.replace(n, limit, strconv.QuoteRune([]rune(v)[0]+1))
		}
	}
}

// call changes the statuses of errors. It does not change performance, such as the capacity
// given to make, or the text of an error.
func (s *scan) call(n *ast.CallExpr) {
	name := s.text(n.Fun)
	if name == "make" {
		for _, arg := range n.Args[min(2, len(n.Args)):] {
			s.skipped[arg] = true
		}
	}
	if name == "status.New" && len(n.Args) > 0 {
		is := "status.Internal"
		if s.text(n.Args[0]) == is {
			is = "status.Argument"
		}
		s.replace(n.Args[0], statusCode, is)
		for _, arg := range n.Args[1:] {
			s.skipped[arg] = true
		}
	}
}

// failure does not change values returned with an error: callers must not use them.
func (s *scan) failure(n *ast.ReturnStmt) {
	if len(n.Results) < 2 {
		return
	}
	last := n.Results[len(n.Results)-1]
	if id, ok := last.(*ast.Ident); ok && id.Name != "err" && id.Name != "false" {
		return
	}
	for _, r := range n.Results[:len(n.Results)-1] {
		if value, ok := r.(*ast.BasicLit); ok && value.Value == "0" {
			s.skipped[r] = true
		}
	}
}

func (s *scan) never(cond ast.Expr) { s.replace(cond, condition, "false && ("+s.text(cond)+")") }

func (s *scan) statements(list []ast.Stmt) {
	for i, n := range list {
		switch n := n.(type) {
		case *ast.ExprStmt, *ast.DeferStmt, *ast.SendStmt, *ast.BranchStmt:
			switch name := called(n); {
			case slices.Contains(wipers, name):
				s.drop(n, wipe)
			case slices.Contains(lockers, name) && !isLockOf(n):
			case name == "panic": // the condition before it is tried
			case name == "Lock":
				s.drop(n, locking)
			default:
				s.drop(n, dropped)
			}
		case *ast.IncDecStmt:
			s.drop(n, dropped)
			s.operator(n, n.TokPos, n.Tok, inverses[n.Tok], arithmetic)
		case *ast.AssignStmt:
			if n.Tok != token.DEFINE && !isBlank(n) {
				s.drop(n, dropped)
			}
			if is, ok := inverses[n.Tok]; ok {
				s.operator(n, n.TokPos, n.Tok, is, arithmetic)
			}
		}
		if i > 0 {
			s.swap(list[i-1], n)
		}
	}
}

func isBlank(n *ast.AssignStmt) bool {
	for _, left := range n.Lhs {
		if id, ok := left.(*ast.Ident); !ok || id.Name != "_" {
			return false
		}
	}
	return true
}

// called returns the name of the function that a statement calls, without its receiver or
// package.
func called(n ast.Stmt) string {
	var call *ast.CallExpr
	switch n := n.(type) {
	case *ast.ExprStmt:
		call, _ = n.X.(*ast.CallExpr)
	case *ast.DeferStmt:
		call = n.Call
	}
	if call == nil {
		return ""
	}
	if inner, ok := call.Fun.(*ast.CallExpr); ok {
		call = inner // defer s.Lock(name)()
	}
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}

// isLockOf distinguishes a Lock that returns its unlock function from a mutex's Lock, which
// needs its Unlock removed too.
func isLockOf(n ast.Stmt) bool {
	d, ok := n.(*ast.DeferStmt)
	if !ok {
		return false
	}
	_, ok = d.Call.Fun.(*ast.CallExpr)
	return ok
}

// locks removes each mutex from a function: all of its Lock and Unlock calls.
func (s *scan) locks(body *ast.BlockStmt) {
	statements := map[string][]ast.Stmt{}
	var mutexes []string
	taken := map[string]bool{}
	ast.Inspect(body, func(n ast.Node) bool {
		if _, ok := n.(*ast.FuncLit); ok {
			return false
		}
		var call *ast.CallExpr
		switch n := n.(type) {
		case *ast.ExprStmt:
			call, _ = n.X.(*ast.CallExpr)
		case *ast.DeferStmt:
			call = n.Call
		}
		if call == nil {
			return true
		}
		f, ok := call.Fun.(*ast.SelectorExpr)
		if !ok || !slices.Contains(lockers, f.Sel.Name) || len(call.Args) != 0 {
			return true
		}
		mutex := s.text(f.X)
		if len(statements[mutex]) == 0 {
			mutexes = append(mutexes, mutex)
		}
		statements[mutex] = append(statements[mutex], n.(ast.Stmt))
		taken[mutex] = taken[mutex] || strings.HasSuffix(f.Sel.Name, "Unlock")
		return true
	})
	for _, mutex := range mutexes {
		if len(statements[mutex]) < 2 || !taken[mutex] {
			continue // its other half is elsewhere
		}
		var edits []edit
		for _, n := range statements[mutex] {
			from, to := s.offset(n.Pos()), s.offset(n.End())
			edits = append(edits, edit{from, from, "if false { "}, edit{to, to, " }"})
		}
		s.add(statements[mutex][0], locking, flat(s.text(statements[mutex][0]))+" -> nothing, nor its unlocking", edits...)
	}
}

// swap exchanges two statements if one of them commits, locks or changes the store.
func (s *scan) swap(a, b ast.Stmt) {
	if !s.commits(a) && !s.commits(b) || placeless(a) || placeless(b) {
		return
	}
	s.add(a, order, head(s.text(a))+" <-> "+head(s.text(b)),
		edit{s.offset(a.Pos()), s.offset(a.End()), s.text(b)}, edit{s.offset(b.Pos()), s.offset(b.End()), s.text(a)})
}

// placeless reports whether the place of a statement does not matter: it ends a block,
// declares, or is deferred.
func placeless(n ast.Stmt) bool {
	switch n.(type) {
	case *ast.ReturnStmt, *ast.BranchStmt, *ast.DeclStmt, *ast.DeferStmt:
		return true
	}
	return false
}

func (s *scan) commits(n ast.Stmt) (found bool) {
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.BlockStmt:
			return false // of an if: its condition counts
		case *ast.CallExpr:
			if f, ok := n.Fun.(*ast.SelectorExpr); ok && (slices.Contains(commits, f.Sel.Name) || slices.Contains(lockers, f.Sel.Name)) {
				found = true
			}
		}
		return true
	})
	return found
}

// head returns the first line of a text.
func head(text string) string {
	first, _, more := strings.Cut(text, "\n")
	if more {
		first += " …"
	}
	return flat(first)
}
