#!/bin/sh
# Makes the library's bill of materials twice and holds it against go.sum: sbom.sh LIBRARY.
# Each module in it must be pinned there with the same hash.
set -eu
library=$1
cd "$(dirname "$0")/.."
bill=$library.cdx.json

${GO:-go} run ./supply sbom "$library" "$bill"
if [ "$(${GO:-go} run ./supply sbom "$library")" != "$(cat "$bill")" ]; then
	echo "two bills of materials of $library differ" >&2
	exit 1
fi
modules=$(sed -n 's|.*"purl": "pkg:golang/\(.*@v.*\)".*|\1|p' "$bill")
for module in $modules; do
	sum=$(grep -F "${module%@*} ${module##*@} h1:" go.sum | cut -d' ' -f3)
	if [ -z "$sum" ] || ! grep -qF "\"$sum\"" "$bill"; then
		echo "$module of $bill is not pinned in go.sum" >&2
		exit 1
	fi
done
pinned=$(echo "$modules" | wc -l)
[ "$pinned" -ge 5 ] || { echo "$bill has $pinned modules" >&2; exit 1; }
echo "sbom: $bill, $pinned modules pinned by hash in go.sum, Go and SQLite"
