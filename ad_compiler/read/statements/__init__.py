"""Simple and compound statements.  A loop is read until what it carries is settled."""
