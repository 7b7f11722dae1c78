"""Doctests of modules that need an extra are collected where it is installed."""

import importlib.util

collect_ignore = [] if importlib.util.find_spec("numba") else ["ad_compiler/jit/twins.py"]
