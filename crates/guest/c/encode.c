/* JavaScript value → JSON text, for everything that leaves the guest: arguments, results, thrown values.

   It is not JSON.stringify. It never looks at anything a program can replace (Object.prototype.toJSON,
   JSON.stringify), it says where in the value the trouble is, and what JSON.stringify loses without a word
   (a Map, a typed array, an Error, a forgotten await) is either carried or named:

     Date              → ISO string, null when invalid        Map → object when all keys are strings, else pairs
     Set               → array                                typed array, ArrayBuffer → array of numbers
     Error             → {name, message, …own}                class with toJSON → what toJSON returns
     NaN, ±Infinity    → null                                 lone surrogate → U+FFFD
     undefined, function, symbol → left out of objects, null in arrays
     BigInt, Promise, cycle, too deep, too large → an error that names the path */

#define ENCODE_MAX_DEPTH 127
/* Bytes of an inert description, an error's: what comes after is left out. It holds a few strings of the greatest length,
   whose characters may take six bytes each. */
#define ENCODE_INERT_BYTES (256 << 10)
#define ENCODE_INERT_STRING 8192

typedef struct {
    JSValueConst container;
    JSAtom key; /* JS_ATOM_NULL: `index` counts instead */
    int64_t index;
} EncodeFrame;

typedef struct {
    JSContext *ctx;
    DynBuf out;
    const char *root;  /* what the path in a message starts with */
    size_t max_bytes;  /* 0: no limit */
    int max_depth;
    bool inert;        /* never run the program's code: no getters, proxies, toJSON */
    bool refused;      /* set when the failure is ours and not an exception of the program's code */
    bool too_large;    /* set when max_bytes was passed */
    int depth;
    EncodeFrame frames[ENCODE_MAX_DEPTH + 1];
} Encoder;

enum { ENCODED = 0, ENCODE_ABSENT = 1, ENCODE_FAILED = -1 };

static int encode_value(Encoder *e, JSValueConst value);

static void encode_open(Encoder *e, JSContext *ctx, const char *root, size_t max_bytes, int max_depth)
{
    memset(e, 0, offsetof(Encoder, frames));
    e->ctx = ctx;
    e->root = root;
    e->max_bytes = max_bytes;
    e->max_depth = max_depth > ENCODE_MAX_DEPTH ? ENCODE_MAX_DEPTH : max_depth;
    js_dbuf_init(ctx, &e->out);
}

static void encode_close(Encoder *e)
{
    dbuf_free(&e->out);
}

/* --- paths in messages ------------------------------------------------------------------------- */

static bool is_plain_key(const char *key)
{
    if (!*key || (*key >= '0' && *key <= '9'))
        return false;
    for (; *key; key++) {
        if (!isalnum((unsigned char)*key) && *key != '_' && *key != '$')
            return false;
    }
    return true;
}

static void encode_path(Encoder *e, DynBuf *path)
{
    dbuf_putstr(path, e->root);
    for (int i = 0; i < e->depth && path->size < 200; i++) {
        EncodeFrame *frame = &e->frames[i];
        if (frame->key == JS_ATOM_NULL) {
            dbuf_printf(path, "[%lld]", (long long)frame->index);
            continue;
        }
        const char *key = JS_AtomToCString(e->ctx, frame->key);
        if (!key)
            JS_FreeValue(e->ctx, JS_GetException(e->ctx));
        else if (is_plain_key(key))
            dbuf_printf(path, ".%.60s", key);
        else
            dbuf_printf(path, "[\"%.60s\"]", key);
        JS_FreeCString(e->ctx, key);
    }
    dbuf_putc(path, '\0');
}

static int encode_fail(Encoder *e, const char *problem)
{
    DynBuf path;
    if (e->inert) {
        dbuf_putstr(&e->out, "null");
        return ENCODED;
    }
    e->refused = true;
    js_dbuf_init(e->ctx, &path);
    encode_path(e, &path);
    JS_ThrowTypeError(e->ctx, "%s %s", (char *)path.buf, problem);
    dbuf_free(&path);
    return ENCODE_FAILED;
}

static int encode_too_large(Encoder *e)
{
    e->refused = e->too_large = true;
    JS_ThrowRangeError(e->ctx, "%s exceeds the limit of %zu bytes of JSON", e->root, e->max_bytes);
    return ENCODE_FAILED;
}

static int encode_check_size(Encoder *e)
{
    return e->max_bytes == 0 || e->out.size <= e->max_bytes ? ENCODED : encode_too_large(e);
}

