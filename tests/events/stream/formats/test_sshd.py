"""OpenSSH's messages, and names that pretend to be part of them."""

import pytest

from events.stream.formats.sshd import fields_of


@pytest.mark.parametrize(
    ("message", "action", "outcome", "user", "address"),
    [
        ("Accepted password for fztu from 119.137.6.2 port 49116 ssh2", "login", "success", "fztu", "119.137.6.2"),
        ("Accepted publickey for a from ::1 port 5 ssh2: RSA SHA256:abc", "login", "success", "a", "::1"),
        ("Failed password for root from 5.36.59.76 port 42393 ssh2", "login", "failure", "root", "5.36.59.76"),
        ("Failed none for invalid user  from 5.188.10.180 port 49811 ssh2", "login", "failure", None, "5.188.10.180"),
        ("Invalid user webmaster from 173.234.31.186", "invalid_user", "failure", "webmaster", "173.234.31.186"),
        ("Invalid user x from 1.2.3.4 port 99", "invalid_user", "failure", "x", "1.2.3.4"),
        ("input_userauth_request: invalid user webmaster [preauth]", "invalid_user", "failure", "webmaster", None),
        ("User a from 1.2.3.4 not allowed because not listed in AllowUsers", "refused", "failure", "a", "1.2.3.4"),
        ("error: maximum authentication attempts exceeded for invalid user a from 1.2.3.4 port 5 ssh2 [preauth]",
         "too_many_failures", "failure", "a", "1.2.3.4"),
        ("Disconnecting: Too many authentication failures for root [preauth]", "too_many_failures", "failure",
         "root", None),
        ("Disconnecting authenticating user root 1.2.3.4 port 5: Too many authentication failures [preauth]",
         "too_many_failures", "failure", "root", "1.2.3.4"),
        ("pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=5.3.5.7  user=root",
         "pam_failure", "failure", "root", "5.3.5.7"),
        ("PAM 5 more authentication failures; logname= uid=0 euid=0 tty=ssh ruser= rhost=1.2.3.4", "pam_failure",
         "failure", None, "1.2.3.4"),
        ("pam_unix(sshd:auth): check pass; user unknown", "pam_failure", "failure", None, None),
        ("pam_unix(sshd:session): session opened for user fztu by (uid=0)", "session_opened", "success", "fztu", None),
        ("pam_unix(sshd:session): session opened for user a(uid=1000) by (uid=0)", "session_opened", "success", "a",
         None),
        ("pam_unix(sshd:session): session closed for user fztu", "session_closed", "success", "fztu", None),
        ("reverse mapping checking getaddrinfo for ns.example.com [173.234.31.186] failed - POSSIBLE BREAK-IN ATTEMPT!",
         "reverse_mapping", "failure", None, "173.234.31.186"),
        ("Did not receive identification string from 1.2.3.4", "no_identification", "failure", None, "1.2.3.4"),
        ("Received disconnect from 1.2.3.4: 11: Bye Bye [preauth]", "disconnect", None, None, "1.2.3.4"),
        ("error: Received disconnect from 1.2.3.4: 14: No more. [preauth]", "disconnect", None, None, "1.2.3.4"),
        ("Received disconnect from 1.2.3.4 port 5:11: Bye", "disconnect", None, None, "1.2.3.4"),
        ("Disconnected from user alice 1.2.3.4 port 5", "disconnect", None, "alice", "1.2.3.4"),
        ("Connection closed by 1.2.3.4 [preauth]", "connection_closed", None, None, "1.2.3.4"),
        ("Connection closed by authenticating user root 1.2.3.4 port 5 [preauth]", "connection_closed", None, "root",
         "1.2.3.4"),
        ("message repeated 5 times: [ Failed password for root from 1.2.3.4 port 5 ssh2]", "login", "failure", "root",
         "1.2.3.4"),
    ],
)  # fmt: skip
def test_messages_name_what_happened_who_and_from_where(message, action, outcome, user, address):
    fields = fields_of(message)
    assert fields["event.action"] == f"ssh_{action}"
    assert (fields.get("event.outcome"), fields.get("user.name"), fields.get("source.ip")) == (outcome, user, address)


@pytest.mark.parametrize(
    "message",
    [
        "Failed password for invalid user a from 6.6.6.6 port 1 ssh2 from 1.2.3.4 port 5 ssh2",
        "Invalid user a from 6.6.6.6 from 1.2.3.4",
        "Invalid user a from 6.6.6.6 port 22 from 1.2.3.4 port 5",
        "User a from 6.6.6.6 not allowed because x from 1.2.3.4 not allowed because not listed in AllowUsers",
        "Connection closed by invalid user a 6.6.6.6 port 1 1.2.3.4 port 5 [preauth]",
        "pam_unix(sshd:auth): authentication failure; logname= tty=ssh ruser= rhost=1.2.3.4  user=a rhost=6.6.6.6",
    ],
)  # fmt: skip
def test_a_user_name_that_looks_like_an_address_does_not_become_one(message):
    assert fields_of(message)["source.ip"] == "1.2.3.4"


def test_a_host_name_is_no_address():
    fields = fields_of("Invalid user a from cafe.de")
    assert (fields["source.domain"], "source.ip" in fields) == ("cafe.de", False)


@pytest.mark.parametrize("message", ["Server listening on 0.0.0.0 port 22.", "Failed", "", "Accepted " + "x" * 2000])
def test_other_messages_name_nothing(message):
    assert fields_of(message) == {}
