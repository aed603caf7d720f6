"""Sends notices by mail: what happened and where to read it, never a report's text."""

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from incidents.models import Notice
from incidents.services.webhook_payloads import address
from workers import jobs


def send_notices(batch: jobs.Batch) -> None:
    """Mail each notice of the batch that was not mailed; who was switched off meanwhile gets none.

    A notice counts as mailed once the mail server took it, so a kill just then mails it twice rather than never.
    """
    notices = Notice.objects.filter(pk__in=batch.object_ids, mailed_at=None).select_related("user", "by", "incident")
    for notice in notices:
        batch.beat()
        if notice.user.is_active and notice.user.email:
            with override(notice.user.language or settings.LANGUAGE_CODE):
                mail_of(notice).send()
            Notice.objects.filter(pk=notice.pk).update(mailed_at=timezone.now())
    with transaction.atomic():
        batch.finish()


def mail_of(notice: Notice) -> EmailMessage:
    """The mail, in the language that is active."""
    what = notice.sentence
    why = _("You get this mail because you chose to. The page Notices says which kinds come by mail.")
    return EmailMessage(
        subject=f"Caseloop: {what}".splitlines()[0][:200],
        body="\n\n".join([what, address("notice", notice.pk), why]),
        to=[notice.user.email],
    )
