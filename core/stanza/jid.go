package stanza

import (
	"strconv"
	"strings"

	"libcallkey/core/status"
)

// A domain is a server with users that have devices, and its byte in an AD_JID and, as
// agent, in a Signal address.
var domains = [...]struct {
	server string
	agent  uint8
}{
	{"s.whatsapp.net", 0}, // phone numbers; the first row of a byte is its spelling
	{"c.us", 0},           // the old name of s.whatsapp.net; same users
	{"lid", 1},
	{"hosted", 128},
	{"hosted.lid", 129},
}

func agentOf(server string) (agent uint8, ok bool) {
	for _, d := range domains {
		if d.server == server {
			return d.agent, true
		}
	}
	return 0, false
}

func serverOf(agent uint8) (server string, ok bool) {
	for _, d := range domains {
		if d.agent == agent {
			return d.server, true
		}
	}
	return "", false
}

// A JID names one device of a user: user:device@server. Without a device it is
// the user's first, device 0.
//
// Two JIDs of one device may differ in the name of the server, so compare the results of
// Address, not JIDs. The zero JID names nothing.
type JID struct {
	user, server string
	device       uint8 // one byte, as in an AD_JID
}

// ParseJID reads a device's JID: user@server or user:device@server with the
// server one of s.whatsapp.net (or its old name c.us), lid, hosted, hosted.lid.
// The user is letters, digits and '-'; the device 0..255 without leading zeros.
//
// The older spellings with an agent, user.agent:device@server and
// user_agent:device@server, are also read if the agent is 0 or the server's own; any
// other agent would be a second name for another device's session.
//
// Errors: ARGUMENT.
func ParseJID(s string) (JID, error) {
	if j, ok := parseUsual(s); ok {
		return j, nil
	}
	j, err := parseRecipient(s)
	if err != nil {
		return JID{}, err
	}
	if _, ok := agentOf(j.server); !ok {
		return JID{}, status.New(status.Argument, "not a device JID: %q is on a server without devices", s)
	}
	return j, nil
}

// parseUsual reads the JID of a device in its usual spelling, in one pass: user@server or
// user:device@server. ok is false if it is another, or none.
func parseUsual(s string) (j JID, ok bool) {
	if len(s) > MaxTextBytes {
		return JID{}, false
	}
	i := 0
	for i < len(s) && isUserByte(s[i]) {
		i++
	}
	j.user = s[:i]
	if i < len(s) && s[i] == ':' {
		start := i + 1
		for i++; i < len(s) && s[i] != '@'; i++ {
		}
		if j.device, ok = parseByte(s[start:i]); !ok {
			return JID{}, false
		}
	}
	if j.user == "" || i >= len(s) || s[i] != '@' {
		return JID{}, false
	}
	j.server = s[i+1:]
	_, ok = agentOf(j.server)
	return j, ok
}

// parseRecipient reads the recipient of a stanza: a device, a user, or a group or call,
// which are on servers without devices.
func parseRecipient(s string) (JID, error) {
	if s == "" {
		return JID{}, status.New(status.Argument, "not a JID: it is empty")
	}
	if err := checkText(status.Argument, "not a JID: it", s); err != nil {
		return JID{}, err
	}
	user, server, found := strings.Cut(s, "@")
	if !found {
		return JID{}, status.New(status.Argument, "not a JID: %q has no @", s)
	}
	if !consistsOf(server, isServerByte) {
		return JID{}, status.New(status.Argument, "not a JID: %q has a bad server", s)
	}
	j := JID{server: server}
	domain, hasDevices := agentOf(server)

	user, device, found := strings.Cut(user, ":")
	if found {
		n, ok := parseByte(device)
		if !ok || !hasDevices {
			return JID{}, status.New(status.Argument, "not a JID: %q has a bad device", s)
		}
		j.device = n
	}
	if i := agentAt(user); i >= 0 {
		n, ok := parseByte(user[i+1:])
		if !ok || !hasDevices || n != 0 && n != domain {
			return JID{}, status.New(status.Argument, "not a JID: %q has a bad agent", s)
		}
		user = user[:i]
	}
	if !consistsOf(user, isUserByte) {
		return JID{}, status.New(status.Argument, "not a JID: %q has a bad user", s)
	}
	j.user = user
	return j, nil
}

