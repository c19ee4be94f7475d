"""A time stamping authority on loopback: openssl's own (``openssl ts``) behind HTTP, with a root, its list of revoked certificates, faults.

Requests by SHA-256, SHA-512 and SM3 are granted; its own signature is ECDSA with SHA-256, for openssl 3.0 makes no CMS with SM2.
"""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

_CONFIG = """
[ tsa ]
default_tsa = own
[ own ]
serial = serial
signer_cert = tsa.pem
signer_key = tsa.key
certs = root.pem
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512, sm3
accuracy = secs:1
ordering = yes
ess_cert_id_chain = no
ess_cert_id_alg = sha256
[ ca ]
default_ca = root
[ root ]
database = index.txt
default_md = sha256
default_crl_days = 3650
[ req ]
distinguished_name = name
[ name ]
[ authority ]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[ stamps ]
basicConstraints = CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
subjectKeyIdentifier = hash
crlDistributionPoints = URI:http://127.0.0.1:{port}/root.crl
"""


@dataclass
class Authority:
    """A running authority: where it answers, its folder (root.pem is what to trust), and what it does wrong from now on.

    ``fault`` is empty, ``silent``, ``refuses``, ``garbage``, ``another`` (stamps something else) or ``foreign`` (answers another request).
    """

    address: str
    folder: Path
    fault: str = ""
    asked: int = 0
    kept: bytes = b""
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def root(self) -> Path:
        """The root certificate."""
        return self.folder / "root.pem"

    def reply(self, query: bytes) -> bytes:
        """Answer a request with openssl; one at a time, for the serial number is a file."""
        with self.lock:
            self.asked += 1
            if self.fault == "garbage":
                return b"<html>502</html>"
            if self.fault == "foreign" and self.kept:
                return self.kept
            (self.folder / "query").write_bytes(self._other() if self.fault in {"another", "refuses"} else query)
            self._openssl("ts", "-reply", "-config", "ts.cnf", "-queryfile", "query", "-out", "reply")
            self.kept = (self.folder / "reply").read_bytes()
            return self.kept

    def renew(self, days: int, *, name: str = "云汀时间戳") -> None:
        """Give the authority a new certificate that lasts so many days."""
        words = ["-keyout", "tsa.key", "-out", "tsa.csr", "-subj", f"/CN={name}", "-utf8", "-config", "ts.cnf"]
        self._openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", *words)
        signed = [
            "-CA",
            "root.pem",
            "-CAkey",
            "root.key",
            "-CAcreateserial",
            "-days",
            str(days),
            "-extfile",
            "ts.cnf",
            "-extensions",
            "stamps",
        ]
        self._openssl("x509", "-req", "-in", "tsa.csr", "-out", "tsa.pem", *signed)

    def answered(self) -> bytes:
        """Return an OCSP answer of the root on the authority's certificate: good."""
        serial = subprocess.run(
            ["openssl", "x509", "-in", "tsa.pem", "-noout", "-serial"], cwd=self.folder, capture_output=True, text=True, check=True
        ).stdout.strip().partition("=")[2]  # fmt: skip
        (self.folder / "known.txt").write_text(f"V\t360101000000Z\t\t{serial}\tunknown\t/CN=x\n")
        words = ["-index", "known.txt", "-CA", "root.pem", "-rsigner", "root.pem", "-rkey", "root.key", "-ndays", "3650"]
        self._openssl("ocsp", *words, "-issuer", "root.pem", "-cert", "tsa.pem", "-respout", "answer.der")
        return (self.folder / "answer.der").read_bytes()

    def revoke(self) -> None:
        """Let the root revoke the authority's certificate, in a new list."""
        with self.lock:
            words = ["-config", "ts.cnf", "-cert", "root.pem", "-keyfile", "root.key"]
            self._openssl("ca", "-revoke", "tsa.pem", *words)
            self.list_anew()

    def list_anew(self) -> None:
        """Let the root write a new list of revoked certificates."""
        words = ["-config", "ts.cnf", "-cert", "root.pem", "-keyfile", "root.key"]
        self._openssl("ca", "-gencrl", *words, "-out", "root.crl.pem")
        self._openssl("crl", "-in", "root.crl.pem", "-outform", "DER", "-out", "root.crl")

    def _other(self) -> bytes:
        digest = "-md5" if self.fault == "refuses" else "-sha256"
        (self.folder / "other").write_bytes(b"other")
        self._openssl("ts", "-query", "-data", "other", digest, "-cert", "-out", "query")
        return (self.folder / "query").read_bytes()

    def _openssl(self, *words: str) -> None:
        done = subprocess.run(["openssl", *words], cwd=self.folder, capture_output=True, check=False)
        assert done.returncode == 0, (words, done.stderr)


@contextmanager
def authority(folder: Path, *, days: int = 3650) -> Iterator[Authority]:
    """Yield an authority that answers while the block lasts; its certificate lasts so many *days*."""
    folder.mkdir(parents=True, exist_ok=True)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    made = Authority(f"http://127.0.0.1:{server.server_port}/tsa", folder)
    server.authority = made  # type: ignore[attr-defined]
    _make(made, server.server_port, days)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _make(made: Authority, port: int, days: int) -> None:
    (made.folder / "ts.cnf").write_text(_CONFIG.format(port=port))
    (made.folder / "serial").write_text("01")
    (made.folder / "index.txt").write_text("")
    words = ["-keyout", "root.key", "-out", "root.pem", "-subj", "/CN=云汀根", "-utf8", "-config", "ts.cnf", "-extensions", "authority"]
    made._openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "7300", *words)
    made.renew(days)
    made.list_anew()


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        made: Authority = self.server.authority  # type: ignore[attr-defined]
        query = self.rfile.read(int(self.headers["Content-Length"]))
        if made.fault == "silent":
            self.send_error(503)
            return
        self._answer("application/timestamp-reply", made.reply(query))

    def do_GET(self) -> None:
        made: Authority = self.server.authority  # type: ignore[attr-defined]
        if made.fault == "listless":
            self.send_error(404)
            return
        self._answer("application/pkix-crl", (made.folder / "root.crl").read_bytes())

    def _answer(self, kind: str, content: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args: object) -> None:
        """Say nothing."""
