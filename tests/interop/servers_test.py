"""Proves that each foreign server starts, knows its token, and leaves nothing running.

    python3 tests/interop/servers_test.py
"""

import socket
import subprocess
import unittest

import targets


def is_listening(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def clusters(name):
    """The PostgreSQL clusters that a server's starts have not taken away."""
    return sorted(each.name for each in (targets.HERE / "servers" / name / "run").glob("cluster-*"))


class Servers(unittest.TestCase):
    def test_each_server_starts_answers_and_ends(self):
        for name in targets.SERVERS:
            with self.subTest(name):
                with targets.server(name) as base_url:
                    port = int(base_url.partition("127.0.0.1:")[2].partition("/")[0])
                    for endpoint in ("Users", "Groups"):
                        answer = targets.Client(base_url).send("GET", f"/{endpoint}")
                        self.assertEqual((200, 0), (answer.status, answer.document["totalResults"]))
                    for token in ("wrong", None):
                        self.assertEqual(401, targets.Client(base_url, token).send("GET", "/Users").status)
                    self.assert_second_start_is_refused(name, port)
                self.assertFalse(is_listening(port))
                self.assertNotIn(f"cluster-{port}", clusters(name))

    def assert_second_start_is_refused(self, name, port):
        script = targets.HERE / "servers" / name / "start.sh"
        second = subprocess.run([script, str(port)], capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual((1, ""), (second.returncode, second.stdout))
        self.assertIn(f"port {port} of 127.0.0.1 is in use", second.stderr)

    def test_a_start_without_a_port_says_how_it_is_used(self):
        for name in targets.SERVERS:
            script = targets.HERE / "servers" / name / "start.sh"
            result = subprocess.run([script], capture_output=True, text=True, timeout=60, check=False)
            self.assertEqual((1, True), (result.returncode, "usage: start.sh PORT" in result.stderr))


if __name__ == "__main__":
    targets.end_on_sigterm()
    unittest.main()
