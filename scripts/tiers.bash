# SPDX-License-Identifier: Apache-2.0
# Sourced by scripts/test: one function a tier, which writes TAP. $RUN is the run's own directory.
# shellcheck shell=bash

. scripts/checks.bash

JOBS="$(nproc)"

skip_tier() {
	echo "ok all # skip $1"
	exit 0
}

needs_program() {
	local program
	for program in "$@"; do
		command -v "$program" >/dev/null || skip_tier "the program $program is not installed"
	done
}

is_root() {
	[ "$(id -u)" -eq 0 ]
}

needs_user() {
	if is_root; then
		[ -n "$TEST_USER" ] || skip_tier "useradd made no ordinary user; OCI_RT_TEST_USER names one"
		needs_program runuser
	fi
}

# as_user COMMAND...: with what a login gives and nothing of root's environment
as_user() {
	if is_root; then
		local uid home
		uid="$(id -u "$TEST_USER")"
		home="$(getent passwd "$TEST_USER" | cut -d: -f6)"
		install -d -m 0700 -o "$TEST_USER" -g "$(id -g "$TEST_USER")" "$RUN/r$uid"
		runuser -u "$TEST_USER" -- env -i HOME="$home" USER="$TEST_USER" LOGNAME="$TEST_USER" \
			PATH=/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin \
			XDG_RUNTIME_DIR="$RUN/r$uid" TMPDIR="$RUN/t" OCI_RT_RUN="$RUN" "$@"
	else
		"$@"
	fi
}

build_in() {
	local dir="$1"
	shift
	# --wipe would throw away what can be built on; a half-made directory cannot be
	[ ! -d "$dir" ] || [ -f "$dir/build.ninja" ] || rm -rf "$dir"
	if [ -d "$dir" ]; then
		meson configure "$dir" "$@"
	else
		meson setup "$dir" "$@"
	fi && ninja -C "$dir" -j "$JOBS"
}

has_cmocka() {
	pkg-config --exists cmocka 2>/dev/null
}

needs_cmocka() {
	has_cmocka || skip_tier "libcmocka-dev is not installed"
}

# -Dtests=...: without cmocka the runtime can be built, and tried end to end
with_tests() {
	if has_cmocka; then echo -Dtests=true; else echo -Dtests=false; fi
}

build_test() {
	build_in build-test -Dwerror=true "$(with_tests)"
}

build_asan() {
	# sanitizers bring symbols that only the final link has
	build_in build-asan -Dwerror=true "$(with_tests)" -Db_sanitize=address,undefined -Db_lundef=false
}

# Programs and tests where every user may read them, whatever the directory of the clone is.
publish() {
	local build="$1"
	rm -rf "$RUN/tree/tests" "$RUN/tree/docs"
	cp -r tests docs "$RUN/tree/" # a test holds the documents against what runs
	rm -f "$RUN/tree/oci-rt"
	install -m 0755 "$build/oci-rt" "$RUN/tree/oci-rt"
}

tier_packages() {
	local wanted=("${PACKAGES_BUILD[@]}" "${PACKAGES_TEST[@]}") missing
	compgen -G 'tests/clients/*.bats' >/dev/null && wanted+=("${PACKAGES_CLIENTS[@]}")
	if PACKAGES_LOG="$RUN/log/packages" install_packages "${wanted[@]}" >&2; then
		echo "ok all packages are installed"
	elif is_root; then
		echo "not ok packages can be installed"
	else
		mapfile -t missing < <(missing_packages "${wanted[@]}")
		echo "ok packages # skip not root, and missing: ${missing[*]}"
	fi
}

tier_format() {
	needs_program clang-format
	local files version
	# what one version wants another one changes: that of Debian 12 decides
	version="$(clang-format --version | sed 's/.*version \([0-9]*\).*/\1/')"
	[ "$version" = 14 ] || skip_tier "clang-format 14 decides, and here is $version"
	mapfile -t files < <(find libocispec src tests tools -name '*.[ch]' | sort)
	check "clang-format, ${#files[@]} files" clang-format --dry-run -Werror "${files[@]}"
}

