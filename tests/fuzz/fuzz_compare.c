/* Output beside expectation: whatever the bytes, each comparison forgives all that the
 * stricter ones do, and both sides count alike. The texts end where their memory does. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "worker/compare.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct bytes copy(const uint8_t *at, size_t len)
{
    char *text = xmalloc(len ? len : 1);

    memcpy(text, at, len);
    return (struct bytes){text, len};
}

static bool same(enum compare how, struct bytes one, struct bytes other)
{
    bool result = compare_output(how, 1e-6, one, other);

    assert(compare_output(how, 1e-6, one, one));
    assert(how == COMPARE_FLOAT || compare_output(how, 1e-6, other, one) == result);
    return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* The two stand on either side of the first '|'. */
    const uint8_t *bar = size ? memchr(data, '|', size) : NULL;
    size_t len = bar ? (size_t)(bar - data) : size;
    struct bytes one = copy(data, len);
    struct bytes other = copy(bar ? bar + 1 : data, bar ? size - len - 1 : size);

    if (same(COMPARE_EXACT, one, other))
        assert(same(COMPARE_TRIM, one, other));
    if (same(COMPARE_TRIM, one, other))
        assert(same(COMPARE_TOKENS, one, other));
    if (same(COMPARE_TOKENS, one, other))
        assert(same(COMPARE_FLOAT, one, other));
    else
        same(COMPARE_FLOAT, one, other);
    free((char *)one.at);
    free((char *)other.at);
    return 0;
}
