#include "check.h"
#include "model/series.h"

#include <math.h>
#include <string.h>

enum { CAPACITY = 8 };

/* A run of steps of 10 whose values are 0, 1, 2 ... from the first on. */
static struct series_run run_of(struct series_point points[CAPACITY], uint64_t last)
{
    for (uint64_t step = last >= CAPACITY ? last + 1 - CAPACITY : 0; step <= last; step++) {
        float value = (float)step;
        points[step % CAPACITY] = (struct series_point){value - 1, value, value + 1};
    }
    return (struct series_run){
        .points = points,
        .capacity = CAPACITY,
        .step_ns = 10,
        .last = last,
        .count = last >= CAPACITY ? CAPACITY : last + 1,
    };
}

static void assert_mean(const struct series_point *point, double expected)
{
    assert_false(series_is_gap(point));
    assert_true(fabs((double)point->mean - expected) < 1e-5);
}

static void columns_as_long_as_the_steps_are_the_steps(void **state)
{
    (void)state;
    struct series_point points[CAPACITY];
    struct series_point ret[4];
    struct series_run run = run_of(points, 20);
    struct series_window window = {.end_ns = 210, .column_ns = 10, .count = 4};
    series_read(&run, &window, ret);
    for (size_t i = 0; i < 4; i++) {
        assert_mean(&ret[i], (double)(17 + i));
        assert_true(ret[i].min == (float)(16 + i) && ret[i].max == (float)(18 + i));
        assert_int_equal(series_column_ns(&window, i), 170 + 10 * i);
    }
}

static void a_long_column_holds_the_extremes_and_the_mean_of_its_steps(void **state)
{
    (void)state;
    struct series_point points[CAPACITY];
    struct series_point ret[2];
    struct series_run run = run_of(points, 7);
    struct series_window window = {.end_ns = 80, .column_ns = 40, .count = 2};
    series_read(&run, &window, ret);
    assert_mean(&ret[0], 1.5);
    assert_true(ret[0].min == -1 && ret[0].max == 4);
    assert_mean(&ret[1], 5.5);
    assert_true(ret[1].min == 3 && ret[1].max == 8);
}

static void a_step_counts_as_far_as_it_lies_in_the_column(void **state)
{
    (void)state;
    struct series_point points[CAPACITY];
    struct series_point ret[1];
    struct series_run run = run_of(points, 7);
    struct series_window window = {.end_ns = 15, .column_ns = 15, .count = 1};
    series_read(&run, &window, ret);
    assert_mean(&ret[0], 1.0 / 3); // ten of 0, five of 1
}

static void short_columns_repeat_a_step(void **state)
{
    (void)state;
    struct series_point points[CAPACITY];
    struct series_point ret[4];
    struct series_run run = run_of(points, 7);
    struct series_window window = {.end_ns = 60, .column_ns = 5, .count = 4};
    series_read(&run, &window, ret);
    static const double expected[] = {4, 4, 5, 5};
    for (size_t i = 0; i < 4; i++) {
        assert_mean(&ret[i], expected[i]);
    }
}

static void what_is_not_kept_and_what_was_not_measured_are_gaps(void **state)
{
    (void)state;
    struct series_point points[CAPACITY];
    struct series_point ret[12];
    struct series_run run = run_of(points, 20);
    points[15 % CAPACITY] = series_gap();
    struct series_window window = {.end_ns = 230, .column_ns = 10, .count = 12};
    series_read(&run, &window, ret);
    for (size_t i = 0; i < 12; i++) {
        uint64_t step = 11 + i;
        bool known = step >= 13 && step <= 20 && step != 15;
        assert_int_equal(series_is_gap(&ret[i]), !known);
    }
    struct series_point both;
    window = (struct series_window){.end_ns = 160, .column_ns = 20, .count = 1};
    series_read(&run, &window, &both);
    assert_mean(&both, 14); // a gap has no part in it
}

static void a_window_may_begin_before_all_time(void **state)
{
    (void)state;
    struct series_point points[CAPACITY];
    struct series_point ret[5];
    struct series_run run = run_of(points, 1);
    struct series_window window = {.end_ns = 20, .column_ns = 10, .count = 5};
    series_read(&run, &window, ret);
    assert_true(series_is_gap(&ret[0]) && series_is_gap(&ret[2]));
    assert_mean(&ret[3], 0);
    assert_mean(&ret[4], 1);
    assert_int_equal(series_column_ns(&window, 0), 0);
    run = (struct series_run){.points = points, .capacity = CAPACITY, .step_ns = 10};
    series_read(&run, &window, ret); // an empty one
    assert_true(series_is_gap(&ret[4]));
}

static void past_columns_stay_as_time_goes_on(void **state)
{
    (void)state;
    struct series_point points[CAPACITY];
    struct series_point before[3];
    struct series_point after[3];
    struct series_run run = run_of(points, 7);
    for (uint64_t end = 61; end < 75; end++) {
        struct series_window window = {.end_ns = end, .column_ns = 15, .count = 3};
        series_read(&run, &window, after);
        if (end > 61) {
            assert_memory_equal(before, after, sizeof(after));
        }
        memcpy(before, after, sizeof(after));
    }
}

static void values_are_weighed_by_how_long_they_held(void **state)
{
    (void)state;
    struct series_point point = series_gap();
    double weight = 0;
    series_add(&point, &weight, 4, 30);
    series_add(&point, &weight, 8, 10);
    assert_mean(&point, 5);
    assert_true(point.min == 4 && point.max == 8);
}

static void figures_leave_gaps_out(void **state)
{
    (void)state;
    struct series_point points[] = {{1, 2, 3}, {NAN, NAN, NAN}, {5, 6, 9}, {NAN, NAN, NAN}};
    struct series_figures figures = series_figures_of(points, 4);
    assert_true(isnan(figures.now));
    assert_true(fabs(figures.min - 1) < 1e-9 && fabs(figures.max - 9) < 1e-9);
    assert_true(fabs(figures.mean - 4) < 1e-9);
    figures = series_figures_of(points, 3);
    assert_true(fabs(figures.now - 6) < 1e-9);
    figures = series_figures_of(&points[1], 1);
    assert_true(isnan(figures.mean) && isnan(figures.min) && isnan(figures.max));
    assert_true(isnan(series_figures_of(points, 0).now));
}

static void a_window_is_never_divided_into_nothing(void **state)
{
    (void)state;
    assert_int_equal(series_window_of(100, 60, 6).column_ns, 10);
    assert_int_equal(series_window_of(100, 3, 6).column_ns, 1);
    assert_int_equal(series_window_of(100, 60, 0).column_ns, 60);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_as_long_as_the_steps_are_the_steps),
        cmocka_unit_test(a_long_column_holds_the_extremes_and_the_mean_of_its_steps),
        cmocka_unit_test(a_step_counts_as_far_as_it_lies_in_the_column),
        cmocka_unit_test(short_columns_repeat_a_step),
        cmocka_unit_test(what_is_not_kept_and_what_was_not_measured_are_gaps),
        cmocka_unit_test(a_window_may_begin_before_all_time),
        cmocka_unit_test(past_columns_stay_as_time_goes_on),
        cmocka_unit_test(values_are_weighed_by_how_long_they_held),
        cmocka_unit_test(figures_leave_gaps_out),
        cmocka_unit_test(a_window_is_never_divided_into_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
