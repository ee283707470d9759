# shellcheck shell=sh
# Sourced by the scripts that build. run COMMAND...: runs it, or with DRY_RUN=1 prints it.
run() {
	if [ "${DRY_RUN:-}" != 1 ]; then
		"$@"
		return
	fi
	for word in "$@"; do
		case $word in
		"" | *[!A-Za-z0-9_./=,:+@-]*) printf "'%s' " "$(printf %s "$word" | sed "s/'/'\\\\''/g")" ;;
		*) printf '%s ' "$word" ;;
		esac
	done
	echo
}
