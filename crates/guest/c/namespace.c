/* `github`, `tools` and `codemode`: objects whose every string key is a callable (or, for `tools`, a
   connector), made when it is first touched. The host resolves names when a call arrives, so a catalog of
   thousands of tools costs a run nothing, and a misspelt one is answered with the nearest names.

   What the language itself probes for (`then`, `toJSON`, symbols, the names of Object.prototype) is undefined
   unless a tool bears that very name: awaiting, printing or serialising a namespace calls no tool. */

typedef enum { NS_CONNECTOR, NS_TOOLS, NS_CODEMODE } NamespaceKind;

typedef struct {
    NamespaceKind kind;
    JSValue name;  /* of the connector; "" for the other kinds */
    JSValue cache; /* key → callable, so that github.x === github.x */
} Namespace;

static JSClassID namespace_class;

/* Names the language looks for on any object. */
static const char *const probed_names[] = {
    "then", "toJSON", "constructor", "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable", "toLocaleString",
    "toString", "valueOf", "__proto__", "__defineGetter__", "__defineSetter__", "__lookupGetter__",
    "__lookupSetter__",
};
/* Members of `codemode` that are not tools: first its functions, then names that are kept for later ones. */
static const char *const codemode_names[] = {
    "search", "describe", "result", "step", "run", "resources", "prompts",
};
#define CODEMODE_FUNCTIONS 3
/* Functions of objects that are members of `codemode`. */
static const char *const codemode_nested[] = {"resources.list", "resources.read", "prompts.list", "prompts.get"};

static bool one_of(const char *name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(name, names[i]) == 0)
            return true;
    }
    return false;
}

/* "connector NUL tool", as the host takes it. */
static void put_address(JSContext *ctx, DynBuf *out, JSValueConst connector, const char *tool, size_t tool_len)
{
    size_t len;
    const char *text = JS_ToCStringLen(ctx, &len, connector);
    js_dbuf_init(ctx, out);
    if (text)
        dbuf_put(out, text, len);
    JS_FreeCString(ctx, text);
    dbuf_putc(out, '\0');
    dbuf_put(out, tool, tool_len);
}

static bool namespace_has(JSContext *ctx, Namespace *ns, const char *key, size_t len)
{
    DynBuf address;
    if (ns->kind == NS_CODEMODE)
        return host_sync(SYNC_NAMED, key, len) >= 0;
    put_address(ctx, &address, ns->name, key, len);
    int32_t found = host_sync(SYNC_HAS, address.buf, address.size);
    dbuf_free(&address);
    return found >= 0;
}

static JSValue namespace_call(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv, int kind,
                              JSValueConst *data)
{
    DynBuf address;
    size_t len;
    const char *key = JS_ToCStringLen(ctx, &len, data[1]);
    if (!key)
        return JS_EXCEPTION;
    put_address(ctx, &address, data[0], key, len);
    size_t skip = kind == DEFER_TOOL ? 0 : address.size - len;
    JSValue promise = defer_call(ctx, kind, address.buf + skip, address.size - skip, argc, argv);
    dbuf_free(&address);
    JS_FreeCString(ctx, key);
    return promise;
}

static JSValue namespace_new(JSContext *ctx, NamespaceKind kind, JSValueConst name);

/* `codemode.resources` and `codemode.prompts`: frozen, without prototype; JS_UNDEFINED for another name. */
static JSValue nested_new(JSContext *ctx, JSValueConst ns_name, const char *name)
{
    size_t len = strlen(name);
    JSValue object = JS_UNDEFINED;
    for (size_t i = 0; i < countof(codemode_nested); i++) {
        const char *path = codemode_nested[i];
        if (strncmp(path, name, len) != 0 || path[len] != '.')
            continue;
        if (JS_IsUndefined(object))
            object = JS_NewObjectProto(ctx, JS_NULL);
        JSValue path_value = JS_NewString(ctx, path);
        JSValueConst data[2] = {ns_name, path_value};
        JSValue function = JS_NewCFunctionData2(ctx, namespace_call, path, 1, DEFER_BUILTIN, 2, data);
        JS_DefinePropertyValueStr(ctx, object, path + len + 1, function, JS_PROP_ENUMERABLE);
        JS_FreeValue(ctx, path_value);
    }
    if (JS_IsObject(object))
        JS_PreventExtensions(ctx, object);
    return object;
}

