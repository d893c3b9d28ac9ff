/* Memory that lives and dies together; the sanitizers see what is lost or overrun. */
#include "tests/support/unit.h"

#include <stdalign.h>
#include <stdbool.h>

#include "lib/arena.h"

static int set_up(void **state)
{
    *state = arena_new();
    return 0;
}

static int tear_down(void **state)
{
    arena_free(*state);
    return 0;
}

static bool is_zero(const unsigned char *at, size_t size)
{
    while (size > 0 && at[size - 1] == 0)
        size--;
    return size == 0;
}

static void pieces_of_all_sizes_are_zeroed_aligned_and_apart(void **state)
{
    unsigned char *pieces[200];

    for (size_t i = 0; i < 200; i++) {
        pieces[i] = arena_alloc(*state, i * 31);
        assert_int_equal((uintptr_t)pieces[i] % alignof(max_align_t), 0);
        assert_true(is_zero(pieces[i], i * 31));
        memset(pieces[i], (int)i, i * 31);
    }
    for (size_t i = 0; i < 200; i++)
        for (size_t j = 0; j < i * 31; j++)
            assert_int_equal(pieces[i][j], i);
}

static void a_big_piece_does_not_waste_the_block_in_use(void **state)
{
    char *before = arena_alloc(*state, 16), *big = arena_alloc(*state, 1024 * 1024);
    char *after = arena_alloc(*state, 16);

    assert_ptr_equal(after, before + 16);
    assert_true(is_zero((unsigned char *)big, 1024 * 1024));
}

static void copies_have_a_nul_behind_them(void **state)
{
    assert_memory_equal(arena_copy(*state, "a\0b", 3), "a\0b", 4);
    assert_string_equal(arena_copy(*state, NULL, 0), "");
    assert_string_equal(arena_text(*state, "text"), "text");
}

static void printing_takes_as_much_as_it_needs(void **state)
{
    char *text = arena_printf(*state, "%s=%0*d", "n", 5000, 7);

    assert_int_equal(strlen(text), 5002);
    assert_string_equal(text + 4999, "007");
}

static void nothing_is_freed_without_complaint(void **state)
{
    arena_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(pieces_of_all_sizes_are_zeroed_aligned_and_apart,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_big_piece_does_not_waste_the_block_in_use, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(copies_have_a_nul_behind_them, set_up, tear_down),
        cmocka_unit_test_setup_teardown(printing_takes_as_much_as_it_needs, set_up,
                                        tear_down),
        cmocka_unit_test(nothing_is_freed_without_complaint),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
