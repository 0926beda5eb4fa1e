"""Proves every fault of the proxy against scim2-server: what it breaks, and that the neighbouring cases stay as they are.

    python3 tests/interop/fault_proxy_test.py
"""

import http.client
import json
import subprocess
import sys
import threading
import unittest
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import proxy_faults
import scim_forms
import targets
from fault_proxy import Proxy, Upstream

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


def setUpModule():
    global SERVER, DIRECT
    scim2_server = targets.server("scim2-server")
    SERVER = scim2_server.__enter__()
    unittest.addModuleCleanup(scim2_server.__exit__, None, None, None)
    DIRECT = targets.Client(SERVER)


@contextmanager
def behind(fault):
    """A client that speaks to the server through the proxy with this fault."""
    proxy = Proxy(0, Upstream(SERVER, targets.TOKEN), proxy_faults.FAULTS[fault])
    thread = threading.Thread(target=proxy.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield targets.Client(proxy.base_url)
    finally:
        proxy.shutdown()
        thread.join()
        proxy.server_close()


def patch(client, path, *operations):
    return client.send("PATCH", path, {"schemas": [PATCH_OP], "Operations": list(operations)})


def new_user(client=None, **attributes):
    """Creates a user with a name of its own; answers its path."""
    document = {"schemas": [USER], "userName": f"{uuid.uuid4()}@example.com", "active": True, **attributes}
    answer = (client or DIRECT).send("POST", "/Users", document)
    assert answer.status == 201, answer
    return "/Users/" + answer.document["id"]


def new_group(members=()):
    document = {"schemas": [GROUP], "displayName": str(uuid.uuid4()), "members": [{"value": each} for each in members]}
    answer = DIRECT.send("POST", "/Groups", document)
    assert answer.status == 201, answer
    return "/Groups/" + answer.document["id"]


def new_members(number):
    return [new_user().rpartition("/")[2] for _ in range(number)]


def stored(path):
    return DIRECT.send("GET", path).document


def members(path):
    return [each["value"] for each in stored(path).get("members", [])]


class Faults(unittest.TestCase):
    def assert_refused(self, answer):
        self.assertEqual(400, answer.status, answer)
        self.assertEqual("application/scim+json", answer.headers["Content-Type"])
        self.assertEqual(("400", True), (answer.document["status"], "schemas" in answer.document))

    def test_pathless_patch_refused(self):
        user = new_user()
        with behind("pathless-patch-refused") as client:
            self.assert_refused(patch(client, user, {"op": "replace", "value": {"active": False}}))
            self.assertTrue(stored(user)["active"])
            self.assertEqual(204, patch(client, user, {"op": "replace", "path": "active", "value": False}).status)
            self.assertFalse(stored(user)["active"])

    def test_a_fault_leaves_the_servers_own_refusals(self):
        user = new_user()
        with behind("pathless-patch-refused") as client:
            self.assertEqual(404, patch(client, "/Users/nobody", {"op": "replace", "value": {"active": False}}).status)
            client.token = "wrong"
            self.assertEqual(401, patch(client, user, {"op": "replace", "value": {"active": False}}).status)
        with behind("patch-ignored") as client:
            self.assertEqual(404, patch(client, "/Users/nobody", {"op": "replace", "value": {"active": False}}).status)
            client.token = None
            self.assertEqual(401, patch(client, user, {"op": "replace", "value": {"active": False}}).status)

    def test_replace_op_refused(self):
        user = new_user()
        with behind("replace-op-refused") as client:
            self.assert_refused(patch(client, user, {"op": "Replace", "path": "active", "value": False}))
            self.assertTrue(stored(user)["active"])
            self.assertEqual(204, patch(client, user, {"op": "Add", "path": "title", "value": "t"}).status)
            self.assertEqual(204, patch(client, user, {"op": "replace", "path": "active", "value": False}).status)
            self.assertFalse(stored(user)["active"])

    def test_active_patch_ignored(self):
        with behind("active-patch-ignored") as client:
            for operation in (
                {"op": "Replace", "path": "active", "value": "False"},
                {"OP": "replace", "Path": "Active", "Value": False},
                {"op": "replace", "value": {"active": False}},
                {"op": "replace", "path": USER + ":active", "value": False},
            ):
                user = new_user()
                answer = patch(client, user, operation)
                self.assertEqual((204, ""), (answer.status, answer.text))
                self.assertTrue(stored(user)["active"], operation)
            for operations in (
                [{"op": "replace", "value": {"active": False, "title": "t"}}],
                [{"op": "replace", "path": "active", "value": False}, {"op": "add", "path": "title", "value": "t"}],
            ):
                user = new_user()
                self.assertEqual(204, patch(client, user, *operations).status)
                self.assertEqual((True, "t"), (stored(user)["active"], stored(user)["title"]))

    def test_patch_ignored(self):
        user, group = new_user(), new_group(new_members(1))
        before = stored(user), stored(group)
        with behind("patch-ignored") as client:
            self.assertEqual(204, patch(client, user, {"op": "replace", "path": "title", "value": "t"}).status)
            self.assertEqual(204, patch(client, group, {"op": "remove", "path": "members"}).status)
            self.assertEqual(before, (stored(user), stored(group)))

    def test_remove_member_empties_group(self):
        with behind("remove-member-empties-group") as client:
            for form in (
                lambda one: {"op": "remove", "path": f'members[value eq "{one}"]'},
                lambda one: {"op": "Remove", "path": "members", "value": [{"value": one}]},
                lambda one: {"op": "Remove", "path": "members", "value": [{"$ref": None, "value": one}]},
                lambda one: {"op": "remove", "value": {"Members": [{"value": one}]}},
            ):
                people = new_members(3)
                group = new_group(people)
                self.assertEqual(204, patch(client, group, form(people[0])).status)
                self.assertEqual([], members(group), form)
            one, two = new_members(2)
            group = new_group([one])
            self.assertEqual(204, patch(client, group, {"op": "add", "path": "members", "value": [{"value": two}]}).status)
            self.assertEqual([one, two], members(group))

    def test_add_member_wipes_others(self):
        with behind("add-member-wipes-others") as client:
            for form in (
                lambda one: {"op": "Add", "path": "members", "value": [{"value": one}]},
                lambda one: {"op": "add", "path": "members", "value": [{"value": one}]},
                lambda one: {"op": "add", "value": {"members": [{"value": one}]}},
            ):
                old, new = new_members(2)
                group = new_group([old])
                self.assertEqual(204, patch(client, group, form(new)).status)
                self.assertEqual([new], members(group))
            one, two = new_members(2)
            group = new_group([one, two])
            self.assertEqual(204, patch(client, group, {"op": "remove", "path": f'members[value eq "{one}"]'}).status)
            self.assertEqual([two], members(group))

    def test_username_filter_case_sensitive(self):
        name = f"Ada.{uuid.uuid4()}@example.com"
        user = new_user(userName=name, externalId=name)
        with behind("username-filter-case-sensitive") as client:
            for other in (name.lower(), name.upper()):
                self.assertEqual(1, DIRECT.find("Users", f'userName eq "{other}"').document["totalResults"])
                found = client.find("Users", f'userName eq "{other}"')
                self.assertEqual((200, 0, []), (found.status, found.document["totalResults"], found.document["Resources"]))
            for filter_text in (f'userName eq "{name}"', f'externalId eq "{name}"', f'{USER}:userName eq "{name}"'):
                found = client.find("Users", filter_text).document
                self.assertEqual(user.rpartition("/")[2], found["Resources"][0]["id"])
            narrow = client.send("GET", f"/Users?attributes=id&filter=userName+eq+%22{name.upper()}%22")
            self.assertEqual(0, narrow.document["totalResults"], narrow)

    def test_filter_ignored(self):
        new_user()
        with behind("filter-ignored") as client:
            nobody = f'userName eq "{uuid.uuid4()}"'
            self.assertEqual(0, DIRECT.find("Users", nobody).document["totalResults"])
            everybody = client.find("Users", nobody).document
            self.assertEqual(len(DIRECT.listing("Users")), everybody["totalResults"])
            page = client.send("GET", "/Users?filter=userName%20eq%20%22x%22&startIndex=1&count=1").document
            self.assertEqual(1, len(page["Resources"]))
            search = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "filter": nobody}
            self.assertLess(0, client.send("POST", "/Users/.search", search).document["totalResults"])

    def test_first_operation_only(self):
        user = new_user()
        with behind("first-operation-only") as client:
            answer = patch(
                client,
                user,
                {"op": "replace", "path": "title", "value": "t"},
                {"op": "replace", "path": "active", "value": False},
            )
            self.assertEqual(204, answer.status)
            self.assertEqual(("t", True), (stored(user)["title"], stored(user)["active"]))

    def test_extension_dropped(self):
        with behind("extension-dropped") as client:
            user = new_user(client, schemas=[USER, ENTERPRISE], **{ENTERPRISE: {"department": "Tools"}})
            self.assertNotIn(ENTERPRISE, stored(user))
            user = new_user(client, **{ENTERPRISE.lower(): {"department": "Tools"}})
            self.assertNotIn(ENTERPRISE, stored(user))

            user = new_user(schemas=[USER, ENTERPRISE], **{ENTERPRISE: {"department": "Tools"}})
            for operation in (
                {"op": "Replace", "path": ENTERPRISE + ":department", "value": "Sales"},
                {"op": "Add", "path": ENTERPRISE, "value": {"department": "Sales"}},
                {"op": "replace", "value": {ENTERPRISE + ":department": "Sales"}},
                {"op": "replace", "value": {ENTERPRISE: {"department": "Sales"}}},
            ):
                self.assertEqual(204, patch(client, user, operation).status)
                self.assertEqual("Tools", stored(user)[ENTERPRISE]["department"], operation)
            both = {"op": "replace", "value": {"title": "t", ENTERPRISE + ":department": "Sales"}}
            self.assertEqual(204, patch(client, user, both).status)
            self.assertEqual(("t", "Tools"), (stored(user)["title"], stored(user)[ENTERPRISE]["department"]))

            document = {**stored(user), "title": "u", ENTERPRISE: {"department": "Sales"}}
            self.assertEqual(200, client.send("PUT", user, document).status)
            self.assertEqual("u", stored(user)["title"])
            self.assertNotEqual("Sales", stored(user).get(ENTERPRISE, {}).get("department"))

    def test_totalresults_is_page_size(self):
        new_members(3)
        with behind("totalresults-is-page-size") as client:
            self.assertEqual(2, client.send("GET", "/Users?startIndex=1&count=2").document["totalResults"])
            self.assertLess(2, DIRECT.send("GET", "/Users?startIndex=1&count=2").document["totalResults"])

    def test_wrong_token_accepted(self):
        with behind("wrong-token-accepted") as client:
            client.token = "wrong"
            self.assertEqual(200, client.send("GET", "/Users").status)
            client.token = None
            self.assertEqual(401, client.send("GET", "/Users").status)

    def test_text_false_is_true(self):
        with behind("text-false-is-true") as client:
            for operation in (
                {"op": "Replace", "path": "active", "value": "False"},
                {"op": "add", "path": "active", "value": "false"},
                {"op": "replace", "value": {"active": "False"}},
            ):
                user = new_user(active=False)
                self.assertEqual(204, patch(client, user, operation).status)
                self.assertTrue(stored(user)["active"], operation)
            self.assertTrue(stored(new_user(client, active="False"))["active"])
            user = new_user()
            self.assertEqual(204, patch(client, user, {"op": "replace", "value": {"active": False}}).status)
            self.assertFalse(stored(user)["active"])
            self.assertEqual(200, client.send("PUT", user, {**stored(user), "active": "false"}).status)
            self.assertTrue(stored(user)["active"])

    def test_empty_list_404(self):
        with behind("empty-list-404") as client:
            answer = client.find("Users", f'userName eq "{uuid.uuid4()}"')
            self.assertEqual((404, "404"), (answer.status, answer.document["status"]))
            new_user()
            self.assertEqual(200, client.send("GET", "/Users").status)

    def test_post_status_200_and_location_missing(self):
        document = {"schemas": [USER], "userName": f"{uuid.uuid4()}@example.com"}
        with behind("post-status-200") as client:
            answer = client.send("POST", "/Users", document)
            self.assertEqual(200, answer.status)
            self.assertIsNotNone(answer.headers["Location"])
            self.assertEqual(409, client.send("POST", "/Users", document).status)
        with behind("location-missing") as client:
            document["userName"] = f"{uuid.uuid4()}@example.com"
            answer = client.send("POST", "/Users", document)
            self.assertEqual((201, None), (answer.status, answer.headers["Location"]))

    def test_errors_and_content_types(self):
        with behind("html-errors") as client:
            answer = client.send("GET", "/Users/nobody")
            self.assertEqual((404, "text/html; charset=utf-8"), (answer.status, answer.headers["Content-Type"]))
            self.assertIsNone(answer.document)
            self.assertEqual(200, client.send("GET", "/Users").status)
        with behind("numeric-error-status") as client:
            self.assertEqual(404, client.send("GET", "/Users/nobody").document["status"])
        with behind("no-content-type") as client:
            self.assertIsNone(client.send("GET", "/Users").headers["Content-Type"])

    def test_member_add_ignored_and_member_remove_ignored(self):
        one, two = new_members(2)
        group = new_group([one])
        with behind("member-add-ignored") as client:
            self.assertEqual(204, patch(client, group, {"op": "Add", "path": "members", "value": [{"value": two}]}).status)
            self.assertEqual([one], members(group))
            remove = {"op": "remove", "path": f'members[value eq "{one}"]'}
            self.assertEqual(204, patch(client, group, remove).status)
            self.assertEqual([], members(group))
        with behind("member-remove-ignored") as client:
            add = {"op": "add", "path": "members", "value": [{"value": two}]}
            self.assertEqual(204, patch(client, group, add).status)
            self.assertEqual(204, patch(client, group, {"op": "remove", "path": f'members[value eq "{two}"]'}).status)
            self.assertEqual([two], members(group))

    def test_group_rename_ignored(self):
        group = new_group()
        name = stored(group)["displayName"]
        with behind("group-rename-ignored") as client:
            self.assertEqual(204, patch(client, group, {"op": "replace", "path": "displayName", "value": "new"}).status)
            self.assertEqual(204, patch(client, group, {"op": "replace", "value": {"displayName": "new"}}).status)
            self.assertEqual(200, client.send("PUT", group, {**stored(group), "displayName": "new"}).status)
            self.assertEqual(name, stored(group)["displayName"])
            user = new_user()
            self.assertEqual(204, patch(client, user, {"op": "replace", "path": "displayName", "value": "new"}).status)
            self.assertEqual("new", stored(user)["displayName"])

    def test_deactivated_users_hidden(self):
        user = new_user(active=False)
        name = stored(user)["userName"]
        with behind("deactivated-user-hidden-from-filter") as client:
            self.assertEqual(0, client.find("Users", f'userName eq "{name}"').document["totalResults"])
            self.assertIn(stored(user)["id"], [each["id"] for each in client.listing("Users")])
            active = stored(new_user())["userName"]
            self.assertEqual(1, client.find("Users", f'userName eq "{active}"').document["totalResults"])
        with behind("deactivated-user-404") as client:
            self.assertEqual(404, client.send("GET", user).status)
            self.assertEqual(200, client.send("GET", new_user()).status)

    def test_put_ignored_and_delete_ignored(self):
        user = new_user()
        with behind("put-ignored") as client:
            answer = client.send("PUT", user, {**stored(user), "title": "t"})
            self.assertEqual((200, None), (answer.status, answer.document.get("title")))
            self.assertNotIn("title", stored(user))
        with behind("delete-ignored") as client:
            self.assertEqual(204, client.send("DELETE", user).status)
            self.assertIsNotNone(stored(user)["id"])
            self.assertEqual(404, client.send("DELETE", "/Users/nobody").status)

    def test_count_ignored_and_last_page_lost(self):
        new_members(3)
        with behind("count-ignored") as client:
            self.assertLess(1, len(client.send("GET", "/Users?startIndex=1&count=1").document["Resources"]))
        total = len(DIRECT.listing("Users"))
        with behind("last-page-lost") as client:
            last = client.send("GET", f"/Users?startIndex={total}&count=2").document
            self.assertEqual((total, []), (last["totalResults"], last["Resources"]))
            self.assertEqual(1, len(client.send("GET", "/Users?startIndex=1&count=1").document["Resources"]))
            self.assertEqual(1, len(client.send("GET", "/Users?startIndex=2&count=1").document["Resources"]))

    def test_permitted_variations(self):
        name = f"Ada.{uuid.uuid4()}@example.com"
        user = new_user(userName=name)
        with behind("username-lowercased-in-reply") as client:
            self.assertEqual(name.lower(), client.send("GET", user).document["userName"])
            self.assertEqual(name.lower(), client.find("Users", f'userName eq "{name}"').document["Resources"][0]["userName"])
        with behind("patch-200-with-body") as client:
            answer = patch(client, user, {"op": "replace", "path": "title", "value": "t"})
            self.assertEqual((200, "t"), (answer.status, answer.document["title"]))
        with behind("patch-204") as client:
            answer = patch(client, user, {"op": "replace", "path": "title", "value": "u"})
            self.assertEqual((204, "", "u"), (answer.status, answer.text, stored(user)["title"]))
        with behind("own-extension-in-reply") as client:
            document = client.send("GET", user).document
            self.assertEqual([], [each for each in document["schemas"] if each != USER and each not in document])
            self.assertLess(len(stored(user)["schemas"]), len(document["schemas"]))
        with behind("members-on-request-only") as client:
            group = new_group(new_members(1))
            self.assertNotIn("members", client.send("GET", group).document)
            self.assertEqual(1, len(client.send("GET", group + "?attributes=members").document["members"]))
        with behind("list-reversed") as client:
            new_group()
            ids = [each["id"] for each in DIRECT.send("GET", "/Groups?count=1000").document["Resources"]]
            reversed_ids = [each["id"] for each in client.send("GET", "/Groups?count=1000").document["Resources"]]
            self.assertEqual(ids[::-1], reversed_ids)
            self.assertLess(1, len(ids))


