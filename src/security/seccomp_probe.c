/* SPDX-License-Identifier: Apache-2.0 */
/* Which flags of seccomp(2) this kernel knows. Runs in HOST. Mustn't install anything: the filter
 * pointer is NULL, which a kernel that knows the flags finds out (EFAULT) only after them. */
#include <errno.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "security/seccomp_compile.h"

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
		if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, known[i], NULL) < 0 &&
			errno == EFAULT)
			ret->flags |= known[i];
}
