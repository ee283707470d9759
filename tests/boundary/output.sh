#!/bin/sh
# Every function, with a trace of its system calls: nothing is written to stdout or
# stderr, whether they are open or closed; once the library is loaded no file outside the
# store's folder is opened or changed (but /dev/urandom, by SQLite), no socket made, no
# program started, no thread interrupted by a signal; and none of our code reads the
# environment.
set -eu
cd "$(dirname "$0")/../.."
out=$PWD/build/boundary
mkdir -p "$out"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
fail() { echo "output: $*" >&2; exit 1; }

${CC:-cc} -std=c99 -DCALLKEY_NO_NONNULL -Wall -Wextra -Werror -Iinclude -Itests/c tests/boundary/output.c \
	tests/c/every.c tests/c/pair.c tests/c/folder.c -o "$out/output" build/libcallkey.so.0 -Wl,-rpath,"$PWD/build" -pthread

mkdir "$folder/open" "$folder/closed" "$folder/traced"
"$out/output" "$folder/open" >"$out/output.log" 2>&1 || fail "exit status $?"
[ ! -s "$out/output.log" ] || fail "something was written: $(head -c 200 "$out/output.log")"
"$out/output" "$folder/closed" >&- 2>&- || fail "with stdout and stderr closed: exit status $?"

if ! command -v strace >/dev/null; then
	echo "skipped: the trace needs strace, get it with \"apt-get install strace\"" >&2
	[ "${CI:-}" != true ] || exit 1
	echo "output: 0 bytes"
	exit
fi
strace -f -y -qq -o "$out/output.trace" "$out/output" "$folder/traced" || fail "under strace: exit status $?"
traced=$(awk -v folder="$folder/traced" '
	/"\/mark\/begin"/ { inside = 1; next }
	/"\/mark\/end"/ { inside = 0 }
	!inside || $2 !~ /^[a-z]/ { next }
	{ calls++; call = $2; sub(/\(.*/, "", call); path = $0; sub(/^[^"]*"/, "", path); sub(/".*/, "", path) }
	call ~ /^(open|openat|openat2|creat|mkdir|mkdirat|mknod|mknodat|link|linkat|symlink|symlinkat|rename|renameat|renameat2|unlink|unlinkat|rmdir|truncate|chmod|fchmodat|chown|lchown|fchownat|utimensat|setxattr)$/ {
		opened++
		if (index(path, folder) != 1 && path != "/dev/urandom") { print; bad = 1 }
	}
	call ~ /^(write|writev|pwrite64|pwritev|pwritev2|sendfile|splice|copy_file_range)$/ {
		written++
		if (index($0, folder) == 0 && $0 !~ /<anon_inode:/) { print; bad = 1 }
	}
	call ~ /^(socket|socketpair|connect|bind|sendto|sendmsg|execve|execveat|fork|vfork|kill|tkill|tgkill)$/ { print; bad = 1 }
	call ~ /^clone/ && !/CLONE_THREAD/ { print; bad = 1 }
	END {
		if (!opened || !written) { print "the trace shows no store"; bad = 1 }
		if (!bad) printf "%d system calls, %d of them open or change files, all in the store'"'"'s folder or /dev/urandom", calls, opened
		exit bad
	}' "$out/output.trace") || fail "a system call that should not be: $traced"

# Who can read an environment variable, by the calls in the code. Go's runtime reads its
# own (GOGC, GODEBUG and so on) in other ways, while it starts.
readers=$(objdump -d --no-show-raw-insn build/debug/libcallkey.so.0 | awk '
	/^[0-9a-f]+ <.*>:$/ { f = $2; gsub(/[<>:]/, "", f) }
	/(call|bl) .*<(os\.(Getenv|LookupEnv|Environ|ExpandEnv)|syscall\.(Getenv|Environ)|getenv|secure_getenv|getenv@plt|secure_getenv@plt)>/ { print f }' |
	LC_ALL=C sort -u | tr '\n' ' ')
known="golang.org/x/sys/cpu.processOptions os.Getenv os.Getwd time.LoadLocation.func1 time.initLocal unixTempFileDir "
[ "$readers" = "$known" ] || fail "the environment is read by: $readers, and should be by: $known"

echo "output: 0 bytes with stdout and stderr open or closed; $traced; $(echo "$known" | wc -w) functions can read the environment, none of them ours"