static JSValue namespace_make_member(JSContext *ctx, Namespace *ns, JSAtom key)
{
    size_t len;
    JSValue member = JS_UNDEFINED, key_value = JS_AtomToString(ctx, key);
    const char *text = JS_ToCStringLen(ctx, &len, key_value);
    bool probed = one_of(text, probed_names, countof(probed_names));
    bool reserved = ns->kind == NS_CODEMODE && one_of(text, codemode_names, countof(codemode_names));
    if (reserved && one_of(text, codemode_names, CODEMODE_FUNCTIONS)) {
        JSValueConst data[2] = {ns->name, key_value};
        member = JS_NewCFunctionData2(ctx, namespace_call, text, 1, DEFER_BUILTIN, 2, data);
    } else if (reserved) {
        member = nested_new(ctx, ns->name, text);
    } else if ((!probed || (ns->kind != NS_TOOLS && namespace_has(ctx, ns, text, len)))) {
        if (ns->kind == NS_TOOLS) {
            member = namespace_new(ctx, NS_CONNECTOR, key_value);
        } else {
            JSValueConst data[2] = {ns->name, key_value};
            int kind = ns->kind == NS_CODEMODE ? DEFER_NAMED : DEFER_TOOL;
            member = JS_NewCFunctionData2(ctx, namespace_call, text, 1, kind, 2, data);
        }
    }
    JS_FreeCString(ctx, text);
    JS_FreeValue(ctx, key_value);
    return member;
}

static Namespace *namespace_of(JSValueConst object)
{
    return JS_VALUE_GET_OBJ(object)->u.opaque;
}

static JSValue namespace_get(JSContext *ctx, JSValueConst object, JSAtom key, JSValueConst receiver)
{
    Namespace *ns = namespace_of(object);
    JSProperty *property;
    if (JS_AtomGetKind(ctx, key) != JS_ATOM_KIND_STRING)
        return JS_UNDEFINED;
    if (find_own_property(&property, JS_VALUE_GET_OBJ(ns->cache), key))
        return js_dup(property->u.value);
    JSValue member = namespace_make_member(ctx, ns, key);
    if (!JS_IsException(member))
        JS_DefinePropertyValue(ctx, ns->cache, key, js_dup(member), JS_PROP_C_W_E);
    return member;
}

static int namespace_own_property(JSContext *ctx, JSPropertyDescriptor *descriptor, JSValueConst object, JSAtom key)
{
    Namespace *ns = namespace_of(object);
    if (JS_AtomGetKind(ctx, key) != JS_ATOM_KIND_STRING)
        return false;
    if (ns->kind != NS_CODEMODE) {
        const char *text = JS_AtomToCString(ctx, key);
        bool found = namespace_has(ctx, ns, text, strlen(text));
        JS_FreeCString(ctx, text);
        if (!found)
            return false;
    }
    JSValue value = namespace_get(ctx, object, key, object);
    bool found = !JS_IsUndefined(value);
    if (found && descriptor) {
        descriptor->flags = JS_PROP_ENUMERABLE | JS_PROP_CONFIGURABLE;
        descriptor->value = js_dup(value);
        descriptor->getter = descriptor->setter = JS_UNDEFINED;
    }
    JS_FreeValue(ctx, value);
    return found;
}

