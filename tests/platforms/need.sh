# shellcheck shell=sh
# Sourced by the scripts here. need COMMAND PACKAGE: without the command the test is skipped, or
# fails where CI=true.
need() {
	command -v "$1" >/dev/null || {
		echo "skipped: needs $1, get it with \"apt-get install $2\"" >&2
		[ "${CI:-}" != true ] || exit 1
		exit 0
	}
}
