/* What the prelude needs from C. These functions are handed to the prelude's closures and to nobody else. */

/* The UTF-8 of a value's text; false when it has none and an exception is set. */
static bool put_text(JSContext *ctx, DynBuf *out, JSValueConst value)
{
    JSValue flat = JS_ToString(ctx, value);
    if (JS_IsException(flat))
        return false;
    JSString *p = JS_VALUE_GET_STRING(flat);
    for (uint32_t i = 0; i < p->len;)
        put_utf8_or_ascii(out, p->is_wide_char ? next_code_point(str16(p), p->len, &i) : str8(p)[i++]);
    JS_FreeValue(ctx, flat);
    return true;
}

static JSValue native_print(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv)
{
    DynBuf text;
    js_dbuf_init(ctx, &text);
    bool good = put_text(ctx, &text, argv[1]);
    bool stop = good && host_print(JS_VALUE_GET_INT(argv[0]), text.buf, text.size) != 0;
    dbuf_free(&text);
    return !good ? JS_EXCEPTION : stop ? stop_now(ctx) : JS_UNDEFINED;
}

/* Sends the arguments, NUL between them, and returns the URL's parts {href, protocol, …}, or undefined when
   there is no such URL. An undefined argument is sent as nothing. */
static JSValue sync_url(JSContext *ctx, uint32_t op, int argc, JSValueConst *argv)
{
    DynBuf request;
    JSValue answer = JS_UNDEFINED;
    js_dbuf_init(ctx, &request);
    for (int i = 0; i < argc; i++) {
        size_t len;
        const char *text = JS_IsUndefined(argv[i]) ? NULL : JS_ToCStringLen(ctx, &len, argv[i]);
        if (i > 0)
            dbuf_putc(&request, '\0');
        if (text)
            dbuf_put(&request, text, len);
        JS_FreeCString(ctx, text);
    }
    int32_t size = host_sync(op, request.buf, request.size);
    dbuf_free(&request);
    if (size >= 0) {
        char *text = js_malloc(ctx, (size_t)size + 1);
        host_take(text, size);
        text[size] = '\0';
        answer = JS_ParseJSON(ctx, text, size, "<url>");
        js_free(ctx, text);
    }
    return answer;
}

/* url(text, base or undefined) */
static JSValue native_url(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv)
{
    JSValueConst base_first[2] = {argv[1], argv[0]};
    return sync_url(ctx, SYNC_URL, 2, base_first);
}

/* setUrl(href, part, value) */
static JSValue native_set_url(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv)
{
    return sync_url(ctx, SYNC_URL_SET, 3, argv);
}

/* random(n) → Uint8Array of n bytes from the run's seed. */
static JSValue native_random(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv)
{
    uint32_t count = JS_VALUE_GET_INT(argv[0]);
    int32_t size = host_sync(SYNC_RANDOM, &count, sizeof(count));
    if (size < 0)
        return JS_ThrowRangeError(ctx, "too many random bytes at once");
    uint8_t *bytes = js_malloc(ctx, size ? size : 1);
    host_take(bytes, size);
    JSValue array = JS_NewUint8ArrayCopy(ctx, bytes, size);
    js_free(ctx, bytes);
    return array;
}

/* timer(ms) → {id, promise} */
static JSValue native_timer(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv)
{
    char text[32];
    double ms;
    uint32_t id;
    if (JS_ToFloat64(ctx, &ms, argv[0]))
        return JS_EXCEPTION;
    ms = ms >= 0 && ms <= 2147483647 ? floor(ms) : 0; /* as on the web, also for NaN */
    size_t len = i64toa(text, (int64_t)ms);
    JSValue promise = defer_request(ctx, DEFER_TIMER, "", 0, text, len, &id);
    if (JS_IsException(promise))
        return promise;
    JSValue timer = JS_NewObjectProto(ctx, JS_NULL);
    JS_DefinePropertyValueStr(ctx, timer, "id", js_int64(id), JS_PROP_C_W_E);
    JS_DefinePropertyValueStr(ctx, timer, "promise", promise, JS_PROP_C_W_E);
    return timer;
}

static JSValue native_cancel_timer(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv)
{
    int64_t id;
    if (JS_ToInt64(ctx, &id, argv[0]))
        return JS_EXCEPTION;
    Deferred *d = deferred_find((uint32_t)id);
    if (d && d->is_timer) {
        host_defer((uint32_t)id, DEFER_CANCEL, "", 0, "", 0);
        deferred_release(ctx, d);
    }
    return JS_UNDEFINED;
}

