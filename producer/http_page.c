/* http_page.c -- see http_page.h. */
#include "producer/http_page.h"

#include <event2/buffer.h>
#include <stdlib.h>
#include <string.h>

#include "lib/json.h"

static const struct {
    int status;
    const char *title, *detail; /* the detail of a page of evhttp's */
} statuses[] = {
    {400, "Bad Request", "the request is not well-formed HTTP/1.1"},
    {404, "Not Found", NULL},
    {405, "Method Not Allowed", NULL},
    {413, "Content Too Large",
     "the body, or the head, is larger than this server takes, or a chunk broken"},
    {415, "Unsupported Media Type", NULL},
    {417, "Expectation Failed", "the only expectation that is understood is 100-continue"},
    {422, "Unprocessable Content", NULL},
    {429, "Too Many Requests", NULL},
    {500, "Internal Server Error", NULL},
    {501, "Not Implemented", "this method is not known here"},
    {503, "Service Unavailable", NULL},
    {504, "Gateway Timeout", NULL},
    {0, "Error", NULL},
};

static void written(struct evbuffer *output, const struct evbuffer_cb_info *info,
                    void *arg);
static size_t row_of(int status);

void http_page_watch(struct bufferevent *bev)
{
    evbuffer_add_cb(bufferevent_get_output(bev), written, NULL);
}

static void written(struct evbuffer *output, const struct evbuffer_cb_info *info, void *arg)
{
    static const char head[] = "HTTP/", type[] = "Content-Type: text/html",
                      end[] = "</BODY></HTML>\n";
    char line[40] = "";
    const char *blank;
    struct evbuffer_ptr at;
    json_t *problem;
    char *text;
    int status;
    size_t len;

    if (info->n_added < sizeof end - 1)
        return;
    /* Once a connection has sent something, its bufferevent keeps the front of its output
     * frozen, so that nobody takes what is being sent. A page goes out alone: evhttp reads
     * the next request when the last reply has left. */
    evbuffer_unfreeze(output, 1);
    evbuffer_copyout(output, line, sizeof line - 1);
    evbuffer_freeze(output, 1);
    blank = strchr(line, ' '); /* behind the version, which is the client's: "HTTP/1.5" */
    if (strncmp(line, head, sizeof head - 1) != 0 || !blank)
        return;
    if (evbuffer_search(output, type, sizeof type - 1, NULL).pos < 0)
        return; /* one of ours: those are never HTML */
    at = evbuffer_search(output, end, sizeof end - 1, NULL);
    if (at.pos < 0)
        return;
    status = (int)strtol(blank, NULL, 10);
    problem = http_page_problem(status, statuses[row_of(status)].detail);
    text = json_write(problem, &len);
    evbuffer_unfreeze(output, 1);
    evbuffer_drain(output, evbuffer_get_length(output));
    evbuffer_freeze(output, 1);
    evbuffer_add_printf(output,
                        "HTTP/1.1 %d %s\r\nContent-Type: application/problem+json\r\n"
                        "Content-Length: %zu\r\nConnection: close\r\n\r\n%s",
                        status, statuses[row_of(status)].title, len, text);
    free(text);
    json_decref(problem);
}

static size_t row_of(int status)
{
    size_t i = 0;

    while (statuses[i].status && statuses[i].status != status)
        i++;
    return i;
}

json_t *http_page_problem(int status, const char *detail)
{
    const char *title = statuses[row_of(status)].title;
    json_t *problem = json_pack("{s:s, s:s, s:i}", "type", "about:blank", "title", title,
                                "status", status);

    json_object_set_new(
        problem, "detail",
        json_text(detail ? detail : title, strlen(detail ? detail : title)));
    return problem;
}
