"""The needs of the Makefile's targets: table.py. Debian's packages: packages.py. Go, and the checkers that are written
in Go: fetched.py."""
