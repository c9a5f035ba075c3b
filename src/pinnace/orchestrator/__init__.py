"""The imperative shell around the engine: one loop a run, and the only code that waits for many things at once.

Read ``run_loop`` first: signal, ``engine.decide``, commit, commands. ``supervisor`` owns the loops, ``dispatch`` turns
commands into calls of ports, ``committer`` puts the commits of many runs into one.
"""
