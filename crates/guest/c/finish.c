/* How a run ends: with a value, with nothing, or with whatever was thrown, described for the host. */

enum { UNHANDLED_REPORTED = 8 }; /* a program that drops more rejections than this has made its point */

static JSValue unhandled; /* array of promises that were rejected with nobody listening */
static struct {
    bool set;
    uint8_t *text;
    size_t len;
} returned; /* what __return was given */
static size_t result_bytes;
static int json_depth;

/* A data property found without running any of the program's code. */
static JSValue inert_lookup(JSContext *ctx, JSValueConst object, JSAtom key)
{
    JSProperty *property;
    if (JS_VALUE_GET_TAG(object) != JS_TAG_OBJECT)
        return JS_UNDEFINED;
    for (JSObject *p = JS_VALUE_GET_OBJ(object); p && p->class_id != JS_CLASS_PROXY; p = p->shape->proto) {
        JSShapeProperty *shape = find_own_property(&property, p, key);
        if (shape)
            return (shape->flags & JS_PROP_TMASK) == JS_PROP_NORMAL ? js_dup(property->u.value) : JS_UNDEFINED;
    }
    return JS_UNDEFINED;
}

static bool is_error_object(JSValueConst value)
{
    if (JS_VALUE_GET_TAG(value) != JS_TAG_OBJECT)
        return false;
    uint16_t class_id = JS_VALUE_GET_OBJ(value)->class_id;
    return class_id == JS_CLASS_ERROR || class_id == JS_CLASS_DOM_EXCEPTION;
}

static void put_member(JSContext *ctx, JSValueConst object, const char *key, JSValue value)
{
    JS_DefinePropertyValueStr(ctx, object, key, value, JS_PROP_C_W_E);
}

/* Name, message or stack of an Error, undefined when it is no text. A DOMException keeps the first two inside, behind
   getters of its prototype. */
static JSValue error_text(JSContext *ctx, JSValueConst error, JSAtom key)
{
    JSDOMExceptionData *dom = JS_GetOpaque(error, JS_CLASS_DOM_EXCEPTION);
    JSValue text = dom && key == JS_ATOM_name      ? js_dup(dom->name)
                   : dom && key == JS_ATOM_message ? js_dup(dom->message)
                                                   : inert_lookup(ctx, error, key);
    if (JS_IsString(text))
        return text;
    JS_FreeValue(ctx, text);
    return JS_UNDEFINED;
}

/* {class, stack, failure, name, message, cause} of an Error, {class, stack, thrown} of anything else; what is not known
   is left out. Large things come last, since a description is cut. Runs none of the program's code: a getter on the
   thrown value could loop, throw again, or lie. */
static JSValue describe_thrown(JSContext *ctx, JSValueConst thrown)
{
    static const JSAtom text_keys[] = {JS_ATOM_name, JS_ATOM_message};
    static const char *const text_names[] = {"name", "message"};
    JSValue description = JS_NewObjectProto(ctx, JS_NULL);
    put_member(ctx, description, "class", JS_NewString(ctx, "thrown"));
    if (!is_error_object(thrown)) {
        if (JS_IsString(ctx->error_back_trace))
            put_member(ctx, description, "stack", js_dup(ctx->error_back_trace));
        put_member(ctx, description, "thrown",
                   JS_IsUndefined(thrown) ? JS_NewString(ctx, "undefined") : js_dup(thrown));
        return description;
    }
    JSObject *error = JS_VALUE_GET_OBJ(thrown);
    if (error->class_id == JS_CLASS_ERROR && JS_IsString(error->u.object_data))
        put_member(ctx, description, "stack", js_dup(error->u.object_data)); /* the engine's own record */
    else if (error->class_id == JS_CLASS_DOM_EXCEPTION)
        put_member(ctx, description, "stack", error_text(ctx, thrown, JS_ATOM_stack));
    JSValue failure = inert_get(ctx, thrown, failure_mark); /* its own: an heir of it is the program's making */
    if (!JS_IsUndefined(failure))
        put_member(ctx, description, "failure", failure);
    for (size_t i = 0; i < countof(text_keys); i++) {
        JSValue text = error_text(ctx, thrown, text_keys[i]);
        if (!JS_IsUndefined(text))
            put_member(ctx, description, text_names[i], text);
    }
    JSValue cause = inert_lookup(ctx, thrown, JS_ATOM_cause);
    if (!JS_IsUndefined(cause) && !is_error_object(cause))
        put_member(ctx, description, "cause", js_dup(cause));
    else if (is_error_object(cause))
        put_member(ctx, description, "cause", error_text(ctx, cause, JS_ATOM_message));
    JS_FreeValue(ctx, cause);
    return description;
}

/* The engine's own stack overflow, as against a RangeError of the program's. */
static bool is_stack_overflow(JSContext *ctx, JSValueConst description)
{
    bool same = false;
    JSValue failure = JS_GetPropertyStr(ctx, description, "failure");
    if (!JS_IsUndefined(failure)) { /* a tool may say so too */
        JS_FreeValue(ctx, failure);
        return false;
    }
    JSValue message = inert_lookup(ctx, description, JS_ATOM_message);
    const char *text = JS_IsString(message) ? JS_ToCString(ctx, message) : NULL;
    if (text)
        same = strcmp(text, "Maximum call stack size exceeded") == 0;
    JS_FreeCString(ctx, text);
    JS_FreeValue(ctx, message);
    return same;
}

