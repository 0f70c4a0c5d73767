/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <linux/bpf.h>

/* bpf(2). 0 or a descriptor, or a negative errno; -EAGAIN of a load that a signal disturbed is
 * tried again. */
int sys_bpf(enum bpf_cmd command, union bpf_attr *attr, unsigned size);
