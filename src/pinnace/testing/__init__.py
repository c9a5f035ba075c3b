"""Fakes and frozen things that tests, ours and those of users, are built from."""
