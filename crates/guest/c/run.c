/* The life of a run inside the guest: init (at build time), start, resume. */

/* Parameters of start: this header, then three texts, each followed by NUL. Little-endian, no padding; the host's
   mirror of it is `start_parameters` in the isolate crate. */
typedef struct {
    double now_ms;
    uint64_t random_state;
    uint32_t heap_bytes;
    uint32_t stack_bytes;
    uint32_t argument_bytes;
    uint32_t result_bytes;
    uint32_t json_depth;
    uint32_t program_len;    /* JavaScript: one expression whose value is an async function of one parameter */
    uint32_t input_len;      /* JSON */
    uint32_t connectors_len; /* names, each followed by NUL */
} StartHeader;

/* Parameters of resume: this header, then the text, the paths of bytes in it, each followed by NUL. */
typedef struct {
    double now_ms;
    uint32_t id;
    uint32_t ok; /* 1: the text is the result; 0: it is {name, message, kind, tool, outcome} */
    uint32_t len;
    uint32_t binary_len; /* 0: there are none */
} ResumeHeader;

static JSValue main_promise;

/* --- running ----------------------------------------------------------------------------------- */

static void track_rejection(JSContext *ctx, JSValueConst promise, JSValueConst reason, bool is_handled, void *opaque)
{
    int64_t count;
    if (is_handled || js_get_length64(ctx, &count, unhandled) < 0 || count >= 4096)
        return;
    JS_DefinePropertyValueInt64(ctx, unhandled, count, js_dup(promise), JS_PROP_C_W_E);
}

static void forget_backtrace(JSContext *ctx)
{
    JS_FreeValue(ctx, ctx->error_back_trace);
    ctx->error_back_trace = JS_UNDEFINED;
}

/* Runs every job; then 1 when the program has ended, else 0: it waits for what is under way.

   Being asked to stop goes before everything else that can be said of the program: some of the engine's built-in
   functions catch what cannot be caught. */
static int32_t drain(JSContext *ctx)
{
    JSContext *job_context;
    int outcome = 1;
    while (!stopping && JS_PromiseState(ctx, main_promise) == JS_PROMISE_PENDING && outcome != 0) {
        forget_backtrace(ctx);
        outcome = JS_ExecutePendingJob(ctx->rt, &job_context);
        if (outcome < 0 && !stopping) { /* a microtask of the program's threw: its promise, if any, already knows */
            JSValue error = JS_GetException(ctx);
            JSValue promise = JS_NewSettledPromise(ctx, true, error);
            JS_FreeValue(ctx, promise);
            JS_FreeValue(ctx, error);
        }
    }
    if (stopping) {
        finish_thrown(ctx, "stopped", JS_HasException(ctx) ? JS_GetException(ctx) : JS_UNDEFINED);
        return 1;
    }
    JSPromiseStateEnum state = JS_PromiseState(ctx, main_promise);
    if (state == JS_PROMISE_PENDING)
        return 0;
    JSValue value = JS_PromiseResult(ctx, main_promise);
    if (state == JS_PROMISE_FULFILLED) {
        finish_value(ctx, value);
        JS_FreeValue(ctx, value);
    } else {
        finish_thrown(ctx, "thrown", value);
    }
    return 1;
}

/* Call after drain has said that the program waits. */
static int32_t end_if_deadlocked(JSContext *ctx)
{
    if (deferred.live)
        return 0;
    finish_deadlock(ctx);
    return 1;
}

/* What the host holds ready for this entry, `len` bytes. */
static uint8_t *take_parameters(uint32_t len)
{
    uint8_t *at = js_malloc_rt(context->rt, len);
    host_take(at, len);
    return at;
}

static void define_connectors(JSContext *ctx, JSValueConst global, const char *names, size_t len)
{
    for (const char *end = names + len; names < end; names += strlen(names) + 1) {
        JSValue name = JS_NewString(ctx, names);
        JS_DefinePropertyValueStr(ctx, global, names, namespace_new(ctx, NS_CONNECTOR, name), JS_PROP_ENUMERABLE);
        JS_FreeValue(ctx, name);
    }
}

