#!/usr/bin/env python3
"""Lets other people's checkers judge the bundled server, started as `scimulate serve`.

    judges.py [--program PATH]

scim2-cli (with scim2-tester) must find nothing but successes. scim-sanity must find nothing but the demands of its own
that the RFCs do not share: each is named below with the reason, and one that it stops making is reported too.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import venv
from contextlib import contextmanager
from pathlib import Path

import scimulate
import targets
from scimulate import NotAsExpected

HOME = targets.HERE / "judges" / ".venv"
PACKAGES = ("scim2-cli==0.6.0", "scim2-tester==0.5.2", "scim2-models==0.12.3", "scim-sanity==0.7.4")
JUDGE_SECONDS = 120

# What scim-sanity demands and no RFC does, by the names of its tests.
NOT_DEMANDED = {
    "PATCH /Groups/{id}": "it wants 200; RFC 7644 §3.5.2 lets a server answer 204",
    "PATCH /Groups/{id} add member": "it adds somebody who does not exist; RFC 7643 §4.2 makes a member a reference",
    "PATCH /Groups/{id} remove members": "it wants 200; RFC 7644 §3.5.2 lets a server answer 204",
}
# scim2-tester's grades that are no fault.
FINE = {"SUCCESS", "COMPLIANT", "ACCEPTABLE", "SKIPPED"}
GRADE = re.compile(r"^([A-Z]+) (check_\w+|\w+)", re.MULTILINE)


def install():
    """Installs the judges beside this file, once for each choice of versions."""
    mark = HOME / "installed"
    if mark.exists() and mark.read_text() == " ".join(PACKAGES):
        return
    venv.create(HOME, clear=True, with_pip=True)
    subprocess.run([HOME / "bin" / "pip", "install", "-q", *PACKAGES], check=True)
    mark.write_text(" ".join(PACKAGES))


@contextmanager
def bundled(program):
    """The bundled server on a free port; yields its base URL, which is the first line that it prints."""
    environment = {**os.environ, "SCIM_TOKEN": targets.TOKEN}
    command = [program, "serve", "--listen", "127.0.0.1:0", "--token-env", "SCIM_TOKEN"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment, text=True)
    targets.RUNNING.add(process)
    try:
        base_url = process.stdout.readline().strip()
        if not base_url.startswith("http://127.0.0.1:"):
            raise NotAsExpected(f"the server said {base_url!r} in place of its base URL")
        yield base_url
    finally:
        process.terminate()
        process.wait(targets.STOP_SECONDS)
        targets.RUNNING.discard(process)
        process.stdout.close()


def judged(command, **environment):
    process = subprocess.run(
        [str(each) for each in command],
        capture_output=True,
        text=True,
        timeout=JUDGE_SECONDS,
        env={**os.environ, **environment},
        check=False,
    )
    return process.stdout


def scim2_cli(base_url):
    header = f"Authorization: Bearer {targets.TOKEN}"
    said = judged([HOME / "bin" / "scim2", "--url", base_url, "test", "--verbose"], SCIM_CLI_HEADERS=header)
    grades = [match[1] for match in GRADE.finditer(said)]
    bad = [line for line in said.splitlines() if (match := GRADE.match(line)) and match[1] not in FINE]
    if bad or grades.count("SUCCESS") < 100:
        raise NotAsExpected(f"{len(bad)} checks failed, {grades.count('SUCCESS')} succeeded\n{said[-4000:]}")
    return f"{grades.count('SUCCESS')} of {len(grades)} checks succeeded"


def scim_sanity(base_url):
    command = [HOME / "bin" / "scim-sanity", "probe", base_url, "--token", targets.TOKEN]
    said = judged([*command, "--i-accept-side-effects", "--json-output"])
    try:
        results = json.loads(said)["results"]
    except (ValueError, KeyError):
        raise NotAsExpected(f"it did not report\n{said[-4000:]}") from None
    failed = {each["name"]: each["message"] for each in results if each["status"] == "fail"}
    passed = sum(each["status"] == "pass" for each in results)
    new = {name: message for name, message in failed.items() if name not in NOT_DEMANDED}
    gone = NOT_DEMANDED.keys() - failed.keys()
    if new or gone or passed < 20:
        raise NotAsExpected(f"it finds {new}, no longer demands {sorted(gone)}, and passes {passed}")
    for name, why in NOT_DEMANDED.items():
        print(f"        not held against the server: {name}: {why}")
    return f"{passed} tests passed, {len(failed)} demands that no RFC makes"


def main():
    parser = argparse.ArgumentParser(description="Let other people's checkers judge the bundled server.")
    scimulate.add_program_option(parser)
    arguments = parser.parse_args()
    install()
    failed = 0
    for judge in (scim2_cli, scim_sanity):
        name = judge.__name__.replace("_", "-")
        # Each judge has a server of its own: what one leaves behind is no matter of the other's.
        try:
            with bundled(arguments.program) as base_url:
                told = judge(base_url)
        except (NotAsExpected, subprocess.TimeoutExpired) as error:
            failed += 1
            print(f"FAILED  {name}: {error}", flush=True)
        else:
            print(f"ok      {name}: {told}", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    targets.end_on_sigterm()
    main()
