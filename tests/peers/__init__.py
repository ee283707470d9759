"""Other implementations as the other side of every call: peer.py drives one, tally.py counts what is equal, ours.py is
our side, run.py runs them and keeps the table of docs/interop.md. Each peer has a folder, with a README."""
