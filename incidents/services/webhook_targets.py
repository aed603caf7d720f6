"""Where webhooks may go: only to hosts that the environment names, and not into this machine's own network.

`WEBHOOK_HOSTS` is read once; what a host's name leads to is looked up before each call, and the call goes to the very
address that was checked, so that a name that changes its meaning between the two leads nowhere.
"""

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

PORTS = {"https": 443, "http": 80}


class TargetRefused(Exception):
    """Nothing is sent there; the message says why and what to do."""


@dataclass(frozen=True)
class Target:
    """An address on the list. `literal`: its host stands there by its own name, so it may be a private one."""

    scheme: str
    host: str
    port: int
    path: str
    literal: bool

    @property
    def authority(self) -> str:
        """The host as the receiver is to see it."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == PORTS[self.scheme] else f"{name}:{self.port}"


def target_of(url: str) -> Target:
    """What an address asks for. Raises TargetRefused for what is not on the list."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError as error:
        raise TargetRefused(_("This is no address. Write one such as https://hooks.example.org/caseloop.")) from error
    if parts.scheme not in PORTS or not host:
        raise TargetRefused(_("Write a full address that begins with https://."))
    if parts.username is not None or parts.fragment:
        raise TargetRefused(_("The address holds a user, a password or a fragment. The signature proves who calls."))
    port = port or PORTS[parts.scheme]
    allowed = [one for one in settings.WEBHOOK_HOSTS if one.allows(parts.scheme, host, port)]
    if not allowed:
        raise TargetRefused(_refusal(parts.scheme, host, port))
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port, path, any(one.name == host for one in allowed))


def address_of(target: Target) -> str:
    """The IP address to call. Raises TargetRefused when the name leads nowhere, or anywhere private."""
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise TargetRefused(_("The host's name leads to no address.")) from error
    addresses = [str(one[4][0]).partition("%")[0] for one in found]
    if not target.literal and not all(map(_is_public, addresses)):
        raise TargetRefused(
            _("The host's name leads into a private network. WEBHOOK_HOSTS must name the host itself to allow that.")
        )
    return addresses[0]


def _is_public(address: str) -> bool:
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        inside = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inside is not None:
            return _is_public(str(inside))
        if ip.is_site_local:  # fec0::/10: given up long ago, still used inside, and global by Python's tables
            return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def _refusal(scheme: str, host: str, port: int) -> str:
    if scheme == "http" and any(one.allows("https", host, PORTS["https"]) for one in settings.WEBHOOK_HOSTS):
        return _("Only https:// is allowed for this host: WEBHOOK_HOSTS names it without http://.")
    return _("%(host)s (port %(port)s) is not on the list of allowed hosts: see WEBHOOK_HOSTS.") % {
        "host": host[:100],
        "port": port,
    }
