/* The guest: QuickJS-NG, and around it what a run needs. One translation unit, so that the engine's internals
   are at hand and the compiler sees all of it. */

#include "engine.c"

#define PROGRAM_FILENAME "program"
static JSAtom program_filename; /* of the frames that belong to the program, as against the prelude's */

#include "host.h"
#include "memory.c"
#include "text.c"
#include "encode.c"
#include "defer.c"
#include "namespace.c"
#include "natives.c"
#include "prelude.h" /* generated: prelude_sources */
#include "finish.c"
#include "run.c"
