"""Which addresses a channel may reach without leave."""

import pytest

from chatops.adapters.public_address import NotPublic, expect_public, is_public


@pytest.mark.parametrize("host", ["1.1.1.1", "93.184.215.14", "2606:4700:4700::1111", "64:ff9b::101:101"])
def test_the_internet_is_public(host: str) -> None:
    assert is_public(host)


@pytest.mark.parametrize(
    "host",
    [
        *(
            "127.0.0.1",
            "127.8.8.8",
            "0.0.0.0",
            "10.0.0.1",
            "172.16.3.4",
            "192.168.1.1",
            "100.64.0.1",
            "169.254.169.254",
        ),
        *("224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0", "fd00::1", "ff02::1"),
        # Others hidden in them: mapped, 6to4, through a translator, Teredo.
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::1", "64:ff9b::a00:1", "2001:0:4136:e378::f5ff:fffe"),
    ],
)
def test_what_is_near_is_not(host: str) -> None:
    assert not is_public(host)
    with pytest.raises(NotPublic, match="private, loopback or link-local"):
        expect_public(host)


def test_a_name_is_no_address() -> None:
    with pytest.raises(ValueError, match="example"):
        is_public("example.org")
