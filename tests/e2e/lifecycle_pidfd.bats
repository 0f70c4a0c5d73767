#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# --pidfd-socket and its annotation: who asked for it gets a descriptor of the process.
# Run: OCI_RT=build/oci-rt bats tests/e2e/lifecycle_pidfd.bats

bats_require_minimum_version 1.5.0

load helpers

setup() {
	container_setup
	needs "$PYTHON"
	set_args sleep 1000
}
teardown() { container_teardown; }

# receive SOCKET LOG: the descriptor's process and the data that came with it; a SIGKILL through the
# descriptor once the file "kill" is there
receive() {
	"$PYTHON" - "$1" "$2" 3>&- >"$2.out" 2>&1 <<-'PY' &
		import array, os, signal, socket, sys, time
		s = socket.socket(socket.AF_UNIX)
		s.bind(sys.argv[1])
		s.listen(1)
		c, _ = s.accept()
		data, control, _, _ = c.recvmsg(256, socket.CMSG_SPACE(64))
		fds = array.array("i")
		for _, _, content in control:
		    fds.frombytes(content)
		pid = [l.split()[1] for l in open(f"/proc/self/fdinfo/{fds[0]}") if l.startswith("Pid:")][0]
		with open(sys.argv[2] + ".new", "w") as f:
		    f.write(f"{len(fds)} {pid} {data.decode()} {len(c.recv(9))}")
		os.rename(sys.argv[2] + ".new", sys.argv[2])
		while not os.path.exists("kill"):
		    time.sleep(0.02)
		signal.pidfd_send_signal(fds[0], signal.SIGKILL)
	PY
	PIDS+=($!)
	until_true 5 test -S "$1"
}

received() {
	until_true 5 test -e "$1"
	[ "$(cat "$1")" = "$2" ]
}

@test "create: a pidfd of the container's process, over a long path" {
	local long
	long="$(printf '%0120d' 0)"
	mkdir "$long"
	# not in a subshell, where teardown would not hear of the process
	cd "$long"
	receive s "$BATS_TEST_TMPDIR/log"
	cd ..
	create_container --pidfd-socket "$long/s"
	received log "1 $(pid_of "$ID") standard 0"
	has_status "$ID" created
}

@test "run, and the annotation beside it" {
	receive "$BATS_TEST_TMPDIR/a" log.a
	receive "$BATS_TEST_TMPDIR/b.sock" log.b
	edit --arg s "$BATS_TEST_TMPDIR/b.sock" '.annotations["run.oci.pidfd_receiver"] = $s'
	rt_live run -d -b "$B" --pidfd-socket a "$ID"
	succeeds
	received log.a "1 $(pid_of "$ID") standard 0"
	received log.b "1 $(pid_of "$ID") standard 0"
	touch kill
	until_true 5 has_status "$ID" stopped
}

@test "exec: a pidfd of the new process" {
	start_container
	receive s log
	rt_live exec -d --pid-file pid --pidfd-socket s "$ID" sleep 1000
	succeeds
	received log "1 $(cat pid) setns 0"
	touch kill
	until_true 5 is_gone "$(cat pid)"
	has_status "$ID" running
}

@test "nobody there: nothing is made" {
	rt create -b "$B" --pidfd-socket "$BATS_TEST_TMPDIR/s" "$ID"
	fails_with "send a pidfd of the process to $BATS_TEST_TMPDIR/s: connect: no such file or directory"
	assert_nothing_left
	edit '.annotations["run.oci.pidfd_receiver"] = "s"'
	rt create -b "$B" "$ID"
	fails_like "config.json:*: annotations.run.oci.pidfd_receiver: 's' is not an absolute path"
}
