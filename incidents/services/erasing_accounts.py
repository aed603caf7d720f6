"""The account of a reporter: what names them goes, the row stays as a pseudonym for what the audit keeps."""

from collections.abc import Collection

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q
from django.db.models.functions import Lower
from django.db.models.lookups import In

from incidents.models import ApiToken, Incident, Notice, SavedView, User, Watch
from incidents.roles import REPORTER
from incidents.services.sessions import end_sessions


def pseudonym(user: User) -> str:
    return f"erased-{user.pk}"


def may_be_erased(user: User) -> bool:
    """Only reporters: who decided what is kept by the names of those who did."""
    return user.role in {"", REPORTER} and not user.is_staff


def names_of(user: User) -> list[str]:
    """What tells who an account belongs to."""
    names = (user.username, user.email, user.first_name, user.last_name, *addresses_of([user]))
    return [name for name in dict.fromkeys(names) if name and name != pseudonym(user)]


def addresses_of(people: Collection[User]) -> set[str]:
    others = EmailAddress.objects.filter(user__in=people).values_list("email", flat=True)
    return {*(one.email for one in people), *others} - {""}


def filed_by(people: Collection[User]) -> Q:
    """Also what they filed without signing in, by the address that they left."""
    by_contact = In(Lower("contact"), sorted(address.lower() for address in addresses_of(people)))
    return Q(reporter__in=people) | Q(by_contact)


def reports_of(user: User) -> list[int]:
    found = Incident.objects.not_erased().filter(filed_by([user]))
    return list(found.order_by("pk").values_list("pk", flat=True))


def reports_by_contact(address: str) -> list[int]:
    """Of somebody without an account."""
    found = Incident.objects.not_erased().filter(contact__iexact=address.strip())
    return list(found.order_by("pk").values_list("pk", flat=True)) if address.strip() else []


def erase_account(user: User) -> None:
    """Safe to run twice; nobody signs in by it any more, and it has no password, key, address, notice or view."""
    _forget_in_admin_log(user)
    end_sessions(user)
    ApiToken.objects.filter(user=user).delete()
    EmailAddress.objects.filter(user=user).delete()
    Authenticator.objects.filter(user=user).delete()
    SocialAccount.objects.filter(user=user).delete()  # with its tokens
    SavedView.objects.filter(owner=user).delete()
    Notice.objects.filter(user=user).delete()
    Watch.objects.filter(user=user).delete()
    user.groups.clear()
    user.username, user.email, user.first_name, user.last_name = pseudonym(user), "", "", ""
    user.is_active, user.default_view, user.last_login = False, None, None
    user.shortcuts, user.mail_notices, user.language, user.time_zone = {}, [], "", ""
    user.set_unusable_password()
    user.save()


def _forget_in_admin_log(user: User) -> None:
    """What Django's log of the admin pages says of the account and its tokens."""
    tokens = [str(pk) for pk in ApiToken.objects.filter(user=user).values_list("pk", flat=True)]
    for model, numbers in ((User, [str(user.pk)]), (ApiToken, tokens)):
        held = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(model), object_id__in=numbers)
        held.update(object_repr="", change_message="")
