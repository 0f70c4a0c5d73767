/* SPDX-License-Identifier: Apache-2.0 */
/* Work inside of a container that runs. HOST only. */
#include "ops/enter.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "plan/namespace_types.h"
#include "steps/host/host.h"

int enter_check(const struct session *s, const char *verb, bool ignore_paused, struct error *e)
{
	if (s->status == OCI_STATUS_STOPPED || s->status == OCI_STATUS_CREATING)
		return error_set(e, ERROR_STATE, ESRCH, "cannot %s in a %s container: %s", verb,
			container_status_name(s->status), "container not running");
	if (s->status == OCI_STATUS_PAUSED && !ignore_paused)
		return error_set(e, ERROR_STATE, EBUSY,
			"cannot %s in a paused container (use --ignore-paused to override)", verb);
	return 0;
}

/* Until execve init has HOST's memory, which a change of ids has closed (dumpable, proc(5)) to all
 * without CAP_SYS_PTRACE where HOST was. Left open it would be so to those whom exec puts beside
 * it, with all its descriptors: CVE-2016-9962. */
static int namespace_failed(const struct session *s, int err, const char *path, struct error *e)
{
	if (err == ENOENT || err == ESRCH)
		return error_set(e, ERROR_STATE, ESRCH, "container not running");
	if (err == EACCES && s->status == OCI_STATUS_CREATED)
		return error_set(e, ERROR_STATE, err,
			"the container has to be started first: until then its process, which has "
			"become another user, shows its namespaces to root alone");
	return error_errno(e, err, "look at the namespace %s", path);
}

/* How long a `start` that goes on may take from its word to init, when the status becomes
 * "running", to the program: hooks and execve. */
enum { STARTING_MS = 1000 };

static int stat_namespace(const struct session *s, const char *path, struct stat *ret)
{
	const struct timespec moment = { .tv_nsec = 1000000 };
	for (int ms = 0; stat(path, ret) < 0; ms++) {
		if (errno != EACCES || s->status == OCI_STATUS_CREATED || ms >= STARTING_MS)
			return -errno;
		nanosleep(&moment, NULL);
	}
	return 0;
}

/* What counts is the kernel's answer, not the config: setns refuses a namespace that we share. */
int enter_namespaces(const struct session *s, int *ret_flags, struct error *e)
{
	int flags = 0;
	for (int t = 0; t < OCI_NS_COUNT; t++) {
		char theirs[64], ours[64];
		struct stat a, b;
		snprintf(theirs, sizeof theirs, "/proc/%lld/ns/%s", (long long)s->container.pid,
			namespace_types[t].file);
		snprintf(ours, sizeof ours, "/proc/self/ns/%s", namespace_types[t].file);
		/* neither: a type that this kernel does not have; any other answer may hide a
		 * namespace, and the process would run outside of it */
		if (stat(ours, &b) < 0) {
			int err = errno;
			if (err == ENOENT && stat(theirs, &a) < 0 && errno == ENOENT)
				continue;
			return error_errno(e, err, "look at the namespace %s", ours);
		}
		int r = stat_namespace(s, theirs, &a);
		if (r < 0)
			return namespace_failed(s, -r, theirs, e);
		if (a.st_ino != b.st_ino)
			flags |= namespace_types[t].flag;
	}
	*ret_flags = flags;
	return 0;
}

int enter_walk(const struct sequence *seq, struct actor_context *ctx, struct error *e)
{
	int pidfd = container_pidfd(ctx->host->container);
	if (pidfd == -ESRCH)
		return error_set(e, ERROR_STATE, ESRCH, "container not running");
	if (pidfd < 0)
		return error_errno(e, -pidfd, "open the container's process");
	ctx->slots[SLOT_JOIN] = pidfd;
	int r = sequence_walk(seq, ctx, e);
	close(pidfd);
	/* a PID namespace that ends gives no new process (ENOMEM) and kills those in it */
	if (r < 0 && !ctx->host->killed_for_memory && container_goes_on(ctx->host->container) == 0)
		error_prefix(e, "container not running");
	return r;
}
