/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages for and from criu: tables of field numbers, one writer, one reader. PURE; what is read
 * comes from another program and is trusted in nothing: each length is held against what is there.
 */
#include "criu/rpc.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"

/* https://protobuf.dev/programming-guides/encoding/ */
enum wire { WIRE_VARINT = 0, WIRE_64 = 1, WIRE_BYTES = 2, WIRE_32 = 5 };

enum kind { KIND_BOOL, KIND_INT, KIND_TEXT, KIND_TEXTS, KIND_PAIRS, KIND_INHERITED };

struct option_field {
	unsigned number;
	enum kind kind;
	size_t offset;
	const char *name;
};

#define OPTION(number, kind, member)                                                               \
	{                                                                                          \
		number, kind, offsetof(struct criu_options, member), #member                       \
	}

/* message criu_opts */
static const struct option_field option_fields[] = {
	OPTION(1, KIND_INT, images_dir_fd),
	OPTION(2, KIND_INT, pid),
	OPTION(3, KIND_BOOL, leave_running),
	OPTION(4, KIND_BOOL, ext_unix_sk),
	OPTION(5, KIND_BOOL, tcp_established),
	OPTION(6, KIND_BOOL, evasive_devices),
	OPTION(7, KIND_BOOL, shell_job),
	OPTION(8, KIND_BOOL, file_locks),
	OPTION(9, KIND_INT, log_level),
	OPTION(10, KIND_TEXT, log_file),
	OPTION(12, KIND_BOOL, notify_scripts),
	OPTION(13, KIND_TEXT, root),
	OPTION(14, KIND_TEXT, parent_img),
	OPTION(15, KIND_BOOL, track_mem),
	OPTION(16, KIND_BOOL, auto_dedup),
	OPTION(17, KIND_INT, work_dir_fd),
	OPTION(18, KIND_BOOL, link_remap),
	OPTION(23, KIND_PAIRS, ext_mnt),
	OPTION(25, KIND_PAIRS, cg_root),
	OPTION(26, KIND_BOOL, rst_sibling),
	OPTION(27, KIND_INHERITED, inherit_fd),
	OPTION(34, KIND_INT, cgroup_mode),
	OPTION(37, KIND_TEXTS, external),
	OPTION(38, KIND_INT, empty_ns),
	OPTION(39, KIND_PAIRS, join_ns),
	OPTION(44, KIND_TEXT, freeze_cgroup),
	OPTION(46, KIND_BOOL, tcp_skip_in_flight),
	OPTION(48, KIND_BOOL, lazy_pages),
	OPTION(49, KIND_INT, status_fd),
	OPTION(50, KIND_BOOL, orphan_pts_master),
	OPTION(51, KIND_TEXT, config_file),
	OPTION(52, KIND_BOOL, tcp_close),
	OPTION(53, KIND_TEXT, lsm_profile),
	OPTION(63, KIND_TEXT, lsm_mount_context),
	OPTION(64, KIND_INT, network_lock),
};

/* of criu_req, criu_opts and criu_page_server_info */
enum { REQ_TYPE = 1, REQ_OPTIONS = 2, REQ_NOTIFY_SUCCESS = 3, REQ_FEATURES = 5 };
enum { OPTIONS_SERVER = 11, SERVER_ADDRESS = 1, SERVER_PORT = 2 };

/* Without `p` it only counts: messages within messages begin with their length. */
struct writer {
	uint8_t *p;
	size_t n;
};

static void put_byte(struct writer *w, uint8_t byte)
{
	if (w->p)
		w->p[w->n] = byte;
	w->n++;
}

static void put_varint(struct writer *w, uint64_t v)
{
	for (; v >= 0x80; v >>= 7)
		put_byte(w, (uint8_t)(v | 0x80));
	put_byte(w, (uint8_t)v);
}

static void put_key(struct writer *w, unsigned number, enum wire wire)
{
	put_varint(w, (uint64_t)number << 3 | wire);
}

/* An int32 that is negative is written as 64 bits. */
static void put_int(struct writer *w, unsigned number, int64_t v)
{
	put_key(w, number, WIRE_VARINT);
	put_varint(w, (uint64_t)v);
}

static void put_text(struct writer *w, unsigned number, const char *text)
{
	size_t n = strlen(text);
	put_key(w, number, WIRE_BYTES);
	put_varint(w, n);
	for (size_t i = 0; i < n; i++)
		put_byte(w, (uint8_t)text[i]);
}

typedef void put_body(struct writer *w, const void *what);

static void put_message(struct writer *w, unsigned number, put_body *body, const void *what)
{
	struct writer size = { 0 };
	body(&size, what);
	put_key(w, number, WIRE_BYTES);
	put_varint(w, size.n);
	body(w, what);
}