tier_shell() {
	needs_program shellcheck
	local file
	for file in scripts/{coverage,demo,release,test} scripts/*.bash .ci/run tests/e2e/situations-peers \
		tests/oci-conformance/{run,view,prove,wrong-runtime} tests/bench/{run,density} tests/clients/remove-libpod-parent tests/vm/{build,run,stop,guest,machine.bash} tests/lint/interface.bash; do
		check "shellcheck $file" shellcheck -x "$file"
	done
}

tier_build() {
	needs_program meson ninja cc
	check "gcc, warnings are errors" build_test
}

# What is read by clang-tidy each time: what a container's files and processes come near to, and what runs beside
# them. OCI_RT_ANALYSIS=whole: all.
TIDY_FOLDERS=(src/fsroot src/security src/state src/steps/init src/sys)

# Another version finds other things: those of Debian 12 decide.
is_version() {
	[ "$1" = "$2" ] || {
		echo "ok $3 # skip version $2 decides, and here is $1"
		return 1
	}
}

# What is not so, and why: tests/lint/cppcheck.txt, tests/lint/analysis.txt, .clang-tidy
tier_analysis() {
	needs_program cppcheck gcc clang-tidy python3
	build_test >&2 || return 1
	local folders=("${TIDY_FOLDERS[@]}")
	[ "${OCI_RT_ANALYSIS:-}" != whole ] || folders=()
	if is_version "$(gcc -dumpversion | cut -d. -f1)" 12 "gcc -fanalyzer"; then
		check "gcc -fanalyzer" tests/lint/analysis.py gcc build-test
	fi
	if is_version "$(clang-tidy --version | sed -n 's/.*version \([0-9]*\).*/\1/p')" 14 clang-tidy; then
		check "clang-tidy ${folders[*]:-everywhere}" tests/lint/analysis.py clang-tidy build-test "${folders[@]}"
	fi
	check "cppcheck" cppcheck --quiet --std=c11 -j "$JOBS" --enable=warning,portability --error-exitcode=1 \
		--suppressions-list=tests/lint/cppcheck.txt -D_GNU_SOURCE -DWITH_DEFENCES=1 \
		-I. -Isrc -Ibuild-test libocispec src tools
}

