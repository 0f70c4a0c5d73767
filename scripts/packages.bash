# SPDX-License-Identifier: Apache-2.0
# Sourced by scripts/demo and scripts/test: Debian's packages by what they are for, and how to get those
# that are missing. Nothing here asks a question.

# shellcheck disable=SC2034 # the sourcing script uses them

# The runtime itself.
PACKAGES_BUILD=(gcc libc6-dev meson ninja-build pkg-config libyajl-dev libseccomp-dev libsystemd-dev)
# scripts/test
PACKAGES_TEST=(libcmocka-dev python3 clang clang-format libclang-rt-dev bats jq procps util-linux
	shellcheck busybox-static uidmap mmdebstrap binutils iproute2 passwd
	strace mount musl-tools cppcheck clang-tidy)
# tests/clients
PACKAGES_CLIENTS=(podman conmon crun slirp4netns fuse-overlayfs netavark aardvark-dns
	catatonit)
# debian/, packaging/ and scripts/release
PACKAGES_PACKAGE=(debhelper dpkg-dev lintian musl-tools rpm cpio)
# tests/vm/build and run
PACKAGES_VM=(qemu-system-x86 mmdebstrap debian-archive-keyring e2fsprogs openssh-client zstd xz-utils
	socat cpio)

is_installed() {
	# a virtual package such as pkg-config counts through the one that provides it
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ] ||
		dpkg-query -W -f '${db:Status-Status} ${Provides}\n' 2>/dev/null |
		grep -Eq "^installed .*\\b$1\\b"
}

# missing_packages NAME...: those that are not installed, one per line
missing_packages() {
	local name
	for name in "$@"; do
		is_installed "$name" || echo "$name"
	done
}

# install_packages NAME...: makes sure of them or says in one line what is missing. Status 1: not all there.
install_packages() {
	local missing sudo=()
	mapfile -t missing < <(missing_packages "$@")
	[ "${#missing[@]}" -gt 0 ] || return 0
	if ! command -v apt-get >/dev/null; then
		# another distribution: what counts is whether the programs are there; meson says what isn't
		return 0
	fi
	if [ "$(id -u)" -ne 0 ]; then
		if ! command -v sudo >/dev/null || ! sudo -n true 2>/dev/null; then
			echo "missing packages; as root: apt-get install --no-install-recommends ${missing[*]}" >&2
			return 1
		fi
		sudo=(sudo -n)
	fi
	echo "installing ${missing[*]}"
	local apt=("${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y
		-o DPkg::Lock::Timeout=120 -o Acquire::Retries=3)
	if ! { "${apt[@]}" install --no-install-recommends "${missing[@]}" ||
		{ "${apt[@]}" update && "${apt[@]}" install --no-install-recommends "${missing[@]}"; }; } \
		>"${PACKAGES_LOG:-/dev/null}" 2>&1 </dev/null; then
		tail -n 5 "${PACKAGES_LOG:-/dev/null}" >&2
		echo "could not install ${missing[*]}" >&2
		return 1
	fi
}
