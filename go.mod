module libcallkey

go 1.26.0

require (
	filippo.io/edwards25519 v1.1.0
	github.com/cloudflare/circl v1.6.5
	github.com/mattn/go-sqlite3 v1.14.53
	go.mau.fi/libsignal v0.2.1
	go.mau.fi/whatsmeow v0.0.0-20251217143725-11cf47c62d32
	golang.org/x/crypto v0.58.0
	golang.org/x/sys v0.49.0
	google.golang.org/protobuf v1.36.12
)

require go.mau.fi/util v0.9.4 // indirect
