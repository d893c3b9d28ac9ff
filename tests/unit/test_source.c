/* What the file is called that the code is in. */
#include "tests/support/unit.h"

#include "lang-registry/source.h"
#include "tests/support/arena_fixture.h"

static void expect_java(const char *code, const char *file)
{
    const struct bytes bytes = {code, strlen(code)};

    assert_string_equal(source_name(SOURCE_JAVA_PUBLIC_CLASS, "Main.java", bytes, arena),
                        file);
}

static void expect_main(const char *usual, const char *code, const char *name)
{
    const struct bytes bytes = {code, strlen(code)};

    assert_string_equal(source_main(SOURCE_JAVA_PUBLIC_CLASS, usual, bytes, arena), name);
}

static void a_fixed_name_is_kept(void **state)
{
    const struct bytes code = {"public class Solver {}", 22};

    assert_string_equal(source_name(SOURCE_FIXED, "main.c", code, arena), "main.c");
}

static void a_public_class_names_its_file(void **state)
{
    expect_java("public class Solver {}", "Solver.java");
    expect_java("package a.b;\nimport java.util.*;\n\npublic\n\tclass\nA{", "A.java");
    expect_java("public final class $a_1 extends B {}", "$a_1.java");
    expect_java("public non-sealed abstract class B {}", "B.java");
    expect_java("@Deprecated public strictfp class C{}", "C.java");
    expect_java("public @Deprecated class D<T> {}", "D.java");
}

static void records_enums_and_interfaces_do_so_as_well(void **state)
{
    expect_java("public record Point(int x, int y) {}", "Point.java");
    expect_java("public enum Colour { RED }", "Colour.java");
    expect_java("public sealed interface Shape permits Circle {}", "Shape.java");
    expect_java("public @interface Mark {}", "Mark.java");
}

static void the_first_public_one_outside_of_braces_counts(void **state)
{
    expect_java("class A { public class Inner {} }\npublic class B {}", "B.java");
    expect_java("interface A { class C {} }\nenum E { X }\npublic class B {}", "B.java");
    expect_java("public class A {} public class B {}", "A.java");
    expect_java("@Words({\"a\", \"b\"}) public class A {}", "A.java");
    expect_java("} public class A {}", "A.java");
    expect_java("} class A { public class I {} } public class B {}", "B.java");
}

static void comments_and_texts_are_no_code(void **state)
{
    expect_java("// public class A {}\npublic class B {}", "B.java");
    expect_java("/* public class A {} */ public /* class C */ class B {}", "B.java");
    expect_java("/* \" */ public class B {}", "B.java");
    expect_java("@Note(\"public class A {}\") public class B {}", "B.java");
    expect_java("@Note(\"\\\" } public class A {\\\\\") public class B {}", "B.java");
    expect_java("@Note('\"') @Other('\\'') public class B {}", "B.java");
    expect_java("class A { String s = \"\"\"\n } \" public class X {\n \\\"\"\" }\"\"\"; }"
                "public class B {}",
                "B.java");
    expect_java("@Note(\"\"\"\npublic class A {}\n\"\"\") public class B {}", "B.java");
    expect_java("class A { char c = '{'; String s = \"{\"; } public class B {}", "B.java");
    expect_java("class A { String s = \"not closed;\n } public class B {}", "B.java");
}

static void a_class_that_is_only_named_is_none(void **state)
{
    expect_java("@Runs(Helper.class) public class A {}", "A.java");
    expect_java("public @Runs(Helper.class) class A {}", "A.java");
    expect_java("@Runs(Helper.class) class A {}", "Main.java");
}

static void the_class_that_is_run_is_in_its_package(void **state)
{
    expect_main("A", "package a.b; public class A {}", "a.b.A");
    expect_main("A", "/* package x; */ package a /* ; */ . b\n;public class A {}", "a.b.A");
    expect_main("A", "package a;class B {} public class A {}", "a.A");
    expect_main("A", "public class A { String s = \"package a;\"; }", "A");
    expect_main("A", "import a.b; public class A {}", "A");
    expect_main("Main", "package", "Main");
    expect_main("Main", "package ;", "Main");
    expect_main("Main", "package a.1;", "Main");
    expect_main("Main", "", "Main");
}

static void the_class_that_is_run_is_the_first_if_none_has_the_files_name(void **state)
{
    expect_main("Main", "class Solver { class Inner {} } class Helper {}", "Solver");
    expect_main("Main", "class Helper {} class Main {}", "Main");
    expect_main("Main", "enum Solver { X }", "Solver");
    expect_main("Main", "class Gr\303\266\303\237e {}", "Main");
    expect_main("Main", "class", "Main");
    assert_string_equal(
        source_main(SOURCE_FIXED, "main", (struct bytes){"class A {}", 10}, arena), "main");
}

static void a_package_of_any_length_is_survived(void **state)
{
    char code[3000] = "package a";

    for (int i = 0; i < 300; i++)
        strcat(code, ".b");
    expect_main("Main", strcat(code, "; class A {}"), "A");
}

static void without_a_public_class_the_usual_name_stays(void **state)
{
    expect_java("", "Main.java");
    expect_java("class Solver {}", "Main.java");
    expect_java("public", "Main.java");
    expect_java("public class", "Main.java");
    expect_java("publicclass A {}", "Main.java");
    expect_java("public int x; class A {}", "Main.java");
    expect_java("public void main() {} class A {}", "Main.java");
    expect_java("/* public class A {}", "Main.java");
    expect_java("// public class A {}", "Main.java");
    expect_java("\"public class A {}", "Main.java");
    expect_java("\"\"\"public class A {}\"", "Main.java");
    expect_java("'", "Main.java");
    expect_java("\"\\", "Main.java");
}

static void a_name_that_is_no_good_for_a_file_is_not_taken(void **state)
{
    static const char sixty[] =
        "public class a23456789012345678901234567890123456789012345678901234567890 {}";
    static const char more[] =
        "public class a234567890123456789012345678901234567890123456789012345678901 {}";

    expect_java("public class ../../A {}", "A.java"); /* a class all the same */
    expect_java("public class Gr\303\266\303\237e {}", "Main.java");
    expect_java("public class 1A {}", "Main.java");
    expect_java(sixty, "a23456789012345678901234567890123456789012345678901234567890.java");
    expect_java(more, "Main.java");
}

static void a_nul_is_no_end(void **state)
{
    static const char code[] = "a\0 public class B {}";
    const struct bytes bytes = {code, sizeof code - 1};

    assert_string_equal(source_name(SOURCE_JAVA_PUBLIC_CLASS, "Main.java", bytes, arena),
                        "B.java");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_fixed_name_is_kept),
        TEST(a_public_class_names_its_file),
        TEST(records_enums_and_interfaces_do_so_as_well),
        TEST(the_first_public_one_outside_of_braces_counts),
        TEST(comments_and_texts_are_no_code),
        TEST(a_class_that_is_only_named_is_none),
        TEST(the_class_that_is_run_is_in_its_package),
        TEST(the_class_that_is_run_is_the_first_if_none_has_the_files_name),
        TEST(a_package_of_any_length_is_survived),
        TEST(without_a_public_class_the_usual_name_stays),
        TEST(a_name_that_is_no_good_for_a_file_is_not_taken),
        TEST(a_nul_is_no_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
