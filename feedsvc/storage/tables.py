"""The database's tables."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
)

metadata = MetaData()
# Single facts: the schema's version, the generation, the site and public URL of what is published, the last build.
facts = Table("facts", metadata, Column("name", Text, primary_key=True), Column("value", Text, nullable=False))
# `record` and `article` are JSON, the latter compressed and the last good version; `live` is what the last build published.
ledger = Table(
    "ledger",
    metadata,
    Column("id", Text, primary_key=True),
    Column("slug", Text, nullable=False, index=True),
    Column("story", Text, index=True),
    Column("live", Integer, nullable=False),
    Column("record", LargeBinary, nullable=False),
    Column("article", LargeBinary, nullable=False),
)
# Who wrote what, by the slug of each author's name as the article has it: when an article that readers may see was published and
# first shown, or since when one that they saw is `gone`.
bylines = Table(
    "bylines",
    metadata,
    Column("id", Text, primary_key=True),
    Column("slug", Text, primary_key=True),
    Column("gone", Integer, nullable=False),
    Column("moment", BigInteger, nullable=False),
    Column("shown", BigInteger, nullable=False),
    Index("bylines_by_moment", "slug", "gone", "moment"),
    Index("bylines_by_shown", "slug", "gone", "shown"),
)
# What the versions of an article in several languages share, of each that says so.
translations = Table(
    "translations",
    metadata,
    Column("id", Text, primary_key=True),
    Column("key", Text, nullable=False, index=True),
)
# The newest owner of each path, slug and link.
addresses = Table(
    "addresses",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("value", Text, primary_key=True),
    Column("id", Text, nullable=False, index=True),
)
# The files as last read: `mark` shows whether one has changed since, `faults` is JSON.
files = Table(
    "files",
    metadata,
    Column("path", Text, primary_key=True),
    Column("mark", Text, nullable=False),
    Column("id", Text),
    Column("faults", LargeBinary, nullable=False),
)
# Each topic's edition as last published: its name, its digest, and the moment of its newest event.
editions = Table(
    "editions",
    metadata,
    Column("slug", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("updated", BigInteger, nullable=False),
)
# Each topic's articles by month, in parts of a document's size: their ids as compressed
# JSON, the oldest first, and the newest event.
archives = Table(
    "archives",
    metadata,
    Column("slug", Text, primary_key=True),
    Column("month", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("updated", BigInteger, nullable=False),
    Column("ids", LargeBinary, nullable=False),
)
# Each topic's daily digests, as they were made.
digests = Table(
    "digests",
    metadata,
    Column("slug", Text, primary_key=True),
    Column("day", Text, primary_key=True),
    Column("digest", LargeBinary, nullable=False),
)
# What only a preview shows: the files in quarantine as they are, and PDFs of articles that are still to come out.
# Their pictures are among the documents.
quarantine = Table(
    "quarantine",
    metadata,
    Column("path", Text, primary_key=True),
    Column("mark", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),
)
held_files = Table(
    "held_files",
    metadata,
    Column("file", Text, primary_key=True),
    Column("content_type", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),
)
# `status` 0 marks a path that is no longer published, or an article's page that must be made again.
# Identity bytes are stored only if there are no others, because gzip's contain them.
documents = Table(
    "documents",
    metadata,
    Column("path", Text, primary_key=True),
    Column("generation", BigInteger, nullable=False),
    Column("status", Integer, nullable=False),
    Column("head", LargeBinary, nullable=False),
    Column("identity", LargeBinary),
    Column("gzip", LargeBinary),
    Column("br", LargeBinary),
    Index("documents_by_generation", "generation"),
)
# Files of the articles folder that readers get in parts: one with a digest is complete. `pieces` are their bytes.
copies = Table(
    "copies",
    metadata,
    Column("name", Text, primary_key=True),
    Column("file", Text, nullable=False),
    Column("mark", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("replaced", BigInteger),
)
pieces = Table(
    "pieces",
    metadata,
    Column("name", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("data", LargeBinary, nullable=False),
)
# What was made of each picture's file; `due` is when some of it is to be forgotten. Its bytes are among the documents, with
# `status` 0 as long as no live article shows it.
pictures = Table(
    "pictures",
    metadata,
    Column("file", Text, primary_key=True),
    Column("key", Text, nullable=False, index=True),
    Column("due", BigInteger, index=True),
    Column("picture", LargeBinary, nullable=False),
)
# What other machines are told of the last publications, and the machines: up to which generation each has been told, how many
# messages of the next one it has, whether it wants no more, and what is wrong with it.
announcements = Table(
    "announcements",
    metadata,
    Column("generation", BigInteger, primary_key=True, autoincrement=False),
    Column("announcement", LargeBinary, nullable=False),
)
targets = Table(
    "targets",
    metadata,
    Column("name", Text, primary_key=True),
    Column("address", Text, nullable=False),
    Column("generation", BigInteger, nullable=False),
    Column("messages", Integer, nullable=False),
    Column("ended", Integer, nullable=False),
    Column("problem", Text, nullable=False),
)
# The publication that each machine serves, as it says itself.
serving = Table(
    "serving",
    metadata,
    Column("machine", Text, primary_key=True),
    Column("generation", BigInteger, nullable=False),
)
# One row: who builds. `fence` counts the holders, `beat` their signs of life.
lease = Table(
    "lease",
    metadata,
    Column("name", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("fence", BigInteger, nullable=False),
    Column("beat", BigInteger, nullable=False),
)

# How PostgreSQL keeps them ("CREATE TABLE", storage parameters). What is compressed already is not compressed again. Each save
# leaves the rows before it behind: pages have room for a row's next version, and vacuum comes when a hundredth of a table is dead.
# The default is a fifth, which of a big archive's documents would be hundreds of megabytes.
_COMPRESSED = {
    "documents": ("gzip", "br"),
    "ledger": ("article",),
    "archives": ("ids",),
    "digests": ("digest",),
    "held_files": ("content",),
    "announcements": ("announcement",),
    "pieces": ("data",),
}
_WITH_ROOM = ("facts", "ledger", "bylines", "addresses", "files", "editions", "archives", "digests", "lease", "targets", "serving")
_VACUUM = "autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 500"
POSTGRESQL_STORAGE = (
    *(f"ALTER TABLE {table} ALTER {column} SET STORAGE EXTERNAL" for table, columns in _COMPRESSED.items() for column in columns),
    *(f"ALTER TABLE {table} SET (fillfactor = 70)" for table in _WITH_ROOM),
    *(f"ALTER TABLE {table} SET ({_VACUUM})" for table in metadata.tables),
    *(f"ALTER TABLE {table} SET ({_VACUUM.replace('auto', 'toast.auto')})" for table in _COMPRESSED),
)
