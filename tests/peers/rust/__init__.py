"""wacore as a peer: judge.py, with the driver in src."""
