#!/bin/sh
# The library loads beside libraries that take 1,400 bytes of static TLS, one or seven, before them and
# after them. The control takes all there is: then no library with any loads.
set -eu
cd "$(dirname "$0")/../.."
library=${LIBRARY:-build/libcallkey.so.0}
out=$PWD/build/host/static_tls
mkdir -p "$out"
cc=${CC:-cc}
sh capi/tls.sh "$library" >"$out/size"
$cc -std=c11 -Wall -Wextra -Werror tests/host/static_tls.c -o "$out/host" -ldl -pthread
filler() {
	$cc -shared -fPIC -Wall -Wextra -Werror -DSIZE="$2" tests/host/static_tls_filler.c -o "$out/$1.so"
}
filler large 1400
filler most 1648
few=
for i in 1 2 3 4 5 6 7; do
	filler "small$i" 200
	few="$few $out/small$i.so"
done
# shellcheck disable=SC2086 # a list of files
{
	"$out/host" "$out/large.so" "$library"
	"$out/host" "$library" "$out/large.so"
	"$out/host" $few "$library"
	"$out/host" "$library" $few
}
if "$out/host" "$out/most.so" "$out/small1.so" 2>"$out/control"; then
	echo "the control loads: this C library has more static TLS than the test fills" >&2
	exit 1
fi
grep -q 'static TLS' "$out/control"
echo "$(cat "$out/size"), and it loads before and after libraries that take 1,400, one or seven"
