"""What runs beside the user's command: standard library only, nothing of Pinnace outside this package."""