/* --- scalars ----------------------------------------------------------------------------------- */

/* Whether an inert description has got as long as it may. */
static bool encode_is_full(Encoder *e)
{
    return e->inert && e->out.size > ENCODE_INERT_BYTES;
}

static int encode_string(Encoder *e, JSValueConst value)
{
    uint32_t length = JS_VALUE_GET_TAG(value) == JS_TAG_STRING ? JS_VALUE_GET_STRING(value)->len
                                                               : JS_VALUE_GET_STRING_ROPE(value)->len;
    if (e->max_bytes && length > e->max_bytes)
        return encode_too_large(e); /* before it is written out, perhaps to the end of the heap */
    JSValue text = JS_ToString(e->ctx, value); /* flattens a rope; runs no code for a string */
    if (JS_IsException(text))
        return ENCODE_FAILED;
    if (e->inert && length > ENCODE_INERT_STRING) {
        JSValue cut = js_sub_string(e->ctx, JS_VALUE_GET_STRING(text), 0, ENCODE_INERT_STRING);
        JS_FreeValue(e->ctx, text);
        text = cut;
    }
    put_json_string(&e->out, JS_VALUE_GET_STRING(text));
    JS_FreeValue(e->ctx, text);
    return encode_check_size(e);
}

static int encode_double(Encoder *e, double d)
{
    char text[64];
    JSDTOATempMem scratch;
    if (isnan(d) || isinf(d)) {
        dbuf_putstr(&e->out, "null");
        return ENCODED;
    }
    if (d == 0)
        d = 0; /* JSON readers disagree about -0 */
    int len = js_dtoa(text, d, 10, 0, JS_DTOA_FORMAT_FREE, &scratch);
    dbuf_put(&e->out, text, len);
    return ENCODED;
}

/* --- containers -------------------------------------------------------------------------------- */

static int encode_enter(Encoder *e, JSValueConst container)
{
    if (e->depth >= e->max_depth) {
        char problem[64];
        snprintf(problem, sizeof(problem), "is nested deeper than %d levels", e->max_depth);
        return encode_fail(e, problem) == ENCODED ? ENCODE_ABSENT : ENCODE_FAILED;
    }
    for (int i = 0; i < e->depth; i++) {
        if (JS_VALUE_GET_PTR(e->frames[i].container) == JS_VALUE_GET_PTR(container))
            return encode_fail(e, "refers back to a value that contains it") == ENCODED ? ENCODE_ABSENT
                                                                                        : ENCODE_FAILED;
    }
    e->frames[e->depth] = (EncodeFrame){.container = container, .key = JS_ATOM_NULL, .index = 0};
    e->depth++;
    return ENCODED;
}

static EncodeFrame *encode_top(Encoder *e)
{
    return &e->frames[e->depth - 1];
}

/* Takes ownership of `value`. */
static int encode_item(Encoder *e, JSValue value, bool first)
{
    if (JS_IsException(value))
        return ENCODE_FAILED;
    if (!first)
        dbuf_putc(&e->out, ',');
    int outcome = encode_value(e, value);
    JS_FreeValue(e->ctx, value);
    if (outcome == ENCODE_ABSENT)
        dbuf_putstr(&e->out, "null");
    return outcome == ENCODE_FAILED ? ENCODE_FAILED : encode_check_size(e);
}

static JSValue inert_get(JSContext *ctx, JSValueConst object, JSAtom key)
{
    JSProperty *property;
    JSObject *p = JS_VALUE_GET_OBJ(object);
    if (p->is_exotic && !p->fast_array)
        return JS_UNDEFINED;
    JSShapeProperty *shape = find_own_property(&property, p, key);
    if (!shape || (shape->flags & JS_PROP_TMASK) != JS_PROP_NORMAL)
        return JS_UNDEFINED;
    return js_dup(property->u.value);
}

static JSValue inert_get_str(JSContext *ctx, JSValueConst object, const char *name)
{
    JSAtom key = JS_NewAtom(ctx, name);
    JSValue value = inert_get(ctx, object, key);
    JS_FreeAtom(ctx, key);
    return value;
}

