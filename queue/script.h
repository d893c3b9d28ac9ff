/* script.h -- calling the embedded Lua by name.
 *
 * A call is EVALSHA; when Redis does not know the script (restarted, SCRIPT FLUSH, another
 * primary) the call is repeated as EVAL, with the text, which loads it.
 */
#ifndef QUEUE_SCRIPT_H
#define QUEUE_SCRIPT_H

#include "lib/arena.h"
#include "queue/redis.h"

/* A call being put together: keys first, then arguments, in the order of the script's
 * header. Texts are borrowed until script_call returns. */
struct script_args {
    struct arena *arena; /* for what the helpers print; may be NULL without numbers */
    const char *at[48];
    size_t len[48];
    int count;
};

void script_arg(struct script_args *args, const char *text);
void script_arg_bytes(struct script_args *args, const char *at, size_t len);
void script_arg_int(struct script_args *args, long long value);

/* Hears the script's reply as redis_replied does. A negative integer is still a reply. */
void script_call(struct redis *redis, const char *name, const struct script_args *args,
                 redis_replied *replied, void *arg);

#endif
