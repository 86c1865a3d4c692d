/* Requests that take time: each is a promise here and an id at the host until a completion settles it. */

#define DEFER_MAX_LIVE 32768 /* requests waiting at once, whatever the limits allow; one more is a RangeError */

typedef struct {
    JSValue settle[2]; /* resolve, reject */
    Site site;          /* where in the program the call was made */
    uint16_t generation;
    bool live;
    bool is_timer;
    uint16_t next_free;
} Deferred;

static struct {
    Deferred *slots;
    uint32_t count, capacity, live;
    uint16_t first_free; /* index + 1; 0: none */
    size_t argument_bytes;
    int json_depth;
} deferred;

static Deferred *deferred_find(uint32_t id)
{
    uint32_t slot = id & 0xffff;
    if (slot >= deferred.count)
        return NULL;
    Deferred *d = &deferred.slots[slot];
    return d->live && d->generation == id >> 16 ? d : NULL;
}

static uint32_t deferred_id(Deferred *d)
{
    return (uint32_t)d->generation << 16 | (uint32_t)(d - deferred.slots);
}

static void deferred_release(JSContext *ctx, Deferred *d)
{
    JS_FreeValue(ctx, d->settle[0]);
    JS_FreeValue(ctx, d->settle[1]);
    d->live = false;
    deferred.live--;
    d->generation++;
    d->next_free = deferred.first_free;
    deferred.first_free = (uint16_t)(d - deferred.slots + 1);
}

static Deferred *deferred_claim(JSContext *ctx)
{
    Deferred *d;
    if (deferred.first_free) {
        d = &deferred.slots[deferred.first_free - 1];
        deferred.first_free = d->next_free;
    } else {
        if (deferred.count == deferred.capacity) {
            uint32_t capacity = deferred.capacity ? deferred.capacity * 2 : 16;
            if (capacity > DEFER_MAX_LIVE) {
                JS_ThrowRangeError(ctx, "more than %d requests at once", DEFER_MAX_LIVE);
                return NULL;
            }
            deferred.slots = js_realloc(ctx, deferred.slots, capacity * sizeof(*d));
            deferred.capacity = capacity;
        }
        d = &deferred.slots[deferred.count++];
        d->generation = 0;
    }
    d->live = true;
    d->site = (Site){0, 0};
    deferred.live++;
    return d;
}

static JSValue defer_refusal(JSContext *ctx, int32_t refusal)
{
    switch (refusal) {
    case DEFER_REFUSED_CALLS:
        return stop_now(ctx);
    case DEFER_REFUSED_ARGUMENTS:
        return JS_ThrowRangeError(ctx, "the arguments are larger than the run allows");
    default:
        return JS_ThrowRangeError(ctx, "too many timers at once");
    }
}

/* Sends one request; the promise it returns is settled by deferred_settle. On failure an exception is set. */
static JSValue defer_request(JSContext *ctx, uint32_t kind, const void *name, size_t name_len,
                             const void *payload, size_t payload_len, uint32_t *id_out)
{
    JSValue settle[2], promise;
    Deferred *d = deferred_claim(ctx);
    if (!d)
        return JS_EXCEPTION;
    promise = JS_NewPromiseCapability(ctx, settle);
    if (JS_IsException(promise)) {
        d->settle[0] = d->settle[1] = JS_UNDEFINED;
        deferred_release(ctx, d);
        return promise;
    }
    d->settle[0] = settle[0];
    d->settle[1] = settle[1];
    d->is_timer = kind == DEFER_TIMER;
    if (!d->is_timer)
        d->site = site_now(ctx); /* so that a tool's error can say where the call was made */
    if (id_out)
        *id_out = deferred_id(d);
    int32_t refusal = host_defer(deferred_id(d), kind, name, name_len, payload, payload_len);
    if (refusal) {
        deferred_release(ctx, d);
        JS_FreeValue(ctx, promise);
        return defer_refusal(ctx, refusal);
    }
    return promise;
}

