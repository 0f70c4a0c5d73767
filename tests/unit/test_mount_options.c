/* SPDX-License-Identifier: Apache-2.0 */
/* Mount options from names to flags. */
#include "spec_data.h"

#include <linux/mount.h>

#include "libocispec/runtime/mount_options.h"

static struct arena arena;

static int setup(void **state)
{
	arena_init(&arena);
	return 0;
}

static int teardown(void **state)
{
	arena_free(&arena);
	return 0;
}

/* "ro,nosuid": commas for the reader of the tests only */
static struct mount_options parse(const char *options)
{
	struct string_list list = { .v = ARENA_ARRAY(&arena, 40, const char *) };
	struct mount_options o;
	char *copy = arena_strdup(&arena, options);
	for (char *name = strtok(copy, ","); name; name = strtok(NULL, ","))
		list.v[list.n++] = name;
	assert_int_equal(mount_options_parse(&list, &arena, &o, NULL), 0);
	return o;
}

static void test_attributes(void **state)
{
	static const struct {
		const char *options;
		uint64_t set, clear, rec_set, rec_clear;
	} cases[] = {
		{ "", 0, 0, 0, 0 },
		{ "defaults", 0, 0, 0, 0 },
		{ "ro", MOUNT_ATTR_RDONLY, 0, 0, 0 },
		{ "ro,rw", 0, MOUNT_ATTR_RDONLY, 0, 0 },
		{ "rw,ro", MOUNT_ATTR_RDONLY, 0, 0, 0 },
		{ "nosuid,nodev,noexec", MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC,
			0, 0, 0 },
		{ "nosuid,suid,dev,exec", 0,
			MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC, 0, 0 },
		{ "nosymfollow,nodiratime", MOUNT_ATTR_NOSYMFOLLOW | MOUNT_ATTR_NODIRATIME, 0, 0,
			0 },
		{ "symfollow,diratime", 0, MOUNT_ATTR_NOSYMFOLLOW | MOUNT_ATTR_NODIRATIME, 0, 0 },
		{ "rro,rnosuid,rnodev,rnoexec,rnodiratime,rnosymfollow", 0, 0,
			MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
				MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NODIRATIME | MOUNT_ATTR_NOSYMFOLLOW,
			0 },
		{ "rrw,rsuid,rdev,rexec,rdiratime,rsymfollow", 0, 0, 0,
			MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
				MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NODIRATIME |
				MOUNT_ATTR_NOSYMFOLLOW },
		{ "rro,rw", 0, MOUNT_ATTR_RDONLY, MOUNT_ATTR_RDONLY, 0 },
		{ "rro,rrw", 0, 0, 0, MOUNT_ATTR_RDONLY },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct mount_options o = parse(cases[i].options);
		assert_int_equal(o.attr_set, cases[i].set);
		assert_int_equal(o.attr_clear, cases[i].clear);
		assert_int_equal(o.rec_set, cases[i].rec_set);
		assert_int_equal(o.rec_clear, cases[i].rec_clear);
		assert_int_equal(o.data.n, 0);
	}
}

/* One field of three values: who sets one clears the field, or the kernel says EINVAL. */
static void test_access_time(void **state)
{
	enum { NOT_CHOSEN = -1 };
	static const struct {
		const char *options;
		int value;
	} cases[] = {
		{ "relatime", MOUNT_ATTR_RELATIME },
		{ "noatime", MOUNT_ATTR_NOATIME },
		{ "strictatime", MOUNT_ATTR_STRICTATIME },
		{ "noatime,relatime", MOUNT_ATTR_RELATIME },
		{ "relatime,noatime", MOUNT_ATTR_NOATIME },
		{ "noatime,strictatime", MOUNT_ATTR_STRICTATIME },
		{ "atime", MOUNT_ATTR_RELATIME },
		{ "noatime,atime", MOUNT_ATTR_RELATIME },
		{ "strictatime,atime", MOUNT_ATTR_STRICTATIME },
		{ "nostrictatime", MOUNT_ATTR_RELATIME },
		{ "strictatime,nostrictatime", MOUNT_ATTR_RELATIME },
		{ "noatime,nostrictatime", MOUNT_ATTR_NOATIME },
		{ "norelatime", NOT_CHOSEN },
		{ "relatime,norelatime", NOT_CHOSEN },
		{ "noatime,norelatime", MOUNT_ATTR_NOATIME },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct mount_options o = parse(cases[i].options);
		bool chosen = cases[i].value != NOT_CHOSEN;
		assert_int_equal(o.attr_set, chosen ? cases[i].value : 0);
		assert_int_equal(o.attr_clear, chosen ? MOUNT_ATTR__ATIME : 0);
	}
	struct mount_options o = parse("rnoatime,rstrictatime,nodiratime");
	assert_int_equal(o.rec_set, MOUNT_ATTR_STRICTATIME);
	assert_int_equal(o.rec_clear, MOUNT_ATTR__ATIME);
	assert_int_equal(o.attr_set, MOUNT_ATTR_NODIRATIME);
	o = parse("rnoatime,ratime,rnorelatime,rnostrictatime,rrelatime");
	assert_int_equal(o.rec_set, 0);
	assert_int_equal(o.rec_clear, MOUNT_ATTR__ATIME);
}

