#!/usr/bin/env python3
"""Puts each judged fault before scim2-server and expects scimulate to name it first.

    faults.py [--program PATH] [FAULT ...]        FAULT: see fault_proxy.py --list (default: all judged and permitted ones)

Behind a judged fault a run with scim2-server's baseline exits 1, its first cause is the requirement and outcome that
EXPECTED holds, and the first line under "Fix first" is that cause's. Behind a permitted variation nothing is found that the
baseline does not know.
"""

import argparse
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import proxy_faults
import scimulate
import targets
from scimulate import NotAsExpected

# Each fault shows with one of these; all variants would ask a slow server the same again.
IDPS = ("okta/catalog-app", "entra/default", "entra/aadOptscim062020", "jumpcloud")
# Two cores; the server and the program share them.
AT_ONCE = 2

# The requirement that each fault breaks first, and the way in which it does.
EXPECTED = {
    "pathless-patch-refused": ("patch/without-path", "refused"),
    "replace-op-refused": ("patch/operation-name-in-any-case", "refused"),
    "active-patch-ignored": ("user/active-by-patch", "ignored"),
    "patch-ignored": ("patch/takes-effect", "ignored"),
    "remove-member-empties-group": ("group/member-removed-by-filter", "too-much"),
    "add-member-wipes-others": ("group/adding-keeps-the-others", "too-much"),
    "username-filter-case-sensitive": ("filter/user-name-ignores-case", "missing"),
    "filter-ignored": ("filter/only-matches-are-returned", "ignored"),
    "first-operation-only": ("patch/every-operation-is-applied", "partly"),
    "extension-dropped": ("extension/enterprise-values-kept", "missing"),
    "totalresults-is-page-size": ("list/total-counts-all-matches", "too-few"),
    "wrong-token-accepted": ("auth/wrong-token-refused", "accepted"),
    "text-false-is-true": ("patch/boolean-as-text", "read-as-true"),
    "empty-list-404": ("filter/no-match-is-an-empty-list", "status-404"),
}


def first_to_fix(stdout):
    """The first line under "Fix first", without its number and impact."""
    lines = [line.strip() for line in stdout.splitlines()]
    if "Fix first" not in lines:
        raise NotAsExpected(f'there is no "Fix first"\n{stdout}')
    return lines[lines.index("Fix first") + 1].partition(": ")[2]


def judge(program, name):
    fault = proxy_faults.FAULTS[name]
    with targets.server("scim2-server") as upstream, targets.proxy(upstream, name) as base_url:
        idps = [option for idp in IDPS for option in ("--idp", idp)]
        run = scimulate.run(program, base_url, "scim2-server.yaml", *idps)
    if fault.kind == "permitted":
        run.expect_exit(0)
        return "nothing found"
    run.expect_exit(1)
    first = run.report["causes"][0]
    if (first["requirement"], first["outcome"]) != EXPECTED[name]:
        raise NotAsExpected(f"the first cause is {first} in place of {EXPECTED[name]}\n{run.told()}")
    # The line may be broken at the terminal's width, so it is the title or its beginning.
    line = first_to_fix(run.stdout)
    if not line or not first["title"].startswith(line):
        raise NotAsExpected(f"the first line to fix is not the first cause's, {first['title']!r}: {line!r}")
    return first["title"]


def timed(program, name):
    start = time.monotonic()
    try:
        told, good = judge(program, name), True
    except (NotAsExpected, targets.CannotStart) as error:
        told, good = str(error), False
    print(f"{'ok    ' if good else 'FAILED'}  {name} in {time.monotonic() - start:.0f} s: {told}", flush=True)
    return good


def main():
    parser = argparse.ArgumentParser(description="Expect scimulate to name each fault that a proxy puts before scim2-server.")
    scimulate.add_program_option(parser)
    parser.add_argument("names", nargs="*", metavar="FAULT", help="faults (default: all judged and permitted ones)")
    arguments = parser.parse_args()
    known = [each.name for each in proxy_faults.FAULTS.values() if each.kind in ("judged", "permitted")]
    unknown = [each for each in arguments.names if each not in known]
    if unknown:
        parser.error(f"{unknown[0]} is no judged or permitted fault; choose from {', '.join(known)}")
    with ThreadPoolExecutor(AT_ONCE) as pool:
        good = list(pool.map(lambda name: timed(arguments.program, name), arguments.names or known))
    sys.exit(0 if all(good) else 1)


if __name__ == "__main__":
    targets.end_on_sigterm()
    main()
