"""Numba: how a printed function is compiled by it, what it may call, and what is said where it cannot be."""
