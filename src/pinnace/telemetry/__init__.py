"""The adapter of ``ports.telemetry``: metrics for Prometheus, traces by OTLP, and the server's log."""
