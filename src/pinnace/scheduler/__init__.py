"""What looks at the clock for recurring runs."""
