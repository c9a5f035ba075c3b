"""The pure core: what a run does next, as a function of its history. See ``decide``."""
