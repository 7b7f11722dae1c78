"""Naming and binding: scopes, cells, and the world outside, of which every answer is watched."""
