/* The heap of a run: every allocation of the engine passes here, so the limit holds for all of it.

   Refusing an allocation ends the run on the spot. An engine that is told "no" can surface that as a
   RangeError, as a literal `null` exception, or as a promise that never settles, and a program could catch it
   and return a wrong answer; none of these reaches anyone if there is no "no". */

static size_t heap_used;
static size_t heap_peak;
static size_t heap_limit = SIZE_MAX;

_Noreturn static void heap_exhausted(size_t wanted)
{
    Site site = site_now(context);
    struct {
        uint64_t observed;
        uint32_t line, column;
    } payload = {(uint64_t)heap_used + wanted, site.line, site.column};
    host_finish(END_MEMORY, &payload, sizeof(payload));
    __builtin_trap();
}

static void heap_reserve(size_t wanted)
{
    if (heap_used > heap_limit || wanted > heap_limit - heap_used)
        heap_exhausted(wanted);
}

static void *heap_charge(void *block, size_t wanted)
{
    if (!block)
        heap_exhausted(wanted);
    heap_used += malloc_usable_size(block);
    if (heap_used > heap_peak)
        heap_peak = heap_used;
    return block;
}

static void *heap_malloc(void *opaque, size_t size)
{
    (void)opaque;
    heap_reserve(size);
    return heap_charge(malloc(size), size);
}

static void *heap_calloc(void *opaque, size_t count, size_t size)
{
    size_t total;
    (void)opaque;
    if (__builtin_mul_overflow(count, size, &total))
        heap_exhausted(SIZE_MAX / 2);
    heap_reserve(total);
    return heap_charge(calloc(count, size), total);
}

static void heap_free(void *opaque, void *block)
{
    (void)opaque;
    if (!block)
        return;
    heap_used -= malloc_usable_size(block);
    free(block);
}

static void *heap_realloc(void *opaque, void *block, size_t size)
{
    size_t old;
    if (!block)
        return heap_malloc(opaque, size);
    old = malloc_usable_size(block);
    if (size > old)
        heap_reserve(size - old);
    block = realloc(block, size);
    if (!block)
        heap_exhausted(size);
    heap_used -= old;
    return heap_charge(block, size);
}

static size_t heap_usable_size(const void *block)
{
    return malloc_usable_size((void *)block);
}

static const JSMallocFunctions heap_functions = {
    heap_calloc, heap_malloc, heap_free, heap_realloc, heap_usable_size,
};