/* Podman's mounts for --systemd=always have one. */
static void test_empty(void **state)
{
	const char *options[] = { "", "rw", "", "size=1m" };
	struct string_list list = { .n = 4, .v = options };
	struct mount_options o;
	assert_int_equal(mount_options_parse(&list, &arena, &o, NULL), 0);
	assert_int_equal(o.data.n, 1);
	assert_string_equal(o.data.v[0], "size=1m");
}

static void test_flags(void **state)
{
	struct mount_options o = parse("rbind,remount,sync,dirsync,mand,lazytime,iversion,silent");
	assert_true(o.rbind && o.remount && o.sb_sync && o.sb_dirsync && o.sb_mand);
	assert_true(o.sb_lazytime && o.sb_iversion && o.sb_silent);
	assert_false(o.bind || o.sb_rdonly || o.tmpcopyup);
	o = parse("sync,mand,lazytime,iversion,silent,async,nomand,nolazytime,noiversion,loud");
	assert_false(o.sb_sync || o.sb_mand || o.sb_lazytime || o.sb_iversion || o.sb_silent);
	assert_true(parse("ro").sb_rdonly);
	assert_false(parse("ro,rw").sb_rdonly);
	assert_false(parse("rro").sb_rdonly);
	o = parse("bind,tmpcopyup,copy-symlink,src-nofollow,dest-nofollow");
	assert_true(o.bind && o.tmpcopyup && o.copy_symlink && o.src_nofollow && o.dest_nofollow);
	assert_int_equal(parse("idmap").idmap, MOUNT_IDMAP);
	assert_int_equal(parse("idmap,ridmap").idmap, MOUNT_RIDMAP);
	assert_int_equal(parse("bind").idmap, MOUNT_IDMAP_NONE);
}

static void test_propagation(void **state)
{
	assert_int_equal(parse("ro").propagation, 0);
	assert_int_equal(parse("shared").propagation, MS_SHARED);
	assert_false(parse("shared").propagation_recursive);
	assert_int_equal(parse("rslave").propagation, MS_SLAVE);
	assert_true(parse("rslave").propagation_recursive);
	assert_int_equal(parse("runbindable").propagation, MS_UNBINDABLE);
	assert_int_equal(parse("rshared,private").propagation, MS_PRIVATE);
	assert_false(parse("rshared,private").propagation_recursive);
}

static void test_data_in_order(void **state)
{
	struct mount_options o = parse("mode=755,nosuid,size=64k,newinstance,RO,ro ,acl,mode=700");
	static const char *const expected[] = { "mode=755", "size=64k", "newinstance", "RO", "ro ",
		"acl", "mode=700" };
	assert_int_equal(o.attr_set, MOUNT_ATTR_NOSUID);
	assert_int_equal(o.data.n, 7);
	for (size_t i = 0; i < 7; i++)
		assert_string_equal(o.data.v[i], expected[i]);
	assert_null(o.data.v[7]);
}

/* spec: config.md#linux-mount-options: each option of the table is known, and found by name */
static void test_names(void **state)
{
	static const char all[] =
		"async,atime,bind,defaults,dev,diratime,dirsync,exec,iversion,lazytime,loud,mand,"
		"noatime,nodev,nodiratime,noexec,noiversion,nolazytime,nomand,norelatime,"
		"nostrictatime,nosuid,nosymfollow,private,ratime,rbind,rdev,rdiratime,relatime,"
		"remount,rexec,rnoatime,rnodev,rnodiratime,rnoexec,rnorelatime,rnostrictatime,"
		"rnosuid,rnosymfollow,ro,rprivate,rrelatime,rro,rrw,rshared,rslave,rstrictatime,"
		"rsuid,rsymfollow,runbindable,rw,shared,silent,slave,strictatime,suid,symfollow,"
		"sync,tmpcopyup,unbindable,idmap,ridmap,copy-symlink,src-nofollow,dest-nofollow";
	size_t n, n_expected = 1;
	const char *const *names = mount_options_names(&n);
	for (const char *p = all; *p; p++)
		n_expected += *p == ',';
	assert_int_equal(n, n_expected);
	for (size_t i = 0; i < n; i++) {
		assert_non_null(strstr(all, names[i]));
		assert_int_equal(parse(names[i]).data.n, 0);
		if (i)
			assert_true(strcmp(names[i - 1], names[i]) < 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_attributes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_access_time, setup, teardown),
		cmocka_unit_test_setup_teardown(test_empty, setup, teardown),
		cmocka_unit_test_setup_teardown(test_flags, setup, teardown),
		cmocka_unit_test_setup_teardown(test_propagation, setup, teardown),
		cmocka_unit_test_setup_teardown(test_data_in_order, setup, teardown),
		cmocka_unit_test_setup_teardown(test_names, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