static void put_pair(struct writer *w, const void *what)
{
	const struct string_pair *p = what;
	put_text(w, 1, p->key);
	put_text(w, 2, p->value);
}

static void put_inherited(struct writer *w, const void *what)
{
	const struct criu_inherited *f = what;
	put_text(w, 1, f->key);
	put_int(w, 2, f->fd);
}

static void put_option(struct writer *w, const struct criu_options *o, const struct option_field *f)
{
	const void *at = (const char *)o + f->offset;
	const struct opt_i32 *number = at;
	const struct string_list *texts = at;
	const struct string_map *pairs = at;
	const char *text;
	switch (f->kind) {
	case KIND_BOOL:
		if (*(const bool *)at)
			put_int(w, f->number, 1);
		break;
	case KIND_INT:
		if (number->set)
			put_int(w, f->number, number->v);
		break;
	case KIND_TEXT:
		text = *(const char *const *)at;
		if (text)
			put_text(w, f->number, text);
		break;
	case KIND_TEXTS:
		for (size_t i = 0; i < texts->n; i++)
			put_text(w, f->number, texts->v[i]);
		break;
	case KIND_PAIRS:
		for (size_t i = 0; i < pairs->n; i++)
			put_message(w, f->number, put_pair, &pairs->v[i]);
		break;
	case KIND_INHERITED:
		for (size_t i = 0; i < o->inherit_fd.n; i++)
			put_message(w, f->number, put_inherited, &o->inherit_fd.v[i]);
		break;
	}
}

static void put_server(struct writer *w, const void *what)
{
	const struct criu_options *o = what;
	put_text(w, SERVER_ADDRESS, o->server_address);
	put_int(w, SERVER_PORT, o->server_port.v);
}

static void put_options(struct writer *w, const void *what)
{
	const struct criu_options *o = what;
	for (size_t i = 0; i < ARRAY_SIZE(option_fields); i++)
		put_option(w, o, &option_fields[i]);
	if (o->server_address)
		put_message(w, OPTIONS_SERVER, put_server, o);
}

static void put_features(struct writer *w, const void *what)
{
	const struct criu_request *r = what;
	if (r->ask_mem_track)
		put_int(w, 1, 1);
	if (r->ask_lazy_pages)
		put_int(w, 2, 1);
}

static void put_request(struct writer *w, const struct criu_request *r)
{
	put_int(w, REQ_TYPE, r->type);
	if (r->options)
		put_message(w, REQ_OPTIONS, put_options, r->options);
	if (r->notify_success.set)
		put_int(w, REQ_NOTIFY_SUCCESS, r->notify_success.v);
	if (r->ask_mem_track || r->ask_lazy_pages)
		put_message(w, REQ_FEATURES, put_features, r);
}

uint8_t *criu_encode(struct arena *arena, const struct criu_request *request, size_t *ret_len)
{
	struct writer size = { 0 };
	put_request(&size, request);
	struct writer w = { .p = arena_alloc(arena, size.n) };
	if (!w.p)
		return NULL;
	put_request(&w, request);
	*ret_len = w.n;
	return w.p;
}

static const char *option_text(struct arena *arena, const char *before,
	const struct criu_options *o, const struct option_field *f)
{
	const void *at = (const char *)o + f->offset;
	const struct opt_i32 *number = at;
	const struct string_list *texts = at;
	const struct string_map *pairs = at;
	const char *text;
	switch (f->kind) {
	case KIND_BOOL:
		return *(const bool *)at ? arena_printf(arena, "%s%s\n", before, f->name) : before;
	case KIND_INT:
		return number->set ? arena_printf(arena, "%s%s: %d\n", before, f->name, number->v)
				   : before;
	case KIND_TEXT:
		text = *(const char *const *)at;
		return text ? arena_printf(arena, "%s%s: %s\n", before, f->name, text) : before;
	case KIND_TEXTS:
		for (size_t i = 0; i < texts->n && before; i++)
			before = arena_printf(arena, "%s%s: %s\n", before, f->name, texts->v[i]);
		return before;
	case KIND_PAIRS:
		for (size_t i = 0; i < pairs->n && before; i++)
			before = arena_printf(arena, "%s%s: %s = %s\n", before, f->name,
				pairs->v[i].key, pairs->v[i].value);
		return before;
	case KIND_INHERITED:
		for (size_t i = 0; i < o->inherit_fd.n && before; i++)
			before = arena_printf(arena, "%s%s: %s = %d\n", before, f->name,
				o->inherit_fd.v[i].key, o->inherit_fd.v[i].fd);
		return before;
	}
	return before;
}

const char *criu_request_text(struct arena *arena, const struct criu_request *request)
{
	const char *text = arena_printf(arena, "type: %d\n", (int)request->type);
	const struct criu_options *o = request->options;
	for (size_t i = 0; o && text && i < ARRAY_SIZE(option_fields); i++)
		text = option_text(arena, text, o, &option_fields[i]);
	if (text && o && o->server_address)
		text = arena_printf(arena, "%spage server: %s, %d\n", text, o->server_address,
			o->server_port.v);
	return text;
}

