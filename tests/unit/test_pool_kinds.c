/* Sandboxes made ahead of the jobs: what one kind is, and how kinds share the room. */
#include "tests/unit/pool_fixture.h"

enum { KINDS = 70 /* more than are remembered */ };

static void only_what_a_container_is_made_of_makes_a_kind(void **state)
{
    static const struct bytes words[] = {{"A=1", 3}}, others[] = {{"A=2", 3}};
    static const struct {
        struct sandbox_spec spec;
        bool same;
    } rows[] = {
        {{"sh", .limits = {3000, 128, 50, 4096, 1}}, true},
        {{"sh", .limits = {20000, 128, 50, 4096, 1}}, true},
        {{"sh", .limits = {3000, 128, 50, 1, 9}}, true},
        {{"zz", .limits = {3000, 128, 50, 4096, 1}}, false},
        {{"sh", .limits = {20001, 128, 50, 4096, 1}}, false},
        {{"sh", .limits = {3000, 129, 50, 4096, 1}}, false},
        {{"sh", .limits = {3000, 128, 51, 4096, 1}}, false},
        {{"sh", .limits = {3000, 128, 50, 4096, 1}, .tmpfs.exec = true}, false},
        {{"sh", .limits = {3000, 128, 50, 4096, 1}, .tmpfs.size_mb = 1}, false},
        {{"sh", .limits = {3000, 128, 50, 4096, 1}, .env = {words, 1}}, false},
        {{"sh", .limits = {3000, 128, 50, 4096, 1}, .env = {others, 1}}, false},
        {{"sh", .limits = {3000, 128, 50, 4096, 1}, .preload = {"a", {words, 1}}}, false},
        {{"sh", .limits = {3000, 128, 50, 4096, 1}, .preload = {"a", {others, 1}}}, false},
        {{"sh", .limits = {3000, 128, 50, 4096, 1}, .preload = {"b", {words, 1}}}, false},
    };

    want(&sh, 1);
    for (size_t i = 0; i < COUNT(rows); i++) {
        settle();
        if (!rows[i].same == !take(&rows[i].spec))
            continue;
        fail_msg("row %zu", i);
    }
}

/* A job's spec ends with it, and the sandbox it had made does not. */
static void a_kind_has_its_own_copy_of_the_spec(void **state)
{
    char image[] = "sh", word[] = "A=1", file[] = "main", first[] = "bash";
    const struct bytes words[] = {{word, 3}}, argv[] = {{first, 4}};
    const struct sandbox_spec spec = {image, .env = {words, 1}, .limits = sh.limits,
                                      .preload = {file, {argv, 1}}};

    want(&spec, 1);
    image[0] = word[0] = file[0] = first[0] = '?';
    turn();
    assert_string_equal(made[0]->spec.image, "sh");
    assert_string_equal(made[0]->spec.env.at[0].at, "A=1");
    assert_string_equal(made[0]->spec.preload.file, "main");
    assert_string_equal(made[0]->spec.preload.argv.at[0].at, "bash");
}

static void the_kind_with_most_makes_room_for_one_that_has_none(void **state)
{
    want(&sh, MOST);
    settle();
    want(&py, 1);
    settle();
    assert_int_equal(count_of(&sh), MOST - 1);
    assert_int_equal(count_of(&py), 1);
    assert_non_null(take(&py));
    want(&py, MOST);
    settle();
    assert_int_equal(count_of(&sh), MOST / 2);
    assert_int_equal(count_of(&py), MOST / 2);
}

/* Until that has ended the loop turns for other reasons. */
static void one_that_gives_way_costs_its_kind_one(void **state)
{
    want(&sh, MOST);
    settle();
    want(&py, 1);
    for (int i = 0; i < MOST; i++) {
        pool_poke(pool);
        turn();
    }
    settle();
    let_pass(5);
    assert_int_equal(count_of(&sh), MOST - 1);
    assert_int_equal(count_of(&py), 1);
}

static void more_kinds_than_places_take_turns(void **state)
{
    char image[16];
    struct sandbox_spec spec = sh;

    spec.image = image;
    for (int i = 0; i < 100; i++) {
        snprintf(image, sizeof image, "kind-%d", i);
        clock_skip_ms(1);
        want(&spec, 1);
        settle();
        assert_non_null(take(&spec));
        settle();
    }
}

/* A spec like others but for its image. */
static struct sandbox_spec kind(int number)
{
    static char images[KINDS][16];
    struct sandbox_spec spec = sh;

    snprintf(images[number], sizeof images[number], "kind-%d", number);
    spec.image = images[number];
    return spec;
}

/* One of each, one after the other, and none is made as yet. */
static void want_kinds(int count)
{
    engine.cold = 1;
    for (int i = 0; i < count; i++) {
        const struct sandbox_spec spec = kind(i);

        want(&spec, 1);
        clock_skip_ms(1);
    }
    engine.cold = 0;
}

static void of_more_kinds_than_places_the_latest_have_one(void **state)
{
    const struct sandbox_spec oldest = kind(0);

    want_kinds(MOST + 1);
    pool_poke(pool);
    settle();
    assert_int_equal(count_of(&oldest), 0);
    assert_int_equal(made_count, MOST);
}

static void of_more_kinds_than_are_remembered_the_latest_are(void **state)
{
    const struct sandbox_spec again = kind(20), last = kind(KINDS - 1),
                              before = kind(KINDS - 2);

    want_kinds(KINDS);
    want(&again, 1);
    settle();
    assert_int_equal(count_of(&again), 1);
    assert_int_equal(count_of(&last), 1);
    assert_int_equal(count_of(&before), 1);
}

static void a_kind_that_has_sandboxes_is_remembered(void **state)
{
    want(&sh, 1);
    settle();
    want_kinds(KINDS);
    assert_non_null(take(&sh));
}

static void a_kind_that_is_kept_is_remembered(void **state)
{
    engine.cold = 1;
    pool_keep(pool, &sh, 1);
    want_kinds(KINDS);
    let_pass(400);
    assert_int_equal(count_of(&sh), 1);
}

static void those_that_are_kept_make_no_room(void **state)
{
    pool_keep(pool, &sh, MOST);
    settle();
    want(&py, 1);
    settle();
    assert_int_equal(count_of(&sh), MOST);
    assert_int_equal(count_of(&py), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(only_what_a_container_is_made_of_makes_a_kind),
        TEST(a_kind_has_its_own_copy_of_the_spec),
        TEST(the_kind_with_most_makes_room_for_one_that_has_none),
        TEST(one_that_gives_way_costs_its_kind_one),
        TEST(more_kinds_than_places_take_turns),
        TEST(of_more_kinds_than_places_the_latest_have_one),
        TEST(of_more_kinds_than_are_remembered_the_latest_are),
        TEST(a_kind_that_has_sandboxes_is_remembered),
        TEST(a_kind_that_is_kept_is_remembered),
        TEST(those_that_are_kept_make_no_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
