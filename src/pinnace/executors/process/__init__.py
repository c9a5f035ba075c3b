"""Runs each attempt as a cold process of this machine."""
