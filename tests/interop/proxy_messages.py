"""The requests and replies that pass the fault proxy."""

import json
from dataclasses import dataclass, field
from urllib.parse import unquote_plus


class Message:
    """What a request and a reply share: headers in their order and a body that may be JSON."""

    headers: list
    body: bytes

    def header(self, name):
        return next((value for held, value in self.headers if held.lower() == name.lower()), None)

    def set_header(self, name, value):
        self.remove_header(name)
        self.headers.append((name, value))

    def remove_header(self, name):
        self.headers = [(held, value) for held, value in self.headers if held.lower() != name.lower()]

    @property
    def document(self):
        """The body as JSON, or None where it is not."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    @document.setter
    def document(self, value):
        self.body = json.dumps(value, ensure_ascii=False).encode()


@dataclass
class Request(Message):
    method: str
    path: str
    query: str | None
    headers: list = field(default_factory=list)
    body: bytes = b""
    base_path: str = ""

    @property
    def segments(self):
        """The path below the base path: ['Users', 'ID'] and the like."""
        below = self.path[len(self.base_path) :] if self.path.startswith(self.base_path) else self.path
        return [each for each in below.split("/") if each]

    @property
    def endpoint(self):
        return self.segments[0].lower() if self.segments else ""

    def parameter(self, name):
        """A query parameter's decoded value, or None."""
        for part in (self.query or "").split("&"):
            held, _, value = part.partition("=")
            if unquote_plus(held).lower() == name.lower():
                return unquote_plus(value)
        return None

    def drop_parameter(self, name):
        """Takes a query parameter out and leaves the others as they were written."""
        kept = [
            part
            for part in (self.query or "").split("&")
            if part and unquote_plus(part.partition("=")[0]).lower() != name.lower()
        ]
        self.query = "&".join(kept) or None


@dataclass
class Reply(Message):
    status: int
    reason: str = ""
    headers: list = field(default_factory=list)
    body: bytes = b""
