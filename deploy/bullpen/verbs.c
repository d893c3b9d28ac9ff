/* verbs.c -- see verbs.h. */
#include "deploy/bullpen/verbs.h"

#include <string.h>

#include "deploy/bullpen/commands.h"
#include "deploy/bullpen/words.h"
#include "lib/count.h"

enum verb_options {
    PAGE = 1,
    LIMIT = 2,
    GRACE = 4,
    CHILDREN = 8,
    ALL = 16,
    DELAYED = 32,
    FORCE = 64,
    YES = 128
};

static int read_state(struct errand *errand, char **words, struct err *err);
static int read_id(struct errand *errand, char **words, struct err *err);
static int read_id_or_all(struct errand *errand, char **words, struct err *err);
static int read_clean(struct errand *errand, char **words, struct err *err);
static int read_concurrency(struct errand *errand, char **words, struct err *err);
static int read_rate_limit(struct errand *errand, char **words, struct err *err);
static int read_number(const char *what, const char *word, int64_t *number,
                       struct err *err);

static const struct verb verbs[] = {
    {"counts", "", 0, 0, 0, "how many jobs are where, settings, workers", NULL, NULL,
     command_counts},
    {"list", "STATE", 1, 1, PAGE, "the jobs of a state, newest first", NULL, read_state,
     command_list},
    {"show", "ID", 1, 1, 0, "all about one job", NULL, read_id, command_show},
    {"workers", "", 0, 0, 0, "who takes jobs", NULL, NULL, command_workers},
    {"schedulers", "", 0, 0, 0, "what adds jobs again and again", NULL, NULL,
     command_schedulers},
    {"metrics", "", 0, 0, 0, "jobs ended per minute, where workers count them", NULL, NULL,
     command_metrics},
    {"pause", "", 0, 0, 0, "start no more jobs; those that run go on", NULL, NULL,
     command_pause},
    {"resume", "", 0, 0, 0, "start jobs again", NULL, NULL, command_resume},
    {"promote", "ID | --all", 0, 1, ALL, "let delayed jobs wait for their turn now", NULL,
     read_id_or_all, command_promote},
    {"retry", "ID", 1, 1, 0, "run a failed or completed job once more", NULL, read_id,
     command_retry},
    {"retry-failed", "", 0, 0, LIMIT, "run all failed jobs once more, the oldest first",
     NULL, NULL, command_retry_failed},
    {"remove", "ID", 1, 1, CHILDREN | YES, "remove a job", "one job", read_id,
     command_remove},
    {"clean", "STATE --grace SECONDS", 1, 1, GRACE | LIMIT | YES,
     "remove the old jobs of a state", "old jobs", read_clean, command_clean},
    {"drain", "", 0, 0, DELAYED | YES, "remove all jobs that wait for their turn",
     "all jobs that wait for their turn", NULL, command_drain},
    {"obliterate", "", 0, 0, FORCE | YES, "pause the queue and remove all of it",
     "all jobs and settings", NULL, command_obliterate},
    {"concurrency", "[N | none]", 0, 1, 0, "most active jobs over all workers", NULL,
     read_concurrency, command_concurrency},
    {"rate-limit", "[MAX MS | none]", 0, 2, 0, "most starts in a time over all workers",
     NULL, read_rate_limit, command_rate_limit},
};

#define CONF(name, type, member, ...)                                 \
    {                                                                 \
        name, type, offsetof(struct errand_conf, member), __VA_ARGS__ \
    }
#define MANY 1000000000
static const struct {
    unsigned of; /* the verbs that take it, by their `options`; 0: all do */
    struct conf_option option;
} options[] = {
    {PAGE, {CONF("limit", FIELD_INT, limit, 1, 1000), NULL, "20", "how many jobs"}},
    {PAGE, {CONF("offset", FIELD_INT, offset, 0, MANY), NULL, "0", "after so many others"}},
    {PAGE, {CONF("oldest", FIELD_BOOL, oldest), NULL, "no", "oldest first"}},
    {GRACE,
     {CONF("grace", FIELD_INT, grace_s, 0, MANY), NULL, NULL,
      "seconds: jobs that have been there longer go"}},
    {LIMIT, {CONF("limit", FIELD_INT, limit, 1, MANY), NULL, NULL, "how many at most"}},
    {CHILDREN, {CONF("children", FIELD_BOOL, children), NULL, "no", "its children, too"}},
    {ALL, {CONF("all", FIELD_BOOL, all), NULL, "no", "all delayed jobs"}},
    {DELAYED, {CONF("delayed", FIELD_BOOL, delayed), NULL, "no", "delayed jobs, too"}},
    {FORCE, {CONF("force", FIELD_BOOL, force), NULL, "no", "even while jobs run"}},
    {YES, {CONF("yes", FIELD_BOOL, yes), NULL, "no", "do not ask"}},
    {0, {CONF("json", FIELD_BOOL, json), NULL, "no", "answer in JSON"}},
};

enum { OPTIONS_MAX = COUNT(options) + 4 };

static void choose_options(unsigned of, struct conf_option table[OPTIONS_MAX]);
static void print_verbs(FILE *to);
static const struct verb *find(const char *name, struct err *err);
static void go_on(struct err *err, const char *between, const char *word);
static int read_words(struct errand *errand, const struct words *words, struct err *err);

enum conf_outcome verbs_read(int argc, char **argv, struct errand *errand, struct err *err)
{
    struct arena *arena = arena_new();
    struct conf_option table[OPTIONS_MAX];
    enum conf_outcome outcome = CONF_BAD;
    struct words words;

