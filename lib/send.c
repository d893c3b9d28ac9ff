/* send.c -- see send.h. */
#include "lib/send.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>

/* Of `text` itself: from a bufferevent's output only the bufferevent may take. What was not
 * taken, for whatever reason, the bufferevent tries again, and finds out. */
void send_now(struct bufferevent *bev, struct evbuffer *text)
{
    if (!evbuffer_get_length(bufferevent_get_output(bev)))
        evbuffer_write(text, bufferevent_getfd(bev));
    bufferevent_write_buffer(bev, text);
}
