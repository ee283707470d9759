#!/bin/sh
# Tests the wheel in build/dist/ on other interpreters than test.sh: the oldest and the newest CPython and PyPy, or
# VERSIONS='3.9 3.13 pypy', or PYTHON=/path/of/one. Each one's own pip installs the wheel in a virtual environment,
# which also says that the wheel's tag fits. One line for each interpreter, two at a time.
#
# An interpreter is the one on PATH, else Debian's, in a root that tests/debian.py keeps; 'pypy@forky' asks for that
# Debian's. If there is no root, GET=yes and CI make it; that takes 250 MB and a minute, and needs root.
#
# test.sh has all the tests, on one interpreter. Here the races are short, and left out is what does not depend on the
# interpreter and takes long: the demo's processes, the variables of the environment and the progress bar; and in a
# root, which has no C compiler, the one test that asks it for the layout of the structs.
set -eu
cd "$(dirname "$0")/../.."
tree=$PWD
work=$tree/build/python
version=$(sed -n 's/^__version__ = "\(.*\)"/\1/p' bindings/python/src/callkey/__init__.py)

# on PYTHON FOLDER: the tests on one interpreter. Nothing is fetched: a root reaches what apt-get reaches.
on() {
	python=$tree/$2/venv/bin/python
	rm -rf "$2/venv"
	"$1" -m venv "$2/venv"
	# glibc overwrites what is freed, so that whoever reads it reads something else.
	export MALLOC_PERTURB_=165 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
	"$python" -m pip install --quiet --no-index --find-links "$2/wheels" --find-links build/dist \
		pytest exceptiongroup tomli "callkey==$version"
	left_out="--ignore tests/test_demo.py --ignore tests/test_environment.py --deselect tests/test_command.py::test_progress"
	command -v cc >/dev/null || left_out="$left_out --deselect tests/test_declarations.py::test_same_layout"
	cd bindings/python
	# shellcheck disable=SC2086 # options
	"$python" -m pytest -q -p no:cacheprovider --races 200 --durations 12 $left_out
}
if [ "${1:-}" = on ]; then
	on "$2" "$3"
	exit
fi

if [ -z "$(find build/dist -name "callkey-$version-*.whl" 2>/dev/null)" ]; then
	echo "There is no wheel of $version in build/dist; run 'make wheel' first." >&2
	exit 1
fi

# Which Debian has it.
release_of() {
	case $1 in
	3.9) echo bullseye ;;
	3.11 | pypy) echo bookworm ;;
	3.13) echo trixie ;;
	3.14 | 3.15) echo forky ;;
	*)
		echo "no Debian is known for Python $1; give the interpreter as PYTHON" >&2
		return 1
		;;
	esac
}

# wheels IMPLEMENTATION VERSION FOLDER: what the tests need. pip takes the conditions of a dependency to speak of the
# interpreter that it runs on, so those of Python 3.9 and 3.10 are named.
wheels() {
	[ ! -f "$3/complete" ] || return 0
	rm -rf "$3"
	mkdir -p "$3"
	"$work/pip/bin/python" -m pip download --quiet --disable-pip-version-check --dest "$3" --only-binary :all: \
		--implementation "$1" --python-version "$2" 'pytest>=7' exceptiongroup tomli typing-extensions
	touch "$3/complete"
}
# test_on NAME PYTHON COMMAND...: tests the interpreter PYTHON, which COMMAND runs, in a folder of that name.
test_on() {
	name=$1 python=$2
	shift 2
	# shellcheck disable=SC2016 # Python
	told=$("$@" "$python" -c 'import platform as p; print(p.python_implementation(), *p.python_version_tuple())')
	made=${told%% *} number=$(echo "${told#* }" | tr ' ' .)
	wheels "$(case $made in PyPy) echo pp ;; *) echo cp ;; esac)" "${number%.*}" "$work/$name/wheels"
	if ! "$@" sh bindings/python/test-pythons.sh on "$python" "build/python/$name" >"$work/$name/log" 2>&1; then
		cat "$work/$name/log"
		exit 1
	fi
	echo "$made $number: $(tail -n 1 "$work/$name/log")"
}

one() {
	case $1 in pypy*) command=pypy3 ;; *) command=python${1%@*} ;; esac
	case $1 in
	*@*) release=${1#*@} ;;
	*)
		if "$command" -c 'import venv, ensurepip' 2>/dev/null; then
			test_on "$1" "$command" env
			return
		fi
		release=$(release_of "$1")
		;;
	esac
	packages="$command $command-venv"
	# The wheel asks for a newer glibc, and a test reads a store with SQLite 3.37 or later.
	[ "$release" != bullseye ] || packages="$packages libc6/bookworm libsqlite3-0/bookworm"
	# shellcheck disable=SC2086 # a list of packages
	if [ "${GET:-}" = yes ] || [ "${CI:-}" = true ]; then
		python3 -m tests.debian "$release" install $packages || {
			result=$?
			[ $result = 77 ] && exit 0
			exit $result
		}
	elif ! python3 -m tests.debian "$release" has $packages; then
		echo "skipped: needs $command and its module venv, get them from your system, or as root Debian's in build/$release with \"make test-pythons\"" >&2
		return
	fi
	test_on "$1" "$command" python3 -m tests.debian "$release" run
}

if [ "${1:-}" = one ]; then
	one "$2"
	exit
fi
if [ ! -x "$work/pip/bin/python" ]; then
	mkdir -p "$work"
	python3 -m venv "$work/pip"
fi
if [ -n "${PYTHON:-}" ] && [ "$PYTHON" != python3 ]; then
	test_on "$(basename "$PYTHON")" "$PYTHON" env
else
	# shellcheck disable=SC2086 # a list
	printf '%s\n' ${VERSIONS:-3.9 3.15 pypy} | xargs -P 2 -n 1 sh bindings/python/test-pythons.sh one
fi