    choose_options(~0U, table);
    words_split(table, argc, argv, &words, arena);
    if (!words.count) {
        outcome = words_missing(&words, print_verbs, err);
    } else if ((errand->verb = find(words.at[0], err))) {
        const struct verb *verb = errand->verb;
        const char *program = arena_printf(arena, "bullpen queue %s%s%s", verb->name,
                                           *verb->words ? " " : "", verb->words);

        errand->conf.grace_s = -1;
        choose_options(verb->options, table);
        outcome = conf_read(table, program, verb->about, words.flag_count, words.flags,
                            &errand->conf, err);
        if (outcome == CONF_RUN && read_words(errand, &words, err))
            outcome = CONF_BAD;
    }
    arena_free(arena);
    return outcome;
}

/* The rows that a verb with these options takes. */
static void choose_options(unsigned of, struct conf_option table[OPTIONS_MAX])
{
    const struct conf_option shared[] = {QUEUE_OPTIONS(struct errand_conf, queue)};
    size_t count = COUNT(shared);

    memcpy(table, shared, sizeof shared);
    for (size_t i = 0; i < COUNT(options); i++)
        if (!options[i].of || options[i].of & of)
            table[count++] = options[i].option;
    table[count] = (struct conf_option){{0}};
}

static void print_verbs(FILE *to)
{
    fputs("Looks at a BullMQ queue and steers it.\n\nusage: bullpen queue COMMAND\n\n", to);
    for (size_t i = 0; i < COUNT(verbs); i++) {
        char usage[64];

        snprintf(usage, sizeof usage, "%s %s", verbs[i].name, verbs[i].words);
        fprintf(to, "  %-30s  %s\n", usage, verbs[i].about);
    }
    fputs("\nSTATE is one of", to);
    for (int i = 0; queue_states[i]; i++)
        fprintf(to, "%s %s", i ? "," : "", queue_states[i]);
    fputs(".\nbullpen queue COMMAND --help tells its flags.\n", to);
}

static const struct verb *find(const char *name, struct err *err)
{
    char shown[QUOTED_BYTES];

    for (size_t i = 0; i < COUNT(verbs); i++)
        if (strcmp(name, verbs[i].name) == 0)
            return &verbs[i];
    err_set(err, ERR_INVALID, "there is no command %s; there are",
            show_text(name, strlen(name), shown));
    for (size_t i = 0; i < COUNT(verbs); i++)
        go_on(err, i ? "," : "", verbs[i].name);
    return NULL;
}

/* One word more of a list that an error's text ends with. */
static void go_on(struct err *err, const char *between, const char *word)
{
    size_t len = strlen(err->text);

    snprintf(err->text + len, sizeof err->text - len, "%s %s", between, word);
}

/* Those behind the verb's name. */
static int read_words(struct errand *errand, const struct words *words, struct err *err)
{
    const struct verb *verb = errand->verb;
    int count = words->count - 1;

    if (count < verb->least || count > verb->most)
        return err_set(err, ERR_INVALID,
                       "%s: the usage is bullpen queue %s%s%s; see --help",
                       count < verb->least ? "something is missing" : "that is too much",
                       verb->name, *verb->words ? " " : "", verb->words);
    return verb->read ? verb->read(errand, words->at + 1, err) : 0;
}

static int read_state(struct errand *errand, char **words, struct err *err)
{
    char shown[QUOTED_BYTES];

    for (int i = 0; queue_states[i]; i++)
        if (strcmp(words[0], queue_states[i]) == 0) {
            errand->state = (enum queue_state)i;
            return 0;
        }
    err_set(err, ERR_INVALID, "there is no state %s; there are",
            show_text(words[0], strlen(words[0]), shown));
    for (int i = 0; queue_states[i]; i++)
        go_on(err, i ? "," : "", queue_states[i]);
    return -1;
}

static int read_id(struct errand *errand, char **words, struct err *err)
{
    if (!*words[0])
        return err_set(err, ERR_INVALID, "a job's id is not empty");
    errand->id = words[0];
    return 0;
}

static int read_id_or_all(struct errand *errand, char **words, struct err *err)
{
    if (!words[0] == !errand->conf.all)
        return err_set(err, ERR_INVALID, "say which job, or --all, and not both");
    return words[0] ? read_id(errand, words, err) : 0;
}

static int read_clean(struct errand *errand, char **words, struct err *err)
{
    if (read_state(errand, words, err))
        return -1;
    if (errand->state == STATE_WAITING_CHILDREN)
        return err_set(err, ERR_INVALID,
                       "jobs that wait for their children go with these, or by remove");
    if (errand->conf.grace_s < 0)
        return err_set(err, ERR_INVALID,
                       "say how old jobs have to be: --grace SECONDS, 0 for any");
    return 0;
}

static int read_concurrency(struct errand *errand, char **words, struct err *err)
{
    errand->set = words[0];
    if (!words[0] || strcmp(words[0], "none") == 0)
        return 0;
    return read_number("N", words[0], &errand->numbers[0], err);
}

static int read_rate_limit(struct errand *errand, char **words, struct err *err)
{
    errand->set = words[0];
    if (!words[0] || (strcmp(words[0], "none") == 0 && !words[1]))
        return 0;
    if (!words[1])
        return err_set(err, ERR_INVALID,
                       "say MAX and MS: so many starts in so many "
                       "milliseconds; or none");
    return read_number("MAX", words[0], &errand->numbers[0], err) ||
                   read_number("MS", words[1], &errand->numbers[1], err)
               ? -1
               : 0;
}

static int read_number(const char *what, const char *word, int64_t *number, struct err *err)
{
    char shown[QUOTED_BYTES];

    if (!number_read(word, 1, MANY, number))
        return 0;
    return err_set(err, ERR_INVALID, "%s must be a number from 1 to %d, or none; it is %s",
                   what, MANY, show_text(word, strlen(word), shown));
}