# meson_tests BUILD TIER [OPTION...]: the tests of that suite, else those whose command names tests/TIER
meson_tests() {
	local build="$1" tier="$2" names
	needs_cmocka
	mapfile -t names < <(meson introspect --tests "$build" | python3 -c '
import json, re, sys
for t in json.load(sys.stdin):
    suites = [s.split(":")[1] for s in t["suite"] if ":" in s]
    places = re.findall(r"/tests/(\w+)", " ".join(t["cmd"])) or ["unit"]
    tiers = suites or ["golden" if "golden" in places else places[0]]
    if sys.argv[1] in ("all", *tiers):
        print(t["name"])' "$tier")
	[ "${#names[@]}" -gt 0 ] || skip_tier "no such tests"
	rm -f "$build/meson-logs/testlog.json"
	meson test -C "$build" --no-rebuild "${@:3}" "${names[@]}" >"$RUN/log/meson-$tier" 2>&1
	scripts/meson-tap "$build/meson-logs/testlog.json"
}

tier_lint() {
	build_test >&2 && meson_tests build-test lint
}

tier_unit() {
	build_test >&2 && meson_tests build-test unit
}

tier_golden() {
	build_test >&2 && meson_tests build-test golden
}

tier_asan() {
	check "gcc with address and undefined sanitizers" build_asan || return 1
	export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
	meson_tests build-asan all --timeout-multiplier 4
}

# run_bats AS FILE...: AS is env or as_user
run_bats() {
	local as="$1"
	shift
	(cd "$RUN/tree" && bats_twice "$as" OCI_RT="$RUN/tree/oci-rt" \
		TMPDIR="$RUN/t" OCI_RT_TEST_USER="$TEST_USER" "${BATS_ENV[@]}" bats --tap -- "$@")
}

# One of several that share standard input: COMMAND WORD... for each line that it takes.
lane() {
	local words
	exec 9>"$1"
	while flock 9 && read -r -a words; do
		flock -u 9
		"${@:2}" "${words[@]}" </dev/null 9>&-
	done
}

# in_lanes COUNT COMMAND [ARGUMENT...]: for each line of standard input, COUNT at once. LANE is 1 to COUNT.
in_lanes() {
	local turn
	turn="$(mktemp "$RUN/log/turn.XXXXXX")"
	for ((LANE = 1; LANE <= $1; LANE++)); do
		lane "$turn" "${@:2}" <&0 &
	done
	wait
}

# end_tap TAP STATUS [SECONDS]: what failed without saying so, says so
end_tap() {
	if [ "$2" -eq 124 ] && [ -n "${3:-}" ]; then
		echo "not ok ended after $3 seconds, the limit" >>"$1"
	elif [ "$2" -ne 0 ] && ! grep -q '^not ok' "$1"; then
		echo "not ok ended with status $2" >>"$1"
	fi
}

# show_tap TAP [SED SCRIPT]: in one piece, whoever else writes
show_tap() {
	flock "$RUN/print" sed -E "${2:-}" "$1"
}

# one_of COMMAND...: its TAP
one_of() {
	local tap status=0
	tap="$(mktemp "$RUN/log/tap.XXXXXX")"
	"$@" >"$tap" || status=$?
	end_tap "$tap" "$status"
	show_tap "$tap"
}

# As run_bats, two files at once, for tests that wait more than they work. Each file prints its own plan.
run_bats_two() {
	printf '%s\n' "${@:2}" | in_lanes 2 one_of run_bats "$1"
}

# as_user() runs a program: give it env, so that both forms take assignments
env_as_user() {
	as_user env "$@"
}

BATS_ENV=(LC_ALL=C)

tier_e2e_root() {
	is_root || skip_tier "needs root"
	needs_program bats jq
	build_test >&2 && publish build-test && run_bats_two env tests/e2e/*.bats
}

# Attacks: stopped by the build under test, and successful where a build leaves the defence out.
tier_hostile() {
	is_root || skip_tier "needs root"
	needs_program bats jq cc
	check "a build whose defences can be taken out" build_in build-undefended -Dwerror=true \
		-Dtests=false -Dundefended=true || return 1
	build_test >&2 && publish build-test || return 1
	BATS_ENV+=("OCI_RT_UNDEFENDED=$SOURCE/build-undefended/oci-rt")
	# an attack that is not stopped always is a failure
	unset CI
	run_bats_two env tests/hostile/{attacks,hold,images}.bats
}

# A sample; docs/SECURITY.md, Faults, says how the whole is run.
tier_faults() {
	is_root || skip_tier "needs root"
	[ "$(uname -m)" = x86_64 ] || skip_tier "tests/faults/inject.c is for x86-64"
	needs_program python3 busybox cc
	pkg-config --exists libseccomp 2>/dev/null || skip_tier "libseccomp-dev is not installed"
	build_test >&2 && publish build-test || return 1
	local flags=(-O1 -Wall -Wextra -Werror -D_GNU_SOURCE) runtime="$RUN/tree/oci-rt"
	check "inject" cc "${flags[@]}" -o "$RUN/inject" tests/faults/inject.c -lseccomp || return 1
	check "oom_preload" cc "${flags[@]}" -shared -fPIC -o "$RUN/oom.so" tests/faults/oom_preload.c ||
		return 1
	export TMPDIR="$RUN/t"
	# always the same cells, so that a red run is somebody's change
	local sample="--seed ${OCI_RT_FAULT_SEED:-20779} --sample"
	# these wait most of the time; the longest first
	{
		echo "tests/faults/matrix.py $runtime $RUN/inject $sample 8"
		echo "tests/faults/bus.py $runtime"
		echo "tests/faults/races.py $runtime --seconds 60"
		if [ -n "$TEST_USER" ]; then
			echo "as_user python3 $RUN/tree/tests/faults/matrix.py $runtime $RUN/inject $sample 16"
			echo "as_user python3 $RUN/tree/tests/faults/bus.py $runtime"
			echo "as_user python3 $RUN/tree/tests/faults/races.py $runtime --seconds 30"
		fi
		echo "tests/faults/matrix.py $runtime $RUN/inject --signals $sample 16"
		echo "tests/faults/oom.py $runtime $RUN/oom.so"
		echo "tests/faults/disk.py $runtime"
	} | in_lanes 3 one_of
}

# What needs no root. Files that become a user by themselves are in e2e-root.
tier_e2e_user() {
	needs_user
	needs_program bats jq
	local file files=()
	for file in tests/e2e/*.bats; do
		if grep -q '^setup_file() { user_setup_file; }' "$file"; then
			echo "ok $(basename "$file") # skip becomes a user by itself, in e2e-root"
		else
			files+=("$file")
		fi
	done
	build_test >&2 && publish build-test && run_bats env_as_user "${files[@]}"
}

# Reports go to files: the standard error of many commands here is expected output of the test, or that
# of a process nobody waits for. LeakSanitizer stops the process by ptrace to look at it, which is what
# a runtime forbids (it is not dumpable) and what a PID namespace hides: leaks are looked for in `asan`.
tier_e2e_asan() {
	is_root || skip_tier "needs root"
	needs_program bats jq
	local report
	build_asan >&2 && publish build-asan || return 1
	rm -f "$RUN"/sanitizer/*
	BATS_ENV+=("ASAN_OPTIONS=detect_leaks=0:exitcode=99:log_path=$RUN/sanitizer/report"
		"UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1:exitcode=99:log_path=$RUN/sanitizer/report")
	run_bats_two env tests/e2e/*.bats tests/hostile/images.bats tests/hostile/hold.bats
	for report in "$RUN"/sanitizer/*; do
		[ -e "$report" ] || continue
		echo "not ok sanitizer report $(basename "$report")"
		sed 's/^/# /' "$report"
	done
}

# conformance PROGRAM ARGUMENT...: of tests/oci-conformance, on the published runtime
conformance() {
	(cd "$RUN/tree" && env "${BATS_ENV[@]}" RUNTIME="$RUN/tree/oci-rt" TMPDIR="$RUN/t" \
		"tests/oci-conformance/$1" "${@:2}")
}

needs_conformance() {
	is_root || skip_tier "needs root"
	needs_program bats jq busybox unshare python3
	build_test >&2 && publish build-test
}

tier_conformance() {
	needs_conformance || return 1
	printf '%s\n' "$RUN"/tree/tests/oci-conformance/*.bats | in_lanes 2 one_of conformance run ''
}

# That the suite sees what a wrong runtime does.
tier_conformance_proof() {
	needs_conformance && conformance prove
}

# As root, and from there as a user: the files make one themselves.
tier_clients() {
	is_root || skip_tier "needs root"
	compgen -G 'tests/clients/*.bats' >/dev/null || skip_tier "no tests/clients/*.bats"
	needs_program bats jq podman
	build_test >&2 && publish build-test && run_bats env tests/clients/*.bats
}

# Files, as whom, seconds at most, and more for the environment. A row is taken only while all its seconds are left
# of the tier's, so that a slow machine does the first of them, and names the others. Files of one row share a
# machine, whose start costs 15 seconds.
VM_SECONDS=$((${OCI_RT_TIER_SECONDS:-1500} - 30))
VM_FILES=(
	"tests/clients/vm/podman.bats root 360"
	"tests/clients/vm/docker.bats alice 360"
	"tests/clients/vm/docker.bats root 360"
	"tests/clients/vm/podman.bats alice 360"
	"tests/clients/vm/containerd.bats,tests/clients/vm/cri.bats root 300"
	"tests/clients/vm/podman_services.bats,tests/clients/vm/buildah.bats alice 300"
	"tests/clients/vm/buildah.bats,tests/clients/podman_systemd.bats root 260"
	"tests/clients/vm/checkpoint.bats root 320"
	"tests/clients/vm/podman_services.bats root 180"
	"tests/e2e/systemd.bats root 260"
	"tests/e2e/config_lsm.bats,tests/e2e/cgroup_v2.bats,tests/e2e/oom.bats,tests/clients/vm/package.bats root 260"
	"tests/e2e/checkpoint.bats root 340"
	"tests/e2e/situations_vm.bats root 180"
	"tests/e2e/systemd_user.bats root 180"
	"tests/e2e/checkpoint_options.bats root 200"
	"tests/e2e/cgroup_v2.bats alice 120"
)

# OCI_RT_VM_RUNTIME=crun: the clients' files alone, with that runtime of the machine's, to see what they are worth.
vm_files() {
	if [ -n "${OCI_RT_VM_RUNTIME:-}" ]; then
		printf '%s\n' "${VM_FILES[@]}" | sed -n "s|^tests/clients/vm/.*|& OCI_RT_VM_RUNTIME=$OCI_RT_VM_RUNTIME|p"
	else
		printf '%s\n' "${VM_FILES[@]}"
	fi
}

# vm_guest LIMIT CPUS ARGUMENT...: tests/vm/guest's output, of a machine that nothing else ran in. Status 125: there is none.
vm_guest() {
	local limit="$1" cpus="$2"
	shift 2
	timeout 120 tests/vm/run --fresh 'tar -xf - -C /' <"$RUN/vm.tar" >&2 || return 125
	timeout "$limit" tests/vm/run "echo $((cpus - 1)) >/sys/devices/system/cpu/cpu1/online
		cd /opt/oci-rt && tests/vm/guest $*" </dev/null
}

# vm_row FILE[,FILE...] WHO LIMIT [NAME=VALUE...]
vm_row() {
	local list="$1" who="$2" limit="$3" tap status=0 name begin=$SECONDS cpus=2 last=
	local -x OCI_RT_VM_RUN="$RUN/vm-$LANE"
	shift 3
	name="$(sed -E 's|[a-z0-9_/]*/([a-z0-9_]+)\.bats|\1|g; s/,/, /g' <<<"$list") as $who"
	if [ "$((VM_SECONDS - SECONDS))" -lt "$limit" ]; then
		echo "ok $name # skip too little time is left in this tier"
		return
	fi
	tap="$(mktemp "$RUN/log/vm.XXXXXX")"
	# clients do one thing after the other: a second processor only costs, a quarter of the time
	[[ "$list" == tests/e2e/* ]] || cpus=1
	vm_guest "$limit" "$cpus" "$who" "$list" "CI=${CI:-}" "$@" >"$tap" || status=$?
	if [ "$status" -eq 124 ] && [ -n "${CI:-}" ] && [ "$((VM_SECONDS - SECONDS))" -ge "$limit" ]; then
		# an emulated machine may stop as a whole: once more, in another
		last="ended after $limit seconds, the limit; what came last: $(grep -E '^(not )?ok' "$tap" | tail -n 1)"
		status=0
		vm_guest "$limit" "$cpus" "$who" "$list" "CI=$CI" "$@" >"$tap" || status=$?
		printf 'not ok %s\n' "$last" >>"$tap"
		[ "$status" -ne 0 ] || printf 'unstable %s\n' "$last" >>"$tap"
	fi
	if [ "$status" -eq 125 ]; then
		echo "not ok $name: the machine could not be had"
		return
	fi
	end_tap "$tap" "$status" "$limit"
	echo "$name: $((SECONDS - begin)) of $limit seconds" >>"$RUN/vm.rows"
	show_tap "$tap" "s/^((not )?ok ([0-9]+ )?|unstable )/\\1$name: /"
}

# What the guest gets: the runtime and its drop-in as they are installed, and the tests.
pack_for_vm() {
	local dest="$RUN/vm-root"
	DESTDIR="$dest" meson install -C build-test --no-rebuild &&
		mkdir -p "$dest/opt/oci-rt" &&
		cp -r scripts tests docs "$dest/opt/oci-rt/" &&
		# of the tier package, where that ran
		{ [ ! -d "$RUN/deb" ] || cp "$RUN"/deb/oci-rt_*.deb "$dest/opt/oci-rt/"; } &&
		tar -C "$dest" --owner=0 --group=0 -cf "$RUN/vm.tar" .
}

needs_vm() {
	is_root || skip_tier "needs root"
	[ "$(uname -m)" = x86_64 ] || skip_tier "the machine is an x86-64 one"
	command -v apt-get >/dev/null || skip_tier "the machine is made from Debian's packages, by apt"
	PACKAGES_LOG="$RUN/log/packages-vm" install_packages "${PACKAGES_VM[@]}" >&2 ||
		skip_tier "cannot install ${PACKAGES_VM[*]}"
	export OCI_RT_VM="$SOURCE/build-vm" OCI_RT_VM_RUN="$RUN/vm"
}

# No tier of its own: scripts/test begins it early, for the time in which others wait.
tier_vm_image() {
	needs_vm
	exec tests/vm/build
}

# Real systemd, cgroup v2 alone, AppArmor and today's clients, in a machine that is made for it.
tier_vm() {
	local lane
	needs_vm
	[ "$VM_SECONDS" -ge 400 ] || skip_tier "too little time is left"
	check "the machine is built" tests/vm/build || return 1
	build_test >&2 && check "what is tested is packed" pack_for_vm || return 1
	vm_files | in_lanes 2 vm_row
	for lane in 1 2; do
		OCI_RT_VM_RUN="$RUN/vm-$lane" tests/vm/stop
	done
}

is_static() {
	! readelf -lW "$1" | grep -q INTERP && ! readelf -dW "$1" | grep -q NEEDED
}

# 608 KiB, stripped: it is mapped at each start. (glibc alone is more than that.)
is_small() {
	strip -o "$RUN/stripped" "$1" && [ "$(stat -c %s "$RUN/stripped")" -le 622592 ]
}

# The build that is measured (docs/PERFORMANCE.md) holds what the others hold.
tier_static() {
	needs_program readelf musl-gcc
	CC=musl-gcc check "static build with musl, warnings are errors" build_in build-musl -Dwerror=true \
		-Dtests=false -Dstatic=true --buildtype=minsize -Db_lto=true || return 1
	check "it loads nothing" is_static build-musl/oci-rt
	check "it is small" is_small build-musl/oci-rt
	check "it starts" env -i build-musl/oci-rt features
	# musl has no checked functions, and objects for lto carry no notes
	check "it is hardened" python3 tests/lint/hardening.py build-musl/oci-rt --without fortify
	is_root || return 0
	needs_program bats jq
	publish build-musl
	run_bats env tests/e2e/{cli,trace,lifecycle,config_process,config_seccomp_notify,state}.bats \
		tests/hostile/images.bats
}

# That it measures, not what: figures are for a quiet machine.
tier_bench() {
	is_root || skip_tier "needs root"
	needs_program gcc jq python3 busybox
	build_test >&2 || return 1
	check "tests/bench/run" env OCI_RT_TEST_USER="$TEST_USER" tests/bench/run -n 3 -l 20 -o "$RUN/bench" oci-rt=build-test/oci-rt
	check "tests/bench/density" tests/bench/density -n 20 build-test/oci-rt
}

# What is packed: the sources as they are here, without what was built.
copy_sources() {
	rm -rf "$1"
	mkdir -p "$1"
	if git ls-files 2>/dev/null | grep -q .; then
		git ls-files -z --cached --others --exclude-standard
	else
		find . -path './build*' -prune -o -type f -print0
	fi | tar --null --ignore-failed-read -T - -cf - | tar -C "$1" -xf -
}

# Beside the sources: ../oci-rt_VERSION_ARCH.deb and .changes
build_deb() {
	copy_sources "$RUN/deb/sources" && cd "$RUN/deb/sources" &&
		dpkg-buildpackage -b -us -uc -j"$JOBS"
}

says_nothing() {
	local output
	output="$("$@" 2>&1 | grep '^[EWI]:')"
	[ -z "$output" ] || {
		echo "$output"
		return 1
	}
}

# $RUN/deb/root is the package, unpacked
deb_has_all() {
	local root="$RUN/deb/root" command
	rm -rf "$root"
	dpkg-deb -x "$RUN"/deb/oci-rt_*.deb "$root" || return 1
	for command in $("$root/usr/bin/oci-rt" --help | sed -n '/^COMMANDS:/,/^$/ s/^   \([a-z]*\).*/-\1/p') ''; do
		[ -s "$root/usr/share/man/man1/oci-rt$command.1.gz" ] || {
			echo "no page oci-rt$command.1"
			return 1
		}
	done
	grep -qx 'oci-rt = \["/usr/bin/oci-rt"\]' "$root"/etc/containers/containers.conf.d/50-oci-rt.conf &&
		[ -s "$root/usr/share/bash-completion/completions/oci-rt" ] &&
		[ -s "$root/usr/share/zsh/site-functions/_oci-rt" ] &&
		[ -s "$root/usr/share/fish/vendor_completions.d/oci-rt.fish" ] &&
		[ "$(dpkg-deb -f "$RUN"/deb/oci-rt_*.deb Version)" = \
			"$("$root/usr/bin/oci-rt" --version | sed -n '1s/.* //p')" ]
}

# Neither takes a file of the other's: both are installed, and ours goes again without a trace.
deb_goes_beside_peers() {
	local root="$RUN/deb/host" dpkg before
	rm -rf "$root"
	mkdir -p "$root"/var/lib/dpkg/{info,updates} "$root"/usr/bin "$root"/usr/sbin
	: >"$root/var/lib/dpkg/status"
	touch "$root"/usr/bin/crun "$root"/usr/sbin/runc
	dpkg=(dpkg --root="$root" --force-depends --force-not-root --log=/dev/null)
	before="$(find "$root" -path "$root/var" -prune -o -type f -print)"
	"${dpkg[@]}" -i "$RUN"/deb/oci-rt_*.deb && "$root/usr/bin/oci-rt" features >/dev/null &&
		"${dpkg[@]}" -P oci-rt &&
		[ "$before" = "$(find "$root" -path "$root/var" -prune -o -type f -print)" ]
}

# Beside the sources: RPMS/ARCH/oci-rt-VERSION-RELEASE.ARCH.rpm
build_rpm() {
	local top="$RUN/rpm" version
	version="$(sed -n 's/^Version: *//p' packaging/oci-rt.spec)"
	rm -rf "$top"
	copy_sources "$top/oci-rt-$version" && mkdir "$top/SOURCES" &&
		tar -C "$top" -czf "$top/SOURCES/oci-rt-$version.tar.gz" "oci-rt-$version" &&
		rpmbuild -bb --nodeps --define "_topdir $top" --define "_tmppath $top" packaging/oci-rt.spec
}

# rpm_holds FILE MODE: with that mode, and root's
rpm_holds() {
	rpm -qp --qf '[%{FILENAMES} %{FILEMODES:octal} %{FILEUSERNAME} %{FILEGROUPNAME}\n]' "$RUN"/rpm/RPMS/*/*.rpm |
		grep -qxF "$1 $2 root root"
}

# All files of the Debian package but what each system has its own place or form for, and nothing else.
rpm_has_all() {
	local root="$RUN/rpm/root" other="$RUN/deb/root" rpm=("$RUN"/rpm/RPMS/*/*.rpm)
	mkdir -p "$root"
	rpm2cpio "${rpm[0]}" | (cd "$root" && cpio -idm --quiet) || return 1
	files_of() {
		(cd "$1" && find . -type f ! -path './usr/share/doc/*' ! -path './usr/share/licenses/*' ! -path './usr/share/lintian/*') |
			sed 's/\.gz$//' | sort
	}
	diff <(files_of "$other") <(files_of "$root") &&
		compgen -G "$root/usr/share/licenses/oci-rt*/LICENSE" && compgen -G "$root/usr/share/doc/oci-rt*/docs/SECURITY.md" &&
		rpm_holds /usr/bin/oci-rt 100755 && rpm_holds /etc/containers/containers.conf.d/50-oci-rt.conf 100644 &&
		grep -qx 'oci-rt = \["/usr/bin/oci-rt"\]' "$root"/etc/containers/containers.conf.d/50-oci-rt.conf &&
		[ "$(rpm -qp --configfiles "${rpm[@]}")" = /etc/containers/containers.conf.d/50-oci-rt.conf ] &&
		[ "$(rpm -qp --qf '%{VERSION}' "${rpm[@]}")" = "$("$root/usr/bin/oci-rt" --version | sed -n '1s/.* //p')" ] &&
		"$root/usr/bin/oci-rt" features >/dev/null
}

# By rpm itself, with a data base of its own; nothing of it stays behind.
rpm_comes_and_goes() {
	local root="$RUN/rpm/host"
	mkdir -p "$root"/usr/bin "$root/db"
	touch "$root"/usr/bin/crun "$root"/usr/bin/runc
	local rpm=(rpm --root="$root" --dbpath /db)
	"${rpm[@]}" -i --nodeps "$RUN"/rpm/RPMS/*/*.rpm && "${rpm[@]}" -V --nodeps oci-rt &&
		"$root/usr/bin/oci-rt" features >/dev/null && "${rpm[@]}" -e oci-rt &&
		[ "$(find "$root" -path "$root/db" -prune -o -type f -print | sort)" = "$root/usr/bin/crun
$root/usr/bin/runc" ]
}

check_rpm() {
	command -v rpmbuild >/dev/null || {
		echo "ok the RPM # skip the program rpmbuild is not installed"
		return
	}
	check "the RPM builds" build_rpm || return 1
	check "it has what the Debian package has" rpm_has_all
	check "it is installed beside crun and runc, and removed" rpm_comes_and_goes
}

tarball_runs() {
	local root="$RUN/release/root"
	mkdir -p "$root"
	(cd "$RUN/release" && sha256sum -c ./*.sha256) && tar -C "$root" -xzf "$RUN"/release/*.tar.gz &&
		is_static "$root/usr/local/bin/oci-rt" &&
		env -i "$root/usr/local/bin/oci-rt" features >/dev/null &&
		[ -s "$root/usr/local/share/man/man1/oci-rt-run.1.gz" ]
}

tier_package() {
	command -v apt-get >/dev/null || skip_tier "the packages are Debian's"
	PACKAGES_LOG="$RUN/log/packages" install_packages "${PACKAGES_PACKAGE[@]}" >&2 ||
		skip_tier "cannot install ${PACKAGES_PACKAGE[*]}"
	check "the Debian package builds" build_deb || return 1
	check "lintian has nothing to say" says_nothing lintian "$RUN"/deb/*.changes
	check "it has the program, its pages, completions and drop-in" deb_has_all
	check "it is installed beside crun and runc, and removed" deb_goes_beside_peers
	check_rpm
	check "the release tarball, built twice, is the same" scripts/release "$RUN/release" || return 1
	check "it loads nothing, and runs" tarball_runs
}

says_disabled() {
	"$1" --version | grep -q -e '-SECCOMP' &&
		"$1" features | tr -d ' \n' | grep -q '"seccomp":{"enabled":false}.*"apparmor":{"enabled":false}.*"selinux":{"enabled":false}'
}

tier_options() {
	check "all features disabled: builds, warnings are errors" build_in build-minimal \
		-Dwerror=true "$(with_tests)" -Dseccomp=disabled -Dapparmor=disabled \
		-Dselinux=disabled || return 1
	check "features and --version say so" says_disabled build-minimal/oci-rt
	meson_tests build-minimal unit
}

tier_clang() {
	needs_program clang
	CC=clang check "clang, warnings are errors" build_in build-clang -Dwerror=true "$(with_tests)"
}

run_fuzzer() {
	local name="${1##*/fuzz_}"
	mkdir -p "$RUN/corpus/$name" "tests/fuzz/seeds/$name"
	check "fuzz_$name, 20 seconds" "$1" -max_total_time=20 -rss_limit_mb=2048 -dict="$RUN/dictionary" \
		-artifact_prefix="$RUN/log/" "$RUN/corpus/$name" "tests/fuzz/seeds/$name"
}

tier_fuzz() {
	needs_program clang
	needs_cmocka
	CC=clang check "fuzzers build" build_in build-fuzz -Dtests=true -Dfuzz=true \
		-Db_sanitize=address,undefined -Db_lundef=false || return 1
	# every word of the tables of names and of options
	grep -oh '"[A-Za-z][A-Za-z0-9_./-]*"' libocispec/*.c libocispec/runtime/*.c src/cli/cmd_*.c \
		src/state/state_json.c | sort -u >"$RUN/dictionary"
	find build-fuzz/tests/fuzz -type f -name 'fuzz_*' -perm -u+x | sort | in_lanes 2 one_of run_fuzzer
}

installed_right() {
	local dest="$RUN/dest" file
	DESTDIR="$dest" meson install -C build-test --no-rebuild
	for file in usr/local/bin/oci-rt etc/containers/containers.conf.d/50-oci-rt.conf \
		usr/local/share/doc/oci-rt/{LICENSE,README.md,docs/SECURITY.md}; do
		[ -s "$dest/$file" ] || {
			echo "missing: $file"
			find "$dest" -type f
			return 1
		}
	done
	grep -qx 'oci-rt = \["/usr/local/bin/oci-rt"\]' "$dest"/etc/containers/containers.conf.d/*
}

tier_install() {
	build_test >&2 && check "meson install puts what packages expect" installed_right
}

# A process of this run: its environment, command line or root file system names the run's directory.
processes_of_run() {
	local dir pid mark="${RUN##*/}"
	for dir in /proc/[0-9]*; do
		pid="${dir#/proc/}"
		[ "$pid" -ne $$ ] && [ "$pid" -ne "$PPID" ] || continue
		if grep -qsaF "$mark" "$dir/mountinfo" "$dir/cmdline" ||
			{ [ "$(stat -c %u "$dir" 2>/dev/null)" != 0 ] &&
				grep -qsaF "$mark" "$dir/environ"; } ||
			grep -qsa "^OCI_RT=.*$mark\|OCI_RT=/tmp/$mark" "$dir/environ"; then
			echo "$pid $(tr '\0' ' ' <"$dir/cmdline" 2>/dev/null)"
		fi
	done 2>/dev/null | grep -v "$SOURCE/scripts/test" || true
}

tier_leftovers() {
	check "no process is left" is_empty_soon processes_of_run
	check "no cgroup is left" is_empty_soon new_cgroups
	check "no mount is left" is_empty_soon new_mounts
	check "no state is left" is_empty_soon new_states
}
