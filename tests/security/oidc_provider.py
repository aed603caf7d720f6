"""A small OpenID Connect provider: `python -m tests.security.oidc_provider FILE`, which writes its address.

Code flow with PKCE, signed ID tokens, codes that hold once. It asks nobody for a password: whoever comes is the person
that FILE (JSON, the claims) says at that moment.
"""

import base64
import hashlib
import json
import secrets
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT_ID, CLIENT_SECRET = "caseloop", "a secret of the two"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
codes: dict[str, dict[str, str]] = {}
claims_of_token: dict[str, dict[str, object]] = {}


class Provider(BaseHTTPRequestHandler):
    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def do_GET(self) -> None:
        path, query = urlsplit(self.path).path, parse_qs(urlsplit(self.path).query)
        if path == "/.well-known/openid-configuration":
            self.tell(self.configuration())
        elif path == "/jwks":
            self.tell({"keys": [jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key(), as_dict=True) | {"kid": "1"}]})
        elif path == "/userinfo":
            self.tell(claims_of_token[self.headers["Authorization"].removeprefix("Bearer ")])
        elif path == "/authorize":
            self.authorize({name: values[0] for name, values in query.items()})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.exchange({name: values[0] for name, values in parse_qs(body).items()})

    def configuration(self) -> dict[str, object]:
        names = {"authorization_endpoint": "authorize", "token_endpoint": "token", "userinfo_endpoint": "userinfo"}
        addresses = {name: f"{self.issuer}/{path}" for name, path in (names | {"jwks_uri": "jwks"}).items()}
        return addresses | {"issuer": self.issuer, "token_endpoint_auth_methods_supported": ["client_secret_post"]}

    def authorize(self, asked: dict[str, str]) -> None:
        code = secrets.token_urlsafe()
        codes[code] = asked
        self.send_response(302)
        self.send_header("Location", f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}")
        self.end_headers()

    def exchange(self, sent: dict[str, str]) -> None:
        asked = codes.pop(sent["code"], None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(sent["code_verifier"].encode()).digest()).rstrip(b"=")
        secret = (sent.get("client_id"), sent.get("client_secret")) == (CLIENT_ID, CLIENT_SECRET)
        if asked is None or not secret or asked["code_challenge"] != challenge.decode():
            return self.tell({"error": "invalid_grant"}, 400)
        claims = json.loads(Path(sys.argv[1]).read_text())
        token = secrets.token_urlsafe()
        claims_of_token[token] = claims
        now = int(time.time())
        identity = claims | {"iss": self.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 60}
        signed = jwt.encode(identity, KEY, algorithm="RS256", headers={"kid": "1"})
        return self.tell({"access_token": token, "token_type": "Bearer", "expires_in": 60, "id_token": signed})

    def tell(self, answer: dict[str, object], status: int = 200) -> None:
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    sys.stdout.write(f"http://127.0.0.1:{server.server_address[1]}\n")
    sys.stdout.flush()
    server.serve_forever()
