/* SPDX-License-Identifier: ISC */
/* Shim over say.h until diag.h exists. */
#pragma once
#include "say.h"

#define warn            say
#define warn_quoted     say_quoted
#define print_would     say_would
#define die_errno       fail
#define die_no_memory() die(EXIT_FAILED, "out of memory")
#define exit_flushed    finish_output
