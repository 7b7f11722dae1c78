"""Calls: of functions that are read in place, of classes, of what calls itself, of what is not read."""
