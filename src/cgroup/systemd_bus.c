/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Units of systemd's, by its D-Bus interface, org.freedesktop.systemd1(5). Runs in HOST.
 * Mustn't poll: systemd says when a job is done.
 */
#include "cgroup/systemd_bus.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cgroup/act.h"
#include "cgroup/systemd_connect.h"

static const char destination[] = "org.freedesktop.systemd1";
static const char object[] = "/org/freedesktop/systemd1";
static const char manager[] = "org.freedesktop.systemd1.Manager";

static void error_release(sd_bus_error *e)
{
	lib.sd_bus_error_free(e);
}
#define AUTO_BUS_ERROR __attribute__((cleanup(error_release)))

static void message_release(sd_bus_message **m)
{
	if (*m)
		lib.sd_bus_message_unref(*m);
}
#define AUTO_MESSAGE __attribute__((cleanup(message_release)))

/* systemd's words, where it has any. */
static int failed(
	const sd_bus_error *said, int r, struct error *e, const char *what, const char *on)
{
	if (!said->message)
		return error_errno(e, -r, "%s %s", what, on);
	error_set(e, ERROR_SYSTEM, -r, "%s %s: systemd: %s", what, on, said->message);
	return r;
}

/* ---- jobs ---- */

struct job {
	const char *path;
	char result[24]; /* "done", "failed", "timeout" ...; "": not yet */
};

static int job_removed(sd_bus_message *m, void *arg, sd_bus_error *said)
{
	struct job *job = arg;
	const char *path, *unit, *result;
	uint32_t id;
	if (lib.sd_bus_message_read(m, "uoss", &id, &path, &unit, &result) >= 0 && job->path &&
		strcmp(job->path, path) == 0)
		snprintf(job->result, sizeof job->result, "%s", result);
	return 0;
}

/* Before the job is made, so that none can end unseen. */
static int watch_jobs(const struct connection *c, struct job *job, struct error *e)
{
	/* without a bus messages have no sender */
	int r = SYSTEMD_ASK(c, sd_bus_match_signal, NULL, c->is_direct ? NULL : destination, object,
		manager, "JobRemoved", job_removed, job);
	return r < 0 ? error_errno(e, -r, "listen for systemd's jobs") : 0;
}

/* Needs: job.path. Signals that came with the reply are in sd-bus' queue still. */
static int wait_for_job(
	const struct connection *c, struct job *job, const char *unit, struct error *e)
{
	int patience = systemd_patience_ms(SYSTEMD_JOB);
	long long deadline = cgroup_clock_ms() + patience;
	while (!job->result[0]) {
		int r = lib.sd_bus_process(c->bus, NULL);
		long long left = deadline - cgroup_clock_ms();
		if (r == 0 && left > 0)
			r = lib.sd_bus_wait(c->bus, (uint64_t)left * 1000);
		if (r < 0 && r != -EINTR)
			return error_errno(e, -r, "wait for systemd and %s", unit);
		if (left <= 0) {
			systemd_heard(c, -ETIMEDOUT);
			return error_set(e, ERROR_SYSTEM, ETIMEDOUT,
				"systemd has not finished with %s in %d seconds", unit,
				patience / 1000);
		}
	}
	return 0;
}

/* ---- messages ---- */

static int append_value(sd_bus_message *m, const struct systemd_value *v)
{
	char signature[3] = { (char)v->type, '\0' };
	union {
		int b;
		int32_t i;
		uint32_t u;
	} small;
	switch (v->type) {
	case SYSTEMD_BOOL:
		small.b = v->u.b;
		return lib.sd_bus_message_append(m, "v", signature, small.b);
	case SYSTEMD_I32:
		small.i = (int32_t)v->u.i;
		return lib.sd_bus_message_append(m, "v", signature, small.i);
	case SYSTEMD_U32:
		small.u = (uint32_t)v->u.u;
		return lib.sd_bus_message_append(m, "v", signature, small.u);
	case SYSTEMD_I64:
		return lib.sd_bus_message_append(m, "v", signature, v->u.i);
	case SYSTEMD_U64:
		return lib.sd_bus_message_append(m, "v", signature, v->u.u);
	case SYSTEMD_STRING:
		return lib.sd_bus_message_append(m, "v", signature, v->u.s);
	case SYSTEMD_STRINGS:
	case SYSTEMD_BYTES:
	case SYSTEMD_DOUBLE:
		break;
	}
	if (v->type == SYSTEMD_DOUBLE)
		return -EINVAL;
	bool is_bytes = v->type == SYSTEMD_BYTES;
	int r = lib.sd_bus_message_open_container(m, 'v', is_bytes ? "ay" : "as");
	if (r >= 0 && is_bytes)
		r = lib.sd_bus_message_append_array(m, 'y', v->u.bytes.v, v->u.bytes.n);
	else if (r >= 0)
		r = lib.sd_bus_message_open_container(m, 'a', "s");
	for (size_t i = 0; r >= 0 && !is_bytes && i < v->u.strings.n; i++)
		r = lib.sd_bus_message_append_basic(m, 's', v->u.strings.v[i]);
	if (r >= 0 && !is_bytes)
		r = lib.sd_bus_message_close_container(m);
	return r < 0 ? r : lib.sd_bus_message_close_container(m);
}

