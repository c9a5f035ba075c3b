"""Whether traces are wanted, by OpenTelemetry's standard variables."""

from collections.abc import Mapping
from typing import Final

from pinnace.errors import SetupError

_ENDPOINTS: Final = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_PROTOCOLS: Final = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
_HEADERS: Final = ("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS")
_SPOKEN: Final = "http/protobuf"


def wants_traces(environ: Mapping[str, str]) -> bool:
    """Whether an endpoint is named, and nothing switches traces off.

    Raises:
        SetupError: they are wanted in a protocol that is not spoken here.
    """
    if environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return False
    exporters = {name.strip() for name in environ.get("OTEL_TRACES_EXPORTER", "otlp").split(",")}
    if not _first(environ, _ENDPOINTS) or "otlp" not in exporters:
        return False
    protocol = _first(environ, _PROTOCOLS) or _SPOKEN
    if protocol != _SPOKEN:
        raise SetupError(
            f'Traces are exported by OTLP over {_SPOKEN}, and "{protocol}" is asked for. '
            f"Set {_PROTOCOLS[0]}={_SPOKEN}, with the endpoint that speaks it (usually port 4318)."
        )
    return True


def secrets_of(environ: Mapping[str, str]) -> list[str]:
    """What the headers to the collector hold, which no log may show."""
    pairs = [pair for name in _HEADERS for pair in environ.get(name, "").split(",")]
    return [value.strip() for _, mark, value in (pair.partition("=") for pair in pairs) if mark and value.strip()]


def _first(environ: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((environ[name].strip() for name in names if environ.get(name, "").strip()), "")