/* The compiler is reachable only here and only from C. */
static JSValue compile(JSContext *ctx, const char *source, size_t len, const char *filename)
{
    ctx->eval_internal = __JS_EvalInternal;
    JSValue value = JS_Eval(ctx, source, len, filename, JS_EVAL_TYPE_GLOBAL | JS_EVAL_FLAG_STRICT);
    ctx->eval_internal = NULL;
    return value;
}

__attribute__((export_name("start"))) int32_t guest_start(uint32_t len)
{
    JSContext *ctx = context;
    uint8_t *at = take_parameters(len);
    JSValue program, global, input;
    StartHeader h;
    memcpy(&h, at, sizeof(h));
    char *source = (char *)at + sizeof(h);
    char *input_text = source + h.program_len + 1;
    char *connectors = input_text + h.input_len + 1;

    clock_ms = h.now_ms;
    ctx->random_state = h.random_state ? h.random_state : 1;
    heap_limit = h.heap_bytes;
    result_bytes = h.result_bytes;
    json_depth = (int)h.json_depth;
    deferred.argument_bytes = h.argument_bytes;
    deferred.json_depth = json_depth;
    JS_UpdateStackTop(ctx->rt);
    JS_SetMaxStackSize(ctx->rt, h.stack_bytes);

    global = JS_GetGlobalObject(ctx);
    define_connectors(ctx, global, connectors, h.connectors_len);
    input = h.input_len ? JS_ParseJSON(ctx, input_text, h.input_len, "<input>") : JS_UNDEFINED;
    if (JS_IsException(input)) {
        finish_thrown(ctx, "thrown", JS_GetException(ctx));
        return 1;
    }
    JS_DefinePropertyValueStr(ctx, global, "input", js_dup(input), JS_PROP_C_W_E);
    JS_FreeValue(ctx, global);

    program = compile(ctx, source, h.program_len, PROGRAM_FILENAME);
    js_free(ctx, at);
    if (JS_IsException(program)) {
        finish_thrown(ctx, "syntax", JS_GetException(ctx));
        return 1;
    }
    program_function = program;
    main_promise = JS_Call(ctx, program, JS_UNDEFINED, 1, vc(&input));
    JS_FreeValue(ctx, input);
    if (JS_IsException(main_promise)) {
        finish_thrown(ctx, "thrown", JS_GetException(ctx));
        return 1;
    }
    JS_PromiseMarkAsHandled(ctx, main_promise);
    return drain(ctx) || end_if_deadlocked(ctx);
}

__attribute__((export_name("resume"))) int32_t guest_resume(uint32_t len)
{
    JSContext *ctx = context;
    ResumeHeader h;
    uint8_t *at = take_parameters(len);
    memcpy(&h, at, sizeof(h));
    clock_ms = h.now_ms;
    JS_UpdateStackTop(ctx->rt);
    const char *text = (const char *)at + sizeof(h);
    deferred_settle(ctx, h.id, h.ok != 0, text, h.len, text + h.len + 1, h.binary_len);
    js_free(ctx, at);
    return drain(ctx) || end_if_deadlocked(ctx);
}

/* Line and column of the await at which the program is suspended, in the upper and the lower half; 0: not known. */
__attribute__((export_name("waiting_at"))) uint64_t guest_waiting_at(void)
{
    Site site = site_waiting(context);
    return (uint64_t)(uint32_t)site.line << 32 | (uint32_t)site.column;
}

/* Bytes that the run's heap reached at most. */
__attribute__((export_name("heap_peak"))) uint32_t guest_heap_peak(void)
{
    return (uint32_t)heap_peak;
}

/* JSON.stringify with less stack than the program has. The engine looks for a cycle among all containers it is inside of,
   so nesting costs its square: a value nested as deep as the whole stack allows would take seconds before the RangeError
   that this gives at once. It still has room for some 3,000 levels. */
static JSValue json_stringify(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv)
{
    enum { JSON_STACK_BYTES = 64 << 10 };
    uintptr_t outer = ctx->rt->stack_limit, inner = js_get_stack_pointer() - JSON_STACK_BYTES;
    if (inner > outer)
        ctx->rt->stack_limit = inner;
    JSValue text = js_json_stringify(ctx, this_value, argc, argv);
    ctx->rt->stack_limit = outer;
    return text;
}

