/* Foreign text for a terminal: whatever the bytes, no control character comes out, only
 * UTF-8, and no more of it than was asked for. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "deploy/bullpen/text.h"

#define MOST 7

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect_harmless(const char *text, size_t most_bytes)
{
    size_t len = strlen(text);

    assert(len <= most_bytes);
    assert(utf8_valid(text, len));
    assert(!has_control(text, len));
    for (size_t i = 0; i + 1 < len; i++) /* nor U+0080..9F */
        assert(!((unsigned char)text[i] == 0xC2 && (unsigned char)text[i + 1] < 0xA0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct bytes bytes = {(const char *)data, size};
    struct arena *arena = arena_new();

    expect_harmless(text_shown(bytes, 0, arena), size * (SHOWN_BYTES - 1));
    expect_harmless(text_shown(bytes, MOST, arena),
                    MOST * (SHOWN_BYTES - 1) + strlen("..."));
    arena_free(arena);
    return 0;
}
