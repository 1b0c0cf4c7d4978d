/* SPDX-License-Identifier: ISC */
/*
 * System calls that have other names where they have 32 bits: libc makes these
 * there, with 64 bits for files and times.
 */
#include <sys/syscall.h>

#if defined(__i386__)
#define SYS_newfstatat SYS_statx
#undef SYS_clock_nanosleep
#define SYS_clock_nanosleep SYS_clock_nanosleep_time64
#undef SYS_fchown
#define SYS_fchown SYS_fchown32
#undef SYS_fcntl
#define SYS_fcntl SYS_fcntl64
#undef SYS_fstatfs
#define SYS_fstatfs SYS_fstatfs64
#undef SYS_ftruncate
#define SYS_ftruncate SYS_ftruncate64
#undef SYS_getegid
#define SYS_getegid SYS_getegid32
#undef SYS_geteuid
#define SYS_geteuid SYS_geteuid32
#undef SYS_getgid
#define SYS_getgid SYS_getgid32
#undef SYS_getgroups
#define SYS_getgroups SYS_getgroups32
#undef SYS_getuid
#define SYS_getuid SYS_getuid32
#undef SYS_lseek
#define SYS_lseek SYS__llseek
#undef SYS_mmap
#define SYS_mmap SYS_mmap2
#undef SYS_ppoll
#define SYS_ppoll SYS_ppoll_time64
#undef SYS_pselect6
#define SYS_pselect6 SYS_pselect6_time64
#undef SYS_rt_sigtimedwait
#define SYS_rt_sigtimedwait SYS_rt_sigtimedwait_time64
#undef SYS_setgid
#define SYS_setgid SYS_setgid32
#undef SYS_setgroups
#define SYS_setgroups SYS_setgroups32
#undef SYS_setresgid
#define SYS_setresgid SYS_setresgid32
#undef SYS_setresuid
#define SYS_setresuid SYS_setresuid32
#undef SYS_setuid
#define SYS_setuid SYS_setuid32
#undef SYS_utimensat
#define SYS_utimensat SYS_utimensat_time64
#endif
