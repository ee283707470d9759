"""What the targets of the Makefile need of a machine: table.py. Debian's packages: packages.py; Go, and the checkers
that are written in Go: fetched.py."""
