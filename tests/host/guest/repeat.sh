# shellcheck shell=sh
# Sourced after compile.sh. repeat PROGRAM ARGUMENT...: 50 hosts, ten for each way in which they get
# the library, with the way as their first argument. What they print is in $printed; runs counts them.
runs=0
printed=$(mktemp)
trap 'rm -f "$printed"' EXIT
repeat() {
	program=$1
	shift
	for way in linked early late thread blocked; do
		started=$out/$program
		[ $way != linked ] || started=$started-linked
		i=0
		while [ $i -lt 10 ]; do
			timeout -s KILL 120 "$started" $way "$@" >>"$printed" || {
				echo "$program $way $*: exit status $?, run $i"
				exit 1
			}
			runs=$((runs + 1))
			i=$((i + 1))
		done
	done
}
# sum is that of the numbers they printed
sum() {
	awk '{ n += $1 } END { print n + 0 }' "$printed"
}
