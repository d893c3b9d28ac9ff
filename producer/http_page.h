/* http_page.h -- evhttp's own error pages, made problem details on their way out.
 *
 * evhttp 2.1 answers what it cannot parse, and bodies over its limit, by itself, with HTML,
 * and has no hook for it. Each page goes through its connection's output buffer in one
 * piece before any of it is sent: there it is exchanged.
 */
#ifndef PRODUCER_HTTP_PAGE_H
#define PRODUCER_HTTP_PAGE_H

#include <event2/bufferevent.h>
#include <jansson.h>

/* Watch a new connection. */
void http_page_watch(struct bufferevent *bev);

/* A problem's body (RFC 9457). */
json_t *http_page_problem(int status, const char *detail);

#endif
