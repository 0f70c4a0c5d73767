# SPDX-License-Identifier: Apache-2.0
# Sourced by build, run and stop: one virtual machine under QEMU, without KVM and without network.
# shellcheck shell=bash

# OCI_RT_VM: where the image is; OCI_RT_VM_RUN: the running machine's own files. Both may be absent.
HERE="$(dirname "$(realpath "${BASH_SOURCE[0]}")")"
VM="$(realpath -m "${OCI_RT_VM:-$HERE/../../build-vm}")"
VM_RUN="$(realpath -m "${OCI_RT_VM_RUN:-$VM/run}")"
# a saved machine can be resumed only by one with the same hardware
HARDWARE=(-machine pc -cpu Nehalem -smp 2 -m 3G -accel "tcg,thread=multi,tb-size=512"
	-nodefaults -no-user-config -display none)

die() {
	echo "${0##*/}: $*" >&2
	exit 125
}

is_running() {
	[ -s "$VM_RUN/pid" ] && grep -qsF -- "$VM_RUN/pid" "/proc/$(cat "$VM_RUN/pid")/cmdline"
}

# One connection is kept, so that only the first command pays for the key exchange.
guest() {
	ssh -F none -i "$VM/key" -p "$(cat "$VM_RUN/port")" -o ControlPath="$VM_RUN/ssh" -o LogLevel=ERROR \
		-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o IdentitiesOnly=yes \
		-o BatchMode=yes -o KexAlgorithms=curve25519-sha256 -o ConnectTimeout=5 root@127.0.0.1 "$@"
}

connect() {
	guest -o ControlMaster=yes -o ControlPersist=yes -fN </dev/null >/dev/null 2>&1
}

disconnect() {
	[ ! -S "$VM_RUN/ssh" ] || guest -O exit >/dev/null 2>&1 || true
}

monitor() {
	echo "$1" | socat -t 0.5 - "UNIX-CONNECT:$VM_RUN/monitor"
}

monitor_says() {
	monitor "$1" 2>/dev/null | grep -q "$2"
}

# start_machine [QEMU OPTION...]
start_machine() {
	local try
	mkdir -p "$VM_RUN"
	[ "$(printf %s "$VM_RUN/monitor" | wc -c)" -lt 88 ] || die "OCI_RT_VM_RUN is too long for sockets: $VM_RUN"
	for try in 1 2 3 4; do
		[ "$try" -lt 4 ] || die "QEMU did not start: $(cat "$VM_RUN/qemu.err")"
		# whether the port is free is found out by taking it
		shuf -i 20000-29999 -n 1 >"$VM_RUN/port"
		TMPDIR="$VM_RUN" qemu-system-x86_64 "${HARDWARE[@]}" \
			-kernel "$VM/vmlinuz" -initrd "$VM/initrd" -append "$(cat "$VM/cmdline")" \
			-drive "file=$VM/root.img,format=raw,if=virtio,cache=unsafe,discard=unmap" \
			-netdev "user,id=n,restrict=on,hostfwd=tcp:127.0.0.1:$(cat "$VM_RUN/port")-:22" \
			-device virtio-net-pci,netdev=n,romfile= -device virtio-rng-pci \
			-serial "file:$VM_RUN/console" -monitor "unix:$VM_RUN/monitor,server=on,wait=off" \
			-daemonize -pidfile "$VM_RUN/pid" "$@" 2>"$VM_RUN/qemu.err" && break
	done
	wait_for_machine
	guest "date -s @$(date +%s) >/dev/null; systemctl is-system-running --wait" </dev/null >/dev/null ||
		die "the guest's systemd is not content; its console: $VM_RUN/console"
}

wait_for_machine() {
	local end=$((SECONDS + 450))
	until monitor_says 'info status' 'status: running' && connect; do
		is_running || die "QEMU ended: $(cat "$VM_RUN/qemu.err")"
		[ "$SECONDS" -lt "$end" ] || die "the guest did not answer in 450 s; its console: $VM_RUN/console"
		sleep 0.3
	done
}

# Also where the guest hangs: nothing of it is kept.
stop_machine() {
	local pid
	is_running || return 0
	pid="$(cat "$VM_RUN/pid")"
	disconnect
	kill "$pid"
	while [ -d "/proc/$pid" ]; do sleep 0.1; done
	rm -f "$VM_RUN/pid"
}

# Writes the memory of the running machine, which ends with it.
save_machine() {
	disconnect
	sleep 2 # its session ends
	monitor 'migrate_set_parameter max-bandwidth 8G' >/dev/null
	monitor "migrate -d \"exec:zstd -q -3 -T2 >'$VM/memory.new'\"" >/dev/null
	until monitor_says 'info migrate' 'status: completed'; do
		! monitor_says 'info migrate' 'status: failed' || die "the machine's memory could not be saved"
		is_running || die "QEMU ended: $(cat "$VM_RUN/qemu.err")"
		sleep 0.3
	done
	stop_machine
	mv "$VM/memory.new" "$VM/memory.zst"
}
