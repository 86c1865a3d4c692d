/* Where in the program something happens: line and column of the JavaScript that was submitted to the engine. */

typedef struct {
    int line, column; /* from 1; line 0: not known */
} Site;

static JSAtom program_filename;      /* of the frames that belong to the program, as against the prelude's */
static JSValue program_function;     /* the program itself, once it was started */

static Site site_in(JSContext *ctx, JSValueConst function, const uint8_t *pc)
{
    Site site = {0, 0};
    if (JS_VALUE_GET_TAG(function) != JS_TAG_OBJECT || !pc)
        return site;
    JSObject *p = JS_VALUE_GET_OBJ(function);
    if (!js_class_has_bytecode(p->class_id))
        return site;
    JSFunctionBytecode *b = p->u.func.function_bytecode;
    if (b->filename == program_filename)
        site.line = find_line_num(ctx, b, pc - b->byte_code_buf - 1, &site.column);
    return site;
}

/* The innermost frame of the program on the stack. */
static Site site_now(JSContext *ctx)
{
    Site site = {0, 0};
    for (JSStackFrame *sf = ctx->rt->current_stack_frame; sf && !site.line; sf = sf->prev_frame)
        site = site_in(ctx, sf->cur_func, sf->cur_pc);
    return site;
}

/* The await at which the program itself is suspended. */
static Site site_waiting(JSContext *ctx)
{
    struct list_head *link;
    list_for_each(link, &ctx->rt->gc_obj_list) {
        JSGCObjectHeader *header = list_entry(link, JSGCObjectHeader, link);
        if (JS_GC_TYPE(header) != JS_GC_OBJ_TYPE_ASYNC_FUNCTION)
            continue;
        JSAsyncFunctionData *data = (JSAsyncFunctionData *)header;
        JSStackFrame *frame = &data->func_state.frame;
        if (data->is_active && JS_VALUE_GET_TAG(frame->cur_func) == JS_TAG_OBJECT &&
            JS_VALUE_GET_PTR(frame->cur_func) == JS_VALUE_GET_PTR(program_function))
            return site_in(ctx, frame->cur_func, frame->cur_pc);
    }
    return (Site){0, 0};
}

/* A stack of one frame, as the engine prints stacks; empty when the site is not known. */
static JSValue site_stack(JSContext *ctx, Site site, const char *what)
{
    char text[80] = "";
    if (site.line)
        snprintf(text, sizeof(text), "    at %s (" PROGRAM_FILENAME ":%d:%d)\n", what, site.line, site.column);
    return JS_NewString(ctx, text);
}
