/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <systemd/sd-bus.h>

#include "libocispec/error.h"

/*
 * libsystemd, loaded when it is first needed: a start without it loads nothing but libc. Functions
 * have the library's own names: lib.sd_bus_call(...).
 */
#define SYSTEMD_FUNCTIONS(X)                                                                       \
	X(sd_bus_new)                                                                              \
	X(sd_bus_set_address)                                                                      \
	X(sd_bus_set_bus_client)                                                                   \
	X(sd_bus_set_method_call_timeout)                                                          \
	X(sd_bus_start)                                                                            \
	X(sd_bus_get_fd)                                                                           \
	X(sd_bus_is_ready)                                                                         \
	X(sd_bus_close)                                                                            \
	X(sd_bus_unref)                                                                            \
	X(sd_bus_call)                                                                             \
	X(sd_bus_call_method)                                                                      \
	X(sd_bus_get_property_string)                                                              \
	X(sd_bus_match_signal)                                                                     \
	X(sd_bus_process)                                                                          \
	X(sd_bus_wait)                                                                             \
	X(sd_bus_error_free)                                                                       \
	X(sd_bus_error_has_name)                                                                   \
	X(sd_bus_message_new_method_call)                                                          \
	X(sd_bus_message_append)                                                                   \
	X(sd_bus_message_append_basic)                                                             \
	X(sd_bus_message_append_array)                                                             \
	X(sd_bus_message_open_container)                                                           \
	X(sd_bus_message_close_container)                                                          \
	X(sd_bus_message_read)                                                                     \
	X(sd_bus_message_unref)

#define SYSTEMD_MEMBER_(f) typeof(f) *f;
struct systemd_library {
	SYSTEMD_FUNCTIONS(SYSTEMD_MEMBER_)
};
extern struct systemd_library lib;

struct connection {
	sd_bus *bus;
	bool is_direct; /* to systemd's own socket, without a bus between */
};
void systemd_disconnect(struct connection *c);
#define AUTO_CONNECTION __attribute__((cleanup(systemd_disconnect)))

/* How long systemd may take for one thing: less once it has not kept to it, so that a dead bus
 * costs that time once, and not again at each step of the undoing. */
enum systemd_thing { SYSTEMD_ANSWER, SYSTEMD_JOB };
int systemd_patience_ms(enum systemd_thing thing);
/* r as it is; -ETIMEDOUT is remembered, for this connection and those to come. */
int systemd_heard(const struct connection *c, int r);
#define SYSTEMD_ASK(c, function, ...) systemd_heard(c, lib.function((c)->bus, __VA_ARGS__))

/* Loads the library, connects, and has systemd tell us of its jobs. */
int systemd_connect(bool is_user, struct connection *ret, struct error *e);
