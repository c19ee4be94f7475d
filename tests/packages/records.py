"""Records as hypothesis makes them: every value a field may hold, odd characters included."""

from hypothesis import strategies as st

from lantai.core.record import Agent, BusinessEvent, ComputerFile, ContentBasis, Document, Record, Relation, Representation, Role, Signature
from lantai.packages.record_names import FILE_ELEMENTS
from lantai.packages.record_xml import element_names

ODD = [
    "",
    " ",
    "\t公文\r\n",
    "\x00\x1f",
    "<&>\"'",
    "\u241b",
    "\u241b241B;",
    "\udcff",
    "\ufffe",
    "]]>",
    "兰台〔2026〕1号",
    "\u2028\x85",
    "\x7f",
]
TEXT = st.sampled_from(ODD) | st.text(max_size=12)
NAMES = st.sampled_from(list(element_names())) | TEXT
ELEMENTS = st.dictionaries(NAMES, TEXT | st.lists(TEXT, max_size=3), max_size=8)
PAIRS = st.dictionaries(TEXT, TEXT, max_size=3)
FILES = st.builds(
    ComputerFile,
    id=TEXT,
    name=TEXT,
    size_bytes=st.integers(min_value=0),
    sha256=TEXT,
    sm3=TEXT,
    puid=TEXT,
    mime=TEXT,
    format_name=TEXT,
    page_count=st.none() | st.integers(0, 9999),
    representation=st.sampled_from(Representation),
    path=TEXT,
    virus=TEXT,
    findings=st.lists(PAIRS, max_size=2).map(tuple),
    attributes=PAIRS,
    elements=st.dictionaries(st.sampled_from(list(FILE_ELEMENTS)) | TEXT, TEXT | st.lists(TEXT, max_size=3), max_size=5),
)
DOCUMENTS = st.builds(Document, st.integers(1, 120), st.sampled_from(Role), TEXT, st.lists(FILES, max_size=3).map(tuple))
AGENTS = st.builds(Agent, TEXT, TEXT, TEXT, TEXT, TEXT, TEXT, TEXT)
EVENTS = st.builds(BusinessEvent, TEXT, TEXT, TEXT, TEXT, TEXT, TEXT, TEXT)
RELATIONS = st.builds(Relation, TEXT, TEXT, TEXT, TEXT, TEXT)
SIGNATURES = st.builds(Signature, TEXT, TEXT, TEXT, TEXT, st.lists(TEXT, max_size=3).map(tuple), TEXT, TEXT, TEXT)
RECORDS = st.builds(
    Record,
    id=TEXT,
    electronic_record_code=TEXT,
    version=st.integers(1, 99),
    content_basis=st.sampled_from(ContentBasis),
    elements=ELEMENTS,
    documents=st.lists(DOCUMENTS, max_size=3).map(tuple),
    agents=st.lists(AGENTS, max_size=2).map(tuple),
    events=st.lists(EVENTS, max_size=2).map(tuple),
    relations=st.lists(RELATIONS, max_size=2).map(tuple),
    code=TEXT,
    signatures=st.lists(SIGNATURES, max_size=2).map(tuple),
    scheme=TEXT,
)


def small_record(*, record_id: str = "01JD0000000000000000000001", version: int = 1) -> Record:
    """Return a record as most are: one page, one file, two agents, a handful of events."""
    item = ComputerFile(
        id="01JD0000000000000000000002",
        name="关于印发云汀市数据归集办法的通知.pdf",
        size_bytes=46080,
        sha256="a" * 64,
        sm3="b" * 64,
        puid="fmt/18",
        mime="application/pdf",
        format_name="Acrobat PDF 1.4",
        page_count=1,
        virus="clean",
    )
    return Record(
        id=record_id,
        electronic_record_code=record_id,
        version=version,
        content_basis=ContentBasis.DIGITAL,
        elements={
            "aggregation_level": "文件",
            "fonds_constituting_unit_name": "云汀市发展和改革委员会",
            "fonds_identifier": "Z109",
            "year": "2026",
            "retention_period": "30年",
            "title": "关于印发云汀市数据归集办法的通知",
            "document_number": "云发改〔2026〕12号",
            "author": "云汀市发展和改革委员会",
            "date": "20260301",
            "document_type": "通知",
            "security_classification": "公开",
            "total_number_of_pages": "1",
            "keyword": ["数据", "归集"],
            "copy_number": "000001",
        },
        documents=(Document(1, Role.MAIN, "关于印发云汀市数据归集办法的通知", (item,)),),
        agents=(Agent("a1", "单位", "云汀市发展和改革委员会"), Agent("a2", "个人", "沈知远", "", "主任")),
        events=(
            BusinessEvent("e1", "a2", "签发", "2026-03-01T09:00:00+08:00"),
            BusinessEvent("e2", "a1", "归档", "2026-03-08T09:00:00+08:00", description="归档检测通过"),
        ),
        relations=(Relation("01JD0000000000000000000009", "文件↔文件", "来文—复文"),),
        code="Z109-WS·2026-D30-BGS-0001",
    )
