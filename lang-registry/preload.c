/* preload.c -- see preload.h. */
#include "lang-registry/preload.h"

#include <string.h>

#include "lang-registry/argv.h"
#include "lib/count.h"

static const struct interpreter *find(const struct lang *lang);
static bool has_word(struct texts argv, const char *text);
static bool is_binary(const struct task *task);
static bool has_cookie(const struct task *task);
static bool has_package(const struct task *task);

/* By the name that it is started by. */
static const struct interpreter {
    const char *name;
    const char *leave; /* a program that does so at once, without a word */
    size_t most;       /* bytes of a program that is worth it */
    bool (*spoilt)(const struct task *task); /* by what comes with the job */
} interpreters[] = {
    /* It reads a script that is no regular file byte by byte. */
    {"bash", "exit", 2048, is_binary},
    {"node", "process.reallyExit(0)", TASK_CODE_BYTES, has_package},
    {"python", "import os; os._exit(0)", TASK_CODE_BYTES, has_cookie},
    {"python3", "import os; os._exit(0)", TASK_CODE_BYTES, has_cookie},
};

void preload_read(struct lang *lang, struct arena *arena, struct field_errors *errors)
{
    const struct task task = {.lang = lang, .file = lang->file, .code = {"", 0}};
    struct texts argv = argv_run(&task, (struct texts){0}, arena);

    if (lang->compile.argv.count)
        fields_complain(errors, "/pool/preload", "is not for what is compiled");
    else if (!find(lang))
        fields_complain(errors, "/pool/preload",
                        "is for a run.argv that begins with bash, node, python or python3");
    else if (!has_word(argv, lang->file))
        fields_complain(errors, "/pool/preload", "needs the source's file in run.argv");
    else
        lang->preload = (struct preload){lang->file, argv};
}

/* NULL: none that could. */
static const struct interpreter *find(const struct lang *lang)
{
    const char *path = lang->argv.at[0].at, *slash = strrchr(path, '/');

    for (size_t i = 0; i < COUNT(interpreters); i++)
        if (strcmp(slash ? slash + 1 : path, interpreters[i].name) == 0)
            return &interpreters[i];
    return NULL;
}

static bool has_word(struct texts argv, const char *text)
{
    for (size_t i = 0; i < argv.count; i++)
        if (strcmp(argv.at[i].at, text) == 0)
            return true;
    return false;
}

bool preload_fits(const struct task *task, struct texts argv)
{
    const struct interpreter *interpreter = find(task->lang);

    return texts_same(argv, task->lang->preload.argv) &&
           task->code.len <= interpreter->most && !interpreter->spoilt(task);
}

/* Bash refuses such a file, where it can look at one before it reads. */
static bool is_binary(const struct task *task)
{
    static const char magic[] = "\177ELF";

    return task->code.len >= strlen(magic) &&
           memcmp(task->code.at, magic, strlen(magic)) == 0;
}

/* What the first two lines say of an encoding has Python seek in the file (PEP 263). */
static bool has_cookie(const struct task *task)
{
    struct bytes code = task->code;
    size_t len = 0;

    for (int lines = 0; len < code.len && lines < 2; len++)
        lines += code.at[len] == '\n';
    return memmem(code.at, len, "coding", strlen("coding"));
}

/* Node.js has asked by then what kind of module its program is. */
static bool has_package(const struct task *task)
{
    for (size_t i = 0; i < task->files.count; i++)
        if (strcmp(task->files.at[i].name, "package.json") == 0)
            return true;
    return false;
}

struct bytes preload_leave(const struct lang *lang)
{
    const char *leave = find(lang)->leave;

    return (struct bytes){leave, strlen(leave)};
}
