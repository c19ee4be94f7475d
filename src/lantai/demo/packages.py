"""Writes a composed document as the filing package 归档信息包 that the agency's office system would hand over."""

import shutil
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path

from lantai.core.record import Agent, BusinessEvent, Elements, Role
from lantai.demo import agency
from lantai.demo.compose import Letter
from lantai.demo.typeset import Page, Press
from lantai.packages import filing_write
from lantai.packages.filing import FilingDocument, FilingFile, FilingPackage

SYSTEM = "云汀市协同办公系统"
_FOLDERS = {Role.MAIN: "正本", Role.ATTACHMENT: "正本", Role.DISPATCH_SHEET: "处理单"}
_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Parcel:
    """A package before it is written: its description and the bytes of its files by path."""

    package: FilingPackage
    files: dict[str, bytes]

    @property
    def name(self) -> str:
        """The name of the package's folder: the number it carries in the office system."""
        return self.package.code

    @property
    def main_path(self) -> str:
        """The path of the main document's file."""
        return self.package.documents[0].files[0].path

    def with_elements(self, changes: Elements) -> "Parcel":
        """Return the parcel with some described elements replaced; an empty value removes the element."""
        elements = (self.package.elements or {}) | changes
        return replace(self, package=replace(self.package, elements={name: value for name, value in elements.items() if value}))

    def with_file(self, path: str, content: bytes) -> "Parcel":
        """Return the parcel with the content of one file replaced."""
        return replace(self, files=self.files | {path: content})

    def with_attachment(self, name: str, content: bytes) -> "Parcel":
        """Return the parcel with one more attachment."""
        path = f"{_FOLDERS[Role.ATTACHMENT]}/{name}"
        document = FilingDocument(len(self.package.documents) + 1, Role.ATTACHMENT, Path(name).stem, (FilingFile(path, name),))
        return replace(
            self, package=replace(self.package, documents=(*self.package.documents, document)), files=self.files | {path: content}
        )


def parcel(letter: Letter, press: Press, running: int) -> Parcel:
    """Typeset *letter* and describe it; *running* is its running number in the office system."""
    pages = list(press.pages(letter))
    documents = tuple(_document(sequence, page) for sequence, page in enumerate(pages, 1))
    agents, events = _process(letter)
    package = FilingPackage(
        code=f"YTOA-{letter.dated:%Y%m%d}-{running:05d}",
        elements=_elements(letter, has_parts=len(pages) > 1),
        documents=documents,
        agents=agents,
        events=events,
        description={"形成系统": SYSTEM, "立档单位": agency.NAME, "移交部门": letter.department.name},
    )
    return Parcel(package, {item.path: page.content for item, page in zip(package.files, pages, strict=True)})


def write_folder(parcel: Parcel, folder: Path) -> Path:
    """Write the package as a folder below *folder* and return it."""
    place = folder / parcel.name
    filing_write.write(place, parcel.package, parcel.files)
    return place


def zip_folder(folder: Path) -> Path:
    """Replace a package's folder by a ZIP file of the same name; entries in order of name and without a time of day."""
    target = folder.with_name(f"{folder.name}.zip")
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(item for item in folder.rglob("*") if item.is_file()):
            entry = zipfile.ZipInfo(f"{folder.name}/{path.relative_to(folder)}", _EPOCH)
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, path.read_bytes())
    shutil.rmtree(folder)
    return target


def _document(sequence: int, page: Page) -> FilingDocument:
    role = Role(page.role)
    return FilingDocument(sequence, role, page.title, (FilingFile(f"{_FOLDERS[role]}/{page.name}", page.name),))


def _elements(letter: Letter, *, has_parts: bool) -> Elements:
    elements: Elements = {
        "aggregation_level": "文件",
        "fonds_constituting_unit_name": agency.NAME,
        "organizational_structure_or_function": letter.department.name,
        "title": letter.title,
        "document_number": letter.number,
        "author": agency.NAME,
        "date": f"{letter.dated:%Y%m%d}",
        "document_type": letter.kind,
        "precedence": letter.urgency,
        "principal_receiver": letter.receiver.rstrip("："),
        "other_receivers": letter.copies.rstrip("。"),
        "security_classification": "无",
        "document_aggregation_type": "组合文件" if has_parts else "单件",
        "language": "汉语",
        "manuscript_type": "正本",
    }
    return {name: value for name, value in elements.items() if value}


def _process(letter: Letter) -> tuple[tuple[Agent, ...], tuple[BusinessEvent, ...]]:
    agents = [
        Agent("agent-0", "单位", agency.NAME, agency.ORGANIZATION_CODE),
        Agent("agent-1", "内设机构", letter.department.name),
    ]
    people = list(dict.fromkeys(step.person for step in letter.trace))
    agents += [Agent(f"agent-{index}", "个人", person.name, position=person.position) for index, person in enumerate(people, 2)]
    events = tuple(
        BusinessEvent(
            f"event-{index}", f"agent-{people.index(step.person) + 2}", step.activity, step.at.isoformat(), description=step.remark
        )
        for index, step in enumerate(letter.trace, 1)
    )
    return tuple(agents), events
