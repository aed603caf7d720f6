"""Second factors as rows, where no browser sets them up."""

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData

from incidents.models import User

CREDENTIAL = b"sixteen bytes id"


def make_factors(user: User) -> Authenticator:
    """An app, recovery codes and a security key; gives the key."""
    TOTP.activate(user, generate_totp_secret())
    RecoveryCodes.activate(user)
    data = {"name": "Desk key", "credential": _registration()}
    return Authenticator.objects.create(user=user, type=Authenticator.Type.WEBAUTHN, data=data)


def _registration() -> dict[str, object]:
    """What a browser sends of a new key."""
    public = ES256.from_cryptography_key(ec.generate_private_key(ec.SECP256R1()).public_key())
    credential = AttestedCredentialData.create(Aaguid.NONE, CREDENTIAL, public)
    flags = AuthenticatorData.FLAG.AT | AuthenticatorData.FLAG.UP
    attestation = AttestationObject.create("none", AuthenticatorData.create(bytes(32), flags, 0, credential), {})
    number = websafe_encode(CREDENTIAL)
    client = CollectedClientData.create(CollectedClientData.TYPE.CREATE, b"challenge", "http://localhost")
    response = {"clientDataJSON": websafe_encode(client), "attestationObject": websafe_encode(bytes(attestation))}
    return {"id": number, "rawId": number, "type": "public-key", "response": response, "clientExtensionResults": {}}
