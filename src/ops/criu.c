/* SPDX-License-Identifier: Apache-2.0 */
/* What checkpoint and restore have in common. HOST only. */
#include "ops/criu.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/identity.h"
#include "base/io.h"
#include "base/log.h"
#include "criu/swrk.h"
#include "plan/annotations.h"

int criu_check_rights(const char *verb, struct error *e)
{
	if (is_real_root())
		return 0;
	return error_set(e, ERROR_UNSUPPORTED, EOPNOTSUPP,
		"%s works for the host's root alone: criu cannot save or make the mounts and "
		"namespaces of a container without root's rights",
		verb);
}

static int check_host(const char *verb, struct arena *arena, struct error *e)
{
	int r = criu_check_rights(verb, e);
	if (r == 0)
		r = criu_check_version(arena, e);
	return r < 0 ? r : criu_check_works(arena, e);
}

int op_check_checkpoint(struct arena *arena, struct error *e)
{
	return check_host("checkpoint", arena, e);
}

int op_check_restore(struct arena *arena, struct error *e)
{
	return check_host("restore", arena, e);
}

int criu_check_config(const struct oci_config *config, struct error *e)
{
	if (!annotation_value(&config->annotations, ANNOTATION_LANDLOCK))
		return 0;
	return error_unsupported(e, "annotations.org.oci-rt.landlock",
		"CRIU does not save Landlock's rules: what is restored would be without them");
}

const char *criu_config_file(const struct string_map *annotations)
{
	static const char *const files[] = { "/etc/criu/oci-rt.conf", "/etc/criu/runc.conf" };
	const char *asked = annotation_value(annotations, ANNOTATION_CRIU_CONFIG);
	if (asked)
		return *asked ? asked : NULL;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		if (access(files[i], F_OK) == 0)
			return files[i];
	return NULL;
}

static int open_one(const char *path, bool make, int *ret, struct error *e)
{
	int n = (int)strlen(path);
	int r = make ? io_make_directories(path, 0700, &n) : 0;
	if (r < 0)
		return error_errno(e, -r, "make the directory %.*s", n, path);
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return error_errno(e, errno, "open the directory %s", path);
	*ret = fd;
	return 0;
}

int criu_open_directories(const struct criu_common_options *o, bool make, int *ret_images,
	int *ret_work, struct error *e)
{
	const char *images = o->image_path ? o->image_path : "checkpoint";
	int r = open_one(images, make, ret_images, e);
	/* logs are new files, also of a restore */
	return r < 0 || !o->work_path ? r : open_one(o->work_path, true, ret_work, e);
}

void criu_debug_request(struct arena *arena, const struct criu_request *request)
{
	const char *text = criu_request_text(arena, request);
	while (text && *text) {
		size_t n = strcspn(text, "\n");
		log_debug("criu request: %.*s", (int)n, text);
		text += n + (text[n] == '\n');
	}
}
