#!/bin/sh
# The names that callkey.h declares, and what must agree with them.
#
# exports.sh list             the functions, one a line
# exports.sh map              the linker's version script: these and nothing else
# exports.sh sizes            the size macros, one a line
# exports.sh check LIBRARY    the library exports the list, each function's comment is complete,
#                             each size macro has its twin
set -eu
header=$(cd "$(dirname "$0")" && pwd)/../include/callkey.h

list() {
	# Declarations start with CALLKEY_API and may go on in the next line.
	tr '\n' ' ' <"$header" | grep -o 'CALLKEY_API [^;#"]*(' | grep -o '\bcallkey_[a-z0-9_]*(' |
		tr -d '(' | LC_ALL=C sort
}

sizes() {
	grep -oE '^#define CALLKEY_[A-Z0-9_]+_(BYTES|COUNT)\b' "$header" | cut -d' ' -f2
}

# What a library exports, or an archive makes global.
exported() {
	case $1 in
	*.dll) x86_64-w64-mingw32-objdump -p "$1" | awk '/Ordinal\/Name Pointer\] Table/ { names = 1; next } NF == 0 { names = 0 } names { print $NF }' ;;
	*.a) nm -g --defined-only "$1" | awk 'NF == 3 { print $3 }' ;;
	# readelf reads the files of every processor.
	*) readelf -W --dyn-syms "$1" | awk '$5 != "LOCAL" && $7 ~ /^[0-9]+$/ { print $8 }' ;;
	esac
}

check() {
	failed=0
	exported=$(exported "$1" | LC_ALL=C sort)
	if [ "$exported" != "$(list)" ]; then
		echo "exports of $1 differ from callkey.h (left: only declared, right: only exported):" >&2
		for name in $(list); do
			echo "$exported" | grep -qx "$name" || printf '%s\n' "$name" >&2
		done
		for name in $exported; do
			list | grep -qx "$name" || printf '\t%s\n' "$name" >&2
		done
		failed=1
	fi
	case $1 in
	*.so*)
		soname=$(readelf -d "$1" | sed -n 's/.*SONAME.*\[\(.*\)\]/\1/p')
		wanted=libcallkey.so.$(sed -n 's/^#define CALLKEY_ABI_MAJOR //p' "$header")
		# Without a number for Android.
		case $1 in *.so) wanted=libcallkey.so ;; esac
		if [ "$soname" != "$wanted" ]; then
			echo "the soname of $1 is $soname and should be $wanted" >&2
			failed=1
		fi
		;;
	esac
	for macro in $(sizes); do
		twin=$(echo "$macro" | tr '[:upper:]' '[:lower:]')
		if ! list | grep -qx "$twin"; then
			echo "$macro has no function $twin" >&2
			failed=1
		fi
	done
	# Every function with a status says when it returns which.
	awk '
		/^\/\*\*/ { comment = "" }
		{ comment = comment $0 "\n" }
		/^CALLKEY_API callkey_status/ {
			name = $0; if (name !~ /callkey_[a-z0-9_]+\(/) { getline; name = $0 }
			match(name, /callkey_[a-z0-9_]+\(/); name = substr(name, RSTART, RLENGTH - 1)
			need = name == "callkey_last_error" ? "CALLKEY_OK CALLKEY_ERR_FORKED" : "CALLKEY_OK CALLKEY_ERR_FORKED CALLKEY_ERR_INTERNAL"
			n = split(need, statuses, " ")
			for (i = 1; i <= n; i++) if (index(comment, statuses[i]) == 0) { print name ": its comment lacks " statuses[i]; bad = 1 }
			comment = ""
		}
		END { exit bad }
	' "$header" >&2 || failed=1
	[ $failed = 0 ] || exit 1
	echo "symbols: $(list | wc -l | tr -d ' ') functions, exactly those of callkey.h"
}

case $1 in
list) list ;;
map) printf '{ global:\n'; list | sed 's/$/;/'; printf 'local: *; };\n' ;;
sizes) sizes ;;
check) check "$2" ;;
*) sed -n '2,9s/^# //p' "$0" >&2; exit 2 ;;
esac
