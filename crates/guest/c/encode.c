/* Which way of encoding a value takes. */

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
        e->frames[e->depth++] = (EncodeFrame){.container = object, .key = JS_ATOM_toJSON, .passing = true};
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
        return encode_bytes(e, bytes, bytes ? size : 0);
    default:
        break;
    }
    if (is_typed_array(p->class_id)) {
        int count = js_typed_array_get_length_unsafe(ctx, value);
        if (count < 0)
            return ENCODE_FAILED;
        if (p->class_id == JS_CLASS_UINT8_ARRAY || p->class_id == JS_CLASS_UINT8C_ARRAY)
            return encode_bytes(e, p->u.array.u.uint8_ptr, count);
        return encode_elements(e, value, count);
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
