/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AppArmor profiles, SELinux labels of the process, its keyring and its file systems. What cannot
 * be applied to the process is an error: these are security controls.
 * PURE. spec: config.md#linux-process (apparmorProfile, selinuxLabel),
 * config-linux.md#mount-label
 */
#include <string.h>

#include "plan/annotations.h"
#include "plan/decide.h"

static int must_be_on(enum lsm_state state, const char *name, const char *path, struct error *e)
{
	if (state == LSM_NOT_BUILT)
		return error_unsupported(e, path, "this oci-rt was built without %s", name);
	if (state == LSM_OFF)
		return error_unsupported(e, path,
			"%s is not enabled in this kernel, so that this cannot be applied", name);
	return 0;
}

static const char *apparmor_profile(const struct decision *d)
{
	const char *profile = d->process ? d->process->apparmor_profile : NULL;
	return profile && *profile ? profile : NULL;
}

static const char *process_label(const struct decision *d)
{
	const char *label = d->process ? d->process->selinux_label : NULL;
	return label && *label ? label : NULL;
}

/* A label protects nothing where nobody looks at it: there it is left out, and that is told. */
static int derive_mount_label(struct decision *d, struct error *e)
{
	const char *label = decision_linux(d)->mount_label;
	if (!label || !*label)
		return 0;
	if (d->host->selinux == LSM_NOT_BUILT)
		return must_be_on(LSM_NOT_BUILT, "SELinux", "linux.mountLabel", e);
	if (d->host->selinux == LSM_OFF) {
		plan_degraded(d, "linux.mountLabel: file systems are not labelled: SELinux is not "
				 "enabled in this kernel");
		return 0;
	}
	d->mount_label = label;
	/* "context" fixes the label of all files, the others leave room */
	const char *key = annotation_value(&d->config->annotations, ANNOTATION_MOUNT_CONTEXT);
	d->mount_label_key = key ? key : "context";
	return 0;
}

int derive_labels(struct decision *d, struct error *e)
{
	int r = 0;
	if (apparmor_profile(d))
		r = must_be_on(d->host->apparmor, "AppArmor", "process.apparmorProfile", e);
	if (r == 0 && process_label(d))
		r = must_be_on(d->host->selinux, "SELinux", "process.selinuxLabel", e);
	return r < 0 || d->choices->verb == VERB_EXEC ? r : derive_mount_label(d, e);
}

bool plan_takes_label(const struct decision *d, const struct mount_options *o, const char *type)
{
	/* SELinux labels these by the kernel's own rules and refuses a context for them */
	static const char *const own_rules[] = { "proc", "sysfs", "cgroup", "cgroup2", "mqueue" };
	if (!d->mount_label)
		return false;
	for (unsigned i = 0; i < sizeof own_rules / sizeof own_rules[0]; i++)
		if (strcmp(type, own_rules[i]) == 0)
			return false;
	/* the mount's own label: the kernel refuses a second */
	for (size_t i = 0; i < o->data.n; i++) {
		const char *at = strstr(o->data.v[i], "context=");
		if (at && strcspn(o->data.v[i], "=") == (size_t)(at - o->data.v[i]) + 7)
			return false;
	}
	return true;
}

/* A new keyring takes the label of who makes it, and the labelled process could not use it. */
int decide_keyring_label(struct decision *d, struct error *e)
{
	if (process_label(d) && !d->choices->no_new_keyring) {
		struct step *s = plan_add(
			d, "process.selinuxLabel", "label the keyring %s", process_label(d));
		if (s) {
			s->u.text.path = "self/attr/keycreate";
			s->u.text.value = process_label(d);
		}
	}
	return plan_status(d, e);
}

int decide_apparmor(struct decision *d, struct error *e)
{
	const char *profile = apparmor_profile(d);
	if (profile) {
		struct step *s = plan_add(d, "process.apparmorProfile",
			"execute under the AppArmor profile %s", profile);
		if (s) {
			/* the second is where it was before Linux 5.8 */
			s->u.text.path = "self/attr/apparmor/exec";
			s->u.text.fallback = "self/attr/exec";
			s->u.text.value = plan_path(d, "exec %s", profile);
		}
	}
	return plan_status(d, e);
}

int decide_selinux(struct decision *d, struct error *e)
{
	const char *label = process_label(d);
	if (label) {
		struct step *s = plan_add(
			d, "process.selinuxLabel", "execute under the SELinux label %s", label);
		if (s) {
			s->u.text.path = "self/attr/exec";
			s->u.text.value = label;
		}
	}
	return plan_status(d, e);
}
