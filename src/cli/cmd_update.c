/* SPDX-License-Identifier: Apache-2.0 */
/* oci-rt update */
#include <errno.h>

#include "cli/command.h"

struct arguments {
	const char *resources_file;
	struct oci_memory memory;
	struct oci_cpu cpu;
	struct opt_u16 blkio_weight;
	struct opt_i64 pids_limit;
	const char *l3_cache_schema, *mem_bw_schema;
};

#define FIELD(member) offsetof(struct arguments, member)

static int refuse_kernel_memory(const char *value, void *options, struct arena *a, struct error *e)
{
	return error_set(e, ERROR_UNSUPPORTED, EOPNOTSUPP,
		"the kernel has no separate limit of kernel memory since Linux 5.16; use --memory, "
		"which covers it");
}

static const struct option_row rows[] = {
	{ "resources", 'r', "FILE", OPTION_TEXT, FIELD(resources_file),
		"a `linux.resources` object in FILE, or on standard input for -" },
	{ "memory", 0, "BYTES", OPTION_BYTES, FIELD(memory.limit), "memory limit; -1 for none" },
	{ "memory-reservation", 0, "BYTES", OPTION_BYTES, FIELD(memory.reservation),
		"soft memory limit; -1 for none" },
	{ "memory-swap", 0, "BYTES", OPTION_BYTES, FIELD(memory.swap),
		"limit of memory and swap together; -1 for none" },
	{ "cpu-share", 0, "N", OPTION_OPT_U64, FIELD(cpu.shares), "relative weight" },
	{ "cpu-quota", 0, "USEC", OPTION_OPT_I64, FIELD(cpu.quota),
		"CPU time in a period; -1 for no limit" },
	{ "cpu-period", 0, "USEC", OPTION_OPT_U64, FIELD(cpu.period), "length of a period" },
	{ "cpu-burst", 0, "USEC", OPTION_OPT_U64, FIELD(cpu.burst),
		"unused quota that may be saved up" },
	{ "cpu-rt-runtime", 0, "USEC", OPTION_OPT_I64, FIELD(cpu.realtime_runtime),
		"realtime CPU time in a realtime period" },
	{ "cpu-rt-period", 0, "USEC", OPTION_OPT_U64, FIELD(cpu.realtime_period),
		"length of a realtime period" },
	{ "cpu-idle", 0, "0|1", OPTION_OPT_I64, FIELD(cpu.idle),
		"1: run only when nothing else wants the CPU" },
	{ "cpuset-cpus", 0, "LIST", OPTION_TEXT, FIELD(cpu.cpus), "CPUs to use: 0-3,7" },
	{ "cpuset-mems", 0, "LIST", OPTION_TEXT, FIELD(cpu.mems), "memory nodes to use: 0-1" },
	{ "pids-limit", 0, "N", OPTION_OPT_I64, FIELD(pids_limit),
		"number of processes and threads; -1 for no limit" },
	{ "blkio-weight", 0, "N", OPTION_OPT_U16, FIELD(blkio_weight), "I/O weight, 10 to 1000" },
	{ "l3-cache-schema", 0, "LINE", OPTION_TEXT, FIELD(l3_cache_schema),
		"cache of the container's class of service: L3:0=7f0;1=1f" },
	{ "mem-bw-schema", 0, "LINE", OPTION_TEXT, FIELD(mem_bw_schema),
		"memory bandwidth of it: MB:0=20;1=70" },
	{ "kernel-memory", 0, "BYTES", OPTION_CALL, 0, "obsolete, refused", NULL,
		refuse_kernel_memory },
	{ "kernel-memory-tcp", 0, "BYTES", OPTION_BYTES, FIELD(memory.kernel_tcp),
		"TCP buffer memory, cgroup v1 only; -1 for no limit" },
};

static bool has_memory(const struct oci_memory *m)
{
	return m->limit.set || m->reservation.set || m->swap.set || m->kernel_tcp.set;
}

static bool has_cpu(const struct oci_cpu *c)
{
	return c->shares.set || c->quota.set || c->period.set || c->burst.set ||
	       c->realtime_runtime.set || c->realtime_period.set || c->idle.set || c->cpus ||
	       c->mems;
}

static int run(struct invocation *in, int *ret_status, struct error *e)
{
	struct arguments *a = in->options;
	struct oci_pids pids = { a->pids_limit.v };
	struct oci_block_io block_io = { .weight = a->blkio_weight };
	struct oci_resources resources = {
		.memory = has_memory(&a->memory) ? &a->memory : NULL,
		.cpu = has_cpu(&a->cpu) ? &a->cpu : NULL,
		.pids = a->pids_limit.set ? &pids : NULL,
		.block_io = a->blkio_weight.set ? &block_io : NULL,
	};
	bool has_single = resources.memory || resources.cpu || resources.pids || resources.block_io;
	if (!a->resources_file && !has_single && !a->l3_cache_schema && !a->mem_bw_schema)
		return error_set(
			e, ERROR_USAGE, EINVAL, "nothing to update: give --resources or a limit");
	if (a->resources_file && has_single)
		return error_set(e, ERROR_USAGE, EINVAL,
			"option '--resources' excludes the options of single limits");
	const struct update_options o = {
		.id = in->arguments.v[0],
		.resources_file = a->resources_file,
		.resources = has_single ? &resources : NULL,
		.l3_cache_schema = a->l3_cache_schema,
		.mem_bw_schema = a->mem_bw_schema,
	};
	return op_update(in->global, &o, e);
}

const struct command cmd_update = {
	.name = "update",
	.summary = "change the resource limits of a container",
	.arguments = "ID",
	.min_arguments = 1,
	.max_arguments = 1,
	.table = { OPTION_ROWS(rows) },
	.options_size = sizeof(struct arguments),
	.run = run,
};
