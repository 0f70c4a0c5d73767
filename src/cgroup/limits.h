/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "cgroup/plan.h"

/*
 * One kind of limit: what the config may ask, and how it is said to a v1 and to a v2 hierarchy.
 * Internal to the deciding layer. Pure.
 */
struct limits {
	struct arena *arena;
	const struct oci_resources *resources;
	const struct cgroup_current *current;
	struct cgroup_plan *plan;
	unsigned dir; /* the directory that has the row's controller */
	size_t writes_size;
	struct error *e;
};

struct limit_row {
	enum cgroup_controller controller;
	/* The JSON path of what is asked, NULL: nothing that needs the controller. */
	const char *(*asked)(const struct oci_resources *);
	/* Called whenever the container is in a cgroup with the controller, asked or not: values
	 * that mean "no limit" are written too, where an update may find a limit. */
	int (*say_v1)(struct limits *);
	int (*say_v2)(struct limits *);
};
extern const struct limit_row limit_rows[];
extern const size_t n_limit_rows;

/* `format` makes the value. 0 or -ENOMEM. */
int limit_write(struct limits *l, enum cgroup_write_policy policy, const char *json_path,
	const char *file, const char *what, const char *format, ...)
	__attribute__((format(printf, 6, 7)));
int limit_left_out(struct limits *l, const char *sentence);
/* A text in the arena; "" when memory is out, which limit_write() then reports. */
const char *limit_text(struct limits *l, const char *format, ...) PRINTF_LIKE(2, 3);
/* "64 MiB", "1000 bytes" */
const char *limit_bytes(struct limits *l, uint64_t bytes);

int say_cpu_v1(struct limits *l);
int say_cpu_v2(struct limits *l);
int say_memory_v1(struct limits *l);
int say_memory_v2(struct limits *l);
int say_io_v1(struct limits *l);
int say_io_v2(struct limits *l);

/* v1's 2..262144 with the default 1024 to v2's 1..10000 with the default 100: the curve that runc
 * (since cgroups 0.0.6) and crun (1.23) use. */
uint64_t cpu_weight_from_shares(uint64_t shares);
/* [10..1000] to [1..10000], linear */
uint64_t io_weight_from_blkio(uint16_t weight);

/* The name, up to its slash, of the service of systemd's that this process is in: a level passes on
 * what the units below it are delegated. NULL: in none. */
const char *cgroup_own_service(const struct cgroup_hierarchy *h);