static int encode_array(Encoder *e, JSValueConst array)
{
    int64_t length;
    JSObject *p = JS_VALUE_GET_OBJ(array);
    int entered = encode_enter(e, array);
    if (entered != ENCODED)
        return entered == ENCODE_ABSENT ? ENCODED : entered;
    if (e->inert)
        length = p->fast_array ? p->u.array.count : 0;
    else if (js_get_length64(e->ctx, &length, array) < 0)
        return ENCODE_FAILED;
    dbuf_putc(&e->out, '[');
    for (int64_t i = 0; i < length && !encode_is_full(e); i++) {
        encode_top(e)->index = i;
        bool fast = p->class_id == JS_CLASS_ARRAY && p->fast_array && i < p->u.array.count;
        JSValue item = fast ? js_dup(p->u.array.u.values[i]) : JS_GetPropertyInt64(e->ctx, array, i);
        if (encode_item(e, item, i == 0) == ENCODE_FAILED)
            return ENCODE_FAILED;
    }
    dbuf_putc(&e->out, ']');
    e->depth--;
    return ENCODED;
}

static int encode_elements(Encoder *e, JSValueConst view, const uint8_t *bytes, size_t count)
{
    int entered = encode_enter(e, view);
    if (entered != ENCODED)
        return entered == ENCODE_ABSENT ? ENCODED : entered;
    dbuf_putc(&e->out, '[');
    for (size_t i = 0; i < count; i++) {
        encode_top(e)->index = (int64_t)i;
        JSValue item = bytes ? js_int32(bytes[i]) : JS_GetPropertyInt64(e->ctx, view, (int64_t)i);
        if (encode_item(e, item, i == 0) == ENCODE_FAILED)
            return ENCODE_FAILED;
    }
    dbuf_putc(&e->out, ']');
    e->depth--;
    return ENCODED;
}

/* One `"key":value`; takes ownership of `value`. Leaves nothing behind for an absent value. */
static int encode_member(Encoder *e, JSAtom key, JSValue value, bool *first)
{
    size_t before = e->out.size;
    if (JS_IsException(value))
        return ENCODE_FAILED;
    if (!*first)
        dbuf_putc(&e->out, ',');
    JSValue name = JS_AtomToString(e->ctx, key);
    put_json_string(&e->out, JS_VALUE_GET_STRING(name));
    JS_FreeValue(e->ctx, name);
    dbuf_putc(&e->out, ':');
    encode_top(e)->key = key;
    int outcome = encode_value(e, value);
    encode_top(e)->key = JS_ATOM_NULL;
    JS_FreeValue(e->ctx, value);
    if (outcome == ENCODE_ABSENT)
        e->out.size = before;
    else
        *first = false;
    return outcome == ENCODE_FAILED ? ENCODE_FAILED : encode_check_size(e);
}

static int encode_object(Encoder *e, JSValueConst object, bool is_error)
{
    static const JSAtom error_keys[] = {JS_ATOM_name, JS_ATOM_message};
    JSContext *ctx = e->ctx;
    JSPropertyEnum *keys;
    uint32_t count;
    bool first = true;
    int entered = encode_enter(e, object), outcome = ENCODED;
    if (entered != ENCODED)
        return entered == ENCODE_ABSENT ? ENCODED : entered;
    dbuf_putc(&e->out, '{');
    for (uint32_t i = 0; is_error && !e->inert && outcome == ENCODED && i < countof(error_keys); i++)
        outcome = encode_member(e, error_keys[i], JS_GetProperty(ctx, object, error_keys[i]), &first);
    if (outcome == ENCODED) {
        if (JS_GetOwnPropertyNames(ctx, &keys, &count, object, JS_GPN_STRING_MASK | JS_GPN_ENUM_ONLY) < 0)
            return ENCODE_FAILED;
        for (uint32_t i = 0; i < count && outcome == ENCODED && !encode_is_full(e); i++) {
            JSAtom key = keys[i].atom;
            if (is_error && (key == JS_ATOM_name || key == JS_ATOM_message || key == JS_ATOM_stack))
                continue;
            JSValue value = e->inert ? inert_get(ctx, object, key) : JS_GetProperty(ctx, object, key);
            outcome = encode_member(e, key, value, &first);
        }
        JS_FreePropertyEnum(ctx, keys, count);
    }
    if (outcome != ENCODED)
        return outcome;
    dbuf_putc(&e->out, '}');
    e->depth--;
    return ENCODED;
}

