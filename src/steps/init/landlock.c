/* SPDX-License-Identifier: Apache-2.0 */
/* Landlock. Runs as INIT: no allocation, no stdio. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "steps/init/init.h"
#include "sys/landlock.h"

/* The rights that a file has which is no directory: the kernel refuses others with EINVAL. */
enum { OF_FILES = 1 << 0 | 1 << 1 | 1 << 2 | 1 << 14 | 1 << 15 };

static int allow_beneath(struct actor_context *ctx, int ruleset, const char *path, uint64_t allowed)
{
	struct stat st;
	AUTO_CLOSE int fd = open(path, O_PATH | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return act_message(ctx, ERROR_SYSTEM, errno, "Landlock: open ", path,
			" in the container: ", errno_text(errno), NULL);
	if (!S_ISDIR(st.st_mode))
		allowed &= OF_FILES;
	int r = allowed ? sys_landlock_allow_beneath(ruleset, fd, allowed) : 0;
	return r < 0 ? act_failed(ctx, "landlock_add_rule", r) : 0;
}

/* Needs: no_new_privs or CAP_SYS_ADMIN, the container's root, ids that may reach the paths.
 * After: what the rules don't allow is refused, to us too. */
int act_landlock(struct actor_context *ctx, const struct step *step)
{
	const struct landlock_step *l = step->u.landlock;
	AUTO_CLOSE int ruleset = sys_landlock_create_ruleset(l->version, l->fs, l->net, l->scoped);
	if (ruleset < 0)
		return act_failed(ctx, "landlock_create_ruleset", ruleset);
	for (size_t i = 0; i < l->n_rules; i++) {
		const struct landlock_rule *rule = &l->rules[i];
		int r = rule->path ? allow_beneath(ctx, ruleset, rule->path, rule->allowed)
				   : sys_landlock_allow_port(ruleset, rule->port, rule->allowed);
		if (r < 0)
			return rule->path ? r : act_failed(ctx, "landlock_add_rule", r);
	}
	int r = sys_landlock_restrict_self(ruleset);
	return r < 0 ? act_failed(ctx, "landlock_restrict_self", r) : 0;
}
