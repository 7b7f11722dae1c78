"""Kernels that cannot be differentiated for now, by name; a kernel that passes is to be taken out."""

REFUSED = {
    # stencils
    "heat_3d", "heat_3d_even", "multigrid", "multigrid_large",
    # physics
    "balls", "orbit",
    # learning
    "rnn",
    # dynamic
    "edit_distance",
}

# What fails, but not with a refusal.
BROKEN: dict[str, str] = {}
