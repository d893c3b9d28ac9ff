/* replies.h -- replies of Redis, each laid out in one arena.
 *
 * A hiredis reader takes a reply apart into one redisReply, and one text or list, for each
 * of its parts. Here they are cut from an arena of the whole reply's own: a reply with a
 * thousand parts costs a few allocations, and goes in one call.
 */
#ifndef QUEUE_REPLIES_H
#define QUEUE_REPLIES_H

#include <hiredis/hiredis.h>

/* A reader that makes such replies. Free it with redisReaderFree, which also frees the
 * reply that it was in the middle of; those it has handed out live on. */
redisReader *replies_reader(void);

/* Free a reply of such a reader, whole. It is not for freeReplyObject, nor are parts of it
 * for either. NULL is fine. */
void reply_free(redisReply *reply);

#endif
