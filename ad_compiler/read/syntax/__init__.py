"""Syntax trees: what is bound, how control leaves, and what is made simpler before it is read."""
