/* One timer for the locks of all jobs. */
#include "tests/support/unit.h"

#include "tests/support/fake_clock.h"
#include "tests/support/fake_queue.h"
#include "tests/support/loop.h"
#include "worker/locks.h"

enum { EVERY_MS = 1000 };

static struct event_base *base;
static struct locks *locks;
static struct job *one, *two;

/* The jobs that were told lost. */
static const struct job *lost[8];
static size_t lost_count;

static void hear_lost(void *arg, const struct job *job)
{
    assert_true(lost_count < 8);
    lost[lost_count++] = job;
}

static int set_up(void **state)
{
    fake_queue_forget();
    lost_count = 0;
    base = event_base_new();
    locks = locks_new(base, NULL, EVERY_MS, hear_lost, NULL);
    one = fake_job("1");
    two = fake_job("2");
    return 0;
}

static int tear_down(void **state)
{
    locks_free(locks);
    job_free(one);
    job_free(two);
    event_base_free(base);
    return 0;
}

/* One round of the timer. */
static void let_pass(void)
{
    clock_skip_ms(EVERY_MS + 1);
    loop_for(base, 1);
}

static int rounds(void)
{
    return fake_queue.count[FAKE_EXTEND];
}

static const char *asked(void)
{
    assert_true(fake_queue.asks[FAKE_EXTEND].asked);
    return fake_queue.asks[FAKE_EXTEND].ids;
}

static void nothing_is_asked_for_no_jobs(void **state)
{
    let_pass();
    assert_int_equal(rounds(), 0);
}

static void all_jobs_are_extended_in_one_call(void **state)
{
    locks_add(locks, one);
    locks_add(locks, two);
    let_pass();
    assert_string_equal(asked(), "1 2");
    fake_extended(NULL, 0);
    let_pass();
    assert_string_equal(asked(), "1 2");
    assert_int_equal(rounds(), 2);
    assert_int_equal(lost_count, 0);
}

static void a_job_that_has_ended_is_not_extended(void **state)
{
    locks_add(locks, one);
    locks_add(locks, two);
    locks_remove(locks, one);
    let_pass();
    assert_string_equal(asked(), "2");
    fake_extended(NULL, 0);
    locks_remove(locks, two);
    let_pass();
    assert_int_equal(rounds(), 1);
}

static void a_job_that_is_not_held_may_be_removed(void **state)
{
    locks_add(locks, one);
    locks_remove(locks, two);
    locks_remove(locks, one);
    locks_remove(locks, one);
    let_pass();
    assert_int_equal(rounds(), 0);
}

static void a_lost_lock_is_told_and_the_others_are_not(void **state)
{
    const char *const ids[] = {"2"};

    locks_add(locks, one);
    locks_add(locks, two);
    let_pass();
    fake_extended(ids, 1);
    assert_int_equal(lost_count, 1);
    assert_ptr_equal(lost[0], two);
}

static void a_job_that_ended_meanwhile_is_not_told(void **state)
{
    const char *const ids[] = {"1", "nobody's"};

    locks_add(locks, one);
    let_pass();
    locks_remove(locks, one);
    fake_extended(ids, 2);
    assert_int_equal(lost_count, 0);
}

/* Lost by one slot, found stalled, and taken by another: the same id twice. */
static void a_job_that_came_back_is_held_on_its_own(void **state)
{
    const char *const ids[] = {"1"};
    struct job *again = fake_job("1");

    locks_add(locks, one);
    locks_add(locks, again);
    let_pass();
    fake_extended(ids, 1);
    assert_int_equal(lost_count, 1);
    assert_ptr_equal(lost[0], one); /* the older one */
    locks_remove(locks, one);
    let_pass();
    assert_string_equal(asked(), "1");
    fake_extended(NULL, 0);
    locks_remove(locks, again);
    job_free(again);
    assert_int_equal(lost_count, 1);
}

static void one_call_is_waited_for_before_the_next(void **state)
{
    locks_add(locks, one);
    let_pass();
    let_pass();
    let_pass();
    assert_int_equal(rounds(), 1);
    fake_extended(NULL, 0);
    let_pass();
    assert_int_equal(rounds(), 2);
}

static void with_redis_away_no_lock_is_lost_and_the_next_round_asks_again(void **state)
{
    locks_add(locks, one);
    let_pass();
    fake_refused(FAKE_EXTEND, ERR_BACKEND, "away");
    assert_int_equal(lost_count, 0);
    let_pass();
    assert_string_equal(asked(), "1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(nothing_is_asked_for_no_jobs),
        TEST(all_jobs_are_extended_in_one_call),
        TEST(a_job_that_has_ended_is_not_extended),
        TEST(a_job_that_is_not_held_may_be_removed),
        TEST(a_lost_lock_is_told_and_the_others_are_not),
        TEST(a_job_that_ended_meanwhile_is_not_told),
        TEST(a_job_that_came_back_is_held_on_its_own),
        TEST(one_call_is_waited_for_before_the_next),
        TEST(with_redis_away_no_lock_is_lost_and_the_next_round_asks_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
