/* SPDX-License-Identifier: Apache-2.0 */
/* oci-rt state: spec: runtime.md#query-state. HOST only; takes no lock, so that it answers while
 * another command works on the container. */
#include <stdio.h>

#include "libocispec/document.h"
#include "ops/session.h"

int op_state(const struct global_options *g, const char *id, struct error *e)
{
	AUTO_SESSION struct session s = SESSION_NONE;
	struct oci_state state;
	char *text;
	int r = session_open(g, id, STATE_READ, &s, e);
	if (r == 0)
		r = describe_container(&s.container, s.status, &s.arena, &state, e);
	if (r == 0)
		r = oci_state_encode(&state, true, &s.arena, &text, NULL, e);
	if (r == 0)
		fputs(text, stdout);
	return r;
}
