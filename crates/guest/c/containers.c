/* Arrays, objects, maps and sets of a value that leaves the guest; each remembers where it is, for messages. */

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

static void encode_binary_path(Encoder *e)
{
    bool first = true;
    dbuf_putstr(&e->binary, e->binary.size ? ",[" : "[");
    for (int i = 0; i < e->depth; i++) {
        EncodeFrame *frame = &e->frames[i];
        if (frame->passing)
            continue;
        if (!first)
            dbuf_putc(&e->binary, ',');
        first = false;
        if (frame->key == JS_ATOM_NULL) {
            dbuf_printf(&e->binary, "%lld", (long long)frame->index);
        } else {
            JSValue name = JS_AtomToString(e->ctx, frame->key);
            put_json_string(&e->binary, JS_VALUE_GET_STRING(name));
            JS_FreeValue(e->ctx, name);
        }
    }
    dbuf_putc(&e->binary, ']');
}

static int encode_bytes(Encoder *e, const uint8_t *bytes, size_t count)
{
    size_t length = (count + 2) / 3 * 4;
    if (e->max_bytes && length > e->max_bytes)
        return encode_too_large(e); /* before it is written out */
    dbuf_putc(&e->out, '"');
    dbuf_claim(&e->out, length);
    e->out.size += b64_encode(bytes, count, (char *)e->out.buf + e->out.size, b64_enc);
    dbuf_putc(&e->out, '"');
    if (e->marks_binary)
        encode_binary_path(e);
    return encode_check_size(e);
}

/* The elements of a typed array that does not hold bytes. */
static int encode_elements(Encoder *e, JSValueConst view, size_t count)
{
    int entered = encode_enter(e, view);
    if (entered != ENCODED)
        return entered == ENCODE_ABSENT ? ENCODED : entered;
    dbuf_putc(&e->out, '[');
    for (size_t i = 0; i < count; i++) {
        encode_top(e)->index = (int64_t)i;
        if (encode_item(e, JS_GetPropertyInt64(e->ctx, view, (int64_t)i), i == 0) == ENCODE_FAILED)
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
