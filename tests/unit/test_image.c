/* The parts of an image's name. */
#include "tests/support/unit.h"

#include "lang-registry/image.h"
#include "lib/count.h"

static void a_repository_has_no_tag_and_no_digest(void **state)
{
    static const struct {
        const char *image, *repository;
    } rows[] = {
        {"python", "python"},
        {"python:3.13", "python"},
        {"python@sha256:00", "python"},
        {"python:3.13@sha256:00", "python"},
        {"a/b/c:1", "a/b/c"},
        {"host:5000/a", "host:5000/a"},
        {"host:5000/a:1", "host:5000/a"},
        {"host:5000/a@sha256:00", "host:5000/a"},
        {"", ""},
        {":", ""},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        size_t len = image_repository(rows[i].image);

        if (len != strlen(rows[i].repository) ||
            strncmp(rows[i].image, rows[i].repository, len) != 0)
            fail_msg("%s: %.*s", rows[i].image, (int)len, rows[i].image);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_repository_has_no_tag_and_no_digest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
