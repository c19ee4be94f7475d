"""Small office documents for tests, made here."""


def rtf(*paragraphs: str, field: str = "") -> bytes:
    """An RTF of these paragraphs, with a field whose instruction is *field* where one is given."""
    body = "".join("".join(f"\\u{ord(character)}?" for character in text) + "\\par\n" for text in paragraphs)
    inside = f"{{\\field{{\\*\\fldinst {field}}}{{\\fldrslt }}}}" if field else ""
    return f"{{\\rtf1\\ansi\\uc1 {body}{inside}}}".encode("ascii")
