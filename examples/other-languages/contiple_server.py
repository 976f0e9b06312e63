"""A customer information API for Contiple, with nothing but Python's standard library.

    CONTIPLE_KEY=... python3 contiple_server.py

It is kept beside the lab to show that a service in another language passes
`npm run lab -- check --vendor contiple`. Put it behind HTTPS for anything real.
"""
import base64
import binascii
import hashlib
import hmac
import json
import os
import re
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KEY = os.environ["CONTIPLE_KEY"].encode()
CUSTOMERS = {"+821012345678": {"userName": "홍길동", "id": "c-1001"}}
WINDOW_MS = 300_000
LARGEST_BODY = 64 * 1024


class Refused(Exception):
    def __init__(self, status, message):
        self.status, self.message = status, message


class Lookup(BaseHTTPRequestHandler):
    timeout = 10
    # Head and body leave in one packet.
    wbufsize = -1
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        try:
            # The body is read before anything is refused: what is left of it would be taken for the next request.
            body = self.body()
            self.verify(body)
            self.answer(200, {"data": customer(body)})
        except Refused as refused:
            self.answer(refused.status, {"error": {"code": refused.status, "message": refused.message, "detail": None}})

        except ConnectionError:
            self.close_connection = True

    def body(self):
        length = self.one("Content-Length", 411)
        if not re.fullmatch(r"[0-9]{1,9}", length):
            raise Refused(400, "bad length")
        if int(length) > LARGEST_BODY:
            self.close_connection = True
            raise Refused(413, "too large")
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            raise ConnectionError("the caller went away")
        return body

    def verify(self, body):
        """The bytes that came, then the text of the time: nothing is parsed and written again."""
        signature, timestamp = self.one("Authorization"), self.one("X-TC-Timestamp")
        if not re.fullmatch(r"[A-Za-z0-9+/]{43}=", signature) or not re.fullmatch(r"[0-9]{1,19}", timestamp):
            raise Refused(403, "signature malformed")
        try:
            received = base64.b64decode(signature, validate=True)
        except binascii.Error:
            raise Refused(403, "signature malformed")
        expected = hmac.new(KEY, body + timestamp.encode(), hashlib.sha256).digest()
        if not hmac.compare_digest(received, expected):
            raise Refused(403, "signature wrong")
        if abs(time.time_ns() // 1_000_000 - int(timestamp)) > WINDOW_MS:
            raise Refused(403, "signed too long ago, or too far ahead")

    def one(self, name, status=403):
        values = self.headers.get_all(name) or []
        if len(values) != 1 or values[0] == "":
            raise Refused(status, f"{name} must be there once")
        return values[0]

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Numbers of customers do not belong into a log."""


def customer(body):
    try:
        query = json.loads(body)
    except (ValueError, RecursionError):
        raise Refused(400, "the body is not JSON")
    number = query.get("callNum") if isinstance(query, dict) else None
    if not isinstance(number, str) or number not in CUSTOMERS:
        raise Refused(400, "no such customer")
    return CUSTOMERS[number]


if __name__ == "__main__":
    if len(KEY) < 16:
        raise SystemExit("CONTIPLE_KEY must have at least 16 characters")
    server = ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "3000"))), Lookup)
    print(f"http://127.0.0.1:{server.server_address[1]}/", flush=True)
    server.serve_forever()
