import subprocess
import sys

HEAVY = ("kfp", "kfp_server_api", "google.protobuf", "sqlalchemy", "fsspec", "httpx2", "numpy", "pandas", "rich")


def test_the_api_loads_nothing_that_only_clients_or_adapters_need() -> None:
    """A server is up in about a second; what that costs is what it imports."""
    code = f"import sys, pinnace.api.app; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"
