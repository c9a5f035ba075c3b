"""Loopback stays out of proxies."""

import pytest

from pinnace.artifacts.direct_loopback import keep_loopback_direct

ALL = "localhost,127.0.0.1,::1"


@pytest.mark.parametrize(
    ("given", "exempt"),
    [
        ({"http_proxy": "http://p"}, ALL),
        ({"HTTPS_PROXY": "http://p", "NO_PROXY": "corp.example, 127.0.0.1"}, "corp.example,127.0.0.1,localhost,::1"),
        ({"ALL_PROXY": "http://p", "no_proxy": "*"}, "*"),
    ],
)
def test_loopback_is_exempt_in_both_spellings(given: dict[str, str], exempt: str) -> None:
    environ = dict(given)
    keep_loopback_direct(environ)
    assert {environ.get("no_proxy", "*"), environ.get("NO_PROXY", "*")} == {exempt}
    before = dict(environ)
    keep_loopback_direct(environ)
    assert environ == before


def test_without_a_proxy_nothing_changes() -> None:
    environ = {"HOME": "/home/a", "http_proxy": ""}
    keep_loopback_direct(environ)
    assert environ == {"HOME": "/home/a", "http_proxy": ""}
