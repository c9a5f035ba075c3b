"""The dashboard: the application that ``web/`` is built into, and the addresses under which it is served."""
