/* JavaScript value → JSON text, for everything that leaves the guest: arguments, results, thrown values.

   It is not JSON.stringify. It never looks at anything a program can replace (Object.prototype.toJSON,
   JSON.stringify), it says where in the value the trouble is, and what JSON.stringify loses without a word
   (a Map, a typed array, an Error, a forgotten await) is either carried or named:

     Date              → ISO string, null when invalid        Map → object when all keys are strings, else pairs
     Set               → array                                Uint8Array, ArrayBuffer → base64
     other typed array → array of numbers
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
    bool passing; /* toJSON is being called: no level of the JSON */
} EncodeFrame;

typedef struct {
    JSContext *ctx;
    DynBuf out;
    DynBuf binary;     /* paths of what was written as base64, each `["key",0]`, with commas between them */
    bool marks_binary; /* whether anybody asks for them */
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
    js_dbuf_init(ctx, &e->binary);
}

static void encode_close(Encoder *e)
{
    dbuf_free(&e->out);
    dbuf_free(&e->binary);
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
    return e->max_bytes == 0 || e->out.size + e->binary.size <= e->max_bytes ? ENCODED : encode_too_large(e);
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
