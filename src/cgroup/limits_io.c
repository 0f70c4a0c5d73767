/* SPDX-License-Identifier: Apache-2.0 */
/* linux.resources.blockIO. Pure. */
#include <errno.h>

#include "base/cleanup.h"
#include "cgroup/limits.h"

#define P "linux.resources.blockIO."

uint64_t io_weight_from_blkio(uint16_t weight)
{
	return 1 + ((uint64_t)weight - 10) * 9999 / 990;
}

/* Absent and 0 are the same: leave it as it is. */
static int check_weight(struct limits *l, struct opt_u16 weight, const char *path)
{
	if (!weight.set || weight.v == 0 || (weight.v >= 10 && weight.v <= 1000))
		return 0;
	return error_field(l->e, path, "expected 10 to 1000, found %u", weight.v);
}

static bool is_given(struct opt_u16 weight)
{
	return weight.set && weight.v != 0;
}

struct throttle_row {
	const char *name; /* of the JSON property */
	const struct oci_throttle_list *list;
	const char *key; /* in v2's io.max */
	const char *v1_file;
	const char *unit;
};

static int say_throttles(struct limits *l, bool is_v2)
{
	const struct oci_block_io *io = l->resources->block_io;
	const struct throttle_row rows[] = {
		{ "throttleReadBpsDevice", &io->throttle_read_bps, "rbps",
			"blkio.throttle.read_bps_device", "bytes read" },
		{ "throttleWriteBpsDevice", &io->throttle_write_bps, "wbps",
			"blkio.throttle.write_bps_device", "bytes written" },
		{ "throttleReadIOPSDevice", &io->throttle_read_iops, "riops",
			"blkio.throttle.read_iops_device", "reads" },
		{ "throttleWriteIOPSDevice", &io->throttle_write_iops, "wiops",
			"blkio.throttle.write_iops_device", "writes" },
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct throttle_row *row = &rows[i];
		for (size_t k = 0; k < row->list->n; k++) {
			const struct oci_throttle_device *d = &row->list->v[k];
			unsigned long long rate = d->rate.v;
			const char *path = limit_text(l, P "%s[%zu].rate", row->name, k);
			const char *what = limit_text(l, "limit %lld:%lld to %llu %s a second",
				(long long)d->major, (long long)d->minor, rate, row->unit);
			/* 0 is "no limit" in v1 */
			const char *value =
				is_v2 && rate == 0 ? "max" : limit_text(l, "%llu", rate);
			int r = limit_write(l, CGROUP_WRITE_REQUIRE, path,
				is_v2 ? "io.max" : row->v1_file, what, "%lld:%lld %s%s%s",
				(long long)d->major, (long long)d->minor, is_v2 ? row->key : "",
				is_v2 ? "=" : "", value);
			if (r < 0)
				return r;
		}
	}
	return 0;
}

/* BFQ has a file of its own where it is built in, with the spec's range. */
static int say_weight_v2(
	struct limits *l, const char *path, const char *what, const char *device, uint16_t weight)
{
	int r = limit_write(
		l, CGROUP_WRITE_OR_NEXT, path, "io.bfq.weight", what, "%s%u", device, weight);
	if (r < 0)
		return r;
	return limit_write(l, CGROUP_WRITE_REQUIRE, path, "io.weight", what, "%s%llu", device,
		(unsigned long long)io_weight_from_blkio(weight));
}

static int say_weight_v1(
	struct limits *l, const char *path, const char *what, const char *device, uint16_t weight)
{
	int r = limit_write(l, CGROUP_WRITE_OR_NEXT, path,
		*device ? "blkio.weight_device" : "blkio.weight", what, "%s%u", device, weight);
	if (r < 0)
		return r;
	return limit_write(l, CGROUP_WRITE_REQUIRE, path,
		*device ? "blkio.bfq.weight_device" : "blkio.bfq.weight", what, "%s%u", device,
		weight);
}

typedef int say_weight_fn(
	struct limits *l, const char *path, const char *what, const char *device, uint16_t weight);

static int say_leaf_weight(
	struct limits *l, bool is_v2, const char *path, const char *device, struct opt_u16 weight)
{
	if (!is_given(weight))
		return 0;
	if (is_v2)
		return error_unsupported(l->e, path, "cgroup v2 has no leaf weight");
	int r = check_weight(l, weight, path);
	if (r < 0)
		return r;
	return limit_write(l, CGROUP_WRITE_REQUIRE, path,
		*device ? "blkio.leaf_weight_device" : "blkio.leaf_weight",
		"set the leaf I/O weight", "%s%u", device, weight.v);
}

static int say_one_weight(
	struct limits *l, bool is_v2, const char *path, const char *device, struct opt_u16 weight)
{
	if (!is_given(weight))
		return 0;
	int r = check_weight(l, weight, path);
	if (r < 0)
		return r;
	const char *what = limit_text(l, "give I/O the weight %u", weight.v);
	say_weight_fn *say = is_v2 ? say_weight_v2 : say_weight_v1;
	return say(l, path, what, device, weight.v);
}

static int say_io(struct limits *l, bool is_v2)
{
	const struct oci_block_io *io = l->resources->block_io;
	if (!io)
		return 0;
	int r = say_one_weight(l, is_v2, P "weight", "", io->weight);
	if (r == 0)
		r = say_leaf_weight(l, is_v2, P "leafWeight", "", io->leaf_weight);
	for (size_t i = 0; r == 0 && i < io->weight_device.n; i++) {
		const struct oci_weight_device *d = &io->weight_device.v[i];
		const char *device =
			limit_text(l, "%lld:%lld ", (long long)d->major, (long long)d->minor);
		if (!d->weight.set && !d->leaf_weight.set)
			return error_field(l->e, limit_text(l, P "weightDevice[%zu]", i),
				"it needs weight or leafWeight");
		r = say_one_weight(l, is_v2, limit_text(l, P "weightDevice[%zu].weight", i), device,
			d->weight);
		if (r == 0)
			r = say_leaf_weight(l, is_v2,
				limit_text(l, P "weightDevice[%zu].leafWeight", i), device,
				d->leaf_weight);
	}
	return r < 0 ? r : say_throttles(l, is_v2);
}

int say_io_v1(struct limits *l)
{
	return say_io(l, false);
}

int say_io_v2(struct limits *l)
{
	return say_io(l, true);
}