static int namespace_keys(JSContext *ctx, JSPropertyEnum **table, uint32_t *count, JSValueConst object)
{
    Namespace *ns = namespace_of(object);
    size_t len;
    *table = NULL;
    *count = 0;
    if (ns->kind == NS_CODEMODE)
        return 0;
    const char *name = JS_ToCStringLen(ctx, &len, ns->name);
    int32_t size = host_sync(SYNC_KEYS, name, len);
    JS_FreeCString(ctx, name);
    if (size <= 0)
        return 0;
    char *names = js_malloc(ctx, size);
    host_take(names, size);
    for (int32_t i = 0; i < size; i++)
        *count += names[i] == '\0';
    *table = js_calloc(ctx, *count, sizeof(**table));
    const char *at = names;
    for (uint32_t i = 0; i < *count; i++, at += strlen(at) + 1)
        (*table)[i].atom = JS_NewAtom(ctx, at);
    js_free(ctx, names);
    return 0;
}

static int namespace_has_property(JSContext *ctx, JSValueConst object, JSAtom key)
{
    return namespace_own_property(ctx, NULL, object, key);
}

static int namespace_refuse_set(JSContext *ctx, JSValueConst object, JSAtom key, JSValueConst value,
                                JSValueConst receiver, int flags)
{
    JS_ThrowTypeError(ctx, "tools are read-only: declare a variable of your own instead");
    return -1;
}

static int namespace_refuse_define(JSContext *ctx, JSValueConst object, JSAtom key, JSValueConst value,
                                   JSValueConst getter, JSValueConst setter, int flags)
{
    return namespace_refuse_set(ctx, object, key, value, object, flags);
}

static int namespace_refuse_delete(JSContext *ctx, JSValueConst object, JSAtom key)
{
    return namespace_refuse_set(ctx, object, key, JS_UNDEFINED, object, 0);
}

static JSClassExoticMethods namespace_exotic = {
    .get_own_property = namespace_own_property,
    .get_own_property_names = namespace_keys,
    .delete_property = namespace_refuse_delete,
    .define_own_property = namespace_refuse_define,
    .has_property = namespace_has_property,
    .get_property = namespace_get,
    .set_property = namespace_refuse_set,
};

static void namespace_finalize(JSRuntime *rt, JSValueConst object)
{
    Namespace *ns = namespace_of(object);
    if (ns) {
        JS_FreeValueRT(rt, ns->name);
        JS_FreeValueRT(rt, ns->cache);
        js_free_rt(rt, ns);
    }
}

static void namespace_mark(JSRuntime *rt, JSValueConst object, JS_MarkFunc *mark)
{
    Namespace *ns = namespace_of(object);
    if (ns)
        JS_MarkValue(rt, ns->cache, mark);
}

static const JSClassDef namespace_definition = {
    .class_name = "Connector",
    .finalizer = namespace_finalize,
    .gc_mark = namespace_mark,
    .exotic = &namespace_exotic,
};

static void namespace_init(JSContext *ctx)
{
    JS_NewClassID(ctx->rt, &namespace_class);
    JS_NewClass(ctx->rt, namespace_class, &namespace_definition);
}

static JSValue namespace_new(JSContext *ctx, NamespaceKind kind, JSValueConst name)
{
    JSValue object = JS_NewObjectProtoClass(ctx, JS_NULL, namespace_class);
    Namespace *ns = js_malloc(ctx, sizeof(*ns));
    ns->kind = kind;
    ns->name = js_dup(name);
    ns->cache = JS_NewObjectProto(ctx, JS_NULL);
    JS_SetOpaque(object, ns);
    JS_VALUE_GET_OBJ(object)->extensible = false;
    return object;
}

/* callBinding(name, input) and callHostTool(name, input). */
static JSValue call_by_name(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv)
{
    size_t len;
    if (argc < 1 || !JS_IsString(argv[0])) {
        JS_ThrowTypeError(ctx, "the first argument is the tool's name, a string");
        return rejected_promise(ctx);
    }
    const char *name = JS_ToCStringLen(ctx, &len, argv[0]);
    if (!name)
        return JS_EXCEPTION;
    JSValue promise = defer_call(ctx, DEFER_NAMED, name, len, argc - 1, argv + 1);
    JS_FreeCString(ctx, name);
    return promise;
}
