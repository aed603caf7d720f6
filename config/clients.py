"""Where a request comes from."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest

IPV6_PREFIX = 64  # what a household or an office gets: one of them is one client


def address_of(request: HttpRequest) -> str:
    """The client's address: the peer's, or what the outermost of TRUSTED_PROXIES of our own wrote down.

    Whatever stands in `X-Forwarded-For` before that was sent by the client, and may be a lie. Fewer entries than
    proxies means that the request came past them: its peer is the client.
    """
    told = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    proxies = settings.TRUSTED_PROXIES
    peer = str(request.META.get("REMOTE_ADDR") or "")
    for candidate in (told[-proxies] if 0 < proxies <= len(told) else "", peer):
        try:
            return str(ipaddress.ip_address(candidate.removeprefix("[").removesuffix("]")))
        except ValueError:
            continue
    return "0.0.0.0"  # nosec B104 # noqa: S104 - over a socket file there is no peer: all of them count as one


def household_of(request: HttpRequest) -> str:
    """What limits count by: the address, of IPv6 the network of the household, whose addresses are its own choice."""
    address = ipaddress.ip_address(address_of(request))
    if address.version == 4:
        return str(address)
    return str(ipaddress.ip_network((address, IPV6_PREFIX), strict=False).network_address)
