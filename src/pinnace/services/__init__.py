"""Use-cases: plain sync code, one transaction each, domain values in and out, errors of ``pinnace.errors``.

No service holds state of its own, so any number of threads may call one at the same time.

    ExperimentService(store, clock, new_id)
    PipelineService(store, clock, new_id)
    RunService(store, control, clock, new_id, experiments)
    ViewService(store)
    TaskService(store)
    LineageService(store, clock, new_id)
    CacheExplanations(store)

``new_id`` makes a random UUID as text; it is an argument, like the clock, so that tests can say what comes out.
"""