static void report_unhandled(JSContext *ctx)
{
    int64_t count = 0;
    js_get_length64(ctx, &count, unhandled);
    for (int64_t i = 0, reported = 0; i < count && reported < UNHANDLED_REPORTED; i++) {
        Encoder e;
        JSValue promise = JS_GetPropertyInt64(ctx, unhandled, i);
        if (!JS_VALUE_GET_OBJ(promise)->u.promise_data->is_handled) {
            JSValue reason = JS_PromiseResult(ctx, promise);
            JSValue description = describe_thrown(ctx, reason);
            JSValue message = inert_lookup(ctx, description, JS_ATOM_message);
            encode_open(&e, ctx, "reason", 0, ENCODE_MAX_DEPTH);
            e.inert = true;
            dbuf_putstr(&e.out, "unhandled rejection (a promise failed and nobody awaited it): ");
            encode_value(&e, JS_IsString(message) ? message : reason);
            dbuf_putc(&e.out, '\n');
            host_print(STREAM_WARNING, e.out.buf, e.out.size);
            encode_close(&e);
            JS_FreeValue(ctx, message);
            JS_FreeValue(ctx, description);
            JS_FreeValue(ctx, reason);
            reported++;
        }
        JS_FreeValue(ctx, promise);
    }
}

static void finish(JSContext *ctx, uint32_t kind, const void *payload, size_t len)
{
    if (!stopping)
        report_unhandled(ctx);
    host_finish(kind, payload, len);
}

static void finish_described(JSContext *ctx, const char *class, JSValue description)
{
    Encoder e;
    put_member(ctx, description, "class", JS_NewString(ctx, class));
    encode_open(&e, ctx, "error", 0, ENCODE_MAX_DEPTH);
    e.inert = true;
    if (encode_value(&e, description) != ENCODED) { /* cannot be; but nothing half-written may leave */
        e.out.size = 0;
        dbuf_printf(&e.out, "{\"class\":\"%s\"}", class);
    }
    finish(ctx, END_ERROR, e.out.buf, e.out.size);
    encode_close(&e);
    JS_FreeValue(ctx, description);
}

/* `class` is what the host makes a Kind of: thrown, stack, syntax, result, output, stopped, deadlock. */
static void finish_thrown(JSContext *ctx, const char *class, JSValue thrown)
{
    JSValue description = describe_thrown(ctx, thrown);
    if (stopping)
        class = "stopped";
    else if (is_stack_overflow(ctx, description))
        class = "stack";
    finish_described(ctx, class, description);
    JS_FreeValue(ctx, thrown);
}

/* The program waits and nothing is under way that could wake it. */
static void finish_deadlock(JSContext *ctx)
{
    JSValue description = JS_NewObjectProto(ctx, JS_NULL);
    put_member(ctx, description, "stack", site_stack(ctx, site_waiting(ctx), "<await>"));
    finish_described(ctx, "deadlock", description);
}

static void finish_failed_encoding(JSContext *ctx, Encoder *e)
{
    finish_thrown(ctx, e->too_large ? "output" : e->refused ? "result" : "thrown", JS_GetException(ctx));
}

static int encode_result(JSContext *ctx, Encoder *e, JSValueConst value)
{
    encode_open(e, ctx, "result", result_bytes, json_depth);
    if (JS_IsFunction(ctx, value))
        return encode_fail(e, "is a function: call it and return what it gives");
    if (JS_VALUE_GET_TAG(value) == JS_TAG_SYMBOL)
        return encode_fail(e, "is a Symbol, which JSON cannot hold");
    int outcome = encode_value(e, value);
    if (outcome == ENCODE_ABSENT) /* a toJSON that gives undefined */
        dbuf_putstr(&e->out, "null");
    return outcome == ENCODE_FAILED ? ENCODE_FAILED : encode_check_size(e);
}

static void finish_value(JSContext *ctx, JSValueConst value)
{
    Encoder e;
    if (returned.set) {
        finish(ctx, END_VALUE, returned.text, returned.len);
        return;
    }
    if (JS_IsUndefined(value)) {
        finish(ctx, END_NOTHING, "", 0);
        return;
    }
    if (encode_result(ctx, &e, value) == ENCODE_FAILED)
        finish_failed_encoding(ctx, &e);
    else
        finish(ctx, END_VALUE, e.out.buf, e.out.size);
    encode_close(&e);
}

/* __return(value): the last call wins; encoded now, so that later changes to the value do not count. */
static JSValue guest_return(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv)
{
    Encoder e;
    if (encode_result(ctx, &e, argc > 0 ? argv[0] : JS_NULL) == ENCODE_FAILED) {
        encode_close(&e);
        return JS_EXCEPTION;
    }
    js_free(ctx, returned.text);
    returned.set = true;
    returned.text = e.out.buf;
    returned.len = e.out.size;
    return JS_UNDEFINED;
}
