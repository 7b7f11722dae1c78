"""What Python's builtins and containers do, and NumPy beside rules.  What can be told in Python is in `prelude`."""
