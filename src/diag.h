/* SPDX-License-Identifier: ISC */
/* A stand-in for the module of that name, until it is there. */
#pragma once
#include "say.h"

#define warn(...)         say(__VA_ARGS__)
#define die_errno(object) fail(object)
#define die_no_memory()   die(EXIT_FAILED, "out of memory")
