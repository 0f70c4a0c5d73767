/* SPDX-License-Identifier: Apache-2.0 */
/* Security modules at restore, before CRIU is asked. HOST only. */
#include <errno.h>
#include <string.h>

#include "host/lsm.h"
#include "ops/criu.h"

static int must_be_on(enum lsm_state state, const char *option, const char *module, struct error *e)
{
	if (state == LSM_ON)
		return 0;
	return error_set(e, ERROR_UNSUPPORTED, EOPNOTSUPP,
		state == LSM_OFF ? "option '%s': %s is not enabled in this kernel"
				 : "option '%s': this oci-rt was built without %s",
		option, module);
}

static const char *profile_of(const char *lsm_profile)
{
	static const char apparmor[] = "apparmor:";
	return strncmp(lsm_profile, apparmor, sizeof apparmor - 1) == 0
		       ? lsm_profile + sizeof apparmor - 1
		       : NULL;
}

/* "TYPE:NAME" */
static int check_option(const char *text, const struct host_facts *host, struct error *e)
{
	static const char option[] = "--lsm-profile";
	if (strncmp(text, "none:", 5) == 0)
		return 0;
	if (strncmp(text, "selinux:", 8) == 0)
		return must_be_on(host->selinux, option, "SELinux", e);
	if (!profile_of(text))
		return error_set(e, ERROR_USAGE, EINVAL,
			"option '%s': expected apparmor:NAME, selinux:LABEL or none:, found '%s'",
			option, text);
	int r = must_be_on(host->apparmor, option, "AppArmor", e);
	if (r < 0)
		return r;
	/* what else there may be, the policy says to the container's process and not to us */
	if (host_apparmor_knows(profile_of(text)) == -ENOENT)
		return error_set(e, ERROR_SYSTEM, ENOENT,
			"option '%s': the profile '%s' is not loaded in the kernel", option,
			profile_of(text));
	return 0;
}

static int check_config(const char *profile, const struct host_facts *host, struct error *e)
{
	if (host->apparmor != LSM_ON || host_apparmor_knows(profile) != -ENOENT)
		return 0;
	return error_field(e, "process.apparmorProfile", "it is not loaded in the kernel");
}

int criu_check_labels(
	const struct restore_options *o, const struct oci_config *config, struct error *e)
{
	const char *profile = config->process ? config->process->apparmor_profile : NULL;
	struct host_facts host = { 0 };
	host_probe_lsm(true, true, false, &host);
	int r = o->lsm_mount_context ? must_be_on(host.selinux, "--lsm-mount-context", "SELinux", e)
				     : 0;
	if (r < 0)
		return r;
	if (o->lsm_profile)
		return check_option(o->lsm_profile, &host, e);
	return profile && *profile ? check_config(profile, &host, e) : 0;
}