static int append_property(sd_bus_message *m, const struct systemd_property *p)
{
	int r = lib.sd_bus_message_open_container(m, 'r', "sv");
	if (r >= 0)
		r = lib.sd_bus_message_append_basic(m, 's', p->name);
	if (r >= 0)
		r = append_value(m, &p->value);
	return r < 0 ? r : lib.sd_bus_message_close_container(m);
}

/* a(sv); pid 0: none */
static int append_properties(
	sd_bus_message *m, const struct systemd_properties *list, pid_t pid, struct error *e)
{
	int r = lib.sd_bus_message_open_container(m, 'a', "(sv)");
	for (size_t i = 0; r >= 0 && i < list->n; i++) {
		r = append_property(m, &list->v[i]);
		if (r == -EINVAL && list->v[i].json_path)
			return error_field(e, list->v[i].json_path,
				"the value cannot be sent on the bus (is it UTF-8?)");
	}
	if (r >= 0 && pid > 0)
		r = lib.sd_bus_message_append(m, "(sv)", "PIDs", "au", 1, (uint32_t)pid);
	if (r >= 0)
		r = lib.sd_bus_message_close_container(m);
	return r < 0 ? error_errno(e, -r, "put a message for systemd together") : 0;
}

static int new_call(
	const struct connection *c, const char *method, sd_bus_message **ret, struct error *e)
{
	int r = lib.sd_bus_message_new_method_call(
		c->bus, ret, destination, object, manager, method);
	return r < 0 ? error_errno(e, -r, "put a message for systemd together") : 0;
}

/* ---- units ---- */

static void reset_failed(const struct connection *c, const char *name)
{
	SYSTEMD_ASK(c, sd_bus_call_method, destination, object, manager, "ResetFailedUnit", NULL,
		NULL, "s", name);
}

static int start_message(const struct connection *c, const struct systemd_unit *unit, pid_t pid,
	sd_bus_message **ret, struct error *e)
{
	int r = new_call(c, "StartTransientUnit", ret, e);
	if (r < 0)
		return r;
	r = lib.sd_bus_message_append(*ret, "ss", unit->name, "replace");
	if (r >= 0)
		r = append_properties(*ret, &unit->properties, unit->is_slice ? 0 : pid, e);
	/* no auxiliary units */
	if (r >= 0)
		r = lib.sd_bus_message_append(*ret, "a(sa(sv))", 0);
	return r < 0 ? r : 0;
}

static int call_start(const struct connection *c, const struct systemd_unit *unit, pid_t pid,
	struct job *job, struct error *e, bool *ret_exists)
{
	AUTO_MESSAGE sd_bus_message *m = NULL;
	AUTO_MESSAGE sd_bus_message *reply = NULL;
	AUTO_BUS_ERROR sd_bus_error said = SD_BUS_ERROR_NULL;
	const char *path;
	int r = start_message(c, unit, pid, &m, e);
	if (r < 0)
		return r;
	r = SYSTEMD_ASK(c, sd_bus_call, m, 0, &said, &reply);
	*ret_exists = lib.sd_bus_error_has_name(&said, "org.freedesktop.systemd1.UnitExists") != 0;
	if (r < 0)
		return failed(&said, r, e, "start the unit", unit->name);
	if (lib.sd_bus_message_read(reply, "o", &path) < 0)
		return error_set(e, ERROR_SYSTEM, EPROTO, "systemd's answer is not understood");
	AUTO_FREE char *kept = strdup(path);
	if (!kept)
		return error_errno(e, ENOMEM, "start the unit %s", unit->name);
	job->path = kept;
	r = wait_for_job(c, job, unit->name, e);
	job->path = NULL;
	return r;
}

