"""One file that holds an installation: the rows of all tables, the files that they name, the key."""
