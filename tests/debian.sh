#!/bin/sh
# Another release of Debian beside this system, for compilers, emulators and interpreters that it lacks.
#
#   tests/debian.sh RELEASE install PACKAGE...   makes the root if there is none, and installs what it lacks
#   tests/debian.sh RELEASE has PACKAGE...       succeeds if the root is there and holds these packages
#   tests/debian.sh RELEASE run COMMAND...       runs a command in it: as root, in the project, seen there
#                                                as /project, with HOME, PATH, LANG and CI set and nothing else
#
# RELEASE is a code name: bullseye, trixie. A PACKAGE of another one is named with it:
# libc6/bookworm. The root's folder is build/RELEASE, or DEBIAN_ROOT. It is a plain folder: remove it
# as any other. Every mount is made in a namespace of the command's own and ends with it, as does every
# process that the command leaves behind, so nothing stays mounted or running. Installing waits for the
# commands that run in the root, and they for it.
#
# Exit status: the command's own; 77, and a line that says what is missing, where it can't be done
# here. With CI=true that is a failure with status 1.
set -eu
project=$(cd "$(dirname "$0")/.." && pwd)

skip() {
	echo "skipped: needs $*" >&2
	[ "${CI:-}" != true ] || exit 1
	exit 77
}

usage() {
	sed -n '4,7s/^# *//p' "$0" >&2
	exit 2
}

# inside COMMAND...: in namespaces of its own, so that mounts and processes end with it.
inside() {
	# shellcheck disable=SC2016 # expanded by the inner shell
	unshare --mount --pid --fork --kill-child sh -euc '
		root=$1 project=$2
		shift 2
		mkdir -p "$root/project"
		mount -t proc proc "$root/proc"
		mount --rbind /dev "$root/dev"
		mount --bind "$project" "$root/project"
		chroot "$root" "$@"
	' sh "$root" "$project" env -i -C /project HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 \
		DEBIAN_FRONTEND=noninteractive CI="${CI:-}" http_proxy="${http_proxy:-}" "$@"
}

# lacks PACKAGE...: whether one of them is not installed, or not from the release that it is named with.
lacks() {
	# shellcheck disable=SC2016 # a field of dpkg's
	status='${db:Status-Status}'
	for package in "$@"; do
		case $package in */*) [ -f "$root/etc/apt/preferences.d/${package%/*}" ] || return 0 ;; esac
		[ "$(chroot "$root" dpkg-query -W -f "$status" "${package%/*}" 2>/dev/null)" = installed ] || return 0
	done
	return 1
}

make_root() {
	[ ! -d "$root" ] || return 0
	command -v debootstrap >/dev/null ||
		skip "debootstrap to make a Debian $release root, get it with \"apt-get install debootstrap\""
	# Under another name until it is whole: an interrupted run leaves nothing that looks like a root.
	rm -rf "$root.partial"
	echo "$release: making $root"
	# Its script is the same for all; an older debootstrap has none under a newer release's name.
	if ! debootstrap --variant=minbase --force-check-gpg "$release" "$root.partial" '' sid >"$root.log" 2>&1; then
		tail -n 20 "$root.log" >&2
		exit 1
	fi
	mv "$root.partial" "$root"
}

# apt OPTION PACKAGE...: installs them. The index of a release that is still in the making runs out after a week, and a
# mirror may be that old.
apt() {
	if ! {
		inside apt-get update -q -o Acquire::Check-Valid-Until=false &&
			inside apt-get install -q -y --no-install-recommends "$@" &&
			inside apt-get clean
	} >>"$root.log" 2>&1; then
		tail -n 20 "$root.log" >&2
		exit 1
	fi
}

install_packages() {
	make_root
	lacks "$@" || return 0
	echo "$release: installing $*"
	# The network as this system reaches it.
	cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
	own=
	for package in "$@"; do
		case $package in */*) ;; *) own="$own $package" ;; esac
	done
	# shellcheck disable=SC2086 # a list of packages
	[ -z "$own" ] || apt --target-release "$release" $own
	for package in "$@"; do
		case $package in */*) ;; *) continue ;; esac
		from=${package#*/}
		sed "s| $release | $from |" "$root/etc/apt/sources.list" >"$root/etc/apt/sources.list.d/$from.list"
		apt "$package"
		printf 'Package: %s\nPin: release n=%s\nPin-Priority: 990\n' "${package%/*}" "$from" >"$root/etc/apt/preferences.d/${package%/*}"
	done
}

[ $# -ge 3 ] || usage
release=$1 action=$2
shift 2
root=${DEBIAN_ROOT:-$project/build/$release}
case $action in has) [ "$(id -u)" = 0 ] && [ -d "$root" ] || exit 1 ;; install | run) ;; *) usage ;; esac
[ "$(id -u)" = 0 ] || skip "root to make and enter a Debian $release root; run it as root"
mkdir -p "$(dirname "$root")"

# One lock beside the root. The commands don't inherit it, or a daemon of theirs would keep it.
exec 9>"$root.lock"
case $action in
has)
	flock -s 9
	! lacks "$@"
	;;
install)
	flock 9
	install_packages "$@" 9>&-
	;;
run)
	flock -s 9
	[ -d "$root" ] || skip "a Debian $release root, get it with \"tests/debian.sh $release install PACKAGE\""
	inside "$@" 9>&-
	;;
esac
