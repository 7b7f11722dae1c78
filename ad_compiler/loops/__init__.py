"""From arrays to loops: what the Numba dialect does to the optimised form before it is printed."""
