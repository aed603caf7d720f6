"""Sign-in by an OpenID Connect provider, from the environment alone."""

from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from config import env

LOCAL = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True)
class Provider:
    """Who else knows our people. `name` is what the button says."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    name: str

    @property
    def origin(self) -> str:
        """Where our form is sent on to: browsers ask the content policy about that, too."""
        return "/".join(self.issuer.split("/")[:3])

    def to_allauth(self) -> dict[str, Any]:
        """What SOCIALACCOUNT_PROVIDERS says of it."""
        app = {
            "provider_id": "sso",
            "name": self.name,
            "client_id": self.client_id,
            "secret": self.client_secret,
            "settings": {"server_url": self.issuer},
        }
        return {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}


def provider() -> Provider | None:
    """From OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET; none where no issuer is named.

    Raises ImproperlyConfigured for a part that lacks, and for http anywhere but on this machine.
    """
    issuer = env.text("OIDC_ISSUER").rstrip("/")
    if not issuer:
        return None
    parts = env.url("OIDC_ISSUER", "")
    if parts.scheme != "https" and parts.hostname not in LOCAL:
        raise ImproperlyConfigured(f"OIDC_ISSUER={issuer!r}: write an https address; passwords and names go there")
    client_id, client_secret = env.text("OIDC_CLIENT_ID"), env.text("OIDC_CLIENT_SECRET")
    if not client_id or not client_secret:
        raise ImproperlyConfigured("OIDC_ISSUER needs OIDC_CLIENT_ID and OIDC_CLIENT_SECRET: the provider gives both")
    return Provider(issuer, client_id, client_secret, env.text("OIDC_NAME") or str(parts.hostname))
