/* Sandboxes made ahead of the jobs: how many, and when. */
#include "tests/unit/pool_fixture.h"

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

/* Seconds, after one failure and the next. */
static const int pauses[] = {1, 2, 4, 8, 10, 10};

static void one_that_cannot_be_made_is_tried_again_and_ever_more_slowly(void **state)
{
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
        TEST(a_drained_pool_gives_and_makes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