class Forms(unittest.TestCase):
    def test_names_are_reduced_to_their_attribute(self):
        for text, name in {
            "active": "active",
            "Name.givenName": "name",
            'members[value eq "x"]': "members",
            'emails[type eq "work"].value': "emails",
            USER + ":active": "active",
            USER: "",
            ENTERPRISE: ENTERPRISE.lower(),
            ENTERPRISE + ":manager.value": ENTERPRISE.lower(),
        }.items():
            self.assertEqual(name, scim_forms.attribute(text))

    def test_filters_give_their_user_names(self):
        self.assertEqual(['a"b'], scim_forms.user_names_equal_to(r'USERNAME Eq "a\"b"'))
        self.assertEqual([], scim_forms.user_names_equal_to('userName eq "a" or userName eq "b"'))
        self.assertEqual(["ö"], scim_forms.user_names_equal_to(r'active eq true and (userName eq "\u00f6")'))
        self.assertEqual([], scim_forms.user_names_equal_to('externalId eq "a"'))

    def test_untouched_operations_stay_as_they_were_written(self):
        document = {"Operations": [{"op": "replace", "value": {"active": True, "title": "t"}}]}
        self.assertEqual(document["Operations"], scim_forms.rewritten(document, "active", lambda each: each))


class ReverseProxy(unittest.TestCase):
    def setUp(self):
        proxy = targets.proxy(SERVER)
        self.client = targets.Client(self.enterContext(proxy))

    def test_addresses_are_the_proxys(self):
        answer = self.client.send("POST", "/Users", {"schemas": [USER], "userName": f"{uuid.uuid4()}@example.com"})
        own = f"{self.client.base_url}/Users/{answer.document['id']}"
        self.assertEqual((own, own), (answer.headers["Location"], answer.document["meta"]["location"]))
        listed = self.client.send("GET", "/Users")
        self.assertNotIn(SERVER, listed.text)
        self.assertIn(own, listed.text)

    def test_an_address_of_the_proxy_reaches_the_server_as_its_own(self):
        person = new_user().rpartition("/")[2]
        group = new_group()
        reference = {"value": person, "$ref": f"{self.client.base_url}/Users/{person}"}
        add = {"op": "add", "path": "members", "value": [reference]}
        self.assertEqual(204, patch(self.client, group, add).status)
        self.assertNotIn(self.client.base_url, json.dumps(stored(group)))

    def test_bodies_pass_byte_for_byte(self):
        user = new_user(displayName="Zoë O’Brien \\ \"q\" 🦀")
        self.assertEqual(
            DIRECT.send("GET", user).text, self.client.send("GET", user).text.replace(self.client.base_url, SERVER)
        )

    def test_one_connection_carries_many_requests(self):
        host, _, port = self.client.base_url.removeprefix("http://").partition("/")[0].partition(":")
        connection = http.client.HTTPConnection(host, int(port), timeout=20)
        sockets = set()
        for _ in range(5):
            connection.request("GET", "/v2/Users?count=1", headers={"Authorization": f"Bearer {targets.TOKEN}"})
            reply = connection.getresponse()
            self.assertEqual(200, reply.status)
            reply.read()
            sockets.add(connection.sock)
        self.assertEqual(1, len(sockets - {None}))
        connection.close()

    def test_chunked_requests_are_understood(self):
        host, _, port = self.client.base_url.removeprefix("http://").partition("/")[0].partition(":")
        connection = http.client.HTTPConnection(host, int(port), timeout=20)
        body = json.dumps({"schemas": [USER], "userName": f"{uuid.uuid4()}@example.com"}).encode()
        headers = {"Authorization": f"Bearer {targets.TOKEN}", "Content-Type": "application/scim+json"}
        connection.request("POST", "/v2/Users", iter([body[:20], body[20:]]), headers, encode_chunked=True)
        self.assertEqual(201, connection.getresponse().status)
        connection.close()

    def test_requests_are_answered_side_by_side(self):
        with ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(lambda _: self.client.send("GET", "/Users?count=1").status, range(64)))
        self.assertEqual([200] * 64, answers)

    def test_an_unreachable_upstream_is_a_502(self):
        with targets.proxy(f"http://127.0.0.1:{targets.free_port()}/v2") as base_url:
            self.assertEqual(502, targets.Client(base_url).send("GET", "/Users").status)


