/* Sandboxes made ahead of the jobs: how many, of which kind, and when. */
#include "tests/support/unit.h"

#include "lib/count.h"
#include "lib/mem.h"
#include "tests/support/fake_clock.h"
#include "worker/engine.h"
#include "worker/pool.h"

enum { MOST = 6, CORES = 2, MADE = 400, KINDS = 70 /* more than are remembered */ };

/* As much of a sandbox as the pool sees. */
struct sandbox {
    struct sandbox_spec spec;
    const struct sandbox_events *events; /* NULL: it has ended */
    void *arg;
    bool ready, taken, stopped;
};

static struct engine engine;
static struct pool *pool;
static struct sandbox *made[MADE];
static int made_count;

static const struct sandbox_spec sh = {.image = "sh", .limits = {3000, 128, 50, 4096, 1}};
static const struct sandbox_spec py = {.image = "py", .limits = {3000, 128, 50, 4096, 1}};

struct sandbox *sandbox_make(struct engine *with, const struct sandbox_spec *spec,
                             const char *job_id, const struct sandbox_events *events,
                             void *arg)
{
    struct sandbox *sandbox = xcalloc(1, sizeof *sandbox);

    assert_ptr_equal(with, &engine);
    assert_null(job_id);
    assert_true(made_count < MADE);
    *sandbox = (struct sandbox){.spec = *spec, .events = events, .arg = arg};
    return made[made_count++] = sandbox;
}

void sandbox_stop(struct sandbox *sandbox)
{
    assert_non_null(sandbox->events);
    sandbox->stopped = true;
}

static int set_up(void **state)
{
    const struct pool_config config = {MOST, CORES};

    engine = (struct engine){.base = event_base_new()};
    pool = pool_new(&engine, &config);
    made_count = 0;
    return 0;
}

/* A timer of no delay is due in the round after the one that set it. */
static void turn(void)
{
    for (int i = 0; i < 3; i++)
        event_base_loop(engine.base, EVLOOP_NONBLOCK);
}

/* The end of one that the pool has. */
static void end(struct sandbox *sandbox, enum fault fault)
{
    const struct sandbox_end how = {.how = sandbox->stopped ? END_STOPPED : END_FAILED,
                                    .fault = fault};
    const struct err err = {ERR_BACKEND, "it is gone"};
    const struct sandbox_events *events = sandbox->events;

    sandbox->events = NULL;
    events->ended(sandbox->arg, &how, sandbox->stopped ? NULL : &err);
}

static bool is_pools(const struct sandbox *sandbox)
{
    return sandbox->events && !sandbox->taken;
}

/* Those that were stopped end, those that were begun become ready, until nothing changes.
 */
static void settle(void)
{
    bool changed = true;

    while (changed) {
        changed = false;
        turn();
        for (int i = 0; i < made_count; i++) {
            if (!is_pools(made[i]) || (made[i]->ready && !made[i]->stopped))
                continue;
            changed = true;
            if (made[i]->stopped) {
                end(made[i], FAULT_LOST);
            } else {
                made[i]->ready = true;
                made[i]->events->ready(made[i]->arg);
            }
        }
    }
}

static int count_of(const struct sandbox_spec *spec)
{
    int count = 0;

    for (int i = 0; i < made_count; i++)
        count += is_pools(made[i]) && strcmp(made[i]->spec.image, spec->image) == 0;
    return count;
}

static struct sandbox *take(const struct sandbox_spec *spec)
{
    struct sandbox *sandbox = pool_take(pool, spec);

    if (sandbox) {
        assert_true(sandbox->ready && !sandbox->taken && !sandbox->stopped);
        sandbox->taken = true;
    }
    return sandbox;
}

static void want(const struct sandbox_spec *spec, int count)
{
    for (int i = 0; i < count; i++)
        assert_null(take(spec));
}

/* In steps that are shorter than all that the pool waits for. */
static void let_pass(int seconds)
{
    for (int i = 0; i < seconds; i += 5) {
        clock_skip_ms(5000);
        settle();
    }
}

static int tear_down(void **state)
{
    pool_drain(pool);
    for (int i = 0; i < made_count; i++)
        if (is_pools(made[i]))
            end(made[i], FAULT_LOST);
    pool_free(pool);
    for (int i = 0; i < made_count; i++)
        free(made[i]);
    event_base_free(engine.base);
    return 0;
}

/* Those that are ready have waited for a while. */
static void grow_up(void)
{
    clock_skip_ms(1501);
    turn();
}

static void nothing_is_made_before_it_is_wanted(void **state)
{
    let_pass(5);
    assert_int_equal(made_count, 0);
}

