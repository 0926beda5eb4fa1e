#!/usr/bin/env python3
"""Runs all stories against foreign servers and expects each to be as its baseline says.

    run.py [--program PATH] [NAME ...]        NAME: scim2-server, scimmy, django-scim2 (default: all)

For each server: two runs with its baseline exit 0 and find the same; nothing is left behind; and what the server held
before the runs (people and a group of its own, one of them inactive) is untouched to the last byte.
"""

import argparse
import json
import sys
import time

import scimulate
import targets
from scimulate import NotAsExpected

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"


def settle_in(client):
    """Gives the server people and a group that scimulate must not touch."""
    people = []
    for number, active in enumerate((True, True, False), start=1):
        document = {
            "schemas": [USER],
            "userName": f"resident{number}@example.com",
            "externalId": f"resident-{number}",
            "name": {"givenName": "Resident", "familyName": f"Number {number}"},
            "emails": [{"value": f"resident{number}@example.com", "type": "work", "primary": True}],
            "active": active,
        }
        people.append(created(client, "Users", document))
    members = [{"value": each} for each in people]
    created(client, "Groups", {"schemas": [GROUP], "displayName": "Residents", "members": members})


def created(client, endpoint, document):
    answer = client.send("POST", f"/{endpoint}", document)
    if answer.status != 201:
        raise NotAsExpected(f"the server's own {endpoint} cannot be made: {answer!r}")
    return answer.document["id"]


def everything(client):
    return {endpoint: client.listing(endpoint) for endpoint in ("Users", "Groups")}


def expect_untouched(before, after):
    """Every resource that was there is there as it was, and no other."""
    for endpoint, resources in before.items():
        old = {each["id"]: json.dumps(each, sort_keys=True) for each in resources}
        new = {each["id"]: json.dumps(each, sort_keys=True) for each in after[endpoint]}
        left = [text for name, text in new.items() if name not in old]
        lost = [text for name, text in old.items() if name not in new]
        changed = [f"{text}\n  is now {new[name]}" for name, text in old.items() if new.get(name, text) != text]
        for what, texts in (("were left behind", left), ("are gone", lost), ("were changed", changed)):
            if texts:
                raise NotAsExpected(f"{len(texts)} of /{endpoint} {what}:\n  " + "\n  ".join(texts))


def judge(program, name):
    with targets.server(name) as base_url:
        client = targets.Client(base_url)
        settle_in(client)
        before = everything(client)
        findings = []
        for _ in range(2):
            run = scimulate.run(program, base_url, f"{name}.yaml")
            run.expect_exit(0)
            expect_untouched(before, everything(client))
            cleanup, passed = run.report["run"]["cleanup"], run.report["summary"]["scenarios"]["passed"]
            if cleanup["left"]:
                raise NotAsExpected(f"the clean-up says that it left {cleanup['left']}")
            if passed == 0:
                raise NotAsExpected(f"no story passed\n{run.told()}")
            findings.append(run.findings())
        if findings[0] != findings[1]:
            raise NotAsExpected(f"two runs differ:\n  {findings[0]}\n  {findings[1]}")
        return run.report["summary"]


def main():
    parser = argparse.ArgumentParser(description="Run all stories against foreign servers.")
    scimulate.add_program_option(parser)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"servers (default: {' '.join(targets.SERVERS)})")
    arguments = parser.parse_args()
    unknown = [each for each in arguments.names if each not in targets.SERVERS]
    if unknown:
        parser.error(f"there is no server {unknown[0]}; choose from {', '.join(targets.SERVERS)}")
    failed = 0
    for name in arguments.names or targets.SERVERS:
        start = time.monotonic()
        try:
            summary = judge(arguments.program, name)
        except (NotAsExpected, targets.CannotStart) as error:
            failed += 1
            print(f"FAILED  {name}: {error}", flush=True)
        else:
            print(f"ok      {name} in {time.monotonic() - start:.0f} s: {json.dumps(summary)}", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    targets.end_on_sigterm()
    main()