/* Its object's path, to be freed. -ENOENT: there is none. */
static int find_unit(const struct connection *c, const char *name, char **ret, struct error *e)
{
	AUTO_MESSAGE sd_bus_message *reply = NULL;
	AUTO_BUS_ERROR sd_bus_error said = SD_BUS_ERROR_NULL;
	const char *path;
	int r = SYSTEMD_ASK(c, sd_bus_call_method, destination, object, manager, "GetUnit", &said,
		&reply, "s", name);
	if (lib.sd_bus_error_has_name(&said, "org.freedesktop.systemd1.NoSuchUnit"))
		return -ENOENT;
	if (r < 0)
		return failed(&said, r, e, "look for the unit", name);
	*ret = lib.sd_bus_message_read(reply, "o", &path) < 0 ? NULL : strdup(path);
	return *ret ? 0 : error_errno(e, ENOMEM, "look for the unit %s", name);
}

static int stop_job(const struct connection *c, const char *name, struct error *e)
{
	AUTO_MESSAGE sd_bus_message *reply = NULL;
	AUTO_BUS_ERROR sd_bus_error said = SD_BUS_ERROR_NULL;
	struct job job = { 0 };
	const char *path;
	int r = watch_jobs(c, &job, e);
	if (r < 0)
		return r;
	r = SYSTEMD_ASK(c, sd_bus_call_method, destination, object, manager, "StopUnit", &said,
		&reply, "ss", name, "replace");
	/* its last process has just gone */
	if (lib.sd_bus_error_has_name(&said, "org.freedesktop.systemd1.NoSuchUnit"))
		return 0;
	if (r < 0)
		return failed(&said, r, e, "stop the unit", name);
	if (lib.sd_bus_message_read(reply, "o", &path) < 0)
		return error_set(e, ERROR_SYSTEM, EPROTO, "systemd's answer is not understood");
	AUTO_FREE char *kept = strdup(path);
	if (!kept)
		return error_errno(e, ENOMEM, "stop the unit %s", name);
	job.path = kept;
	r = wait_for_job(c, &job, name, e);
	job.path = NULL;
	reset_failed(c, name);
	return r;
}

/* Everything after relies on the planned place: limits written elsewhere would be another's. */
static int check_place(const struct connection *c, const struct systemd_unit *unit, struct error *e)
{
	AUTO_BUS_ERROR sd_bus_error said = SD_BUS_ERROR_NULL;
	AUTO_FREE char *path = NULL;
	AUTO_FREE char *found = NULL;
	int r = find_unit(c, unit->name, &path, e);
	if (r == -ENOENT)
		return error_set(e, ERROR_SYSTEM, ESRCH,
			"the unit %s has ended as soon as it was started", unit->name);
	if (r < 0)
		return r;
	r = SYSTEMD_ASK(c, sd_bus_get_property_string, destination, path,
		unit->is_slice ? "org.freedesktop.systemd1.Slice"
			       : "org.freedesktop.systemd1.Scope",
		"ControlGroup", &said, &found);
	if (r < 0)
		return failed(&said, r, e, "ask for the cgroup of", unit->name);
	if (strcmp(found, unit->path) != 0)
		return error_set(e, ERROR_SYSTEM, EPROTO,
			"systemd has put the unit %s into the cgroup '%s', not into %s", unit->name,
			found, unit->path);
	return 0;
}

int systemd_start(const struct systemd_unit *unit, pid_t pid, struct error *e)
{
	AUTO_CONNECTION struct connection c = { 0 };
	struct job job = { 0 };
	bool exists = false;
	int r = systemd_connect(unit->is_user, &c, e);
	if (r == 0)
		r = watch_jobs(&c, &job, e);
	if (r < 0)
		return r;
	r = call_start(&c, unit, pid, &job, e, &exists);
	if (r < 0 && exists) {
		/* a unit that has failed stays until somebody has looked at it */
		reset_failed(&c, unit->name);
		r = call_start(&c, unit, pid, &job, e, &exists);
	}
	if (r < 0 && exists)
		return -EEXIST; /* another's: leave it alone */
	if (r == 0 && strcmp(job.result, "done") != 0)
		r = error_set(e, ERROR_SYSTEM, EIO, "start the unit %s: systemd says '%s'",
			unit->name, job.result);
	if (r == 0)
		r = check_place(&c, unit, e);
	/* a job that has not ended, or a unit that is not where it should be */
	if (r < 0) {
		stop_job(&c, unit->name, NULL);
		reset_failed(&c, unit->name);
	}
	return r;
}

