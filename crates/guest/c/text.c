/* The engine's strings (Latin-1 or UTF-16) → UTF-8 and JSON text. An unpaired surrogate, which UTF-8 cannot hold,
   comes out as U+FFFD. */

static void put_utf8(DynBuf *out, uint32_t c)
{
    uint8_t buf[4];
    int n;
    if (c < 0x800) {
        buf[0] = 0xc0 | c >> 6, buf[1] = 0x80 | (c & 0x3f), n = 2;
    } else if (c < 0x10000) {
        buf[0] = 0xe0 | c >> 12, buf[1] = 0x80 | (c >> 6 & 0x3f), buf[2] = 0x80 | (c & 0x3f), n = 3;
    } else {
        buf[0] = 0xf0 | c >> 18, buf[1] = 0x80 | (c >> 12 & 0x3f);
        buf[2] = 0x80 | (c >> 6 & 0x3f), buf[3] = 0x80 | (c & 0x3f), n = 4;
    }
    dbuf_put(out, buf, n);
}

static void put_utf8_or_ascii(DynBuf *out, uint32_t c)
{
    if (c < 0x80)
        dbuf_putc(out, c);
    else
        put_utf8(out, c);
}

static void put_json_char(DynBuf *out, uint32_t c)
{
    static const char hex[] = "0123456789abcdef";
    if (c == '"' || c == '\\') {
        dbuf_putc(out, '\\');
        dbuf_putc(out, c);
    } else if (c >= 0x80) {
        put_utf8(out, c);
    } else if (c >= 0x20) {
        dbuf_putc(out, c);
    } else {
        const char *short_form = memchr("\bb\tt\nn\ff\rr", c, 10);
        uint8_t escape[6] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};
        if (short_form) {
            escape[1] = short_form[1];
            dbuf_put(out, escape, 2);
        } else {
            dbuf_put(out, escape, 6);
        }
    }
}

/* A code point of UTF-16 text at *at, which moves on; an unpaired surrogate comes out as U+FFFD. */
static uint32_t next_code_point(const uint16_t *text, uint32_t len, uint32_t *at)
{
    uint32_t c = text[(*at)++];
    if (c < 0xd800 || c > 0xdfff)
        return c;
    if (c < 0xdc00 && *at < len && text[*at] >= 0xdc00 && text[*at] <= 0xdfff)
        return 0x10000 + ((c - 0xd800) << 10) + (text[(*at)++] - 0xdc00);
    return 0xfffd;
}

static void put_json_string(DynBuf *out, JSString *text)
{
    uint32_t len = text->len;
    dbuf_putc(out, '"');
    if (text->is_wide_char) {
        const uint16_t *units = str16(text);
        for (uint32_t i = 0; i < len;)
            put_json_char(out, next_code_point(units, len, &i));
    } else {
        const uint8_t *bytes = str8(text);
        for (uint32_t i = 0, run; i < len; i++) {
            for (run = i; run < len && bytes[run] >= 0x20 && bytes[run] < 0x80 && bytes[run] != '"' &&
                          bytes[run] != '\\'; run++)
                ;
            dbuf_put(out, bytes + i, run - i);
            i = run;
            if (i < len)
                put_json_char(out, bytes[i]);
        }
    }
    dbuf_putc(out, '"');
}
