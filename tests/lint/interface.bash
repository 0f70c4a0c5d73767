#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Manual pages and completions: every command and option that --help has is in each, and the programs that
# read them take them. Prints a line for each fault and ends with 1 if there is one.
# usage: interface.bash OCI-RT DIRECTORY
set -u
RT="$1" DIR="$2" FAULTS=0

fault() {
	echo "$*"
	FAULTS=1
}

# equals WHAT EXPECTED FOUND
equals() {
	[ "$2" = "$3" ] || fault "$1: expected '$2', found '$3'"
}

# options COMMAND...: the long ones of its --help
options() {
	"$RT" "$@" --help | sed -n '/OPTIONS:$/,$ s/^ *\(-., \)\?--\([a-z0-9-]*\).*/\2/p'
}

commands() {
	"$RT" --help | sed -n '/^COMMANDS:/,/^$/ s/^   \([a-z]*\).*/\1/p'
}

# roff writes a minus as \-
has_man() {
	grep -qF -- "\\-\\-${2//-/\\-}" "$DIR/$1.1" || fault "$1.1: no --$2"
}

check_texts() {
	local command option n=0
	for option in $(options); do
		has_man oci-rt "$option"
		grep -q -- "--${option}[[ '}]" "$DIR/_oci-rt" || fault "zsh: no --$option"
	done
	for command in $(commands); do
		[ -s "$DIR/oci-rt-$command.1" ] || fault "no page for $command"
		grep -q "oci.-rt.-$command" "$DIR/oci-rt.1" || fault "oci-rt.1: no $command"
		for option in $(options "$command"); do
			n=$((n + 1))
			has_man "oci-rt-$command" "$option"
			[ "$option" = help ] ||
				grep -Eq -- "seen_subcommand_from ${command}[^']*' -l $option " "$DIR/oci-rt.fish" ||
				fault "fish: no --$option of $command"
		done
	done
	[ "$n" -gt 50 ] || fault "only $n options found in the texts of --help"
}

# complete_bash WORD...: what is offered for the last one
complete_bash() {
	COMP_WORDS=("$RT" "$@")
	COMP_CWORD=$#
	COMPREPLY=()
	_oci_rt
	echo "${COMPREPLY[*]}"
}

check_bash() {
	local command option state
	state="$(mktemp -d)"
	mkdir -m 0700 "$state/some-id"
	echo '{"version":1,"container":{"id":"some-id","bundle":"/b","created":"2026-01-02T03:04:05Z","ownerUid":0,
		"pid":0,"startTime":0,"ownPidNamespace":false,"cgroup":{"manager":"disabled"}}}' \
		>"$state/some-id/state.json"
	echo '{"ociVersion":"1.3.0"}' >"$state/some-id/config.json"
	# shellcheck disable=SC1091
	. "$DIR/oci-rt"
	equals "bash: a command" "exec events explain" "$(complete_bash e)"
	equals "bash: names of values" "json" "$(complete_bash --log-format j)"
	equals "bash: a global option" "--rootless" "$(complete_bash --rootl)"
	equals "bash: behind a global option" "features" "$(complete_bash --root /x --debug fea)"
	equals "bash: an option" "--preserve-fds" "$(complete_bash exec --pres)"
	equals "bash: none of another command's" "" "$(complete_bash kill --pres)"
	equals "bash: a directory" "/usr" "$(complete_bash run -b /us)"
	equals "bash: an id" "some-id" "$(complete_bash --root "$state" kill --all so)"
	equals "bash: an id behind a word" "some-id" "$(complete_bash --root "$state" mounts add so)"
	equals "bash: none is wanted for a new container" "" "$(complete_bash --root "$state" create so)"
	for command in $(commands); do
		for option in $(options "$command"); do
			[[ " $(complete_bash "$command" "--$option") " = *" --$option "* ]] ||
				fault "bash: no --$option of $command"
		done
	done
	rm -r "$state"
}

check_programs() {
	local page
	if command -v groff >/dev/null; then
		for page in "$DIR"/*.1; do
			equals "groff $(basename "$page")" "" "$(groff -man -Tutf8 -ww -z "$page" 2>&1)"
		done
	fi
	if command -v zsh >/dev/null; then
		equals "zsh" "" "$(zsh -fn "$DIR/_oci-rt" 2>&1)"
	fi
	if command -v fish >/dev/null; then
		equals "fish" "" "$(fish -n "$DIR/oci-rt.fish" 2>&1)"
		equals "fish: an option" "--preserve-fds" \
			"$(PATH="$(dirname "$RT"):$PATH" fish --no-config -c "source $DIR/oci-rt.fish; complete -C 'oci-rt exec --pres'" |
				cut -f 1)"
	fi
}

check_texts
check_bash
check_programs
exit "$FAULTS"