static int encode_map(Encoder *e, JSValueConst map, bool is_map)
{
    JSMapState *state = JS_VALUE_GET_OBJ(map)->u.map_state;
    struct list_head *link;
    int64_t index = 0;
    bool as_object = is_map, first = true;
    int entered = encode_enter(e, map), outcome = ENCODED;
    if (entered != ENCODED)
        return entered == ENCODE_ABSENT ? ENCODED : entered;
    list_for_each(link, &state->records) {
        JSMapRecord *record = list_entry(link, JSMapRecord, link);
        if (!record->empty && !JS_IsString(record->key))
            as_object = false;
    }
    dbuf_putc(&e->out, as_object ? '{' : '[');
    for (link = state->records.next; link != &state->records && outcome == ENCODED && !encode_is_full(e);) {
        JSMapRecord *record = list_entry(link, JSMapRecord, link);
        record->ref_count++; /* the program's code may delete it meanwhile */
        encode_top(e)->index = index++;
        if (record->empty) {
            index--;
        } else if (as_object) {
            JSAtom key = JS_ValueToAtom(e->ctx, record->key);
            outcome = encode_member(e, key, js_dup(record->value), &first);
            JS_FreeAtom(e->ctx, key);
        } else if (is_map) {
            JSValue pair = JS_NewArray(e->ctx);
            JS_DefinePropertyValueUint32(e->ctx, pair, 0, js_dup(record->key), JS_PROP_C_W_E);
            JS_DefinePropertyValueUint32(e->ctx, pair, 1, js_dup(record->value), JS_PROP_C_W_E);
            outcome = encode_item(e, pair, first);
            first = false;
        } else {
            outcome = encode_item(e, js_dup(record->key), first);
            first = false;
        }
        link = link->next;
        map_decref_record(e->ctx->rt, record);
    }
    if (outcome != ENCODED)
        return outcome;
    dbuf_putc(&e->out, as_object ? '}' : ']');
    e->depth--;
    return ENCODED;
}

/* --- objects ----------------------------------------------------------------------------------- */

/* toJSON of the program's own classes counts; one found on Object.prototype or Array.prototype does not. */
static JSValue find_to_json(JSContext *ctx, JSValueConst object, JSAtom to_json)
{
    JSObject *stop_object = JS_VALUE_GET_OBJ(ctx->class_proto[JS_CLASS_OBJECT]);
    JSObject *stop_array = JS_VALUE_GET_OBJ(ctx->class_proto[JS_CLASS_ARRAY]);
    JSProperty *property;
    for (JSObject *p = JS_VALUE_GET_OBJ(object); p && p != stop_object && p != stop_array; p = p->shape->proto) {
        if (p->class_id == JS_CLASS_PROXY || find_own_property(&property, p, to_json))
            return JS_GetProperty(ctx, object, to_json);
    }
    return JS_UNDEFINED;
}

static int encode_to_json(Encoder *e, JSValueConst object, JSValue method)
{
    JSValue value = JS_CallFree(e->ctx, method, object, 0, NULL);
    int outcome;
    if (JS_IsException(value))
        return ENCODE_FAILED;
    if (e->depth >= e->max_depth) {
        outcome = encode_fail(e, "is nested too deeply");
    } else {
        e->frames[e->depth++] = (EncodeFrame){.container = object, .key = JS_ATOM_toJSON};
        outcome = encode_value(e, value);
        e->depth--;
    }
    JS_FreeValue(e->ctx, value);
    return outcome;
}

/* What JSON.rawJSON made. A number keeps its digits, so that an integer of more than 53 bits can be sent; anything else
   goes the way of all values, since the engine's idea of JSON is laxer than others'. */
static int encode_raw_json(Encoder *e, JSValueConst value)
{
    JSContext *ctx = e->ctx;
    size_t len;
    JSValue raw = inert_get_str(ctx, value, "rawJSON");
    const char *text = JS_ToCStringLen(ctx, &len, raw);
    JSValue parsed = text ? JS_ParseJSON(ctx, text, len, "<raw>") : JS_EXCEPTION;
    int outcome = ENCODE_FAILED;
    if (JS_VALUE_GET_TAG(parsed) == JS_TAG_INT ||
        (JS_TAG_IS_FLOAT64(JS_VALUE_GET_TAG(parsed)) && isfinite(JS_VALUE_GET_FLOAT64(parsed)))) {
        dbuf_put(&e->out, text, len);
        outcome = encode_check_size(e);
    } else if (!JS_IsException(parsed)) {
        outcome = encode_value(e, parsed);
    }
    JS_FreeValue(ctx, parsed);
    JS_FreeCString(ctx, text);
    JS_FreeValue(ctx, raw);
    return outcome;
}

