"""The faults that fault_proxy.py can put before a SCIM server.

A fault is a function of the request and of the upstream, which answers a request. Its name is the function's, with hyphens.
Kinds: `judged` faults must turn a run red with their own cause first; `further` ones are there to try; `permitted` ones are
what RFC 7643 and 7644 leave to the server, so that a run must stay green.
"""

import functools
from dataclasses import dataclass
from typing import Callable

from proxy_messages import Reply
from scim_forms import (
    ENTERPRISE,
    attribute,
    key,
    member,
    names,
    operations,
    path,
    put,
    rewritten,
    user_names_equal_to,
    verb,
    without,
)

FAULTS = {}


@dataclass(frozen=True)
class Fault:
    name: str
    kind: str
    description: str
    answer: Callable

    def __call__(self, request, upstream):
        return self.answer(request, upstream)


NONE = Fault("none", "permitted", "nothing is changed", lambda request, upstream: upstream(request))


def fault(kind, description):
    def declare(answer):
        name = answer.__name__.replace("_", "-")
        FAULTS[name] = Fault(name, kind, description, answer)
        return answer

    return declare


def patch_fault(kind, description):
    """A fault that looks at PATCH requests with a body only; the function gets the body as a third argument."""

    def declare(answer):
        @functools.wraps(answer)
        def only_patch(request, upstream):
            document = request.document
            if request.method != "PATCH" or not isinstance(document, dict):
                return upstream(request)
            return answer(request, upstream, document)

        return fault(kind, description)(only_patch)

    return declare


# What several faults answer


def if_allowed(request, upstream, reply):
    """`reply`, where the server would have let this request touch the resource; else the server's own refusal."""
    read = upstream.get(request)
    return reply if read.status == 200 else read


def acknowledged(request, upstream):
    return if_allowed(request, upstream, Reply(204, "No Content"))


def scim_error(status, detail, scim_type=None):
    error = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": str(status), "detail": detail}
    if scim_type:
        error["scimType"] = scim_type
    reply = Reply(status, {400: "Bad Request", 404: "Not Found"}[status], [("Content-Type", "application/scim+json")])
    reply.document = error
    return reply


def with_operations(request, upstream, document, left):
    """Forwards the PATCH with the operations that are left; without any it is acknowledged and not forwarded."""
    if left == operations(document):
        return upstream(request)
    if not left:
        return acknowledged(request, upstream)
    put(document, "Operations", left)
    request.document = document
    return upstream(request)


def listed(reply):
    """The ListResponse of a reply, or None."""
    document = reply.document
    is_list = reply.status == 200 and isinstance(document, dict) and "totalResults" in document
    return document if is_list else None


def list_fault(kind, description):
    """A fault that alters list responses only; the function gets request, upstream and the list, and says whether it altered it."""

    def declare(alter):
        @functools.wraps(alter)
        def only_lists(request, upstream):
            reply = upstream(request)
            document = listed(reply)
            if document is not None and alter(request, upstream, document):
                reply.document = document
            return reply

        return fault(kind, description)(only_lists)

    return declare


def keep(document, kept):
    """Lets only these resources stay in a list."""
    dropped = len(document.get("Resources") or []) - len(kept)
    document["Resources"] = kept
    document["totalResults"] -= dropped
    if "itemsPerPage" in document:
        document["itemsPerPage"] = len(kept)
    return dropped > 0


def value_of(request, upstream, resource, name):
    """An attribute of a listed user; read on its own where the list does not carry it."""
    if key(resource, name) is None:
        read = upstream.get(request, f"{request.base_path}/Users/{resource['id']}")
        resource = read.document
    return member(resource, name)


def filter_of(request):
    if request.method == "GET":
        return request.parameter("filter")
    return member(request.document, "filter") if request.path.endswith("/.search") else None


# The faults that are judged


@patch_fault("judged", "a PATCH with an operation that has no path is answered 400")
def pathless_patch_refused(request, upstream, document):
    if any(path(each) is None for each in operations(document)):
        return if_allowed(request, upstream, scim_error(400, "every operation needs a path", "invalidPath"))
    return upstream(request)


@patch_fault("judged", "a PATCH whose op is written Replace, with a capital, is answered 400")
def replace_op_refused(request, upstream, document):
    ops = [member(each, "op") for each in operations(document)]
    if any(isinstance(op, str) and op != "replace" and op.lower() == "replace" for op in ops):
        return if_allowed(request, upstream, scim_error(400, "op must be one of add, remove, replace", "invalidSyntax"))
    return upstream(request)


@patch_fault("judged", "what a PATCH says about active is ignored, the rest of it is done")
def active_patch_ignored(request, upstream, document):
    return with_operations(request, upstream, document, without(document, "active"))