// String returns the JID in the form that the derivations use (wacrg:CRY-06), however it was
// spelled: without an agent, and with device 0 on server lid only. So a device has one name
// in the app, although the wire has two, and c.us has the server's new name. A LID that is too
// long for ":0" stays without it; no key can be derived for it. A user that is too long for the
// new name keeps c.us.
func (j JID) String() string {
	var spelled [MaxTextBytes]byte
	b := append(spelled[:0], j.user...)
	if j.device != 0 || j.server == "lid" && len(j.user)+len(":0@lid") <= MaxTextBytes {
		b = strconv.AppendUint(append(b, ':'), uint64(j.device), 10)
	}
	server := j.server
	if agent, ok := agentOf(server); ok {
		if today, _ := serverOf(agent); len(b)+1+len(today) <= MaxTextBytes {
			server = today
		}
	}
	return string(append(append(b, '@'), server...))
}

// Address returns the Signal address of the device (docs/protocol.md, "JID to Signal
// address"): the user, followed by _AGENT unless the agent is 0, and the device number.
// All spellings of a device have the same address, and no two devices share one.
func (j JID) Address() (name string, device uint32) {
	if agent, _ := agentOf(j.server); agent != 0 {
		return j.user + "_" + strconv.Itoa(int(agent)), uint32(j.device)
	}
	return j.user, uint32(j.device)
}

// AppendAddress is Address, with the name behind what b has.
func (j JID) AppendAddress(b []byte) (name []byte, device uint32) {
	b = append(b, j.user...)
	if agent, _ := agentOf(j.server); agent != 0 {
		b = strconv.AppendUint(append(b, '_'), uint64(agent), 10)
	}
	return b, uint32(j.device)
}

// JIDOf returns the JID of a Signal address. ok is false if there is no such JID: a newer
// library wrote the name.
func JIDOf(name string, device uint32) (jid JID, ok bool) {
	user, agent, hasAgent := strings.Cut(name, "_")
	n, ok := parseByte(agent)
	if hasAgent && (!ok || n == 0) || device > 255 || !consistsOf(user, isUserByte) {
		return JID{}, false
	}
	for _, d := range domains {
		jid = JID{user, d.server, uint8(device)}
		if d.agent == n && len(jid.String()) <= MaxTextBytes {
			return jid, true
		}
	}
	return JID{}, false
}

// ParseUser reads a user's JID, user@server without a device, and returns the name that the
// addresses of its devices have. Errors: ARGUMENT.
func ParseUser(s string) (name string, err error) {
	j, err := ParseJID(s)
	if err != nil {
		return "", err
	}
	if strings.Contains(s, ":") {
		return "", status.New(status.Argument, "not a user's JID: %q names a device", s)
	}
	name, _ = j.Address()
	return name, nil
}

// An address is the comparable form of a device: two devices have the same if and only if they
// have the same Address.
type address struct {
	user          string
	agent, device uint8
}

func (j JID) address() address {
	agent, _ := agentOf(j.server)
	return address{j.user, agent, j.device}
}

// parseByte reads a decimal number 0..255 in its only spelling.
func parseByte(s string) (uint8, bool) {
	n, ok := parseNumber(s, 8)
	return uint8(n), ok
}

// parseNumber reads a decimal number of at most that many bits, up to 32, in its only spelling.
func parseNumber(s string, bits int) (n uint64, ok bool) {
	if s == "" || len(s) > 10 || len(s) > 1 && s[0] == '0' {
		return 0, false
	}
	for i := range len(s) {
		if s[i] < '0' || '9' < s[i] {
			return 0, false
		}
		n = 10*n + uint64(s[i]-'0')
	}
	return n, n < 1<<bits
}

// agentAt returns where in a user its agent begins, with its separator; negative if it has none.
func agentAt(user string) int {
	for i := range len(user) {
		if user[i] == '.' || user[i] == '_' {
			return i
		}
	}
	return -1
}

func consistsOf(s string, ok func(byte) bool) bool {
	for i := range len(s) {
		if !ok(s[i]) {
			return false
		}
	}
	return s != ""
}

func isUserByte(c byte) bool { return userBytes[c] }

var userBytes = func() (is [256]bool) {
	for c := range is {
		is[c] = '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '-'
	}
	return is
}()

func isServerByte(c byte) bool { return 'a' <= c && c <= 'z' || c == '.' }
