# SPDX-License-Identifier: Apache-2.0
# Attacks that are carried out twice: on the runtime, which stops them, and on a build that can be asked
# to leave one defence out (-Dundefended=true), where they succeed. One that succeeds nowhere proves
# nothing.
# shellcheck shell=bash

load ../e2e/helpers

UNDEFENDED="${OCI_RT_UNDEFENDED:-${RT%/*/*}/build-undefended/oci-rt}"

# For setup_file(): programs of attackers, static, so that they run in any root file system.
attack_setup_file() {
	export ATTACKERS="$BATS_FILE_TMPDIR" ATTACK_SKIP=
	command -v cc >/dev/null || ATTACK_SKIP="needs a C compiler"
	[ -x "$UNDEFENDED" ] || ATTACK_SKIP="needs a build with -Dundefended=true, OCI_RT_UNDEFENDED names it"
	[ -z "$ATTACK_SKIP" ] || return 0
	local source
	for source in "$BATS_TEST_DIRNAME"/attackers/*.c; do
		cc -O2 -Wall -static -o "$ATTACKERS/$(basename "$source" .c)" "$source" || return 1
	done
	cc -O2 -Wall -shared -fPIC -DPRELOADED -o "$ATTACKERS/preloaded.so" \
		"$BATS_TEST_DIRNAME/attackers/overwrite.c"
}

attack_setup() {
	[ -z "$ATTACK_SKIP" ] || skip "$ATTACK_SKIP"
	container_setup
	DEFENDED="$RT"
	OUT="$BATS_TEST_TMPDIR/outside"
}

# What every attack begins with.
attack_fresh() {
	local id
	for id in $("$RT" --root "$ROOT" list -q 2>/dev/null); do
		"$RT" --root "$ROOT" delete --force "$id"
	done
	rm -rf "$B" "$OUT"
	make_bundle "$B"
	mkdir "$OUT"
	echo original >"$OUT/file"
	REACHED=
}

# reached COMMAND...: the end of an attack; the command says whether it got what it wanted.
reached() {
	REACHED=no
	if "$@"; then
		REACHED=yes
	fi
}

output_has() {
	echo "status $status, output: $output"
	[[ "$output" == *$1* ]]
}

# proven DEFENCE ATTACK...: with the defence the attack is stopped, without it succeeds.
proven() {
	local defence="$1"
	shift
	echo "with $defence:"
	attack_fresh
	"$@"
	[ "$REACHED" = no ]
	attack_fresh
	echo "without $defence:"
	RT="$UNDEFENDED"
	export OCI_RT_WITHOUT="$defence"
	"$@"
	[ "$REACHED" = yes ]
	attack_fresh
	unset OCI_RT_WITHOUT
	RT="$DEFENDED"
}
