/* The guest: QuickJS-NG, and around it what a run needs. One translation unit, so that the engine's internals
   are at hand and the compiler sees all of it. */

#include "engine.c"

#define PROGRAM_FILENAME "program"
static JSContext *context;

#include "host.h"
#include "site.c"
#include "memory.c"
#include "stop.c"
#include "text.c"
#include "encoder.c"
#include "containers.c"
#include "encode.c"
#include "defer.c"
#include "namespace.c"
#include "natives.c"
#include "prelude.h" /* generated: prelude_sources */
#include "finish.c"
#include "run.c"