/* --- init, at build time ----------------------------------------------------------------------- */

static void remove_global(JSContext *ctx, JSValueConst global, const char *name)
{
    JSAtom atom = JS_NewAtom(ctx, name);
    JS_DeleteProperty(ctx, global, atom, 0);
    JS_FreeAtom(ctx, atom);
}

static void require(bool good)
{
    if (!good)
        __builtin_trap();
}

/* Each prelude file is one function expression; it is called with the natives and adds globals. */
static void run_prelude(JSContext *ctx)
{
    JSValue natives = JS_NewObjectProto(ctx, JS_NULL);
    JS_SetPropertyFunctionList(ctx, natives, native_functions, countof(native_functions));
    for (size_t i = 0; i < countof(prelude_sources); i++) {
        JSValue module = compile(ctx, prelude_sources[i].text, prelude_sources[i].len, "<codemode>");
        require(!JS_IsException(module));
        JSValue outcome = JS_CallFree(ctx, module, JS_UNDEFINED, 1, vc(&natives));
        require(!JS_IsException(outcome));
        JS_FreeValue(ctx, outcome);
    }
    JS_FreeValue(ctx, natives);
}

__attribute__((export_name("wizer-initialize"))) void guest_init(void)
{
    static const char *const removed[] = {
        "eval", "SharedArrayBuffer", "Atomics", "WeakRef", "FinalizationRegistry", "performance",
    };
    static const JSCFunctionListEntry globals[] = {
        JS_CFUNC_DEF("callBinding", 2, call_by_name),
        JS_CFUNC_DEF("callHostTool", 2, call_by_name),
        JS_CFUNC_DEF("__return", 1, guest_return),
    };
    JSRuntime *rt = JS_NewRuntime2(&heap_functions, NULL);
    JSContext *ctx = JS_NewContextRaw(rt);
    require(ctx && !JS_AddIntrinsicBaseObjects(ctx) && !JS_AddIntrinsicDate(ctx) && !JS_AddIntrinsicEval(ctx) &&
            !JS_AddIntrinsicRegExp(ctx) && !JS_AddIntrinsicJSON(ctx) && !JS_AddIntrinsicProxy(ctx) &&
            !JS_AddIntrinsicMapSet(ctx) && !JS_AddIntrinsicTypedArrays(ctx) && !JS_AddIntrinsicPromise(ctx) &&
            !JS_AddIntrinsicAToB(ctx));
    context = ctx;
    main_promise = program_function = JS_UNDEFINED;
    unhandled = JS_NewArray(ctx);
    failure_mark = new_private_atom(ctx, "failure");
    program_filename = JS_NewAtom(ctx, PROGRAM_FILENAME);
    namespace_init(ctx);

    JSValue global = JS_GetGlobalObject(ctx);
    for (size_t i = 0; i < countof(removed); i++)
        remove_global(ctx, global, removed[i]);
    JS_SetPropertyFunctionList(ctx, global, globals, countof(globals));
    JSValue json = JS_GetPropertyStr(ctx, global, "JSON");
    JS_DefinePropertyValueStr(ctx, json, "stringify", JS_NewCFunction(ctx, json_stringify, "stringify", 3),
                              JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE);
    JS_FreeValue(ctx, json);
    JSValue nameless = JS_NewString(ctx, "");
    JS_DefinePropertyValueStr(ctx, global, "tools", namespace_new(ctx, NS_TOOLS, nameless), JS_PROP_ENUMERABLE);
    JS_DefinePropertyValueStr(ctx, global, "codemode", namespace_new(ctx, NS_CODEMODE, nameless),
                              JS_PROP_ENUMERABLE);
    JS_FreeValue(ctx, nameless);
    remove_global(ctx, ctx->error_ctor, "prepareStackTrace");
    run_prelude(ctx);
    JS_FreeValue(ctx, global);

    JS_SetHostPromiseRejectionTracker(rt, track_rejection, NULL);
    JS_SetInterruptHandler(rt, stop_poll, NULL);
    forget_backtrace(ctx);
    JS_RunGC(rt);
    /* A short run should not pay for a collection of the snapshot's own objects. */
    JS_SetGCThreshold(rt, heap_used + (1 << 20));
    heap_peak = heap_used;
}
