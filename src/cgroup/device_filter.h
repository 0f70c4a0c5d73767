/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <linux/bpf.h>
#include <stddef.h>

#include "libocispec/arena.h"
#include "libocispec/runtime/resources.h"

/*
 * Device rules, PURE. The meaning, the same for v1 and v2: everything is denied; then for each of
 * read, write and mknod the *last* rule that matches the device decides; an access is allowed
 * when all that it asks for is. The rules of the config are followed by the default ones, which a
 * config cannot take away (the peers' behaviour, on which images depend).
 */
struct device_rules {
	size_t n;
	struct oci_device_rule *v;
};

struct device_program {
	size_t n;
	struct bpf_insn *v;
};

/* The config's rules, checked, with the default ones behind them. */
int device_rules_complete(struct arena *arena, const struct oci_resources *resources,
	struct device_rules *ret, struct error *e);

/* A program of type BPF_PROG_TYPE_CGROUP_DEVICE. */
int device_filter_compile(struct arena *arena, const struct device_rules *rules,
	struct device_program *ret, struct error *e);

/* For the v1 controller: "a" first, then exceptions. `allow` says which file the line goes to. */
struct device_line {
	bool allow;
	const char *text; /* "c 1:3 rwm" */
};
struct device_lines {
	size_t n;
	struct device_line *v;
};
int device_rules_to_v1(struct arena *arena, const struct device_rules *rules,
	struct device_lines *ret, struct error *e);

/* Nothing beyond what every container gets: deny all, and allow devices of the default list. */
bool device_rules_are_default(const struct oci_resources *resources);