/* A rejected promise for the pending exception: a call that cannot be made fails like one that failed. */
static JSValue rejected_promise(JSContext *ctx)
{
    if (stopping)
        return JS_EXCEPTION;
    JSValue error = JS_GetException(ctx);
    JSValue promise = JS_NewSettledPromise(ctx, true, error);
    JS_FreeValue(ctx, error);
    return promise;
}

/* The arguments of a tool, which takes one, or of a function of `codemode`: a JSON array then. */
static int defer_encode(JSContext *ctx, Encoder *e, uint32_t kind, int argc, JSValueConst *argv)
{
    int outcome = ENCODED;
    if (kind == DEFER_BUILTIN) {
        for (int i = 0; i < argc && outcome != ENCODE_FAILED; i++) {
            dbuf_putc(&e->out, i ? ',' : '[');
            outcome = encode_value(e, argv[i]);
            if (outcome == ENCODE_ABSENT)
                dbuf_putstr(&e->out, "null");
        }
        dbuf_putstr(&e->out, argc ? "]" : "[]");
        return outcome;
    }
    if (argc > 0)
        outcome = JS_IsFunction(ctx, argv[0]) ? encode_fail(e, "is a function: call it first") : encode_value(e, argv[0]);
    if (argc == 0 || outcome == ENCODE_ABSENT)
        dbuf_putstr(&e->out, "{}");
    return outcome;
}

/* A call of a tool or of a function of `codemode`, with the program's arguments. */
static JSValue defer_call(JSContext *ctx, uint32_t kind, const void *name, size_t name_len, int argc,
                          JSValueConst *argv)
{
    Encoder e;
    JSValue promise;
    if (argc > 1 && kind != DEFER_BUILTIN) {
        JS_ThrowTypeError(ctx, "a tool takes one argument, an object with its fields; got %d arguments", argc);
        return rejected_promise(ctx);
    }
    encode_open(&e, ctx, "arguments", deferred.argument_bytes, deferred.json_depth);
    e.marks_binary = kind != DEFER_BUILTIN;
    int outcome = defer_encode(ctx, &e, kind, argc, argv);
    if (e.binary.size) {
        dbuf_put(&e.out, "\0[", 2);
        dbuf_put(&e.out, e.binary.buf, e.binary.size);
        dbuf_putc(&e.out, ']');
    }
    promise = outcome == ENCODE_FAILED ? JS_EXCEPTION
                                       : defer_request(ctx, kind, name, name_len, e.out.buf, e.out.size, NULL);
    encode_close(&e);
    return JS_IsException(promise) ? rejected_promise(ctx) : promise;
}

/* --- completions ------------------------------------------------------------------------------- */

/* The key under which a failed call's own description stays on its Error: private, so no program can read,
   copy or forge it, and what the host is told about an uncaught tool error is what the host said. */
static JSAtom failure_mark;

static JSAtom new_private_atom(JSContext *ctx, const char *name)
{
    JSAtom description = JS_NewAtom(ctx, name);
    JSValue symbol = JS_NewSymbolFromAtom(ctx, description, JS_ATOM_TYPE_PRIVATE);
    JS_FreeAtom(ctx, description);
    return JS_ValueToAtom(ctx, symbol);
}

static JSValue failure_error(JSContext *ctx, Site site, JSValue failure)
{
    static const char *const carried[] = {"name", "message", "kind",  "tool",
                                          "outcome", "status", "body", "retryAfter"};
    const int flags = JS_PROP_CONFIGURABLE | JS_PROP_WRITABLE;
    JSValue error = JS_NewError(ctx);
    for (uint32_t i = 0; i < countof(carried); i++) {
        JSAtom key = JS_NewAtom(ctx, carried[i]);
        JSValue field = inert_get(ctx, failure, key); /* not what a program may have put on Object.prototype */
        if (!JS_IsUndefined(field))
            JS_DefinePropertyValue(ctx, error, key, field, flags);
        JS_FreeAtom(ctx, key);
    }
    JSObject *slot = JS_VALUE_GET_OBJ(error);
    JS_FreeValue(ctx, slot->u.object_data);
    slot->u.object_data = site_stack(ctx, site, "<call>"); /* what its `stack` reads */
    JS_DefinePropertyValue(ctx, error, failure_mark, failure, 0);
    return error;
}

