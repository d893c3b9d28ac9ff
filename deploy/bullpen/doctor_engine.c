/* doctor_engine.c -- is there an engine that can hold jobs, with the images; what does it
 * cost them; and does a sandbox really work?
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "deploy/bullpen/doctor.h"
#include "lib/clock.h"
#include "lib/mem.h"
#include "worker/docker.h"
#include "worker/facts.h"
#include "worker/selftest.h"

#define TMPFS 0x01021994 /* statfs(2) */

/* A call that is waited for. */
struct asked {
    bool over;
    json_t *body; /* NULL: err says why */
    struct err err;
};

/* A sandbox that is tried. */
struct trial {
    bool over;
    enum selftest_end end;
    char *why;
};

static json_t *ask_info(struct doctor *doctor, struct docker *docker);
static void told(void *arg, const json_t *body, const struct err *err);
static void wait_for(struct doctor *doctor, const bool *over);
static bool look_at_limits(struct doctor *doctor, const json_t *info);
static void look_at_cost(struct doctor *doctor, const json_t *info,
                         const struct facts *facts);
static void look_at_crun(struct doctor *doctor, const json_t *info);
static bool look_at_images(struct doctor *doctor, struct docker *docker);
static bool has_image(struct doctor *doctor, struct docker *docker, const char *image);
static void try_sandbox(struct doctor *doctor);
static void tried(void *arg, enum selftest_end end, const char *why);

void doctor_engine(struct doctor *doctor)
{
    struct err err;
    struct docker *docker = docker_new(doctor->base, doctor->conf.docker, &err);
    json_t *info;
    bool fit;

    if (!docker) {
        doctor_say(doctor, FINDING_BAD, "engine", "%s", err.text);
        return;
    }
    info = ask_info(doctor, docker);
    fit = info && look_at_limits(doctor, info);
    if (info && doctor->registry && look_at_images(doctor, docker) && fit)
        try_sandbox(doctor);
    json_decref(info);
    docker_free(docker);
}

static json_t *ask_info(struct doctor *doctor, struct docker *docker)
{
    struct asked asked = {0};

    docker_info(docker, told, &asked);
    wait_for(doctor, &asked.over);
    if (!asked.body)
        doctor_say(doctor, FINDING_BAD, "engine",
                   "%s; start one (deploy/engine.sh start), or say where with --docker",
                   asked.err.text);
    return asked.body;
}

static void told(void *arg, const json_t *body, const struct err *err)
{
    struct asked *asked = arg;

    asked->over = true;
    if (err)
        asked->err = *err;
    else
        asked->body = json_deep_copy(body);
}

static void wait_for(struct doctor *doctor, const bool *over)
{
    while (!*over)
        event_base_loop(doctor->base, EVLOOP_ONCE);
}

/* Whether it can hold a job at all. */
static bool look_at_limits(struct doctor *doctor, const json_t *info)
{
    const char *version = json_string_value(json_object_get(info, "ServerVersion"));
    struct facts facts;
    struct err unfit;
    char *missing;

    facts_read(info, &facts);
    missing = facts_missing(&facts);
    if (facts_refuse(&facts, &unfit))
        doctor_say(doctor, FINDING_BAD, "engine", "%s", unfit.text);
    else
        doctor_say(doctor, missing ? FINDING_NOTE : FINDING_OK, "engine",
                   "Docker %s at %s, cgroup v%d%s%s", version ? version : "?",
                   doctor->conf.docker, facts.layout.version, missing ? ": " : "",
                   missing ? missing : "");
    free(missing);
    look_at_cost(doctor, info, &facts);
    return !facts_refuse(&facts, &unfit);
}

/* docs/performance.md has the figures. */
static void look_at_cost(struct doctor *doctor, const json_t *info,
                         const struct facts *facts)
{
    const char *folder = json_string_value(json_object_get(info, "DockerRootDir"));
    struct statfs of;

    if (!facts->crun)
        doctor_say(
            doctor, FINDING_NOTE, "engine",
            "it has no crun: each container costs about 10 ms and 15 ms of CPU more; "
            "install crun and add it to the engine's runtimes");
    look_at_crun(doctor, info);
    if (folder && !statfs(folder, &of) && of.f_type != TMPFS)
        doctor_say(doctor, FINDING_NOTE, "engine",
                   "its data, %s, is on a disk: each container costs it about fifty syncs; "
                   "a tmpfs, or a fast disk, is quicker",
                   folder);
    if (access("/sys/fs/cgroup", R_OK))
        doctor_say(doctor, FINDING_NOTE, "engine",
                   "/sys/fs/cgroup cannot be read here: no figures of CPU and memory, and "
                   "fork bombs are held but not named; mount it, read-only");
}

