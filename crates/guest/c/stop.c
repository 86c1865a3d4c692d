/* Stopping a program from outside, or because a limit of the host's is hit.

   The program is unwound by an exception that it cannot catch, so that the place where it was can be told. A program
   that is inside a long built-in function does not notice; the host then stops the instance without that. */

static volatile uint32_t stop_requested;
static bool stopping;

/* Where the host writes a 1 when it wants the program stopped. */
__attribute__((export_name("stop_requested"))) volatile uint32_t *stop_requested_at(void)
{
    return &stop_requested;
}

/* Asked by the engine every few thousand operations. */
static int stop_poll(JSRuntime *rt, void *opaque)
{
    (void)rt, (void)opaque;
    if (stop_requested)
        stopping = true;
    return stopping;
}

static JSValue stop_now(JSContext *ctx)
{
    stopping = true;
    JS_ThrowInternalError(ctx, "stopped");
    JS_SetUncatchableError(ctx, ctx->rt->current_exception);
    return JS_EXCEPTION;
}
