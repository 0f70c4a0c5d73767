/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The words for an errno or a signal, untranslated: glibc's, which clients look for. NULL: there
 * are none. No allocation, so that a child may ask. One file for each C library. */
const char *errno_words(int err);
const char *signal_words(int number);
