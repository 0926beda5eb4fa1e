#!/usr/bin/env python3
"""A reverse proxy that puts one named fault before a SCIM server.

    fault_proxy.py --upstream http://127.0.0.1:8001/v2 --fault filter-ignored [--port 0] [--token-env SCIM_TOKEN]
    fault_proxy.py --list

It listens on 127.0.0.1 and prints BASE_URL= as its first line. Without --fault it changes nothing but addresses. The
faults are in proxy_faults.py. A message that the fault does not touch is passed on byte for byte, save that the upstream's
address becomes the proxy's in replies and the other way round in requests.
"""

import argparse
import http.client
import os
import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import proxy_faults
from proxy_messages import Reply, Request

HOP_BY_HOP = {
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
}
TIMEOUT_SECONDS = 60


class RawConnection(http.client.HTTPConnection):
    """Sends a request target as it came, where the standard class would refuse bytes beyond ASCII."""

    def _validate_path(self, url):
        pass

    def _encode_request(self, request):
        return request.encode("latin-1")


class Upstream:
    """The server behind the proxy; calling it with a request answers the reply."""

    def __init__(self, base_url, token):
        parts = urlsplit(base_url)
        if parts.scheme != "http" or not parts.hostname:
            raise ValueError(f"the upstream must be an http:// base URL, not {base_url!r}")
        self.host, self.port = parts.hostname, parts.port or 80
        self.origin = f"http://{parts.netloc}"
        self.base_path = parts.path.rstrip("/")
        self.token = token

    def __call__(self, request):
        # One connection a request: a kept one may be closed by the server just as a POST is written to it, and then nobody
        # knows whether the POST was done.
        connection = RawConnection(self.host, self.port, timeout=TIMEOUT_SECONDS)
        try:
            target = request.path if request.query is None else f"{request.path}?{request.query}"
            connection.putrequest(request.method, target, skip_host=True, skip_accept_encoding=True)
            connection.putheader("Host", f"{self.host}:{self.port}")
            for name, value in request.headers:
                if name.lower() not in HOP_BY_HOP | {"host", "content-length", "expect"}:
                    connection.putheader(name, value)
            if request.body or request.method in ("POST", "PUT", "PATCH"):
                connection.putheader("Content-Length", str(len(request.body)))
            connection.putheader("Connection", "close")
            connection.endheaders(request.body)
            answer = connection.getresponse()
            body = answer.read()
            headers = [
                (name, value)
                for name, value in answer.getheaders()
                if name.lower() not in HOP_BY_HOP | {"content-length"}
            ]
            return Reply(answer.status, answer.reason, headers, body)
        finally:
            connection.close()

    def get(self, request, path=None):
        """Reads a resource with the credentials of `request`; by default the one it is about."""
        headers = [(name, value) for name, value in request.headers if name.lower() == "authorization"]
        return self(Request("GET", path or request.path, None, headers, base_path=self.base_path))


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def forward(self):
        body = self.read_body()
        if body is None:
            return
        upstream, own_origin = self.server.upstream, self.server.origin
        path, separator, query = self.path.partition("?")
        request = Request(
            method=self.command,
            path=path,
            query=query if separator else None,
            headers=list(self.headers.items()),
            body=body.replace(own_origin.encode(), upstream.origin.encode()),
            base_path=upstream.base_path,
        )
        try:
            reply = self.server.fault(request, upstream)
        except (OSError, http.client.HTTPException) as error:
            reply = Reply(502, "Bad Gateway", [("Content-Type", "text/plain")], f"upstream: {error}\n".encode())
        for escaped in (False, True):
            old, new = upstream.origin, own_origin
            if escaped:
                old, new = old.replace("/", "\\/"), new.replace("/", "\\/")
            reply.body = reply.body.replace(old.encode(), new.encode())
        self.write(reply, upstream.origin, own_origin)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = forward

    def read_body(self):
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            chunks = []
            while size := int(self.rfile.readline().split(b";")[0], 16):
                chunks.append(self.rfile.read(size))
                self.rfile.readline()
            while self.rfile.readline().strip():
                pass
            return b"".join(chunks)
        length = self.headers.get("Content-Length", "0")
        if not length.isdigit():
            self.send_error(400)
            return None
        return self.rfile.read(int(length))

    def write(self, reply, upstream_origin, own_origin):
        self.send_response_only(reply.status, reply.reason or None)
        for name, value in reply.headers:
            self.send_header(name, value.replace(upstream_origin, own_origin))
        if reply.status not in (204, 304):
            self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        if self.command != "HEAD" and reply.status not in (204, 304):
            self.wfile.write(reply.body)

    def log_message(self, *_):
        pass


class Proxy(ThreadingHTTPServer):
    request_queue_size = 128

    def __init__(self, port, upstream, fault):
        super().__init__(("127.0.0.1", port), Handler)
        self.upstream = upstream
        self.fault = fault
        self.origin = f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def base_url(self):
        return self.origin + self.upstream.base_path

    def handle_error(self, request, client_address):
        # A client that goes away in the middle is no error of the proxy.
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def main():
    parser = argparse.ArgumentParser(description="Put one named fault before a SCIM server.")
    parser.add_argument("--list", action="store_true", help="print the faults' names, one a line, and end")
    parser.add_argument("--upstream", metavar="URL", help="base URL of the SCIM server")
    parser.add_argument("--fault", metavar="NAME", choices=sorted(proxy_faults.FAULTS), help="the fault to apply")
    parser.add_argument("--port", type=int, default=0, help="port of 127.0.0.1 to listen on (default: any free)")
    parser.add_argument("--token-env", metavar="NAME", help="variable with the right token, for wrong-token-accepted")
    arguments = parser.parse_args()
    if arguments.list:
        for fault in proxy_faults.FAULTS.values():
            print(f"{fault.name:<36}{fault.kind:<10}{fault.description}")
        return
    if not arguments.upstream:
        parser.error("--upstream is missing")
    token = os.environ.get(arguments.token_env, "") if arguments.token_env else ""
    if arguments.fault == "wrong-token-accepted" and not token:
        parser.error("wrong-token-accepted needs --token-env with the name of a variable that holds the right token")
    fault = proxy_faults.FAULTS[arguments.fault] if arguments.fault else proxy_faults.NONE
    try:
        proxy = Proxy(arguments.port, Upstream(arguments.upstream, token), fault)
    except ValueError as error:
        parser.error(str(error))
    except OSError as error:
        sys.exit(f"fault_proxy: port {arguments.port} of 127.0.0.1 cannot be listened on: {error.strerror}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    print(f"BASE_URL={proxy.base_url}", flush=True)
    try:
        proxy.serve_forever()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
