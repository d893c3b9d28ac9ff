/* send.h -- to a socket at once. */
#ifndef LIB_SEND_H
#define LIB_SEND_H

struct bufferevent;
struct evbuffer;

/* Send `text`, which is empty then, by a connected socket's bufferevent, behind what it
 * still has to send. What the socket takes now it gets now: a bufferevent alone would have
 * epoll say first that it may be written to, and forget that again, which costs more than
 * the writing. Errors are heard where the bufferevent's are, and later. Not for one that
 * filters, as TLS does. */
void send_now(struct bufferevent *bev, struct evbuffer *text);

#endif