static bool has_description(const struct connection *c, const char *path, const char *wanted)
{
	AUTO_FREE char *found = NULL;
	int r = SYSTEMD_ASK(c, sd_bus_get_property_string, destination, path,
		"org.freedesktop.systemd1.Unit", "Description", NULL, &found);
	return r >= 0 && wanted && strcmp(found, wanted) == 0;
}

int systemd_stop(const char *name, const char *description, bool is_user, struct error *e)
{
	AUTO_CONNECTION struct connection c = { 0 };
	AUTO_FREE char *path = NULL;
	int r = systemd_connect(is_user, &c, e);
	if (r == 0)
		r = find_unit(&c, name, &path, e);
	if (r == -ENOENT)
		return 0;
	if (r == 0 && !has_description(&c, path, description))
		return 1;
	return r < 0 ? r : stop_job(&c, name, e);
}

bool systemd_is_of_another(const char *name, const char *description, bool is_user)
{
	AUTO_CONNECTION struct connection c = { 0 };
	AUTO_FREE char *path = NULL;
	int r = systemd_connect(is_user, &c, NULL);
	if (r == 0)
		r = find_unit(&c, name, &path, NULL);
	return r == 0 && !has_description(&c, path, description);
}

int systemd_set(const char *name, bool is_user, const struct systemd_properties *properties,
	struct error *e)
{
	AUTO_CONNECTION struct connection c = { 0 };
	AUTO_MESSAGE sd_bus_message *m = NULL;
	AUTO_BUS_ERROR sd_bus_error said = SD_BUS_ERROR_NULL;
	int r = systemd_connect(is_user, &c, e);
	if (r == 0)
		r = new_call(&c, "SetUnitProperties", &m, e);
	/* true: until it ends, not in a file for ever */
	if (r == 0 && lib.sd_bus_message_append(m, "sb", name, 1) < 0)
		r = error_errno(e, ENOMEM, "put a message for systemd together");
	if (r == 0)
		r = append_properties(m, properties, 0, e);
	if (r < 0)
		return r;
	r = SYSTEMD_ASK(&c, sd_bus_call, m, 0, &said, NULL);
	return r < 0 ? failed(&said, r, e, "set properties of the unit", name) : 0;
}

int systemd_attach(const char *name, bool is_user, const char *below, pid_t pid, struct error *e)
{
	AUTO_CONNECTION struct connection c = { 0 };
	AUTO_BUS_ERROR sd_bus_error said = SD_BUS_ERROR_NULL;
	int r = systemd_connect(is_user, &c, e);
	if (r < 0)
		return r;
	r = SYSTEMD_ASK(&c, sd_bus_call_method, destination, object, manager,
		"AttachProcessesToUnit", &said, NULL, "ssau", name, below, 1, (uint32_t)pid);
	return r < 0 ? failed(&said, r, e, "move a process to the unit", name) : 0;
}

/* "257.13-1~deb13u1", "v242" */
static unsigned version_number(const char *text)
{
	return (unsigned)strtoul(text + strcspn(text, "0123456789"), NULL, 10);
}

int systemd_probe(struct arena *arena, bool is_user, struct systemd_facts *ret, struct error *e)
{
	AUTO_CONNECTION struct connection c = { 0 };
	AUTO_BUS_ERROR sd_bus_error said = SD_BUS_ERROR_NULL;
	AUTO_FREE char *version = NULL;
	AUTO_FREE char *group = NULL;
	int r = systemd_connect(is_user, &c, e);
	if (r < 0)
		return r;
	r = SYSTEMD_ASK(&c, sd_bus_get_property_string, destination, object, manager, "Version",
		&said, &version);
	if (r >= 0)
		r = SYSTEMD_ASK(&c, sd_bus_get_property_string, destination, object, manager,
			"ControlGroup", &said, &group);
	if (r < 0)
		return failed(&said, r, e, "ask about", "systemd");
	ret->version = version_number(version);
	/* "" for the root, but "/" with some versions */
	ret->control_group = arena_strdup(arena, strcmp(group, "/") == 0 ? "" : group);
	return ret->control_group ? 0 : error_errno(e, ENOMEM, "ask about systemd");
}
