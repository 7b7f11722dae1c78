"""Expressions: operators, comparisons, attributes, text."""