/* The bytes that a string of base64 stands for; the string itself if it is none. Takes ownership of it. */
static JSValue bytes_of(JSContext *ctx, JSValue text)
{
    size_t len, count;
    int wrong = 0;
    if (!JS_IsString(text))
        return text;
    const char *base64 = JS_ToCStringLen(ctx, &len, text);
    uint8_t *bytes = js_malloc(ctx, len / 4 * 3 + 3);
    count = b64_decode(base64, len, bytes, &wrong);
    JS_FreeCString(ctx, base64);
    JSValue array = wrong ? js_dup(text) : JS_NewUint8ArrayCopy(ctx, bytes, count);
    js_free(ctx, bytes);
    JS_FreeValue(ctx, text);
    return array;
}

/* Puts bytes in place of the base64 at `path` of `value`, which JS_ParseJSON made; the host knows the way. */
static void revive_at(JSContext *ctx, JSValue *value, JSValueConst path)
{
    int64_t length;
    js_get_length64(ctx, &length, path);
    if (length == 0) {
        *value = bytes_of(ctx, *value);
        return;
    }
    JSValue parent = js_dup(*value);
    for (int64_t i = 0; i < length && JS_IsObject(parent); i++) {
        JSValue step = JS_GetPropertyInt64(ctx, path, i);
        JSAtom key = JS_ValueToAtom(ctx, step);
        JSValue child = JS_IsArray(parent) ? JS_GetProperty(ctx, parent, key) : inert_get(ctx, parent, key);
        if (i + 1 == length) {
            JS_DefinePropertyValue(ctx, parent, key, bytes_of(ctx, child), JS_PROP_C_W_E);
            child = JS_UNDEFINED;
        }
        JS_FreeAtom(ctx, key);
        JS_FreeValue(ctx, step);
        JS_FreeValue(ctx, parent);
        parent = child;
    }
    JS_FreeValue(ctx, parent);
}

/* `paths` is JSON: an array of paths, each an array of keys and indexes. */
static JSValue revive(JSContext *ctx, JSValue value, const char *paths, size_t len)
{
    int64_t count = 0;
    JSValue list = len ? JS_ParseJSON(ctx, paths, len, "<binary>") : JS_UNDEFINED;
    if (JS_IsArray(list))
        js_get_length64(ctx, &count, list);
    for (int64_t i = 0; i < count; i++) {
        JSValue path = JS_GetPropertyInt64(ctx, list, i);
        if (JS_IsArray(path))
            revive_at(ctx, &value, path);
        JS_FreeValue(ctx, path);
    }
    JS_FreeValue(ctx, list);
    return value;
}

/* Settles request `id`: `text` is its result or, when not `ok`, {name, message, kind, tool, …}. `binary` says where in
   the result bytes are. */
static void deferred_settle(JSContext *ctx, uint32_t id, bool ok, const char *text, size_t len, const char *binary,
                            size_t binary_len)
{
    Deferred *d = deferred_find(id);
    if (!d)
        return; /* the host checks ids */
    /* The slot is free before anything runs that could claim one and move them all. */
    Site site = d->site;
    JSValue settle = js_dup(d->settle[ok ? 0 : 1]), on_error = js_dup(d->settle[1]);
    deferred_release(ctx, d);
    JSValue value = len ? JS_ParseJSON(ctx, text, len, "<completion>") : JS_UNDEFINED;
    if (JS_IsException(value)) {
        JS_FreeValue(ctx, settle);
        settle = js_dup(on_error);
        value = JS_GetException(ctx);
    } else if (!ok) {
        value = failure_error(ctx, site, value);
    } else {
        value = revive(ctx, value, binary, binary_len);
    }
    JS_FreeValue(ctx, on_error);
    JS_FreeValue(ctx, JS_CallFree(ctx, settle, JS_UNDEFINED, 1, vc(&value)));
    JS_FreeValue(ctx, value);
}
