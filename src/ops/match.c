/* SPDX-License-Identifier: Apache-2.0 */
/* Verbs on many containers. HOST only. */
#include "ops/match.h"

#include <errno.h>
#include <regex.h>

#include "base/log.h"
#include "state/store.h"

static int compile(const char *pattern, regex_t *ret, struct error *e)
{
	char text[128];
	int r = regcomp(ret, pattern, REG_EXTENDED | REG_NOSUB);
	if (r == 0)
		return 0;
	regerror(r, ret, text, sizeof text);
	return error_set(e, ERROR_USAGE, EINVAL, "option '--regex': \"%s\": %s", pattern, text);
}

static int do_matches(const struct global_options *g, const struct string_list *ids,
	const regex_t *regex, match_function *each, const void *options, struct error *e)
{
	int result = 0;
	for (size_t i = 0; i < ids->n; i++) {
		struct error one;
		if (regexec(regex, ids->v[i], 0, NULL, 0) != 0)
			continue;
		int r = each(g, ids->v[i], options, &one);
		if (r < 0) {
			error_prefix(&one, "container '%s'", ids->v[i]);
			if (result == 0)
				*e = one;
			else
				log_warning(&one);
			result = result ? result : r;
		}
	}
	return result;
}

int for_each_match(const struct global_options *g, const char *pattern, match_function *each,
	const void *options, struct error *e)
{
	AUTO_ROOT struct state_root root = ROOT_NONE;
	struct string_list ids;
	struct arena arena;
	regex_t regex;
	int r = compile(pattern, &regex, e);
	if (r < 0)
		return r;
	arena_init(&arena);
	r = state_root_open_all(g->root, &root, e);
	if (r == 0)
		r = state_root_list(&root, &arena, &ids, e);
	if (r == 0)
		r = do_matches(g, &ids, &regex, each, options, e);
	arena_free(&arena);
	regfree(&regex);
	return r;
}