struct reader {
	const uint8_t *p;
	size_t n;
};

static bool get_varint(struct reader *r, uint64_t *ret)
{
	uint64_t v = 0;
	for (unsigned shift = 0; shift < 64; shift += 7) {
		if (r->n == 0)
			return false;
		uint8_t byte = *r->p++;
		r->n--;
		v |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80)) {
			*ret = v;
			return true;
		}
	}
	return false;
}

static bool get_bytes(struct reader *r, uint64_t n, struct reader *ret)
{
	if (n > r->n)
		return false;
	*ret = (struct reader){ r->p, (size_t)n };
	r->p += n;
	r->n -= (size_t)n;
	return true;
}

enum response_kind { TO_U32, TO_BOOL, TO_TEXT };

/* criu_resp, and what is in it one level down; parent 0: the message itself. */
static const struct {
	unsigned parent, number;
	enum response_kind kind;
	size_t offset, size;
} response_fields[] = {
#define FIELD(parent, number, kind, member)                                                        \
	{                                                                                          \
		parent, number, kind, offsetof(struct criu_response, member),                      \
			sizeof(((struct criu_response *)0)->member)                                \
	}
	FIELD(0, 1, TO_U32, type),
	FIELD(0, 2, TO_BOOL, success),
	FIELD(4, 1, TO_U32, pid),
	FIELD(5, 1, TO_TEXT, script),
	FIELD(5, 2, TO_U32, pid),
	FIELD(0, 7, TO_U32, error),
	FIELD(8, 1, TO_BOOL, mem_track),
	FIELD(8, 2, TO_BOOL, lazy_pages),
	FIELD(0, 9, TO_TEXT, message),
	FIELD(10, 1, TO_U32, major),
	FIELD(10, 2, TO_U32, minor),
	FIELD(10, 4, TO_U32, sublevel),
#undef FIELD
};

static void store(struct criu_response *ret, unsigned parent, unsigned number, bool is_text,
	uint64_t v, struct reader text)
{
	for (size_t i = 0; i < ARRAY_SIZE(response_fields); i++) {
		void *at = (char *)ret + response_fields[i].offset;
		if (response_fields[i].parent != parent || response_fields[i].number != number ||
			(response_fields[i].kind == TO_TEXT) != is_text)
			continue;
		size_t n =
			response_fields[i].size - 1 < text.n ? response_fields[i].size - 1 : text.n;
		uint32_t word = (uint32_t)v;
		if (response_fields[i].kind == TO_BOOL) {
			*(bool *)at = v != 0;
		} else if (response_fields[i].kind == TO_U32) {
			memcpy(at, &word, sizeof word);
		} else {
			memcpy(at, text.p, n);
			((char *)at)[n] = '\0';
		}
	}
}

static bool is_parent(uint64_t number)
{
	for (size_t i = 0; i < ARRAY_SIZE(response_fields); i++)
		if (response_fields[i].parent == number)
			return number != 0;
	return false;
}

/* Two levels: of what is deeper nothing is needed. */
static int read_fields(struct reader r, unsigned parent, struct criu_response *ret)
{
	while (r.n > 0) {
		uint64_t key, v = 0;
		struct reader bytes = { (const uint8_t *)"", 0 };
		if (!get_varint(&r, &key) || key >> 3 == 0 || key >> 3 > 0x1fffffff)
			return -EBADMSG;
		unsigned number = (unsigned)(key >> 3);
		enum wire wire = (enum wire)(key & 7);
		bool ok = wire == WIRE_VARINT  ? get_varint(&r, &v)
			  : wire == WIRE_BYTES ? get_varint(&r, &v) && get_bytes(&r, v, &bytes)
			  : wire == WIRE_64    ? get_bytes(&r, 8, &bytes)
			  : wire == WIRE_32    ? get_bytes(&r, 4, &bytes)
					       : false;
		if (!ok)
			return -EBADMSG;
		if (wire == WIRE_VARINT ||
			(wire == WIRE_BYTES && !(parent == 0 && is_parent(number))))
			store(ret, parent, number, wire == WIRE_BYTES, v, bytes);
		else if (wire == WIRE_BYTES && read_fields(bytes, number, ret) < 0)
			return -EBADMSG;
	}
	return 0;
}

int criu_decode(const uint8_t *data, size_t len, struct criu_response *ret)
{
	struct criu_response response = { 0 };
	if (len == 0)
		return -EBADMSG;
	int r = read_fields((struct reader){ data, len }, 0, &response);
	if (r < 0)
		return r;
	if (response.type == 0 && response.success)
		return -EBADMSG;
	*ret = response;
	return 0;
}
