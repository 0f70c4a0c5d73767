#include "ops/prepare.h"
int prepare_seccomp(struct decision *d, struct error *e)
{
	return decision_linux(d)->seccomp
		       ? error_unsupported(e, "linux.seccomp", "not supported yet")
		       : 0;
}