class CommandLine(unittest.TestCase):
    def run_proxy(self, *arguments):
        command = [sys.executable, str(targets.HERE / "fault_proxy.py"), *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)

    def test_the_list_names_every_fault_once(self):
        names = [line.split()[0] for line in self.run_proxy("--list").stdout.splitlines()]
        self.assertEqual(list(proxy_faults.FAULTS), names)
        self.assertEqual(14, len([each for each in proxy_faults.FAULTS.values() if each.kind == "judged"]))

    def test_every_fault_is_tested_here(self):
        with open(__file__, encoding="utf-8") as source:
            text = source.read()
        self.assertEqual([], [name for name in proxy_faults.FAULTS if f'behind("{name}")' not in text])

    def test_wrong_use_is_refused(self):
        for arguments, word in (
            (("--fault", "no-such"), "no-such"),
            ((), "--upstream"),
            (("--upstream", "ftp://x"), "http://"),
            (("--upstream", SERVER, "--fault", "wrong-token-accepted"), "--token-env"),
        ):
            result = self.run_proxy(*arguments)
            self.assertEqual((2, True), (result.returncode, word in result.stderr), result.stderr)
        taken = SERVER.partition("127.0.0.1:")[2].partition("/")[0]
        result = self.run_proxy("--upstream", SERVER, "--port", taken)
        self.assertEqual((1, True), (result.returncode, taken in result.stderr), result.stderr)


if __name__ == "__main__":
    targets.end_on_sigterm()
    unittest.main()