static JSValue native_utf8_encode(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv)
{
    DynBuf text;
    js_dbuf_init(ctx, &text);
    JSValue array = put_text(ctx, &text, argv[0]) ? JS_NewUint8ArrayCopy(ctx, text.buf, text.size) : JS_EXCEPTION;
    dbuf_free(&text);
    return array;
}

/* utf8Decode(Uint8Array) → string, U+FFFD for what is not UTF-8; undefined instead when `fatal` is set. */
static JSValue native_utf8_decode(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv)
{
    size_t len;
    uint8_t *bytes = JS_GetUint8Array(ctx, &len, argv[0]);
    bool fatal = JS_ToBool(ctx, argv[1]);
    if (!bytes && JS_HasException(ctx))
        return JS_EXCEPTION;
    DynBuf clean;
    js_dbuf_init(ctx, &clean);
    for (size_t i = 0; i < len;) {
        uint8_t lead = bytes[i];
        /* Bounds of the second byte rule out overlong forms, surrogates and what lies past U+10FFFF. */
        size_t extra = lead < 0x80 ? 0 : lead < 0xc2 ? 9 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : lead < 0xf5 ? 3 : 9;
        uint8_t low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
        uint8_t high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
        size_t good = 1;
        while (extra != 9 && good <= extra && i + good < len && bytes[i + good] >= low && bytes[i + good] <= high) {
            good++;
            low = 0x80, high = 0xbf;
        }
        if (extra != 9 && good == extra + 1) {
            dbuf_put(&clean, bytes + i, good);
        } else if (fatal) {
            dbuf_free(&clean);
            return JS_UNDEFINED;
        } else {
            dbuf_put(&clean, "\xef\xbf\xbd", 3);
        }
        i += good;
    }
    JSValue text = JS_NewStringLen(ctx, (char *)clean.buf, clean.size);
    dbuf_free(&clean);
    return text;
}

/* kind(value) → what sort of object it is by its internal slots, which no program can fake. */
static JSValue native_kind(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv)
{
    static const struct { uint16_t class_id; const char *name; } kinds[] = {
        {JS_CLASS_ERROR, "error"}, {JS_CLASS_DOM_EXCEPTION, "error"}, {JS_CLASS_NUMBER, "boxed"},
        {JS_CLASS_STRING, "boxed"}, {JS_CLASS_BOOLEAN, "boxed"}, {JS_CLASS_BIG_INT, "boxed"},
        {JS_CLASS_SYMBOL, "boxed"}, {JS_CLASS_DATE, "date"}, {JS_CLASS_REGEXP, "regexp"}, {JS_CLASS_MAP, "map"},
        {JS_CLASS_SET, "set"}, {JS_CLASS_WEAKMAP, "weak"}, {JS_CLASS_WEAKSET, "weak"},
        {JS_CLASS_ARRAY_BUFFER, "buffer"}, {JS_CLASS_DATAVIEW, "view"}, {JS_CLASS_PROMISE, "promise"},
        {JS_CLASS_PROXY, "proxy"}, {JS_CLASS_GENERATOR, "generator"}, {JS_CLASS_ARRAY, "array"},
    };
    if (JS_VALUE_GET_TAG(argv[0]) != JS_TAG_OBJECT)
        return JS_UNDEFINED;
    uint16_t class_id = JS_VALUE_GET_OBJ(argv[0])->class_id;
    for (size_t i = 0; i < countof(kinds); i++) {
        if (kinds[i].class_id == class_id)
            return JS_NewString(ctx, kinds[i].name);
    }
    if (class_id == namespace_class)
        return JS_NewString(ctx, "connector");
    if (is_typed_array(class_id))
        return JS_NewString(ctx, "typed");
    return JS_NewString(ctx, JS_IsFunction(ctx, argv[0]) ? "function" : "object");
}

static const JSCFunctionListEntry native_functions[] = {
    JS_CFUNC_DEF("print", 2, native_print),
    JS_CFUNC_DEF("url", 2, native_url),
    JS_CFUNC_DEF("setUrl", 3, native_set_url),
    JS_CFUNC_DEF("random", 1, native_random),
    JS_CFUNC_DEF("timer", 1, native_timer),
    JS_CFUNC_DEF("cancelTimer", 1, native_cancel_timer),
    JS_CFUNC_DEF("utf8Encode", 1, native_utf8_encode),
    JS_CFUNC_DEF("utf8Decode", 2, native_utf8_decode),
    JS_CFUNC_DEF("kind", 1, native_kind),
};
