/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --emulate-ids: what is pretended in a container that has a single id, and when it may be asked
 * for. PURE. The filter is security/id_emulation.c's.
 */
#include "plan/emulation.h"

#include <errno.h>
#include <string.h>

#include "plan/annotations.h"
#include "plan/decide.h"

static const char *const sentences[] = {
	"chown, fchown, lchown, fchownat succeed and change nothing",
	"setuid, setgid, setreuid, setregid, setresuid, setresgid, setfsuid, setfsgid, setgroups "
	"succeed and change nothing",
	"mknod, mknodat of devices succeed and make nothing",
	"apt does not change its user: APT::Sandbox::User in " EMULATION_APT_FILE
	", where the image has that directory",
};
enum { SENTENCES = sizeof sentences / sizeof sentences[0] };
const struct string_list emulation_sentences = { SENTENCES, (const char **)sentences };

int emulation_check_annotation(const char *path, const char *value, struct error *e)
{
	return !strcmp(value, "true") || !strcmp(value, "false")
		       ? 0
		       : error_field(e, path, "expected true or false, found '%s'", value);
}

bool emulation_is_asked(bool option, const struct string_map *annotations)
{
	const char *value = annotation_value(annotations, ANNOTATION_EMULATE_IDS);
	return option || (value && strcmp(value, "true") == 0);
}

static size_t ids_of(const struct oci_id_mapping_list *l)
{
	size_t n = 0;
	for (size_t i = 0; i < l->n; i++)
		n += l->v[i].size;
	return n;
}

/* Where ids can be changed for real, pretending would be a loss that nobody has asked for. */
int derive_emulation(struct decision *d, struct error *e)
{
	if (!d->choices->emulate_ids)
		return 0;
	if (d->ns.mode[OCI_NS_USER] == NS_KEEP)
		return error_field(e, "linux.namespaces",
			"--emulate-ids is for a container with one id: this one has no user "
			"namespace; --idmap=single gives it one");
	if (d->id_map && (ids_of(&d->id_map->uids) > 1 || ids_of(&d->id_map->gids) > 1))
		return error_field(e, "linux.uidMappings",
			"--emulate-ids is for a container with one id: this one has more, which "
			"need no emulation; leave it out, or add --idmap=single");
	return 0;
}

/* Before the config's own filter: what that refuses stays refused. security/id_emulation.h */
int decide_emulation(struct decision *d, struct error *e)
{
	if (!d->emulation || !d->process)
		return 0;
	struct step *s = plan_add(d, NULL, "pretend that owners and ids can be changed");
	if (s) {
		s->detail = plan_path(d, "%s\n%s\n%s\n", sentences[0], sentences[1], sentences[2]);
		s->u.seccomp.filter = d->emulation;
		s->u.seccomp.n = d->n_emulation;
	}
	return plan_status(d, e);
}

/*
 * apt(8) downloads as the user _apt and asks afterwards who it is: answers that no filter can give,
 * because it keeps no state. So apt is told to stay who it is, by its own setting for that.
 */
int decide_apt_setting(struct decision *d, struct error *e)
{
	if (!d->emulation || !d->process || !has_mount_namespace(d) || enters_container(d))
		return 0;
	struct step *s = plan_add(d, NULL, "bind a setting for apt on " EMULATION_APT_FILE);
	if (s) {
		s->detail = "APT::Sandbox::User \"root\"; nothing where the image has no such "
			    "directory\n";
		s->u.text.path = EMULATION_APT_FILE;
		s->u.text.value = "// ids are emulated here (oci-rt --emulate-ids): there is no "
				  "other user to become\nAPT::Sandbox::User \"root\";\n";
	}
	return plan_status(d, e);
}
