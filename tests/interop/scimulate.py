"""Runs the built program against a target, with its reports beside the run."""

import json
import os
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import targets

ROOT = targets.HERE.parent.parent
BASELINES = targets.HERE / "baselines"
RUN_SECONDS = 300


class NotAsExpected(Exception):
    """A run did not end as it must; the message says how."""


@dataclass
class Run:
    exit_status: int
    stdout: str
    stderr: str
    report: dict | None

    def told(self):
        return f"{self.stdout}\n{self.stderr}"

    def findings(self):
        """What makes two runs alike: every finding's fingerprint, and every requirement's verdict for each identity provider."""
        return (
            sorted(each["id"] for each in self.report["findings"]),
            {each["id"]: each["results"] for each in self.report["requirements"]},
        )

    def expect_exit(self, wanted):
        if self.exit_status != wanted:
            raise NotAsExpected(f"exit {self.exit_status} in place of {wanted}\n{self.told()}")
        if self.report is None:
            raise NotAsExpected(f"no report was written\n{self.told()}")
        if self.report["run"]["exit"] != wanted or not self.report["run"]["complete"]:
            raise NotAsExpected(f"the report speaks of another end: {self.report['run']}")


def run(program, base_url, baseline, *options):
    """Runs every story with every identity provider against a target and reads the JSON report."""
    with tempfile.TemporaryDirectory(prefix="scimulate-interop.") as folder:
        report = Path(folder, "report.json")
        command = [program, "run", "--target", base_url, "--token-env", "SCIM_TOKEN", "--baseline", BASELINES / baseline]
        command += ["--report", f"json={report}", "--tape", Path(folder, "tape.ndjson"), *options]
        environment = {**os.environ, "SCIM_TOKEN": targets.TOKEN, "NO_COLOR": "1"}
        # Its own process group would keep a terminal's Ctrl-C from it; clean-up is its own business.
        process = subprocess.Popen(
            [str(each) for each in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
        )
        targets.RUNNING.add(process)
        try:
            stdout, stderr = process.communicate(timeout=RUN_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            raise NotAsExpected(f"the run took more than {RUN_SECONDS} s\n{process.communicate()[0]}") from None
        finally:
            targets.RUNNING.discard(process)
        document = json.loads(report.read_text()) if report.exists() else None
        return Run(process.returncode, stdout, stderr, document)


def add_program_option(parser):
    parser.add_argument(
        "--program",
        type=Path,
        default=ROOT / "target" / "release" / "scimulate",
        help="the built program (default: target/release/scimulate)",
    )
