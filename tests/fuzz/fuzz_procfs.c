/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzzer of /proc/self/cgroup and mountinfo, which a NUL parts: lines, escapes, hierarchies. */
#include "fuzz.h"

#include "base/mountinfo.h"
#include "cgroup/host.h"

static void parse_lines(struct arena *arena, const char *text)
{
	struct span rest = { text, strlen(text) }, line;
	while (span_next(&rest, '\n', &line)) {
		struct mountinfo_line m;
		if (!mountinfo_parse(line, &m))
			continue;
		char *point = mountinfo_unescape(arena, m.point);
		require(point && strlen(point) <= m.point.n);
		require(m.point.s >= line.s && m.point.s + m.point.n <= line.s + line.n);
		require(m.type.s >= line.s && m.type.s + m.type.n <= line.s + line.n);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena;
	struct cgroup_host host = { 0 };
	char *text = text_of(data, size);
	size_t n = strlen(text);
	const char *mountinfo = n < size ? text + n + 1 : "";
	arena_init(&arena);
	parse_lines(&arena, mountinfo);
	if (cgroup_host_parse(&arena, text, mountinfo, &host) == 0)
		for (size_t i = 0; i < host.n; i++)
			require(host.v[i].name && host.v[i].mount && host.v[i].mount_root);
	arena_free(&arena);
	free(text);
	return 0;
}
