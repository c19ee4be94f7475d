"""What the JSON documents of the command line hold: the page docs/reference/json.md is drawn from this, and tests of the commands
hold real output against it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Field:
    """A field: its path in the document (``hits[].code``), its kind, and what it means.

    Kinds: text, number, flag, list, object, any; ``?`` after it allows null. The fields of an object that is not opened here are
    free. ``optional`` fields may be absent.
    """

    path: str
    kind: str
    meaning: str
    is_optional: bool = False


def _finding(at: str) -> tuple[Field, ...]:
    return (
        Field(f"{at}[].code", "text", "stable code, see codes.md"),
        Field(f"{at}[].severity", "text", "`error`, `warning` or `info`"),
        Field(f"{at}[].message", "text", "Chinese sentence"),
        Field(f"{at}[].where", "text", "file, element or path it is about"),
    )


SHAPES: dict[str, tuple[Field, ...]] = {
    "error": (
        Field("error", "object", "stands alone in the document whenever a command ends with 2, 3, 5, 6, 70 or 130"),
        Field("error.code", "text", "a code of codes.md, or `USAGE` (2), `BUG` (70), `INTERRUPTED` (130)"),
        Field("error.message", "text", "what happened"),
        Field("error.where", "text", "to which thing", is_optional=True),
        Field("error.safe", "text", "what is safe", is_optional=True),
        Field("error.next", "text", "what to do next", is_optional=True),
        Field("error.reasons", "list", "findings that say why a rule said no", is_optional=True),
    ),
    "inspect": (
        Field("format", "object", "what the file is"),
        Field("format.puid", "text", "PRONOM identifier, empty where unknown"),
        Field("format.mime", "text", "media type"),
        Field("format.name", "text", "name of the format"),
        Field("pages", "number?", "number of pages; null where the format has none or they can not be counted"),
        Field("text", "text", "all text that was read, pages joined"),
        Field("metadata", "object", "what the file says of itself: name → text"),
        Field("classified", "object?", "null, or the marks of state secrecy that were found: `{strength, marks[]}`"),
        Field("signatures", "list", "signatures and seals: `{name, kind, digests_valid, signature_valid, seal_valid, chain_valid, "
              "time_valid, revocation, altered[], not_checked[]}`; true, false, or null where not checked"),
        Field("attachments", "list", "files inside the file, not unpacked"),
        Field("attachments[].name", "text", "name of the file inside"),
        Field("attachments[].size_bytes", "number?", "its size, null where not known"),
        Field("attachments[].mime", "text", "media type the file says it has, or empty"),
        Field("attachments[].is_program", "flag", "true for a program, script or shortcut"),
        Field("outline", "list", "the outline 大纲 in reading order, at most 500 lines"),
        Field("outline[].level", "number", "depth, from 0"),
        Field("outline[].title", "text", "what the line says"),
        Field("outline[].page", "number?", "page it leads to, null where it leads to none"),
        Field("notes", "list", "annotations and custom tags of an OFD, at most 400"),
        Field("notes[].kind", "text", "`annotation` or `tag`"),
        Field("notes[].name", "text", "kind of annotation (`Link`, `Stamp` …), or name of the tag"),
        Field("notes[].text", "text", "what it says, or the text it marks, cut at 300 characters"),
        Field("notes[].page", "number?", "page it stands on"),
        Field("findings", "list", "everything remarkable"),
        *_finding("findings"),
    ),
    "digitise": (
        Field("batch", "object", "`{id, code, title, state, project}`"),
        Field("opened", "text", "instant, UTC"),
        Field("items", "number", "items 件"),
        Field("pages", "number", "pages that count"),
        Field("states", "object", "state → number of items"),
        Field("steps_done", "list", "steps that are done, in the project's order"),
        Field("steps_left", "list", "steps that are not"),
        Field("inspection", "object", "the sample: `{sampled, good, undecided}`"),
        Field("problems", "list", "what was remarked on items, the riskiest first"),
        Field("problems[].item", "number", "its place in the batch"),
        Field("problems[].message", "text", "Chinese sentence"),
    ),
    "print": (
        Field("form", "text", "the form"),
        Field("target", "text", "what it is about"),
        Field("path", "text", "the file that was written"),
        Field("bytes", "number", "its size"),
    ),
    "receipt": (
        Field("format", "text", "`lantai-receipt`"),
        Field("edition", "number", "edition of the format, 1"),
        Field("issued", "text", "instant, UTC"),
        Field("agency", "text", "who received"),
        Field("batch", "object", "`{code, title, department, department_name, submitter, received, accepted, "
              "accepted_by, predecessors[]}`"),
        Field("accepted", "list", "records taken in: `{record, electronic_record_code, title, document_number, state, state_name, code}`"),
        Field("returned", "list", "records given back: the same, and `{reasons[], message, deadline, findings[], returned, "
              "successor_batch}`"),
        Field("waiting", "list", "records that wait for a decision"),
        Field("refused", "list", "files that were not taken: `{path, message}`"),
        Field("quarantined", "number", "items sealed away under suspicion of a state secret"),
        Field("signatures", "list", "over `lantai receipt v1`, a line feed, the SHA-256 of the rest as canonical JSON, a line feed"),
    ),
    "receipt --verify": (
        Field("verified", "flag?", "true where every signature holds and is of a known key; null where nobody said which keys are known"),
        Field("signatures", "list", "`{key_id, algorithm, is_good, is_known}`, `is_known` null where no keys were given"),
    ),
    "check --replay": (
        Field("report", "text", "id of the report that was repeated"),
        Field("stage", "text", "its gate"),
        Field("path", "text", "what was checked again"),
        Field("same", "flag", "true where neither a file nor an outcome differs"),
        Field("repeated", "number", "items that were compared"),
        Field("material_known", "flag", "false for a report of edition 1, which names no files"),
        Field("differences", "list", "files and outcomes that differ"),
        Field("differences[].kind", "text", "`material` or `outcome`"),
        Field("differences[].item", "text", "number of the item, empty for a file"),
        Field("differences[].where", "text", "path of the file, empty for an item"),
        Field("differences[].before", "text", "what the report says"),
        Field("differences[].now", "text", "what is so now"),
        Field("differences[].cause", "text", "the kind that explains it, empty where none does"),
        Field("versions", "list", "rules and tools of another version, in the same form"),
        Field("not_repeated", "list", "items that the material alone does not decide: `{item, reason}`"),
    ),
    "check": (
        Field("stage", "text", "`arrival`, `archiving`, `transfer` or `preservation`"),
        Field("conclusion", "text", "`pass`, `trial` (trial installation, no virus engine), `manual`, `fail`, `error` (not executed)"),
        Field("subject", "object", "what was checked: `{kind, id, code, title}`"),
        Field("scheme", "text", "edition of the scheme"),
        Field("is_trial", "flag", "true in a trial installation"),
        Field("engine", "object", "the virus engine: `{ready, name, signatures, date}`"),
        Field("items", "list", "every item of the scheme, also those that do not apply"),
        Field("items[].id", "text", "identifier in this scheme, such as `archiving.1.08`"),
        Field("items[].code", "text", "number in DA/T 70-2018, such as `GD-1-8`"),
        Field("items[].name", "text", "name of the item"),
        Field("items[].property", "text", "`authenticity`, `integrity`, `usability` or `security`"),
        Field("items[].outcome", "text", "`pass`, `fail`, `warn`, `manual`, `not_applicable`, `error` (not executed)"),
        Field("items[].severity", "text", "`block`, `major` or `minor`"),
        Field("items[].findings", "list", "findings of the item"),
        *_finding("items[].findings"),
        Field("items[].reason", "text", "why it does not apply or was not executed", is_optional=True),
        Field("items[].expected", "text", "what the item asks", is_optional=True),
        Field("items[].rule", "text", "version of its rule", is_optional=True),
        Field("items[].actual", "text", "what was measured or found, where it was carried out", is_optional=True),
        Field("items[].tool", "object", "what judged, where it was carried out: `{name, version}`", is_optional=True),
        Field("format", "text", "`lantai-report`; absent in reports of edition 1", is_optional=True),
        Field("edition", "number", "edition of the format, see docs/design/checks.md", is_optional=True),
        Field("rules", "text", "digest that names all lines of the scheme", is_optional=True),
        Field("tools", "object", "tools by kind: `{name, version}`", is_optional=True),
        Field("material", "list", "files that were judged: `{path, size_bytes, sha256}`", is_optional=True),
        Field("seal", "object", "batch: its signature now, `{state, reports, root, sealed_at, algorithms[]}`", is_optional=True),
        Field("records", "number", "checked path: units that were found there", is_optional=True),
        Field("packages", "list", "checked path: each bag, OCFL object or root, E-ARK package met, with its verdict", is_optional=True),
        Field("packages[].path", "text", "where it was met"),
        Field("packages[].kind", "text", "`bagit`, `ocfl`, `ocfl_root` or `csip`"),
        Field("packages[].verdict", "text", "`valid`, `warning` or `invalid`"),
        Field("packages[].findings", "list", "findings, with the codes of that standard"),
        *_finding("packages[].findings"),
        Field("rejected", "list", "checked path: findings about what could not be taken", is_optional=True),
    ),
    "capture": (
        Field("batch", "text", "ULID of the batch"),
        Field("code", "text", "batch code, such as `PC-20260312-01`"),
        Field("title", "text", "title of the batch"),
        Field("state", "text", "state of the batch"),
        Field("conclusion", "text", "conclusion of the arrival gate, empty before it"),
        Field("needs_attention", "text", "code of what stopped the batch, empty where nothing did"),
        Field("files", "number", "files or catalogue rows that came"),
        Field("bytes", "number", "their bytes"),
        Field("outcomes", "list", "what became of them; the counts add up to `outcome_total`"),
        Field("outcomes[].outcome", "text", "`record`, `metadata`, `container`, `duplicate`, `quarantined` or `refused`"),
        Field("outcomes[].name", "text", "the same in Chinese"),
        Field("outcomes[].count", "number", "how many"),
        Field("outcome_total", "number", "equals `files` once the batch has been received"),
        Field("records", "number", "records that were made"),
        Field("errors", "number", "what a person must look at: files refused for an error or sealed away, records that did not pass"),
        Field("refused", "number", "files that were not taken"),
        Field("states", "list", "records by state: `{state, name, count}`"),
        Field("findings", "list", "findings by code with one example each: a finding and `count`"),
        Field("rejected", "list", "files that were not taken: `{path, code, message}`, 200 at most"),
    ),
    "export": (
        Field("form", "text", "`eep`, `filing`, `transfer`, `bagit` or `csip`"),
        Field("folder", "text", "where the packages are"),
        Field("exported", "list", "the records, in the order asked for"),
        Field("exported[].id", "text", "ULID of the record"),
        Field("exported[].code", "text", "its archival code, empty where it has none"),
        Field("exported[].title", "text", "its title"),
        Field("exported[].path", "text", "its package below the folder"),
        Field("exported[].files", "number", "files that went out"),
        Field("exported[].bytes", "number", "their bytes"),
        Field("exported[].kept", "flag", "true where a package of that name was there and was not written again"),
        Field("exported[].findings", "list", "what is to be said of the package"),
        *_finding("exported[].findings"),
    ),
    "transfer": (
        Field("id", "text", "ULID of the act, after `new`, `check`, `pack`, `receipt`, `cancel`", is_optional=True),
        Field("code", "text", "its number", is_optional=True),
        Field("title", "text", "its title", is_optional=True),
        Field("state", "text", "`drafted`, `checked`, `packed`, `receipted`, `cancelled`", is_optional=True),
        Field("conclusion", "text", "the worst conclusion of its records at the transfer gate, empty before", is_optional=True),
        Field("records", "any", "how many records it holds; after `due` the records themselves", is_optional=True),
        Field("keeps_copy", "flag", "whether a copy is kept after the transfer", is_optional=True),
        Field("package", "object", "what the package was when it was packed", is_optional=True),
        Field("accepted", "number", "records that the receiver accepted", is_optional=True),
        Field("refused", "number", "records that the receiver refused", is_optional=True),
        Field("folder", "text", "after `pack`: where the package is", is_optional=True),
        Field("transfers", "list", "after `list`: the acts", is_optional=True),
        Field("total", "number", "after `due`: how many records are due", is_optional=True),
    ),
    "archive": (
        Field("archived", "number", "records archived by this call"),
        Field("scopes", "list", "ranges of codes fixed by this call"),
        Field("scopes[].scope", "text", "the code without its item number"),
        Field("scopes[].first", "number", "first item number"),
        Field("scopes[].last", "number", "last item number"),
        Field("scopes[].list_sha256", "text", "digest of the sealed list"),
        Field("left", "list", "records that were not archived"),
        Field("left[].id", "text", "ULID of the record"),
        Field("left[].title", "text", "its title"),
        Field("left[].state", "text", "its state"),
        Field("left[].reason", "text", "why, in Chinese"),
    ),
    "show": (
        Field("id", "text", "ULID"),
        Field("code", "text", "archival code, empty before it is fixed"),
        Field("title", "text", "title"),
        Field("state", "text", "state, see docs/design/lifecycle.md"),
        Field("columns", "object", "the row of the table, see docs/design/model.md"),
        Field("elements", "object", "described elements: name of the metadata table → text or list of texts"),
        Field("documents", "list", "documents in order"),
        Field("documents[].sequence", "number", "place in the record, from 1"),
        Field("documents[].role", "text", "正本, 附件, …"),
        Field("documents[].title", "text", "title of the document"),
        Field("documents[].files", "list", "its computer files"),
        Field("documents[].files[].id", "text", "ULID"),
        Field("documents[].files[].name", "text", "name as received"),
        Field("documents[].files[].representation", "text", "`original`, `preservation`, `access` or `text`"),
        Field("documents[].files[].mime", "text", "media type"),
        Field("documents[].files[].format_name", "text", "name of the format"),
        Field("documents[].files[].puid", "text", "PRONOM identifier"),
        Field("documents[].files[].size_bytes", "number", "size"),
        Field("documents[].files[].page_count", "number?", "pages"),
        Field("documents[].files[].sha256", "text", "SHA-256, lower-case hex"),
        Field("documents[].files[].sm3", "text", "SM3, lower-case hex"),
        Field("documents[].files[].virus", "text", "`clean`, `not_scanned`, `infected:NAME` or `error:REASON`"),
        Field("documents[].files[].has_text", "flag", "whether a text layer is kept"),
        Field("documents[].files[].findings", "list", "findings of reading it"),
        Field("agents", "list", "agents of the process"),
        Field("events", "list", "business events of the process"),
        Field("findings", "list", "findings of reception"),
    ),
    "find": (
        Field("total", "number", "records that match and that the account may see; exact"),
        Field("hits", "list", "this page of them"),
        Field("hits[].id", "text", "ULID"),
        Field("hits[].code", "text", "archival code, empty before it is fixed"),
        Field("hits[].title", "text", "title"),
        Field("hits[].document_number", "text", "document number 文号"),
        Field("hits[].author", "text", "author 责任者"),
        Field("hits[].date", "text", "YYYY, YYYYMM or YYYYMMDD"),
        Field("hits[].department", "text", "department code"),
        Field("hits[].retention", "text", "`Y`, `D30`, `D10` …"),
        Field("hits[].state", "text", "state"),
        Field("hits[].pages", "list", "numbers of the pages that hold a word"),
        Field("hits[].places", "number", "places in the text"),
        Field("hits[].snippets", "list", "texts around the first places"),
        Field("facets", "object", "facet → value → count over all matches"),
    ),
    "verify": (
        Field("ok", "flag", "true where nothing is wrong"),
        Field("checked", "number", "records checked"),
        Field("problems", "list", "what is not as it was"),
        Field("problems[].code", "text", "stable code, see codes.md"),
        Field("problems[].path", "text", "file in the package, or element"),
        Field("problems[].record", "text", "archival code, or ULID"),
        Field("problems[].message", "text", "Chinese sentence"),
        Field("not_checked", "list", "what nobody could check, in Chinese"),
        Field("ledger", "list", "proofs of the first records' archiving in the ledger, where sealed"),
        Field("ledger[].record", "text", "archival code, or ULID", is_optional=True),
        Field("ledger[].event", "text", "ULID of the event", is_optional=True),
        Field("ledger[].position", "number", "place in the log, from 0", is_optional=True),
        Field("ledger[].leaf", "text", "leaf hash, hexadecimal", is_optional=True),
        Field("ledger[].path", "list", "siblings from the leaf up, hexadecimal", is_optional=True),
        Field("ledger[].size", "number", "entries of the checkpoint", is_optional=True),
        Field("ledger[].root", "text", "root of the checkpoint, hexadecimal", is_optional=True),
        Field("ledger[].fingerprint", "text", "fingerprint of the checkpoint, as printed", is_optional=True),
        Field("ledger[].signed_at", "text", "instant of signing, UTC", is_optional=True),
        Field("stamps", "list", "time stamps of the first records' batch roots"),
        Field("stamps[].record", "text", "archival code, or ULID", is_optional=True),
        Field("stamps[].root", "text", "batch root, hexadecimal", is_optional=True),
        Field("stamps[].state", "text", "good, none, bad, unjudged (no trusted roots are set)", is_optional=True),
        Field("stamps[].message", "text", "Chinese sentence", is_optional=True),
        Field("stamps[].digest", "text", "digest of the stamp, empty where there is none", is_optional=True),
        Field("stamps[].instant", "text", "instant of the stamp, UTC, empty where there is none", is_optional=True),
        Field("stamps[].authority", "text", "who stamped", is_optional=True),
        Field("stamps[].until", "text", "when its certificates end, UTC", is_optional=True),
        Field("chains", "list", "the first records' ways of proof"),
        Field("chains[].record", "text", "archival code, or ULID", is_optional=True),
        Field("chains[].links", "list", "bytes, proof, root, stamp, ledger, checkpoint, witness, in this order", is_optional=True),
        Field("chains[].links[].link", "text", "one of these names", is_optional=True),
        Field("chains[].links[].name", "text", "its Chinese name", is_optional=True),
        Field("chains[].links[].state", "text", "ok, err, none (does not exist), partly (not yet), skip (not reached)", is_optional=True),
        Field("chains[].links[].message", "text", "Chinese sentence", is_optional=True),
        Field("chains[].stops", "text", "the link that broke, empty where none did", is_optional=True),
        Field("chains[].last_good", "text", "last verification that found nothing, UTC, of a broken chain", is_optional=True),
        Field("chains[].tell", "text", "who is to be told, in Chinese, of a broken chain", is_optional=True),
    ),
    "ledger verify": (
        Field("ok", "flag", "true where nothing is wrong"),
        Field("size", "number", "sealed entries that were looked at"),
        Field("checkpoints", "number", "checkpoints that were looked at"),
        Field("fingerprint", "text", "fingerprint of the latest checkpoint; empty where something is wrong"),
        Field("problems", "list", "findings: what differs, and where"),
        *_finding("problems"),
        Field("not_checked", "list", "what nobody could check, in Chinese"),
        Field("unsealed", "number", "events that wait to be sealed"),
    ),
    "ledger seal": (
        Field("added", "number", "entries this run sealed"),
        Field("size", "number", "entries sealed in all"),
        Field("witnesses_absent", "list", "witness folders that could not be reached"),
    ),
    "excerpt": (
        Field("path", "text", "folder of the excerpt, below the one given"),
        Field("events", "number", "events in it"),
        Field("first", "number", "first position"),
        Field("last", "number", "last position"),
        Field("is_range", "flag", "true where every position between is in it"),
    ),
    "ledger stamp": (
        Field("roots", "number", "batch roots stamped by this run"),
        Field("checkpoints", "number", "checkpoints stamped by this run"),
        Field("waiting", "number", "batch roots that still have no stamp"),
    ),
    "ledger rotate": (
        Field("former", "list", "identifiers of the keys that were in use"),
        Field("current", "list", "identifiers of the keys in use now"),
        Field("is_compromised", "flag", "whether the former keys may be known to others"),
    ),
    "ledger checkpoint": (
        Field("note", "text", "the signed note (C2SP tlog-checkpoint)"),
        Field("size", "number", "its number of entries"),
        Field("fingerprint", "text", "its fingerprint, as printed on registers"),
        Field("verifier_keys", "list", "Ed25519 keys for verifiers of signed notes, the one in use first"),
    ),
    "import-register": (
        Field("source", "text", "name of the table"),
        Field("dry_run", "flag", "true where nothing was written"),
        Field("rows", "number", "rows = added + changed + same + refused"),
        Field("added", "number", "documents registered now"),
        Field("changed", "number", "documents of which a column changed"),
        Field("same", "number", "documents that are registered as they stand"),
        Field("refused", "list", "rows that were not registered: `{row, findings[]}`; they are kept as they came"),
        Field("changes", "list", "`{row, title, column, before, after}`"),
        Field("remarks", "list", "findings about rows that were registered"),
        Field("columns", "object", "heading → field, empty where it is none"),
    ),
    "preserve": (
        Field("code", "text", "number of the run"),
        Field("state", "text", "`running`, `stopped`, `failed` or `done`"),
        Field("reason", "text", "why it failed, a code; else empty"),
        Field("occasion", "text", "`planned`, `started`, `migration` or `restore`"),
        Field("plan", "text", "name of the plan, else empty"),
        Field("slot", "number", "which part of the holdings it takes, from 0"),
        Field("slots", "number", "into how many parts they fall"),
        Field("total", "number", "records in the sample"),
        Field("done", "number", "records checked"),
        Field("conclusion", "text", "worst conclusion of its records, empty until it is done"),
        Field("conclusions", "object", "conclusion → records"),
        Field("changes", "object", "`new`, `other`, `mended`, `first`, `same` → records"),
        Field("damaged", "number", "records whose bytes are not those that were archived"),
        Field("started", "text", "ISO 8601"),
        Field("ended", "text", "ISO 8601, empty until it is done"),
        Field("problems", "list", "records that failed or could not be checked: `{code, conclusion, change, damaged, findings[]}`"),
    ),
    "resume": (Field("resumed", "number", "batches and records that go on"),),
    "metadata": (
        Field("category", "text", "the category; empty for all"),
        Field("in_force", "number", "the version in force, 0 where the level above holds"),
        Field("proposed", "number", "the open proposal, 0 where there is none"),
        Field("elements[].code", "text", "the element in force"),
        Field("elements[].name", "text", "its Chinese name"),
        Field("elements[].number", "text", "M1–M88, empty for an own element"),
        Field("elements[].group", "text", "the container it stands in"),
        Field("elements[].kept_in", "text", "the part of a record that holds it"),
        Field("elements[].data_type", "text", "text, date, year, integer, instant, base64 or uri"),
        Field("elements[].obligation", "text", "M, C or O"),
        Field("elements[].condition", "text", "of a conditional element"),
        Field("elements[].required_from", "text", "arrival, description, arrangement or archiving"),
        Field("elements[].is_repeatable", "flag", "may have several values"),
        Field("elements[].max_length", "number", "characters, 0 for none"),
        Field("elements[].domain", "text", "value list of the standard"),
        Field("elements[].values", "list", "value list of the agency"),
        Field("elements[].is_closed", "flag", "no other value passes"),
        Field("elements[].pattern", "text", "regular expression of the whole value"),
        Field("elements[].default", "text", "set when a record is described"),
        Field("elements[].help", "text", "shown in the form"),
        Field("elements[].certainty", "text", "of the standard's row"),
        Field("elements[].set_by", "text", "the version that asks otherwise than the standard"),
        Field("changes[].code", "text", "element that the proposal changes", is_optional=True),
        Field("changes[].name", "text", "its Chinese name", is_optional=True),
        Field("changes[].what", "text", "which property", is_optional=True),
        Field("changes[].before", "text", "as in force", is_optional=True),
        Field("changes[].after", "text", "as proposed", is_optional=True),
    ),
    "tidy": (
        Field("vault", "number", "pieces that crashed writes left in the vault"),
        Field("stored", "number", "staged files of records that are archived or discarded"),
        Field("unpacked", "number", "unpacked files of finished batches"),
        Field("exports", "number", "exports that nobody fetched in time"),
        Field("uploads", "number", "files of uploads that were received or never became a batch"),
        Field("unfinished", "number", "deliveries sent in parts to which nothing came any more"),
        Field("released", "number", "plain files put back from quarantine and received"),
        Field("staged", "number", "staged files that no record names"),
        Field("sealed", "number", "files in quarantine that no item names, or whose item is decided"),
        Field("acts", "number", "acts of persons a month old, which can no longer be taken back"),
        Field("resumed", "number", "batches and records that go on after a fault that passes"),
    ),
    "init": (
        Field("data", "text", "the data folder"),
        Field("signed_in", "text", "login that this operating-system user is signed in as, empty with `--no-login`"),
        Field("accounts", "list", "first accounts; the passwords are shown this once"),
        Field("accounts[].login", "text", "login"),
        Field("accounts[].name", "text", "Chinese name"),
        Field("accounts[].role", "text", "role, see permissions.md"),
        Field("accounts[].password", "text", "first password, to be changed at the first sign-in"),
    ),
    "config": (
        Field("[].name", "text", "name in `lantai.toml`"),
        Field("[].value", "any", "value in force; the secret key is never shown"),
        Field("[].origin", "text", "`default`, `file` or `variable`"),
        Field("[].variable", "text", "variable that overrides it"),
        Field("[].help", "text", "Chinese help"),
    ),
    "doctor": (
        Field("[].part", "text", "the part"),
        Field("[].state", "text", "`ok`, `warning` or `error`"),
        Field("[].message", "text", "Chinese sentence"),
    ),
    "login": (
        Field("login", "text", "login"),
        Field("name", "text", "name of the person"),
        Field("role", "text", "role, see permissions.md"),
    ),
    "serve": (
        Field("url", "text", "address to open; printed when serving begins"),
        Field("pid", "number", "process number"),
    ),
    "worker": (Field("stopped", "flag", "true; printed at the end"),),
    "demo": (
        Field("in", "number", "files received"),
        Field("out", "number", "files with a place"),
        Field("balanced", "flag", "whether both are equal"),
        Field("archived", "number", "records archived"),
        Field("places", "object", "place → files"),
    ),
    "bench line": (
        Field("records", "number", "records taken through the line"),
        Field("cpu_s_per_record", "number", "CPU-seconds a record, all processes"),
        Field("records_per_s", "number", "records a second of wall time"),
        Field("peak_rss_mb", "number", "peak memory"),
        Field("stages", "object", "stage → CPU-seconds a record"),
        Field("inodes_per_record", "number", "files and folders in the vault a record"),
        Field("growth_10x", "number", "`cpu_s_per_record` at ten times the records, divided by that at once the records", is_optional=True),
        Field("at_10x", "object", "the figures at ten times the records", is_optional=True),
    ),
    "bench search": (
        Field("p95_ms", "number", "slowest kind of query, 95th percentile"),
        Field("exact", "flag", "whether every total and facet count equals that of a pass over all records"),
    ),
    "bench serve": (
        Field("start_s", "number", "seconds from starting the process to the whole sign-in page"),
        Field("idle_rss_mb", "number", "memory of all processes while nobody asks anything, shared pages counted once"),
        Field("processes", "number", "processes of an idle server"),
        Field("used_rss_mb", "number", "memory of all processes after a record was taken in and pages were asked for"),
        Field("left_behind", "number", "processes that outlived the server"),
    ),
}  # fmt: skip
"""Documents by command; more fields may be added, none is renamed."""

_KINDS: Mapping[str, tuple[type, ...]] = {
    "text": (str,),
    "number": (int, float),
    "flag": (bool,),
    "list": (list,),
    "object": (dict,),
    "any": (object,),
}


def faults(document: object, name: str) -> list[str]:
    """Return in words where *document* is not what the page says of *name*."""
    return [text for row in SHAPES[name] for text in _faults(document, row)]


def _faults(document: object, row: Field) -> Iterator[str]:
    *above, last = _steps(row.path)
    for owner in _walk([document], above):
        if not isinstance(owner, dict):
            yield f"{row.path}: no object above it"
        elif last not in owner:
            if not row.is_optional:
                yield f"{row.path}: absent"
        elif not _is(owner[last], row.kind):
            yield f"{row.path}: {owner[last]!r} is no {row.kind}"


def _steps(path: str) -> list[str]:
    return path.replace("[]", ".[]").strip(".").split(".")


def _walk(values: list[object], steps: list[str]) -> list[object]:
    for step in steps:
        if step == "[]":
            values = [item for value in values if isinstance(value, list) for item in value]
        else:
            values = [value[step] for value in values if isinstance(value, dict) and value.get(step) is not None]
    return values


def _is(value: object, kind: str) -> bool:
    if value is None:
        return kind.endswith("?")
    plain = kind.rstrip("?")
    return isinstance(value, _KINDS[plain]) and not (plain == "number" and isinstance(value, bool))