@patch_fault("judged", "any PATCH is answered 204 and ignored")
def patch_ignored(request, upstream, _document):
    return acknowledged(request, upstream)


@patch_fault("judged", "removing one member empties the group")
def remove_member_empties_group(request, upstream, document):
    def empty(operation):
        return {"op": member(operation, "op"), "path": "members"} if verb(operation) == "remove" else operation

    return with_operations(request, upstream, document, rewritten(document, "members", empty))


@patch_fault("judged", "adding a member removes all others")
def add_member_wipes_others(request, upstream, document):
    def overwrite(operation):
        return {**operation, key(operation, "op"): "replace"} if verb(operation) == "add" else operation

    return with_operations(request, upstream, document, rewritten(document, "members", overwrite))


@list_fault("judged", "userName eq compares with regard to case")
def username_filter_case_sensitive(request, upstream, document):
    wanted = user_names_equal_to(filter_of(request) or "")
    if request.endpoint != "users" or not wanted:
        return False
    kept = [each for each in document["Resources"] if value_of(request, upstream, each, "userName") in wanted]
    return keep(document, kept)


@fault("judged", "the filter of a list is ignored")
def filter_ignored(request, upstream):
    document = request.document
    if request.method == "GET":
        request.drop_parameter("filter")
    elif request.path.endswith("/.search") and key(document, "filter"):
        del document[key(document, "filter")]
        request.document = document
    return upstream(request)


@patch_fault("judged", "only the first operation of a PATCH is done")
def first_operation_only(request, upstream, document):
    return with_operations(request, upstream, document, operations(document)[:1])


@fault("judged", "the enterprise extension is dropped on POST, PUT and PATCH")
def extension_dropped(request, upstream):
    document = request.document
    if not isinstance(document, dict):
        return upstream(request)
    if request.method == "PATCH":
        return with_operations(request, upstream, document, without(document, ENTERPRISE))
    if request.method in ("POST", "PUT"):
        left = {held: value for held, value in document.items() if attribute(held) != ENTERPRISE}
        if isinstance(member(left, "schemas"), list):
            put(left, "schemas", [each for each in member(left, "schemas") if str(each).lower() != ENTERPRISE])
        if left != document:
            request.document = left
    return upstream(request)


@list_fault("judged", "totalResults is the number of resources on the page")
def totalresults_is_page_size(_request, _upstream, document):
    total, document["totalResults"] = document["totalResults"], len(document.get("Resources") or [])
    return total != document["totalResults"]


@fault("judged", "any Authorization value is taken for the right one")
def wrong_token_accepted(request, upstream):
    if request.header("Authorization") is not None:
        request.set_header("Authorization", f"Bearer {upstream.token}")
    return upstream(request)


@fault("judged", "the text False for active is taken as true")
def text_false_is_true(request, upstream):
    def read(value):
        return True if isinstance(value, str) and value.strip().lower() == "false" else value

    def read_operation(operation):
        held = key(operation, "value")
        return {**operation, held: read(operation[held])} if held else operation

    document = request.document
    if not isinstance(document, dict):
        return upstream(request)
    if request.method == "PATCH":
        return with_operations(request, upstream, document, rewritten(document, "active", read_operation))
    held = key(document, "active")
    if request.method in ("POST", "PUT") and held and read(document[held]) != document[held]:
        document[held] = read(document[held])
        request.document = document
    return upstream(request)


@fault("judged", "a list without resources is answered 404")
def empty_list_404(request, upstream):
    reply = upstream(request)
    document = listed(reply)
    if document is not None and document["totalResults"] == 0:
        return scim_error(404, "nothing was found")
    return reply


# Further faults


@fault("further", "a POST that creates is answered 200")
def post_status_200(request, upstream):
    reply = upstream(request)
    if request.method == "POST" and reply.status == 201:
        reply.status, reply.reason = 200, "OK"
    return reply


@fault("further", "a created resource is answered without Location")
def location_missing(request, upstream):
    reply = upstream(request)
    if reply.status == 201:
        reply.remove_header("Location")
    return reply


@fault("further", "errors are HTML pages")
def html_errors(request, upstream):
    reply = upstream(request)
    if reply.status >= 400:
        reply.set_header("Content-Type", "text/html; charset=utf-8")
        reply.body = f"<!doctype html><title>{reply.status}</title><h1>Something went wrong</h1>\n".encode()
    return reply


@fault("further", "the status in an error's body is a number")
def numeric_error_status(request, upstream):
    reply = upstream(request)
    document = reply.document
    if reply.status >= 400 and isinstance(document, dict) and str(document.get("status", "")).isdigit():
        reply.document = {**document, "status": int(document["status"])}
    return reply


@fault("further", "replies have no Content-Type")
def no_content_type(request, upstream):
    reply = upstream(request)
    reply.remove_header("Content-Type")
    return reply


