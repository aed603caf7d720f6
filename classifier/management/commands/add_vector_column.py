"""`manage.py add_vector_column`"""

from typing import Any

from classifier import vector_column
from config.commands import EXIT_CODES, Exit, JsonCommand, stop


class Command(JsonCommand):
    help = (
        "Has PostgreSQL compare vectors itself, where pgvector was added after the tables were made. "
        f"Safe to run any number of times. {EXIT_CODES}"
    )

    def work(self, **options: Any) -> dict[str, Any]:
        if reason := vector_column.add():
            raise stop(f"searches go on in numpy: {reason}.", Exit.REFUSED)
        return {"column": "halves"}

    def tell(self, result: dict[str, Any]) -> None:
        self.stdout.write("PostgreSQL compares the vectors itself.")
