"""Kernels that cannot be differentiated for now, by name; a kernel that passes is to be taken out."""

REFUSED = {
    # stencils
    "heat_3d", "heat_3d_even", "multigrid", "multigrid_large",
    # sparse
    "spmv_csr_add_at", "vertex_normals",
    # physics
    "nbody", "balls", "orbit",
    # learning
    "rnn", "word_vectors",
    # dynamic
    "edit_distance", "viterbi", "soft_knapsack",
}

# What fails, but not with a refusal.
BROKEN: dict[str, str] = {}
