"""Write what the server says of its API into ``web/openapi.json``, of which the dashboard's types are made.

``--check`` writes nothing and exits with 1 if the file is not what the server says.
"""

import json
import sys
import tempfile
import urllib.request
from pathlib import Path

from pinnace.cli.server_file import require_server
from pinnace.testing.command import PinnaceCommand

TARGET = Path(__file__).resolve().parent.parent / "web" / "openapi.json"


def described() -> str:
    """The document of a server that is started for it."""
    with tempfile.TemporaryDirectory(prefix="pinnace-openapi-") as directory:
        command = PinnaceCommand(Path(directory) / "data")
        command.start()
        try:
            address = require_server(command.data).address
            with urllib.request.urlopen(f"{address}/openapi.json", timeout=60) as answer:
                document = json.load(answer)
        finally:
            command.stop()
    document["info"]["version"] = ""
    return json.dumps(document, indent=1, sort_keys=True) + "\n"


def main() -> None:
    """Write or check."""
    text = described()
    if "--check" not in sys.argv[1:]:
        TARGET.write_text(text, encoding="utf-8")
    elif TARGET.read_text(encoding="utf-8") != text:
        sys.exit("The server's API has changed: run make format, and look at what it changes in web/openapi.json")


if __name__ == "__main__":
    main()
