/* lang.h -- one language, from the values in its file.
 *
 * The fields (those with a star must be there), and what they may hold:
 *     id *            1 to 32 of a-z 0-9 + -
 *     name *          1 to 64 bytes, for people
 *     aliases         up to 32, of a-z 0-9 + - # . _; no two languages share a name
 *     extensions      up to 32, without their dot
 *     versions *      1 to 32 of {version *, image *, digest, default}; of several, one is
 *                     the default. With a digest, here or in languages.lock (lock.h), the
 *                     image is used by that
 *     standin         {version *, image *}: takes the place of all versions with
 *                     --images standin, and must be there then
 *     source *        {file *, rule}: what the code's file is called; rule is fixed, or
 *                     java-public-class (source.h), for which `file` is the fallback
 *     compile         {argv *, env, tmpfs, limits, artifacts *}: a stage of its own before
 *                     the run; artifacts are relative names of files and folders
 *     run *           {argv *, env, tmpfs}; argv may have placeholders in both (argv.h),
 *                     env is a list of NAME=value, tmpfs is {sizeMb: 1 to 1024, exec}: half
 *                     of the memory and no execution unless it says so
 *     limits          timeoutMs, memoryMb, pids, outputBytes, cpuMs, each {min, default,
 *                     max}, of the run; compile.limits has the same without min. Unsaid
 *                     ones are the system's (defaults.h), which nobody may exceed; a job
 *                     that asks for less than min is refused
 *     pool            0 to 16 sandboxes kept warm, 0 unless it says so; or {size, preload}:
 *                     with preload the interpreter is started in each that is made
 *                     ahead (preload.h)
 *     template        up to 16 KiB, what an editor begins with
 *     version_argv    prints the version; no placeholders
 *     selftest        up to 32 cases (selftest.h)
 */
#ifndef LANG_REGISTRY_LANG_H
#define LANG_REGISTRY_LANG_H

#include "lang-registry/defaults.h"
#include "lang-registry/lock.h"
#include "lang-registry/registry.h"

/* What a language is read with, beside its own file. */
struct surroundings {
    enum registry_images images;
    struct defaults defaults;
    struct lock lock;
};

/* Read and check all but what other languages have a say in. Mistakes go to `errors`,
 * empty before, by their JSON pointers; what could be read is in *lang even then, texts may
 * be NULL. Returns 0 or -1. */
int lang_read(const json_t *root, const struct surroundings *surroundings,
              struct lang *lang, struct arena *arena, struct field_errors *errors);

#endif
