"""Which addresses a webhook may have, decided without a network."""

import ipaddress

import pytest

from media_app.core.addresses import BadAddress, read_url, refuse_address

REFUSED_URLS = [
    "", "x", "http://example.org/", "ftp://example.org/", "file:///etc/passwd", "gopher://example.org/", "//example.org/",
    "https://", "https:///path", "https://user@example.org/", "https://user:pass@example.org/", "https://good.org@127.0.0.1/",
    "https://example.org:99999/", "https://example.org:x/", "https://exa mple.org/", "https://example.org/\r\nX: y", "https://example.org\\@127.0.0.1/",
    "https://ex\tample.org/", "https://127。0。0。1/", "https://①②⑦.⓪.⓪.①/", "https://[::1", "https://[fe80::1%25eth0]/", "https://exa%6dple.org/",
    "https://.example.org/", "https://example..org/", "https://" + "a" * 300 + ".org/", "https://example.org/" + "a" * 2000, "https://exam\0ple.org/",
    "https://2130706433/", "https://0x7f000001/", "https://0x7f.1/", "https://0177.0.0.1/", "https://127.1/", "https://0/", "https://127.0.0.1./",
    "https://017700000001/", "https://1.2.3.4.5/", "https://a.0x10/", "javascript:alert(1)", "https:example.org", " https://example.org/",
]  # fmt: skip
REFUSED_ADDRESSES = [
    "127.0.0.1", "127.255.255.254", "0.0.0.0", "0.1.2.3", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
    "169.254.0.1", "100.64.0.1", "192.0.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255",
    "240.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fec0::1", "fc00::1", "fd00:ec2::254", "ff02::1", "2001:db8::1", "::ffff:127.0.0.1",
    "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:0:0", "::127.0.0.1", "::10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe",
    "2002:7f00:1::", "2002:a00:1::1", "2002:c0a8:101::", "2001:0:4136:e378:8000:63bf:80ff:fffe", "100::1", "fe80::1%eth0",
    "192.0.0.192", "192.0.0.9", "192.88.99.1", "3fff::1", "3fff:fff:ffff::1", "2002:101:101::1", "2001:1::1", "2001:20::1", "2001:1ff:ffff::1",
    "64:ff9b:1::101:101", "::101:101", "100:0:0:1::1", "5f00::1", "4000::1", "1fff::1", "e000::1", "::ffff:192.88.99.1", "64:ff9b::c058:6301", "nonsense", "",
]  # fmt: skip


@pytest.mark.parametrize("url", REFUSED_URLS)
def test_what_is_not_plain_https_is_refused(url):
    with pytest.raises(BadAddress, match=r"\.$"):
        read_url(url)


@pytest.mark.parametrize("address", REFUSED_ADDRESSES)
def test_an_address_that_is_not_of_the_public_internet_is_refused(address):
    with pytest.raises(BadAddress):
        refuse_address(address, 443)


@pytest.mark.parametrize(
    "address",
    [
        "93.184.215.14",
        "1.1.1.1",
        "2606:2800:21f:cb07:6820:80da:af6b:8b2c",
        "::ffff:1.1.1.1",
        "64:ff9b::101:101",
        "192.0.1.1",
        "192.88.98.1",
        "192.88.100.1",
        "223.255.255.254",
        "2001:200::1",
        "2003::1",
        "3ffe::1",
        "100.63.255.255",
        "100.128.0.1",
    ],
)
def test_the_public_internet_is_allowed(address):
    refuse_address(address, 443)


def test_a_url_is_taken_apart():
    target = read_url("https://Hooks.Example.org:8443/a/b?c=d#e")
    assert (target.host, target.port, target.path, target.secure) == ("hooks.example.org", 8443, "/a/b?c=d", True)
    assert read_url("https://[2606:2800::1]").host == "2606:2800::1"
    assert read_url("http://example.org", plain_http=True).port == 80


def test_a_name_may_have_numbers_but_not_as_its_last_label():
    for host in ("127.0.0.1.nip.io", "0x7f.example.org", "4chan.org", "a1.b2", "1-2.org", "3com"):
        assert read_url(f"https://{host}/").host == host


@pytest.mark.parametrize(
    "address",
    ["::ffff:7f00:1", "::ffff:192.168.1.1", "2002:c058:6301::", "64:ff9b::7f00:1", "64:ff9b::a00:1", "192.88.99.1", "192.88.99.255", "3fff::1", "3fff:fff::"],
)  # fmt: skip
def test_no_translation_leads_within(address):
    with pytest.raises(BadAddress, match="private or reserved"):
        refuse_address(address, 443)


def test_unusual_ports_are_for_networks_that_the_owner_names():
    with pytest.raises(BadAddress, match="port 443"):
        refuse_address("93.184.215.14", 22)
    home = [ipaddress.ip_network("192.168.7.0/24")]
    refuse_address("192.168.7.9", 8080, allowed=home)
    with pytest.raises(BadAddress, match="private"):
        refuse_address("192.168.8.9", 443, allowed=home)


def test_the_judgment_is_our_own_and_no_python_s(monkeypatch):
    for kind in (ipaddress.IPv4Address, ipaddress.IPv6Address):
        for name in ("is_global", "is_private", "is_reserved", "is_multicast"):
            monkeypatch.setattr(kind, name, property(lambda self: pytest.fail("asked Python")))

    refuse_address("1.1.1.1", 443)
    refuse_address("2606:2800::1", 443)
    for address in ("192.0.0.192", "10.0.0.1", "3fff::1", "ff02::1"):
        with pytest.raises(BadAddress):
            refuse_address(address, 443)
