/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cgroup/cgroup.h"
#include "cgroup/controllers.h"

/*
 * What a container uses, as the files of its cgroups say. Times are in nanoseconds, sizes in bytes.
 * What no file says is 0 or empty.
 */

/* Pressure stall information: shares of time in hundredths of a percent, total in microseconds. */
struct pressure_line {
	uint64_t avg10, avg60, avg300, total;
};
struct pressure {
	bool present;
	struct pressure_line some, full;
};

struct u64_list {
	size_t n;
	uint64_t *v;
};

struct memory_use {
	uint64_t limit, usage, max, failcnt; /* limit UINT64_MAX: none */
};

struct named_value {
	const char *name;
	uint64_t value;
};

struct io_entry {
	uint64_t major, minor;
	const char *op; /* "Read"; "" where there is no such distinction */
	uint64_t value;
};
enum io_table {
	IO_SERVICE_BYTES,
	IO_SERVICED,
	IO_QUEUED,
	IO_SERVICE_TIME,
	IO_WAIT_TIME,
	IO_MERGED,
	IO_TIME,
	IO_SECTORS,
	IO_TABLE_COUNT
};

struct hugetlb_use {
	const char *page_size; /* "2MB" */
	uint64_t usage, max, failcnt;
};

struct cgroup_stats {
	struct {
		uint64_t total, user, kernel;
		struct u64_list per_cpu, per_cpu_user, per_cpu_kernel;
		uint64_t periods, throttled_periods, throttled_time;
		struct pressure pressure;
	} cpu;
	struct {
		struct u64_list cpus, mems;
		uint64_t cpu_exclusive, mem_exclusive, mem_hardwall, memory_migrate,
			memory_spread_page, memory_spread_slab, memory_pressure, sched_load_balance;
		int64_t sched_relax_domain_level;
	} cpuset;
	struct {
		uint64_t cache;
		struct memory_use usage, swap, kernel, kernel_tcp; /* swap: with memory */
		struct {
			size_t n;
			struct named_value *v;
		} raw; /* all of memory.stat */
		struct pressure pressure;
	} memory;
	struct {
		uint64_t current, limit; /* limit 0: none */
		bool is_counted;	 /* by the controller */
	} pids;
	struct {
		struct {
			size_t n;
			struct io_entry *v;
		} tables[IO_TABLE_COUNT];
		struct pressure pressure;
	} io;
	struct {
		size_t n;
		struct hugetlb_use *v;
	} hugetlb;
};

/* Reads each file once, from an open directory. -ENODEV: the container has no cgroup of its own, or
 * it is gone. What is in it is in the arena. */
int cgroup_stats_read(struct arena *arena, const struct cgroup_location *location,
	struct cgroup_stats *ret, struct error *e);

/* PURE, below: one file each. */
struct stats_file {
	enum cgroup_controller controller; /* v1: of the hierarchy that has the file */
	bool is_v2;
	const char *name;
	/* 0, -EINVAL: the text is none of this file, -ENOMEM */
	int (*parse)(
		const struct stats_file *, struct arena *, const char *text, struct cgroup_stats *);
	size_t offset;	/* into struct cgroup_stats, where one field is filled */
	const void *of; /* what else the function has to know */
};
/* In the order of reading: where two say the same, the later is better. */
extern const struct stats_file stats_files[];
extern const size_t n_stats_files;

/* A file of a directory that stands for a page size: hugetlb.2MB.current, .usage_in_bytes. False:
 * not one. *ret_n is the size's length. */
bool stats_hugetlb_size(const char *file, const char **ret_size, size_t *ret_n);
/* A number, or "max"; followed by nothing but a newline. */
bool stats_number(const char *text, uint64_t *ret);
/* When all is read: what follows from several files. */
void stats_complete(struct cgroup_stats *s, bool is_v2);

/*
 * Wait for kills by the kernel for want of memory.
 */
struct oom_watch {
	int fd;		/* poll it for `events`; -1: there is nothing to wait for */
	short events;	/* POLLIN or POLLPRI */
	int counter_fd; /* the file with the number of kills */
	bool is_v2;
	uint64_t kills; /* so far */
};
#define OOM_WATCH_NONE                                                                             \
	{                                                                                          \
		.fd = -1, .counter_fd = -1                                                         \
	}
/* Without a memory controller fd stays -1. */
int cgroup_watch_oom(
	const struct cgroup_location *location, struct oom_watch *ret, struct error *e);
/* How many more there were since the last time. */
uint64_t cgroup_new_ooms(struct oom_watch *watch);
void cgroup_unwatch_oom(struct oom_watch *watch);
