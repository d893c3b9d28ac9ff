/* compile.c -- see compile.h. */
#include "worker/compile.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "lang-registry/argv.h"
#include "lib/mem.h"
#include "worker/spec.h"

#define FOLDER "/tmp/" /* where source lies, as the compiler sees it */

static struct bytes without_folder(struct bytes text);
static bool in_a_path(char byte);
static char *error_of(const struct judgement *judgement, struct bytes said);

void compile_spec(const struct task *task, const char *job_id, struct arena *arena,
                  struct stage_spec *spec)
{
    const struct lang *lang = task->lang;

    *spec = (struct stage_spec){
        .sandbox = spec_compile(lang, task->version, &task->compile_limits),
        .parcel = {.files = task_files(task, arena),
                   .argv = argv_compile(task, arena),
                   .artifacts = lang->compile.artifacts},
        .data_bytes = COMPILE_ARTIFACT_BYTES,
        .job_id = job_id,
    };
}

void compile_read(const struct stage_end *end, struct compiled *compiled,
                  struct judgement *judgement)
{
    struct output output;

    verdict_judge_compiler(&end->evidence, judgement);
    compiled->duration_ms = end->duration_ms;
    output_take(&output, end->output);
    compiled->said = without_folder(output_of(&output, STREAM_ERR));
    if (judgement->verdict != VERDICT_OK) {
        char *error = error_of(judgement, compiled->said);

        free(judgement->error);
        judgement->error = error;
    } else {
        compiled->artifacts = (struct bytes){output.kept[0], output.kept_len[0]};
        output.kept[0] = NULL; /* it is theirs now */
    }
    output_done(&output);
}

/* Where our sandboxes keep source is nobody's business, and other than on the machine of
 * whoever wrote it. */
static struct bytes without_folder(struct bytes text)
{
    size_t len, kept = 0, folder = strlen(FOLDER);
    char *repaired = utf8_repair(text.at, text.len, &len);

    for (size_t at = 0; at < len;) {
        if (len - at >= folder && !memcmp(repaired + at, FOLDER, folder) &&
            (!at || !in_a_path(repaired[at - 1])))
            at += folder;
        else
            repaired[kept++] = repaired[at++];
    }
    return (struct bytes){repaired, kept};
}

/* "/var/tmp/x" is another folder. */
static bool in_a_path(char byte)
{
    return isalnum((unsigned char)byte) || (byte && strchr("_-./", byte));
}

static char *error_of(const struct judgement *judgement, struct bytes said)
{
    if (judgement->error)
        return xasprintf("Compilation Error\n%s", judgement->error);
    if (said.len)
        return xasprintf("Compilation Error\n%.*s", (int)said.len, said.at);
    return xasprintf("Compilation Error (exit code %d)", judgement->exit_code);
}

void compiled_free(struct compiled *compiled)
{
    free((char *)compiled->artifacts.at);
    free((char *)compiled->said.at);
}
