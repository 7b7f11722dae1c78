"""Programs that nobody wrote for this package."""
