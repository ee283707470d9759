#!/bin/sh
# Tests the wheel and the sdist of build/dist/ as somebody has them who has no source tree: the wheel that is built
# from the unpacked sdist is the one that was built from the tree, and passes the tests from a folder of its own in a
# new virtual environment. The last line is pytest's.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
tree=$(cd "$here/../.." && pwd)
python=${PYTHON:-python3}
away=$(mktemp -d)
trap 'rm -rf "$away"' EXIT
version=$(sed -n 's/^__version__ = "\(.*\)"/\1/p' "$here/src/callkey/__init__.py")

wheel=$(find "$tree/build/dist" -name "callkey-$version-py3-none-manylinux_*_$(uname -m).whl")
sdist=$tree/build/dist/callkey-$version.tar.gz
fail() {
	echo "$*" >&2
	exit 1
}
if [ ! -f "$wheel" ] || [ ! -f "$sdist" ]; then
	fail "There is no wheel or sdist of $version in $tree/build/dist; run 'make wheel sdist' first."
fi

# One virtual environment builds and judges; the other one, which the README makes, has the wheel and nothing else.
"$python" -m venv "$away/tools"
"$away/tools/bin/python" -m pip install --quiet --disable-pip-version-check 'build>=1.2' 'auditwheel>=6' 'hatchling>=1.27' 'pyelftools>=0.29'
cd "$away"

# auditwheel reads the same ELF with code of its own.
tag=$(basename "$wheel" .whl | cut -d- -f5)
tools/bin/auditwheel show "$wheel" | tr '\n' ' ' | grep -q "platform tag: \"$tag\"" || fail "auditwheel does not agree with the tag $tag"
echo "tag: auditwheel agrees with $tag"

tar xzf "$sdist"
(cd "callkey-$version" && ../tools/bin/python -m build --wheel --outdir ../rebuilt . >../build.log 2>&1) || { cat build.log >&2; exit 1; }
cmp "$wheel" "rebuilt/$(basename "$wheel")" || fail "the wheel from the sdist is not the wheel from the tree"
echo "sdist: the wheel built from it is the wheel built from the tree, byte for byte"

# The build on a path of its own, and what it must say.
refused() {
	if (cd "callkey-$version" && env -u GO -u CC PATH="$away/bare" "$away/tools/bin/python" -m build --no-isolation --wheel --outdir ../never . >../bare.log 2>&1); then
		fail "a wheel was built without what it needs: $1"
	fi
	tr -s ' \n' ' ' <bare.log | grep -q "$1" || { cat bare.log >&2; exit 1; }
}
mkdir bare
for tool in sh env uname ldd; do ln -s "$(command -v $tool)" bare/; done
refused "needs Go 1.21 or later, and there is no 'go' on the path"
printf '#!/bin/sh\necho go version go1.19.8 linux/amd64\n' >bare/go
chmod +x bare/go
refused 'needs Go 1.21 or later, and .*/bare/go is 1.19'
printf '#!/bin/sh\necho go version go1.26.8 linux/amd64\n' >bare/go
refused "needs a C compiler, and there is no 'cc' on the path"
echo "sdist: without Go, with an old one or without a C compiler the build says what to install"

# What pip does on a musl system: no wheel fits, so that it never comes to loading the library.
if tools/bin/python -m pip download --quiet --disable-pip-version-check --no-deps --no-index --find-links "$tree/build/dist" \
	--only-binary :all: --platform "musllinux_1_2_$(uname -m)" -d musl callkey 2>musl.log; then
	fail "pip takes the wheel on musl"
fi
grep -q 'No matching distribution found for callkey' musl.log || { cat musl.log >&2; exit 1; }
echo "musl: pip finds no wheel that fits"

mkdir -p tree/bindings/python tree/testdata tree/include
cp -R "$here/tests" "$here/demo" "$here/README.md" "$here/pyproject.toml" tree/bindings/python/
cp -R "$tree/testdata/vectors" tree/testdata/
cp -R "$tree/abi" "$tree/docs" tree/
cp "$tree/include/callkey.h" tree/include/
cp "$tree/README.md" tree/
# Another home folder is for pip's command; Go's caches stay where they are.
GOCACHE=$("${GO:-go}" env GOCACHE)
GOPATH=$("${GO:-go}" env GOPATH)
export GOCACHE GOPATH
mkdir home path
ln -s "$(command -v "$python")" path/python3
# shellcheck disable=SC2016 # backquotes of Markdown
sed -n '/^```sh$/,/^```$/p' "$tree/README.md" | sed '/^```/d' >readme.sh
grep -q '^make wheel' readme.sh || fail "the README does not say how to install the wheel"
(cd "$tree" && HOME=$away/home PATH=$away/path:$PATH PIP_DISABLE_PIP_VERSION_CHECK=1 sh -eu -c ". $away/readme.sh && callkey selftest" >"$away/readme.log" 2>&1) ||
	{ cat readme.log >&2; exit 1; }
found=$(sed -n 's/^loaded from  //p' readme.log)
case $found in
"$away"/home/callkey/lib/*) echo "wheel: installed as the README says, with its library at ~${found#"$away"/home}" ;;
*) fail "the installed command loads $found" ;;
esac
home/callkey/bin/python -m pip install --quiet --disable-pip-version-check 'pytest>=7'
cd tree/bindings/python
"$away/home/callkey/bin/python" -m pytest -o cache_dir="$away/pytest" "$@"
