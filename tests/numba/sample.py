"""Tests that Numba compiles for wherever they are run, one or two for each thing that has a type of its own.

The others are run by Python (tests/numba/strict), which is harsher but knows no types; `pytest -m jit` compiles them all.
Tests that are about Numba itself are marked `compiled` where they stand.
"""

COMPILED = {
    # how arguments and results are passed
    "test_interface.py::test_the_text_is_what_numba_compiles",
    "test_interface.py::test_a_numpy_scalar_has_a_numpy_scalar_for_gradient",
    "test_interface.py::test_dicts_tuples_and_named_tuples",
    "test_interface.py::test_globals_and_closures_are_read_at_each_call",
    "test_interface.py::test_arrays_of_another_layout_come_later",
    # checks raise, and stop
    "test_interface.py::test_lengths_that_do_not_fit_raise",
    "test_indices.py::test_out_of_range_raises_as_in_numpy[gathered]",
    "test_divisors.py::test_division_of_integers[both]",
    # loops for array statements: stretched axes, stencils, truth values, single precision, stacks of matrices
    "test_broadcast.py::test_as_in_numpy[spread_column]",
    "test_spread.py::test_both_dialects[in_products_of_stacks]",
    "test_twins.py::test_single_precision[True-shape0-extremes]",
    "test_twins.py::test_single_precision[True-shape0-chosen]",
    "test_types.py::test_an_array_that_becomes_one_of_floats[whole_before]",
    "test_reuse.py::test_as_numpy[True-mask_for_both_sweeps]",
    "test_reuse.py::test_as_numpy[False-of_one_array]",
    # arrays of indices, masks, what only some arguments are compiled for
    "test_index_arrays.py::test_indices[mask_of_two_axes]",
    "test_index_arrays.py::test_store_of_a_view[places_to_slice]",
    "test_spell.py::test_both_dialects[copied]",
    "test_spell.py::test_both_dialects[clipped]",
    # what loops keep: arrays, lists, what need not be bound; left early; second derivatives
    "test_lists.py::test_both_dialects[states-3]",
    "test_lists.py::test_both_dialects[slices-3]",
    "test_lists.py::test_what_cannot_be_stacked[ragged]",
    "test_lengths.py::test_an_array_that_may_not_be_bound[in_a_loop_that_is_left-1.0-3]",
    "test_trails.py::test_an_array_that_one_arm_alone_binds[in_an_arm_of_an_arm-0.5]",
    "test_upward.py::test_against_differences[left_early]",
    "test_once.py::test_right[outer_loop-args11]",
    "test_second_order.py::test_loops[loop_in_a_loop]",
    # forward mode
    "test_forward.py::test_programs[cell]",
    "test_forward.py::test_tangent_of_the_gradient[rosenbrock_loop]",
    # several threads
    "test_parallel.py::test_prange_reads_as_range[by_module]",
    "test_parallel.py::test_sums_over_arrays",
    "test_parallel.py::test_dependent_iterations[overwritten]",
    "test_parallel.py::test_what_an_iteration_raises_is_raised",
    # whole programs
    "test_text.py::test_they_run[mlp]",
    "test_text.py::test_they_run[stencil]",
    "test_dialects.py::test_dialects_agree[kernels.algebra.cholesky_slices]",
    "test_dialects.py::test_dialects_agree[corpus.calls.recursion_on_data]",
    "test_dialects.py::test_dialects_agree[corpus.calls.early_returns_inside]",
    "test_dialects.py::test_dialects_agree[corpus.classes.Network.loss-network]",
    "test_dialects.py::test_dialects_agree[corpus.comprehensions.stacked_rows]",
    "test_dialects.py::test_dialects_agree[corpus.containers.membership]",
    "test_random.py::test_both_dialects_agree[2000]",
    "test_random.py::test_of_a_kind[chains-3]",
    "test_random.py::test_of_a_kind[parallel-3]",
}
