"""The account of a reporter: what names them goes, the row stays as a pseudonym for what the audit keeps."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.db.models import Q

from incidents.models import ApiToken, Incident, Notice, SavedView, User, Watch
from incidents.roles import REPORTER

SESSIONS_AT_ONCE = 500


def pseudonym(user: User) -> str:
    return f"erased-{user.pk}"


def may_be_erased(user: User) -> bool:
    """Only reporters: who decided what is kept by the names of those who did."""
    return user.role in {"", REPORTER} and not user.is_staff


def names_of(user: User) -> list[str]:
    """What tells who an account belongs to."""
    addresses = EmailAddress.objects.filter(user=user).values_list("email", flat=True)
    names = (user.username, user.email, user.first_name, user.last_name, *addresses)
    return [name for name in dict.fromkeys(names) if name and name != pseudonym(user)]


def reports_of(user: User) -> list[int]:
    """Also those that they filed without signing in, by the address that they left."""
    mine = Q(reporter=user)
    for address in {user.email, *EmailAddress.objects.filter(user=user).values_list("email", flat=True)} - {""}:
        mine |= Q(contact__iexact=address)
    return list(Incident.objects.not_erased().filter(mine).order_by("pk").values_list("pk", flat=True))


def reports_by_contact(address: str) -> list[int]:
    """Of somebody without an account."""
    found = Incident.objects.not_erased().filter(contact__iexact=address.strip())
    return list(found.order_by("pk").values_list("pk", flat=True)) if address.strip() else []


def erase_account(user: User) -> None:
    """Safe to run twice; nobody signs in by it any more, and it has no password, key, address, notice or view."""
    _forget_in_admin_log(names_of(user))
    ApiToken.objects.filter(user=user).delete()
    EmailAddress.objects.filter(user=user).delete()
    Authenticator.objects.filter(user=user).delete()
    SocialAccount.objects.filter(user=user).delete()  # with its tokens
    UserSession.objects.filter(user=user).delete()
    SavedView.objects.filter(owner=user).delete()
    Notice.objects.filter(user=user).delete()
    Watch.objects.filter(user=user).delete()
    _end_sessions(user)
    user.groups.clear()
    user.username, user.email, user.first_name, user.last_name = pseudonym(user), "", "", ""
    user.is_active, user.default_view, user.last_login = False, None, None
    user.shortcuts, user.mail_notices, user.language, user.time_zone = {}, [], "", ""
    user.set_unusable_password()
    user.save()


def _forget_in_admin_log(names: list[str]) -> None:
    for name in names:
        held = LogEntry.objects.filter(Q(object_repr__icontains=name) | Q(change_message__icontains=name))
        held.update(object_repr="", change_message="")


def _end_sessions(user: User) -> None:
    """A session tells whose it is only once it is read."""
    rows = Session.objects.order_by("pk").iterator(chunk_size=SESSIONS_AT_ONCE)
    mine = [row.pk for row in rows if row.get_decoded().get("_auth_user_id") == str(user.pk)]
    Session.objects.filter(pk__in=mine).delete()
