"""Reads the forms in which identity providers write SCIM requests: member names in any case, PATCH with and without a path,
dotted and URN-qualified names."""

import json
import re

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:user"
CORE = ("urn:ietf:params:scim:schemas:core:2.0:user", "urn:ietf:params:scim:schemas:core:2.0:group")


def key(document, name):
    """The key under which an object holds `name` in any case, or None."""
    if not isinstance(document, dict):
        return None
    return next((held for held in document if held.lower() == name.lower()), None)


def member(document, name, default=None):
    """The value of `name` in any case."""
    held = key(document, name)
    return default if held is None else document[held]


def put(document, name, value):
    """Sets `name` under the key that is already there in any case, else under `name`."""
    document[key(document, name) or name] = value


def attribute(path):
    """The lower-case top-level attribute that a path or a key of a path-less value names.

    Every name inside the enterprise extension is the extension's URN; the URN of a core schema alone is ''.
    """
    text = str(path).strip().lower()
    if text == ENTERPRISE or text.startswith((ENTERPRISE + ":", ENTERPRISE + ".", ENTERPRISE + "[")):
        return ENTERPRISE
    for urn in CORE:
        if text == urn:
            return ""
        if text.startswith(urn + ":"):
            text = text[len(urn) + 1 :]
    if text.startswith("urn:"):
        return text
    return re.split(r"[.\[]", text, maxsplit=1)[0].strip()


def operations(document):
    """The operations of a PATCH body that are objects."""
    found = member(document, "Operations", [])
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def verb(operation):
    return str(member(operation, "op", "")).lower()


def path(operation):
    """The operation's path, or None where it has none; an empty text counts as none."""
    return member(operation, "path") or None


def isolate(document, name):
    """The operations, with what a path-less one says about the attribute `name` taken out into operations with a path."""
    result = []
    for operation in operations(document):
        value = member(operation, "value")
        whole_resource = path(operation) is None or attribute(path(operation)) == ""
        touched = [each for each in value if attribute(each) == name] if isinstance(value, dict) and whole_resource else []
        if not touched:
            result.append(operation)
            continue
        rest = {each: held for each, held in value.items() if each not in touched}
        if rest:
            result.append({**operation, key(operation, "value"): rest})
        for each in touched:
            result.append({"op": member(operation, "op"), "path": each, "value": value[each]})
    return result


def names(operation, name):
    """Whether an operation with a path is about the attribute `name`."""
    return path(operation) is not None and attribute(path(operation)) == name


def rewritten(document, name, change):
    """The operations, those about the attribute `name` changed by `change`, which answers None to take one out.

    Where nothing changes, the operations are the document's own, untouched.
    """
    left, altered = [], False
    for operation in isolate(document, name):
        changed = change(operation) if names(operation, name) else operation
        altered = altered or changed != operation
        if changed is not None:
            left.append(changed)
    return left if altered else operations(document)


def without(document, name):
    """The operations that are left when everything about the attribute `name` is taken out."""
    return rewritten(document, name, lambda _: None)


def user_names_equal_to(filter_text):
    """The values that a filter compares userName with by `eq`; none where an `or` lets other users through."""
    if re.search(r"\sor\s", filter_text, re.IGNORECASE):
        return []
    pattern = r'(?i)(?:^|[\s(:])userName\s+eq\s+"((?:[^"\\]|\\["\\/bfnrt]|\\u[0-9a-f]{4})*)"'
    return [json.loads(f'"{each}"', strict=False) for each in re.findall(pattern, filter_text)]
