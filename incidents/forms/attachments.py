"""Files from a form, several at once."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from incidents.file_kinds import TAKEN
from incidents.services.attachments import check


class SeveralFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Any number of files, as a list; each is checked."""

    widget = SeveralFilesInput

    def __init__(self, **kwargs: Any) -> None:
        kinds = SeveralFilesInput(attrs={"accept": ",".join(TAKEN)})
        super().__init__(label=_("Files"), widget=kinds, allow_empty_file=True, **kwargs)

    def clean(self, data: Any, initial: Any = None) -> "list[UploadedFile[bytes]]":
        given = data if isinstance(data, list) else [data] if data else []
        files = [super(FilesField, self).clean(one, initial) for one in given]
        if not files and self.required:
            raise forms.ValidationError(_("Choose at least one file."))
        check(files)
        return files


class AttachForm(forms.Form):
    attachments = FilesField(required=True)