@patch_fault("further", "adding a member is acknowledged and ignored")
def member_add_ignored(request, upstream, document):
    left = rewritten(document, "members", lambda each: None if verb(each) == "add" else each)
    return with_operations(request, upstream, document, left)


@patch_fault("further", "removing members is acknowledged and ignored")
def member_remove_ignored(request, upstream, document):
    left = rewritten(document, "members", lambda each: None if verb(each) == "remove" else each)
    return with_operations(request, upstream, document, left)


@fault("further", "a group's displayName never changes")
def group_rename_ignored(request, upstream):
    document = request.document
    if request.endpoint != "groups" or not isinstance(document, dict):
        return upstream(request)
    if request.method == "PATCH":
        return with_operations(request, upstream, document, without(document, "displayname"))
    if request.method == "PUT":
        current = upstream.get(request).document
        put(document, "displayName", member(current, "displayName", member(document, "displayName")))
        request.document = document
    return upstream(request)


@list_fault("further", "a filter over users does not find deactivated ones")
def deactivated_user_hidden_from_filter(request, upstream, document):
    if request.endpoint != "users" or not filter_of(request):
        return False
    kept = [each for each in document["Resources"] if value_of(request, upstream, each, "active") is not False]
    return keep(document, kept)


@fault("further", "a deactivated user is answered 404")
def deactivated_user_404(request, upstream):
    reply = upstream(request)
    if request.method == "GET" and request.endpoint == "users" and member(reply.document, "active") is False:
        return scim_error(404, "there is no such user")
    return reply


@fault("further", "a PUT is answered 200 with the unchanged resource")
def put_ignored(request, upstream):
    return upstream.get(request) if request.method == "PUT" else upstream(request)


@fault("further", "a DELETE is answered 204 and ignored")
def delete_ignored(request, upstream):
    return acknowledged(request, upstream) if request.method == "DELETE" else upstream(request)


@fault("further", "the count of a list is ignored")
def count_ignored(request, upstream):
    if request.method == "GET":
        request.drop_parameter("count")
    return upstream(request)


@list_fault("further", "the last page of a list is empty")
def last_page_lost(_request, _upstream, document):
    resources, start = document.get("Resources") or [], document.get("startIndex", 1)
    if start <= 1 or not resources or start + len(resources) - 1 < document["totalResults"]:
        return False
    document["Resources"] = []
    if "itemsPerPage" in document:
        document["itemsPerPage"] = 0
    return True


# What the RFCs leave to the server


def each_resource(reply, alter):
    """Lets `alter` change every resource of a reply, be it one or a list."""
    document = reply.document
    if reply.status >= 300 or not isinstance(document, dict):
        return reply
    for resource in document.get("Resources") or [document]:
        alter(resource)
    reply.document = document
    return reply


@fault("permitted", "userName is answered in lower case (it is not case-exact)")
def username_lowercased_in_reply(request, upstream):
    def lower(resource):
        if isinstance(resource.get("userName"), str):
            resource["userName"] = resource["userName"].lower()

    return each_resource(upstream(request), lower)


@fault("permitted", "a PATCH is answered 200 with the resource")
def patch_200_with_body(request, upstream):
    reply = upstream(request)
    return upstream.get(request) if request.method == "PATCH" and reply.status == 204 else reply


@fault("permitted", "a PATCH of a user or group is answered 204 without a body")
def patch_204(request, upstream):
    reply = upstream(request)
    return Reply(204, "No Content") if request.method == "PATCH" and reply.status == 200 else reply


@fault("permitted", "users carry an extension of the server's own")
def own_extension_in_reply(request, upstream):
    urn = "urn:example:params:scim:schemas:extension:badge:2.0:User"

    def add(resource):
        if "userName" in resource and isinstance(resource.get("schemas"), list):
            resource["schemas"].append(urn)
            resource[urn] = {"colour": "green"}

    # Who shows an extension takes it back when a client writes the whole resource.
    document = request.document
    if isinstance(document, dict) and urn in document:
        schemas = [each for each in document.get("schemas", []) if each != urn]
        kept = {name: value for name, value in document.items() if name != urn}
        request.document = {**kept, "schemas": schemas}
    return each_resource(upstream(request), add)


@list_fault("permitted", "lists of one page are answered in the opposite order")
def list_reversed(_request, _upstream, document):
    resources = document.get("Resources") or []
    if len(resources) != document["totalResults"]:
        return False
    document["Resources"] = resources[::-1]
    return True


@fault("permitted", "a group's members are answered only when they are asked for")
def members_on_request_only(request, upstream):
    asked = (request.parameter("attributes") or "").lower()
    if request.endpoint != "groups" or "members" in asked:
        return upstream(request)
    return each_resource(upstream(request), lambda resource: resource.pop("members", None))
