/* The whole border between guest and host: these imports, and the exports at the end of run.c.
   All payloads are copied out by the host during the call; nothing points into guest memory afterwards. */

#define IMPORT(name) __attribute__((import_module("codemode"), import_name(#name))) extern

/* Asks for something that takes time. `kind` is a DEFER_* value; `name` and `payload` depend on it.
   Returns 0, or a DEFER_REFUSED_* value when a limit of the run forbids it. */
IMPORT(defer) int32_t host_defer(uint32_t id, uint32_t kind, const void *name, uint32_t name_len,
                                 const void *payload, uint32_t payload_len);

/* Computes something pure at once. `op` is a SYNC_* value. Returns the length of the answer, which is
   then fetched with host_take, or -1 when there is none. */
IMPORT(sync) int32_t host_sync(uint32_t op, const void *payload, uint32_t len);

/* Copies the answer of the last host_sync into the guest; `len` is the length that call returned. */
IMPORT(take) void host_take(void *into, uint32_t len);

/* Writes console output to a STREAM_*. Returns 0, or 1 when the limit of output is passed and the program must stop. */
IMPORT(print) int32_t host_print(uint32_t stream, const void *text, uint32_t len);

/* Ends the run, once. `kind` is an END_* value. */
IMPORT(finish) void host_finish(uint32_t kind, const void *payload, uint32_t len);

enum {
    /* The arguments are JSON; where there are bytes among them, written as base64, NUL and the paths to them follow: a
       JSON array of arrays of keys and indexes. */
    DEFER_TOOL = 1,   /* name: connector NUL tool; payload: arguments */
    DEFER_NAMED = 2,  /* name: a tool as the program names it; payload: arguments */
    DEFER_TIMER = 3,  /* payload: milliseconds, decimal */
    DEFER_CANCEL = 4, /* withdraws the earlier request `id`, which must be a timer */
    DEFER_BUILTIN = 5,/* name: a function of `codemode`; payload: its arguments, a JSON array */
};

enum {
    DEFER_REFUSED_CALLS = 1,     /* the run's call limit is used up: the program must stop */
    DEFER_REFUSED_ARGUMENTS = 2, /* the arguments are larger than allowed */
    DEFER_REFUSED_TIMERS = 3,    /* too many timers at once */
};

enum {
    STREAM_OUT = 1,
    STREAM_ERR = 2,
    STREAM_WARNING = 3, /* stderr, for what the guest itself has to say: cut at the limit without a word */
};

enum {
    SYNC_HAS = 1,    /* payload: connector NUL tool → empty answer if that is a tool's very name; for no connector,
                        whether there is a connector of that name */
    SYNC_KEYS = 2,   /* payload: connector → names, each followed by NUL */
    SYNC_RANDOM = 3, /* payload: byte count, u32 little-endian → that many bytes */
    SYNC_URL = 4,    /* payload: base (empty for none) NUL URL → the parts of the URL, JSON */
    SYNC_URL_SET = 5,/* payload: URL NUL name of a part NUL its new value → the parts, JSON */
    SYNC_NAMED = 6,  /* payload: name → empty answer if some connector has a tool of that very name */
};

enum {
    END_VALUE = 1,  /* payload: the result, JSON */
    END_NOTHING = 2,/* the program returned undefined and never called __return */
    END_ERROR = 3,  /* payload: what was thrown, JSON */
    END_MEMORY = 4, /* payload: u64 bytes that the refused allocation would have led to, u32 line, u32 column */
};