static int encode_any_object(Encoder *e, JSValueConst value)
{
    JSContext *ctx = e->ctx;
    JSObject *p = JS_VALUE_GET_OBJ(value);
    JSValue inner;
    size_t size;
    uint8_t *bytes;
    int outcome;

    if (JS_IsFunction(ctx, value))
        return ENCODE_ABSENT;
    if (e->inert && (encode_is_full(e) || p->class_id == JS_CLASS_PROXY || p->class_id == JS_CLASS_ARRAY_BUFFER ||
                     p->class_id == JS_CLASS_RAWJSON || is_typed_array(p->class_id)))
        return encode_value(e, JS_NULL); /* full, or not to be read without the program's help */
    switch (p->class_id) {
    case JS_CLASS_NUMBER:
    case JS_CLASS_STRING:
    case JS_CLASS_BOOLEAN:
    case JS_CLASS_BIG_INT:
    case JS_CLASS_SYMBOL:
        return encode_value(e, p->u.object_data);
    case JS_CLASS_DATE:
        if (JS_IsNumber(p->u.object_data) && !isfinite(JS_VALUE_GET_TAG(p->u.object_data) == JS_TAG_INT
                                                           ? 0 : JS_VALUE_GET_FLOAT64(p->u.object_data)))
            return encode_value(e, JS_NULL);
        inner = get_date_string(ctx, value, 0, NULL, 0x23);
        outcome = JS_IsException(inner) ? ENCODE_FAILED : encode_value(e, inner);
        JS_FreeValue(ctx, inner);
        return outcome;
    case JS_CLASS_REGEXP:
        dbuf_putstr(&e->out, "\"");
        inner = JS_MKPTR(JS_TAG_STRING, p->u.regexp.pattern);
        size = e->out.size;
        put_json_string(&e->out, JS_VALUE_GET_STRING(inner));
        e->out.buf[size] = '/';              /* `"…"` becomes `"/…/"` */
        e->out.buf[e->out.size - 1] = '/';
        dbuf_putc(&e->out, '"');
        return encode_check_size(e);
    case JS_CLASS_PROMISE:
        return encode_fail(e, "is a Promise: await it");
    case JS_CLASS_RAWJSON:
        return encode_raw_json(e, value);
    case JS_CLASS_MAP:
        return encode_map(e, value, true);
    case JS_CLASS_SET:
        return encode_map(e, value, false);
    case JS_CLASS_ARRAY_BUFFER:
        bytes = JS_GetArrayBuffer(ctx, &size, value);
        if (!bytes && JS_HasException(ctx))
            return ENCODE_FAILED;
        return encode_elements(e, value, bytes, bytes ? size : 0);
    default:
        break;
    }
    if (is_typed_array(p->class_id)) {
        int count = js_typed_array_get_length_unsafe(ctx, value);
        if (count < 0)
            return ENCODE_FAILED;
        return encode_elements(e, value, NULL, count);
    }
    if (!e->inert) {
        JSValue method = find_to_json(ctx, value, JS_ATOM_toJSON);
        if (JS_IsException(method))
            return ENCODE_FAILED;
        if (JS_IsFunction(ctx, method))
            return encode_to_json(e, value, method);
        JS_FreeValue(ctx, method);
    }
    if (JS_IsArray(value))
        return encode_array(e, value);
    return encode_object(e, value, p->class_id == JS_CLASS_ERROR || p->class_id == JS_CLASS_DOM_EXCEPTION);
}

/* Appends `value` to the output. ENCODE_ABSENT: JSON has nothing for it. ENCODE_FAILED: an exception is set. */
static int encode_value(Encoder *e, JSValueConst value)
{
    char text[16];
    switch (JS_VALUE_GET_NORM_TAG(value)) {
    case JS_TAG_INT:
        dbuf_put(&e->out, text, i32toa(text, JS_VALUE_GET_INT(value)));
        return ENCODED;
    case JS_TAG_FLOAT64:
        return encode_double(e, JS_VALUE_GET_FLOAT64(value));
    case JS_TAG_BOOL:
        dbuf_putstr(&e->out, JS_VALUE_GET_BOOL(value) ? "true" : "false");
        return ENCODED;
    case JS_TAG_NULL:
        dbuf_putstr(&e->out, "null");
        return ENCODED;
    case JS_TAG_STRING:
    case JS_TAG_STRING_ROPE:
        return encode_string(e, value);
    case JS_TAG_BIG_INT:
    case JS_TAG_SHORT_BIG_INT:
        return encode_fail(e, "is a BigInt, which JSON cannot hold: pass String(value) or Number(value)");
    case JS_TAG_OBJECT:
        return encode_any_object(e, value);
    default:
        return ENCODE_ABSENT;
    }
}