/* One that can be written makes a copy of itself, to be safe, and starts again from that. A
 * mount keeps the one it was made of, also when that was replaced by another.
 * The engine may be elsewhere, and so its files: then nothing is known. */
static void look_at_crun(struct doctor *doctor, const json_t *info)
{
    const json_t *crun = json_object_get(json_object_get(info, "Runtimes"), "crun");
    const char *path = json_string_value(json_object_get(crun, "path"));
    struct statfs of;
    struct stat file;

    if (!path || path[0] != '/')
        return;
    if (!stat(path, &file) && !file.st_nlink)
        doctor_say(doctor, FINDING_NOTE, "engine",
                   "its crun, %s, is an old one that has been deleted, by an upgrade "
                   "perhaps; start the engine again with the new one",
                   path);
    if (!statfs(path, &of) && !(of.f_flags & ST_RDONLY))
        doctor_say(doctor, FINDING_NOTE, "engine",
                   "its crun, %s, can be written: it starts itself twice, four times a "
                   "container, which costs about 10 ms of CPU; docs/performance.md, \"The "
                   "engine made ready\", says how to keep it safe another way",
                   path);
}

static bool look_at_images(struct doctor *doctor, struct docker *docker)
{
    size_t count = registry_count(doctor->registry), missing = 0;
    bool standin = doctor->conf.registry.images == IMAGES_STANDIN;

    for (size_t i = 0; i < count; i++) {
        const struct lang *lang = registry_at(doctor->registry, i);

        for (size_t v = 0; v < lang->version_count; v++) {
            if (has_image(doctor, docker, lang->versions[v].image))
                continue;
            missing++;
            doctor_say(
                doctor, FINDING_BAD, "images", "%s %s: %s is not there; get it with %s %s",
                lang->id, lang->versions[v].version, lang->versions[v].image,
                standin ? "deploy/images.sh standin" : "bullpen lang pull", lang->id);
        }
    }
    if (!missing)
        doctor_say(doctor, FINDING_OK, "images", "all %zu languages have theirs", count);
    return missing < count;
}

static bool has_image(struct doctor *doctor, struct docker *docker, const char *image)
{
    struct asked asked = {0};
    bool here;

    docker_image(docker, image, told, &asked);
    wait_for(doctor, &asked.over);
    here = asked.body;
    json_decref(asked.body);
    return here;
}

/* The first language's self-tests that can be run tell whether a sandbox works. */
static void try_sandbox(struct doctor *doctor)
{
    static const struct selftest_events events = {.done = tried};
    const struct engine_config config = {
        .host = doctor->conf.docker, .queue = "bullpen:doctor", .worker = "bullpen doctor"};
    struct trial trial = {.end = SELFTEST_NO_IMAGE};
    const struct lang *lang = NULL;
    struct run_config run = {doctor->base, NULL, doctor->registry, "bullpen doctor"};
    struct err err;
    int64_t begun_us = clock_mono_us();

    run.engine = engine_new(doctor->base, &config, &err);
    for (size_t i = 0; run.engine && i < registry_count(doctor->registry) &&
                       trial.end == SELFTEST_NO_IMAGE;
         i++) {
        lang = registry_at(doctor->registry, i);
        trial.over = false;
        begun_us = clock_mono_us();
        free(trial.why);
        trial.why = NULL;
        selftest_start(&run, lang, &events, &trial);
        wait_for(doctor, &trial.over);
    }
    if (lang)
        doctor_say(doctor, trial.end == SELFTEST_PASSED ? FINDING_OK : FINDING_BAD,
                   "sandbox", "%s: %s, %d ms for %zu self-tests%s%s", lang->id,
                   trial.end == SELFTEST_PASSED ? "works" : "does not work",
                   (int)((clock_mono_us() - begun_us) / 1000), lang->selftest_count,
                   trial.why ? ": " : "", trial.why ? trial.why : "");
    while (run.engine && engine_busy(run.engine))
        event_base_loop(doctor->base, EVLOOP_ONCE);
    engine_free(run.engine);
    free(trial.why);
}

static void tried(void *arg, enum selftest_end end, const char *why)
{
    struct trial *trial = arg;

    trial->over = true;
    trial->end = end;
    trial->why = why ? xstrdup(why) : NULL;
}
