"""Kernels that cannot be differentiated for now, by name; a kernel that passes is to be taken out."""

REFUSED = {
    # stencils
    "heat_3d", "heat_3d_even", "multigrid", "multigrid_large",
    # sparse
    "spmv_csr_add_at", "vertex_normals",
    # statistics
    "running_moments",
    # physics
    "nbody", "balls", "orbit",
    # learning
    "gru", "network", "word_vectors",
    # dynamic
    "edit_distance", "viterbi", "smoother", "soft_knapsack",
}

# What fails, but not with a refusal.
BROKEN = {
    "rnn": "an index of a list in a loop of unknown length is not turned into a refusal",
}