static void who_finds_none_has_one_made_for_the_next(void **state)
{
    struct sandbox *first;

    assert_null(take(&sh));
    turn();
    assert_int_equal(made_count, 1);
    assert_null(pool_take(pool, &py));
    settle();
    first = take(&sh);
    assert_ptr_equal(first, made[0]);
    settle();
    assert_int_equal(count_of(&sh), 1);
}

static void one_that_is_not_ready_is_not_given(void **state)
{
    want(&sh, 1);
    turn();
    assert_int_equal(made_count, 1);
    want(&sh, 1);
}

static void each_that_finds_none_raises_their_number(void **state)
{
    want(&sh, 3);
    settle();
    assert_int_equal(count_of(&sh), 3);
    for (int i = 0; i < 3; i++)
        assert_non_null(take(&sh));
    want(&sh, 1);
    settle();
    assert_int_equal(count_of(&sh), 4);
}

static void there_are_never_more_than_the_most(void **state)
{
    want(&sh, 2 * MOST);
    settle();
    assert_int_equal(count_of(&sh), MOST);
    let_pass(70);
    assert_int_equal(count_of(&sh), 1);
}

static void so_many_are_made_at_once_as_jobs_leave_room_for(void **state)
{
    want(&sh, MOST);
    engine.jobs = engine.cold = 1;
    turn();
    assert_int_equal(made_count, 0);
    engine.cold = 0;
    pool_poke(pool);
    turn();
    assert_int_equal(made_count, 1);
    engine.jobs = 0;
    pool_poke(pool);
    turn();
    assert_int_equal(made_count, CORES);
}

/* Short jobs end before another sandbox is made beside them. */
static void a_job_that_has_just_begun_has_the_machine(void **state)
{
    want(&sh, 1);
    settle();
    engine.jobs = 1;
    assert_non_null(take(&sh));
    turn();
    assert_int_equal(made_count, 1);
    clock_skip_ms(40);
    turn();
    assert_int_equal(made_count, 2);
}

static void when_it_has_ended_nobody_waits(void **state)
{
    want(&sh, 1);
    settle();
    engine.jobs = 1;
    assert_non_null(take(&sh));
    turn();
    engine.jobs = 0;
    pool_poke(pool);
    turn();
    assert_int_equal(made_count, 2);
}

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

static void one_that_cannot_be_made_is_tried_again_and_ever_more_slowly(void **state)
{
    static const int pauses[] = {1, 2, 4, 8, 10, 10};

    want(&sh, 1);
    turn();
    for (size_t i = 0; i < COUNT(pauses); i++) {
        assert_int_equal(made_count, i + 1);
        end(made[i], FAULT_ENGINE);
        for (int s = 0; s < pauses[i]; s++) {
            assert_int_equal(made_count, i + 1);
            clock_skip_ms(1001);
            turn();
            turn();
        }
    }
    settle();
    assert_int_equal(count_of(&sh), 1);
    /* One that has lived is replaced at once again, and that one soon. */
    grow_up();
    end(made[made_count - 1], FAULT_LOST);
    turn();
    assert_int_equal(count_of(&sh), 1);
    end(made[made_count - 1], FAULT_ENGINE);
    clock_skip_ms(1001);
    turn();
    assert_int_equal(count_of(&sh), 1);
}

static void one_that_cannot_be_made_is_given_up_when_nobody_wants_it(void **state)
{
    int before;

    want(&sh, 1);
    for (int i = 0; i < 400; i++) {
        before = made_count;
        turn();
        if (is_pools(made[made_count - 1]))
            end(made[made_count - 1], FAULT_IMAGE);
        clock_skip_ms(1001);
    }
    assert_int_equal(made_count, before);
    let_pass(60);
    assert_int_equal(made_count, before);
}

/* As where an interpreter that is started ahead looks at its program and goes. */
static void nor_are_those_that_die_as_soon_as_they_are_ready_made_without_end(void **state)
{
    static const int pauses[] = {1, 2, 4, 8, 10, 10};

    want(&sh, 1);
    settle();
    for (size_t i = 0; i < COUNT(pauses); i++) {
        assert_int_equal(made_count, i + 1);
        end(made[i], FAULT_LOST);
        settle();
        assert_int_equal(made_count, i + 1);
        clock_skip_ms(pauses[i] * 1000 - 500);
        settle();
        assert_int_equal(made_count, i + 1);
        clock_skip_ms(1501);
        settle();
    }
}

