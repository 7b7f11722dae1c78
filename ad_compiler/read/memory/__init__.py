"""In which memory each array and list stands, and what is there; lengths and numbers of which more is known."""
