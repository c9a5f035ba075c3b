import ipaddress

import pytest

from pinnace.artifacts.allowed_hosts import AllowedHosts, check_address
from pinnace.errors import FailedPrecondition, InvalidInput, SetupError


@pytest.mark.parametrize(
    ("entry", "url", "named"),
    [
        ("git.example.com", "https://git.example.com/p.yaml", True),
        ("Git.Example.com.", "https://GIT.example.COM./p.yaml", True),
        ("git.example.com", "http://git.example.com/p.yaml", True),
        ("git.example.com:8443", "https://git.example.com:8443/p.yaml", True),
        ("git.example.com", "https://git.example.com:443/p.yaml", True),
        ("127.0.0.1:80", "http://127.0.0.1/p.yaml", True),
        ("[::1]:99", "http://[::1]:99/p.yaml", True),
        ("*.example.com", "https://git.example.com/p.yaml", False),
        ("*.example.com", "https://a.b.example.com/p.yaml", False),
        ("*.example.com:8443", "https://git.example.com:8443/p.yaml", False),
        ("*", "https://example.com/p.yaml", False),
    ],
)
def test_a_host_on_the_list(entry: str, url: str, named: bool) -> None:
    assert AllowedHosts([entry]).target(url).named is named


@pytest.mark.parametrize(
    ("entries", "url"),
    [
        ([], "https://github.com/p.yaml"),
        (["github.com"], "https://github.com.evil.example/p.yaml"),
        (["github.com"], "https://evilgithub.com/p.yaml"),
        (["*.github.com"], "https://github.com/p.yaml"),
        (["*.github.com"], "https://evilgithub.com/p.yaml"),
        (["github.com"], "https://github.com:8443/p.yaml"),
        (["github.com:8443"], "https://github.com/p.yaml"),
        (["github.com"], "http://github.com:443/p.yaml"),
        (["*"], "http://github.com/p.yaml"),
        (["*"], "https://github.com:22/p.yaml"),
        (["127.0.0.1"], "http://2130706433/p.yaml"),
        (["127.0.0.1"], "http://127.1/p.yaml"),
    ],
)
def test_a_host_that_is_not_on_the_list(entries: list[str], url: str) -> None:
    with pytest.raises(FailedPrecondition, match="--allowed-url-host"):
        AllowedHosts(entries).target(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "github.com/p.yaml",
        "file:///etc/passwd",
        "ftp://github.com/p.yaml",
        "gopher://github.com/",
        "https:///p.yaml",
        "https://user:secret@github.com/p.yaml",
        "https://github.com@evil.example/p.yaml",
        "https://github.com\\@evil.example/p.yaml",
        "https://github.com/p q.yaml",
        "https://github.com/p\r\nX-Evil: 1",
        "https://gіthub.com/p.yaml",
        "https://github.com:0/p.yaml",
        "https://github.com:99999/p.yaml",
        "https://[::1/p.yaml",
        "https://[fe80::1%25lo]/p.yaml",
        "https://github.com/" + "x" * 5000,
    ],
)
def test_what_is_no_url_of_a_file(url: str) -> None:
    with pytest.raises(InvalidInput, match="pipeline_url") as refused:
        AllowedHosts(["*", "github.com", "evil.example"]).target(url)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("entry", ["", "https://github.com", "a b", "git.*.com", "*.*", "x:0", "x:99999", "a/b", "::1"])
def test_an_entry_that_is_no_host(entry: str) -> None:
    with pytest.raises(SetupError, match="--allowed-url-host"):
        AllowedHosts([entry])


PUBLIC = ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:93.184.216.34", "64:ff9b::5db8:d822"]
PRIVATE = ["10.0.0.1", "172.16.9.9", "192.168.1.1", "100.64.0.1", "fd12::1", "fec0::1", "::ffff:10.0.0.1"]
PRIVATE += ["64:ff9b::a00:1", "2002:a00:1::", "240.0.0.1", "255.255.255.255", "192.0.2.1", "2001:db8::1"]
LOOPBACK = ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1"]
NEVER = ["169.254.169.254", "169.254.0.1", "fe80::1", "::ffff:169.254.169.254", "fd00:ec2::254", "100.100.100.200"]
NEVER += ["168.63.129.16", "192.0.0.192", "0.0.0.0", "::", "224.0.0.1", "ff02::1", "2002:a9fe:a9fe::"]


def allows(entry: str, url: str, address: str) -> bool:
    try:
        check_address(AllowedHosts([entry]).target(url), ipaddress.ip_address(address))
    except FailedPrecondition:
        return False
    return True


@pytest.mark.parametrize("address", PUBLIC + PRIVATE + LOOPBACK + NEVER)
def test_which_addresses_may_stand_behind_a_name(address: str) -> None:
    url = "https://git.example.com/p.yaml"
    assert allows("*.example.com", url, address) is (address in PUBLIC)
    assert allows("git.example.com", url, address) is (address in PUBLIC + PRIVATE)
    assert allows("localhost", "https://localhost/p.yaml", address) is (address not in NEVER)
