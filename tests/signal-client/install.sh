#!/bin/sh
# Installs the official Signal client library, both versions, beside this file:
# exactly what the lock files pin, checked against their hashes. Does nothing
# when that was done before. Install scripts are not run: the packages bring
# their native library prebuilt, and the last step loads it to be sure.
#
# Without Node.js the tests are skipped with a reason; with CI=true that is a
# failure.
set -eu
cd "$(dirname "$0")"

usable() {
    command -v node >/dev/null 2>&1 && command -v npm >/dev/null 2>&1 &&
        node -e 'process.exit(parseInt(process.versions.node, 10) >= 18 ? 0 : 1)'
}

if ! usable; then
    echo 'skipped: needs Node.js 18+ with npm, get it with "apt-get install nodejs npm"' >&2
    if [ "${CI:-}" = true ]; then exit 1; fi
    exit 0
fi

for version in 0.22.0 0.58.0; do
    if ! cmp -s "$version/package-lock.json" "$version/node_modules/.installed-lock"; then
        echo "signal-client: installing @signalapp/libsignal-client $version"
        (cd "$version" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
    fi
    node peer.js "$version" </dev/null
    cp "$version/package-lock.json" "$version/node_modules/.installed-lock"
done
