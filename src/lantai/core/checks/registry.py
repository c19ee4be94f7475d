"""Which function carries out which item: two tables, one of items decided a record at a time, one of a batch.

Keys are item numbers (``1.08``), the same at every gate. An item in both tables is decided for each record and once more
for the batch; an item in neither cannot be enabled (checked when ``standards.da_t_70`` is imported).
"""

from collections.abc import Callable

from lantai.core.checks import content, metadata, surroundings
from lantai.core.checks.facts import BatchFacts, RecordFacts
from lantai.core.checks.outcomes import Verdict
from lantai.core.checks.scheme import Parameters

RecordCheck = Callable[[RecordFacts, Parameters], Verdict]
BatchCheck = Callable[[BatchFacts, Parameters], Verdict]

RECORD_CHECKS: dict[str, RecordCheck] = {
    "1.01": content.fixity,
    "1.02": metadata.length,
    "1.03": metadata.data_type,
    "1.04": metadata.domain,
    "1.05": metadata.plausibility,
    "1.06": metadata.characters,
    "1.07": metadata.archival_code,
    "1.08": metadata.duplicates,
    "1.09": content.extension_true,
    "1.10": content.electronic_attributes,
    "1.11": content.linked,
    "1.12": surroundings.catalogue,
    "1.13": surroundings.structure,
    "1.14": surroundings.consistency,
    "2.03": metadata.elements_present,
    "2.04": metadata.required_filled,
    "2.05": metadata.process,
    "2.07": content.content_whole,
    "2.08": content.attachments,
    "2.09": surroundings.retention_scope,
    "2.10": surroundings.package_elements,
    "2.11": surroundings.package_files,
    "3.01": surroundings.metadata_readable,
    "3.02": surroundings.database,
    "3.03": content.formats,
    "3.04": content.readable,
    "3.05": content.long_term,
    "3.06": content.environment,
    "3.07": content.package_usable,
    "3.08": content.package_formats,
    "4.01": surroundings.engine_ready,
    "4.02": content.virus,
    "4.03": surroundings.extra_files_of_record,
    "4.07": surroundings.conduct,
}
BATCH_CHECKS: dict[str, BatchCheck] = {
    "1.12": surroundings.catalogue,
    "1.13": surroundings.structure,
    "1.14": surroundings.consistency,
    "2.01": surroundings.record_count,
    "2.02": surroundings.byte_count,
    "2.06": surroundings.continuity,
    "2.11": surroundings.package_files,
    "3.07": surroundings.contents_of_package,
    "3.08": surroundings.contents_of_package,
    "4.01": surroundings.engine_ready,
    "4.03": surroundings.extra_files,
    "4.04": surroundings.carrier_speed,
    "4.05": surroundings.carrier,
    "4.06": surroundings.carrier,
    "4.07": surroundings.conduct,
}
# What a trial installation may archive without: a virus engine, and its verdict.
EXCUSED_IN_TRIAL: frozenset[str] = frozenset(("4.01", "4.02"))
