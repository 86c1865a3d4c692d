/* QuickJS-NG in one translation unit, with everything it would ask of an operating system answered here.

   The engine switches its own stack check off under __wasi__ (`rt->stack_size = 0`), which turns deep
   recursion into a trap that no program can catch. So the headers it needs come first, then the macro goes,
   then the engine is included as it is. EMSCRIPTEN selects its single-threaded configuration. */

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <fenv.h>
#include <inttypes.h>
#include <limits.h>
#include <malloc.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#undef __wasi__

/* The clock of a run: milliseconds since the Unix epoch, set by the host before every entry. */
static double clock_ms;

static int guest_gettimeofday(struct timeval *tv, void *zone)
{
    (void)zone;
    tv->tv_sec = (time_t)(clock_ms / 1000);
    tv->tv_usec = (suseconds_t)((int64_t)clock_ms % 1000 * 1000);
    return 0;
}

/* Local time is UTC: a program must see the same calendar wherever it is replayed. */
static struct tm *guest_localtime_r(const time_t *t, struct tm *tm)
{
    return gmtime_r(t, tm);
}

static int guest_clock_gettime(clockid_t id, struct timespec *ts)
{
    (void)id;
    ts->tv_sec = (time_t)(clock_ms / 1000);
    ts->tv_nsec = (long)((int64_t)clock_ms % 1000 * 1000000);
    return 0;
}

/* Reached only from the engine's own debugging and abort paths. */
static int guest_discard(const char *format, ...)
{
    (void)format;
    return 0;
}

#define gettimeofday(tv, zone) guest_gettimeofday(tv, zone)
#define clock_gettime(id, ts) guest_clock_gettime(id, ts)
#define localtime_r(t, tm) guest_localtime_r(t, tm)
#define printf(...) guest_discard(__VA_ARGS__)
#define fprintf(file, ...) guest_discard(__VA_ARGS__)
#define putchar(c) ((void)(c))
#define fputs(text, file) ((void)(text))
#define fwrite(data, size, count, file) ((void)(data), (size_t)(count))
#define fflush(file) ((void)0)
#define abort() __builtin_trap()

#include "quickjs.c"
#include "libregexp.c"
#include "libunicode.c"
#include "dtoa.c"
