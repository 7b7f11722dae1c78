"""Importing this fills the registry: with every file of this folder."""

import importlib
import pkgutil

from ad_compiler import rules

for found in pkgutil.iter_modules(rules.__path__):
    importlib.import_module(f"ad_compiler.rules.{found.name}")
