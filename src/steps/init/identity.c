/* SPDX-License-Identifier: Apache-2.0 */
/* Ids, capabilities, limits of the process itself. Runs as INIT: no allocation, no stdio. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "steps/actor.h"
#include "sys/constants.h"
#include "sys/process.h"

/*
 * Needs: nothing. After: init dies with HOST, leads a session, has default signals and umask 0.
 * HOST may have died before the prctl: the next meeting finds the channel closed then.
 */
int act_prepare_init(struct actor_context *ctx, const struct step *step)
{
	int r = sys_prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (r < 0)
		return act_failed(ctx, "prctl(PR_SET_PDEATHSIG)", r);
	struct sigaction dfl = { .sa_handler = SIG_DFL };
	for (int s = 1; s < 32; s++)
		if (s != SIGKILL && s != SIGSTOP && sigaction(s, &dfl, NULL) < 0)
			return act_failed(ctx, "sigaction", -errno);
	sigset_t none;
	sigemptyset(&none);
	if (sigprocmask(SIG_SETMASK, &none, NULL) < 0)
		return act_failed(ctx, "sigprocmask", -errno);
	umask(0);
	return setsid() < 0 ? act_failed(ctx, "setsid", -errno) : 0;
}

/* Changing ids clears the parent death signal (prctl(2)): it is set again after each change. */
static int die_with_parent(struct actor_context *ctx)
{
	int r = sys_prctl(PR_SET_PDEATHSIG, SIGKILL);
	return r < 0 ? act_failed(ctx, "prctl(PR_SET_PDEATHSIG)", r) : 0;
}

/* A user namespace that was joined may not map 0 (EINVAL): the ids of whoever made it are as good.
 */
int act_become_root(struct actor_context *ctx, const struct step *step)
{
	int r = sys_set_ids(0, 0);
	if (r < 0 && r != -EINVAL)
		return act_failed(ctx, "setresuid", r);
	return die_with_parent(ctx);
}

/* From here on init outlives HOST. Until the meeting that follows it still ends with the channel.
 */
int act_live_on(struct actor_context *ctx, const struct step *step)
{
	int r = sys_prctl(PR_SET_PDEATHSIG, 0);
	return r < 0 ? act_failed(ctx, "prctl(PR_SET_PDEATHSIG)", r) : 0;
}

/*
 * ENOSYS: a kernel without keyrings. EPERM: an outer container's seccomp profile refuses keyctl,
 * and by inheritance to everything in here: there is no keyring to keep apart then.
 */
int act_keyring(struct actor_context *ctx, const struct step *step)
{
	int r = sys_join_session_keyring(step->u.text.value);
	if (r == -EDQUOT)
		return act_message(ctx, ERROR_SYSTEM, EDQUOT,
			"make a session keyring: the user's quota of keys is used up; raise "
			"kernel.keys.maxkeys or use --no-new-keyring",
			NULL);
	return r < 0 && r != -ENOSYS && r != -EPERM ? act_failed(ctx, "keyctl", r) : 0;
}

int act_umask(struct actor_context *ctx, const struct step *step)
{
	umask((mode_t)step->u.number);
	return 0;
}

int act_rlimit(struct actor_context *ctx, const struct step *step)
{
	int r = sys_prlimit(0, step->u.rlimit.resource, step->u.rlimit.soft, step->u.rlimit.hard);
	return r < 0 ? act_failed(ctx, "setrlimit", r) : 0;
}

int act_bounding_set(struct actor_context *ctx, const struct step *step)
{
	for (unsigned cap = 0; cap < 64; cap++) {
		if (!(step->u.caps.bounding_drop >> cap & 1))
			continue;
		int r = sys_prctl(PR_CAPBSET_DROP, cap);
		if (r < 0) /* those that the kernel does not have are not planned */
			return act_failed(ctx, "prctl(PR_CAPBSET_DROP)", r);
	}
	return 0;
}

/*
 * user_namespaces(7): where an unprivileged process has written the gid_map, setgroups is denied
 * for good. A namespace that was joined tells that only from the inside.
 */
static bool setgroups_is_denied(const struct actor_context *ctx)
{
	char answer = 0;
	AUTO_CLOSE int fd =
		openat(ctx->slots[SLOT_PROC], "self/setgroups", O_RDONLY | O_NOCTTY | O_CLOEXEC);
	return fd >= 0 && read(fd, &answer, 1) == 1 && answer == 'd';
}

static int set_groups(struct actor_context *ctx, const struct identity_step *id)
{
	int r = id->set_groups ? sys_setgroups(id->n_groups, id->groups) : 0;
	if (r == -EPERM && id->n_groups == 0 && setgroups_is_denied(ctx))
		return 0;
	return r < 0 ? act_failed(ctx, "setgroups", r) : 0;
}

/* Needs: the bounding set is done (it takes CAP_SETPCAP). After: keeps its permitted capabilities
 * through the change of ids, for act_capabilities to choose from. */
int act_identity(struct actor_context *ctx, const struct step *step)
{
	const struct identity_step *id = &step->u.identity;
	int r = sys_prctl(PR_SET_KEEPCAPS, 1);
	if (r < 0)
		return act_failed(ctx, "prctl(PR_SET_KEEPCAPS)", r);
	if ((r = set_groups(ctx, id)) < 0)
		return r;
	if ((r = sys_setgid(id->gid)) < 0)
		return act_failed(ctx, "setresgid", r);
	if ((r = sys_setuid(id->uid)) < 0)
		return act_failed(ctx, "setresuid", r);
	sys_prctl(PR_SET_KEEPCAPS, 0);
	return die_with_parent(ctx);
}

int act_capabilities(struct actor_context *ctx, const struct step *step)
{
	struct cap_sets caps = {
		.effective = step->u.caps.effective,
		.permitted = step->u.caps.permitted,
		.inheritable = step->u.caps.inheritable,
	};
	int r = sys_capset(&caps);
	if (r < 0)
		return act_failed(ctx, "capset", r);
	r = sys_prctl5(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	if (r < 0 && r != -EINVAL)
		return act_failed(ctx, "prctl(PR_CAP_AMBIENT)", r);
	for (unsigned cap = 0; cap < 64; cap++) {
		if (!(step->u.caps.ambient >> cap & 1))
			continue;
		r = sys_prctl5(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0);
		if (r < 0)
			return act_failed(ctx, "prctl(PR_CAP_AMBIENT)", r);
	}
	return 0;
}

/* Needs: CAP_CHOWN still. A file system or a user namespace may refuse: then it is as it would be
 * without. Mustn't: touch /dev/null, which is everybody's, or a terminal, which is the user's. */
int act_stdio_owner(struct actor_context *ctx, const struct step *step)
{
	for (int fd = 0; fd < 3; fd++) {
		struct stat st;
		if (fstat(fd, &st) < 0 || S_ISCHR(st.st_mode) || st.st_uid == step->u.identity.uid)
			continue;
		if (fchown(fd, step->u.identity.uid, (gid_t)-1) < 0 && errno != EPERM &&
			errno != EINVAL && errno != EROFS)
			return act_failed(ctx, "fchown", -errno);
	}
	return 0;
}

int act_no_new_privs(struct actor_context *ctx, const struct step *step)
{
	int r = sys_prctl(PR_SET_NO_NEW_PRIVS, 1);
	return r < 0 ? act_failed(ctx, "prctl(PR_SET_NO_NEW_PRIVS)", r) : 0;
}