static void one_that_dies_while_it_waits_is_replaced(void **state)
{
    want(&sh, 1);
    settle();
    grow_up();
    end(made[0], FAULT_LOST);
    assert_null(take(&sh));
    turn();
    assert_int_equal(made_count, 1 + 2);
}

static void old_ones_are_made_anew(void **state)
{
    pool_keep(pool, &sh, 1);
    settle();
    let_pass(POOL_AGE_MS / 1000 - 20);
    assert_int_equal(made_count, 1);
    let_pass(30);
    assert_int_equal(made_count, 2);
    assert_true(made[0]->stopped);
    assert_int_equal(count_of(&sh), 1);
}

static void one_that_goes_is_not_given(void **state)
{
    pool_keep(pool, &sh, 1);
    settle();
    clock_skip_ms(POOL_AGE_MS + 1000);
    turn();
    assert_true(made[0]->stopped);
    assert_null(take(&sh));
}

static void what_nobody_wants_goes_and_the_last_one_later(void **state)
{
    want(&sh, 4);
    settle();
    let_pass(70);
    assert_int_equal(count_of(&sh), 1);
    let_pass(160);
    assert_int_equal(count_of(&sh), 1);
    let_pass(100);
    assert_int_equal(count_of(&sh), 0);
    want(&sh, 1);
    settle();
    assert_int_equal(count_of(&sh), 1);
}

static void what_is_wanted_stays(void **state)
{
    want(&sh, 3);
    settle();
    for (int i = 0; i < 80; i++) {
        for (int j = 0; j < 3; j++)
            assert_non_null(take(&sh));
        settle();
        let_pass(5);
    }
    assert_int_equal(count_of(&sh), 3);
}

static void of_what_is_wanted_in_part_the_rest_goes(void **state)
{
    want(&sh, 4);
    settle();
    for (int i = 0; i < 14; i++) {
        assert_non_null(take(&sh));
        assert_non_null(take(&sh));
        settle();
        let_pass(5);
    }
    assert_int_equal(count_of(&sh), 2);
}

static void what_is_kept_stays_whoever_wants_it(void **state)
{
    pool_keep(pool, &sh, 2);
    settle();
    assert_int_equal(count_of(&sh), 2);
    let_pass(400);
    assert_int_equal(count_of(&sh), 2);
    pool_keep(pool, &sh, 0);
    let_pass(5);
    assert_int_equal(count_of(&sh), 0);
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

static void a_drained_pool_gives_and_makes_nothing(void **state)
{
    want(&sh, 3);
    turn();
    made[0]->ready = true;
    made[0]->events->ready(made[0]->arg);
    turn();
    pool_drain(pool);
    for (int i = 0; i < made_count; i++)
        assert_true(made[i]->stopped);
    assert_null(pool_take(pool, &sh));
    settle();
    assert_int_equal(count_of(&sh), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nothing_is_made_before_it_is_wanted),
        TEST(who_finds_none_has_one_made_for_the_next),
        TEST(one_that_is_not_ready_is_not_given),
        TEST(each_that_finds_none_raises_their_number),
        TEST(there_are_never_more_than_the_most),
        TEST(so_many_are_made_at_once_as_jobs_leave_room_for),
        TEST(a_job_that_has_just_begun_has_the_machine),
        TEST(when_it_has_ended_nobody_waits),
        TEST(only_what_a_container_is_made_of_makes_a_kind),
        TEST(a_kind_has_its_own_copy_of_the_spec),
        TEST(one_that_cannot_be_made_is_tried_again_and_ever_more_slowly),
        TEST(nor_are_those_that_die_as_soon_as_they_are_ready_made_without_end),
        TEST(one_that_cannot_be_made_is_given_up_when_nobody_wants_it),
        TEST(one_that_dies_while_it_waits_is_replaced),
        TEST(old_ones_are_made_anew),
        TEST(one_that_goes_is_not_given),
        TEST(what_nobody_wants_goes_and_the_last_one_later),
        TEST(what_is_wanted_stays),
        TEST(of_what_is_wanted_in_part_the_rest_goes),
        TEST(what_is_kept_stays_whoever_wants_it),
        TEST(the_kind_with_most_makes_room_for_one_that_has_none),
        TEST(one_that_gives_way_costs_its_kind_one),
        TEST(more_kinds_than_places_take_turns),
        TEST(of_more_kinds_than_places_the_latest_have_one),
        TEST(of_more_kinds_than_are_remembered_the_latest_are),
        TEST(a_kind_that_has_sandboxes_is_remembered),
        TEST(a_kind_that_is_kept_is_remembered),
        TEST(those_that_are_kept_make_no_room),
        TEST(a_drained_pool_gives_and_makes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
