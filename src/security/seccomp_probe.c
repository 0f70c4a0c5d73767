/* SPDX-License-Identifier: Apache-2.0 */
/* Which flags of seccomp(2) this kernel knows. Runs in HOST. Mustn't install anything. */
#include <linux/seccomp.h>

#include "base/cleanup.h"
#include "security/seccomp_compile.h"
#include "sys/process.h"

void seccomp_probe(struct seccomp_facts *ret)
{
	static const unsigned known[] = {
		SECCOMP_FILTER_FLAG_TSYNC,	  /* 3.17 */
		SECCOMP_FILTER_FLAG_LOG,	  /* 4.14 */
		SECCOMP_FILTER_FLAG_SPEC_ALLOW,	  /* 4.17 */
		SECCOMP_FILTER_FLAG_NEW_LISTENER, /* 5.0 */
		/* 5.19; only together with a listener */
		SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV,
	};
	*ret = (struct seccomp_facts){ 0 };
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (sys_seccomp_knows(known[i]))
			ret->flags |= known[i];
}
