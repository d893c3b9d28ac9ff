/* fields.h -- one table describes a struct; it reads a JSON body, a YAML map (which
 * yaml.h turns into JSON values) and, value by value, the configuration.
 *
 *     static const struct field submit_fields[] = {
 *         {"code", FIELD_BYTES, offsetof(struct submit, code), 1, 4096, FIELD_REQUIRED},
 *         {"timeoutMs", FIELD_INT, offsetof(struct submit, timeout_ms), 1, 15000},
 *         {0},
 *     };
 *
 * Members that are absent leave the struct as it was: defaults are set before.
 */
#ifndef LIB_FIELDS_H
#define LIB_FIELDS_H

#include "lib/arena.h"
#include "lib/json.h"
#include "lib/pointer.h"

enum field_type {
    FIELD_END,
    FIELD_TEXT,   /* const char *; min..max bytes; U+0000 and control characters refused */
    FIELD_BYTES,  /* struct bytes; any UTF-8 text, min..max bytes; U+0000 refused */
    FIELD_INT,    /* int64_t, min..max; 3.0 is a 3 (JSON has one kind of number) */
    FIELD_BOOL,   /* bool */
    FIELD_CHOICE, /* int: the index of one of the words in `choices` */
    FIELD_TEXTS,  /* struct texts; min..max members, each as FIELD_BYTES of <= FIELD_ITEM */
    FIELD_MAP,    /* a struct of its own, at `offset`, read with the table `of` */
    FIELD_ANY     /* json_t *, borrowed from the value read; its text is min..max bytes */
};

#define FIELD_ITEM 4096 /* most bytes of one member of FIELD_TEXTS */

enum field_flags { FIELD_REQUIRED = 1 };

/* NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding): in the order of a table */
struct field {
    const char *name;
    enum field_type type;
    size_t offset;
    int64_t min, max;
    int flags;
    const struct field *of;     /* FIELD_MAP only */
    const char *const *choices; /* FIELD_CHOICE only; ended by NULL */
};

struct texts {
    const struct bytes *at; /* each with a NUL behind it */
    size_t count;
};

bool texts_same(struct texts a, struct texts b);

struct field_error {
    char pointer[POINTER_BYTES]; /* RFC 6901, "/limits/pids" */
    char detail[256];            /* "must be an integer from 1 to 15000, is -1" */
    bool unknown;                /* it is the member's name that is wrong, not its value */
    bool over;                   /* the value would be right, were it not too large */
};

/* All that was wrong, not the first thing only; more than fit are dropped. */
struct field_errors {
    struct field_error list[64];
    size_t count;
};

/* Returns -1, so that a reader can end with `return fields_complain(...)`. */
int fields_complain(struct field_errors *errors, const char *pointer, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* The same of a value that would be right, were it not too large. */
int fields_complain_over(struct field_errors *errors, const char *pointer, const char *fmt,
                         ...) __attribute__((format(printf, 3, 4)));

/* Whether all that is wrong is that values are too large (HTTP: 422, not 400). */
bool field_errors_over(const struct field_errors *errors);

/* Read `object` into `into`; strings are copied to `arena`. Unknown members, missing
 * required ones and wrong values are complained of, with `pointer` before their names.
 * Returns 0, or -1 when it added to `errors`. */
int fields_read(const struct field *table, const json_t *object, const char *pointer,
                void *into, struct arena *arena, struct field_errors *errors);

/* Read one value from text, as the environment and flags have them: FIELD_TEXT (kept as
 * it is, not copied), FIELD_INT, FIELD_CHOICE, and FIELD_BOOL (1/0, true/false, yes/no,
 * on/off). Returns 0, or -1 and an ERR_INVALID such as "must be an integer from 1 to 65535,
 * is 'x'". */
int field_parse(const struct field *field, const char *text, void *into, struct err *err);

#endif
