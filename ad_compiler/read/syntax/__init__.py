"""From a function to a syntax tree that the reader takes: parsed, and made simpler."""
