//! Requirements on PATCH: the forms in which the IdPs write it, and that each form does what it says.

use super::super::registry::{Check, Cite, requirements};

requirements! {
    /// ## What is checked
    /// A PATCH that is answered with success has changed the resource as its operations say.
    ///
    /// ## Why it matters
    /// Entra ID writes every change of a person and of a group by PATCH, Okta's catalogue apps write theirs so. An IdP trusts
    /// the status: after a 200 or 204 it never asks again.
    ///
    /// ## Example
    /// `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","path":"title","value":"Analyst"}]}`
    ///
    /// ## How to fix it
    /// Apply every operation before you answer, and answer 4xx where one cannot be applied. A target that offers no PATCH
    /// answers 501 and says so in its configuration.
    TAKES_EFFECT = "patch/takes-effect" {
        title: "a PATCH that is answered with success has taken effect",
        outcomes: [
            "ignored": Must Security "Entra ID and Okta record the change as done and never repeat it, while the product keeps the old state",
            "refused": Must Blocks "no change of a person or group arrives from Entra ID or from Okta's catalogue apps",
        ],
        fix: "Apply the operations before answering, and answer 4xx for one that cannot be applied.",
        cites: [Cite::Rfc7644("3.5.2"), Cite::Fact("okta/2/3"), Cite::Fact("entra/1/3")],
        row: "P16",
        fault: "patch-accepted-but-ignored",
        check: Check::State,
    }

    /// ## What is checked
    /// An operation without `path`, whose value is an object of attributes, changes those attributes.
    ///
    /// ## Why it matters
    /// Okta deactivates people and renames groups in this form, JumpCloud renames groups so, and Entra ID in its
    /// SCIM-compliant mode sends most of its changes without a path.
    ///
    /// ## Example
    /// `{"op":"replace","value":{"active":false}}`
    ///
    /// ## How to fix it
    /// Treat a missing path as the resource itself, and every member of the value as an attribute to add or replace.
    WITHOUT_PATH = "patch/without-path" {
        title: "an operation without a path changes the attributes that its value names",
        outcomes: [
            "refused": Must Blocks "Okta's leavers keep their access and its group pushes stop with an error",
            "ignored": Must Data "Okta's deactivations and renames are recorded as done and change nothing",
        ],
        fix: "Read a missing path as the resource itself and merge the value's members into it.",
        cites: [
            Cite::Rfc7644("3.5.2"),
            Cite::Rfc7644("3.5.2.1"),
            Cite::Rfc7644("3.5.2.3"),
            Cite::Fact("okta/8.3/5"),
            Cite::Fact("jumpcloud/4/5"),
        ],
        row: "P12",
        fault: "pathless-patch-rejected",
        check: Check::State,
    }

    /// ## What is checked
    /// A PATCH whose body has `Operations` and no `schemas` is carried out.
    ///
    /// ## Why it matters
    /// The RFC has the client name the message's schema, so a refusal is permitted. The one recorded PATCH of JumpCloud has
    /// no `schemas`.
    ///
    /// ## Example
    /// `{"Operations":[{"op":"replace","value":{"displayName":"Engineering"}}]}`
    ///
    /// ## How to fix it
    /// Take a PATCH's body for a PatchOp where it does not say what it is.
    WITHOUT_SCHEMAS = "patch/without-schemas" {
        title: "a PATCH without `schemas` is carried out",
        outcomes: [
            "refused": Interop Blocks "JumpCloud can neither rename groups nor change their members, and a connection with groups may not be activated",
            "ignored": Interop Data "JumpCloud believes in names and members of groups that were never stored",
        ],
        fix: "Read a PATCH that has `Operations` and no `schemas` as a PatchOp, or refuse it with 400; never succeed without storing.",
        cites: [Cite::Rfc7644("3.5.2"), Cite::Fact("jumpcloud/2.2/5")],
        row: "no row: the duty is the client's, and no text says what a server does without",
        fault: "patch-schemas-demanded",
        check: Check::State,
    }

    /// ## What is checked
    /// `Add`, `Replace` and `Remove` do the same as `add`, `replace` and `remove`.
    ///
    /// ## Why it matters
    /// The RFC writes the names in lower case and is silent on other spellings. Entra ID, without its compatibility flag,
    /// capitalises every one of them.
    ///
    /// ## Example
    /// `{"op":"Replace","path":"displayName","value":"Ada King"}`
    ///
    /// ## How to fix it
    /// Compare the operation's name without regard to case.
    OPERATION_NAME = "patch/operation-name-in-any-case" {
        title: "the name of a PATCH operation is understood in any case",
        outcomes: [
            "refused": Interop Blocks "no change from an Entra ID tenant without the compatibility flag arrives, deactivations included",
            "ignored": Interop Security "Entra ID believes that its leavers are out; they are still active",
        ],
        fix: "Compare `op` without regard to case.",
        cites: [Cite::Rfc7644("3.5.2"), Cite::Fact("entra/4.1/1"), Cite::Fact("entra/6.3/2")],
        row: "P14",
        fault: "patch-op-case-sensitive",
        check: Check::State,
    }

    /// ## What is checked
    /// Of a PATCH with several operations all take effect, in their order, or none does.
    ///
    /// ## Why it matters
    /// Entra ID puts every changed attribute of a person into one request, a rename and a deactivation included. Okta sends
    /// removals and additions of members together.
    ///
    /// ## Example
    /// `{"Operations":[{"op":"replace","path":"title","value":"Analyst"},{"op":"replace","path":"active","value":false}]}`
    ///
    /// ## How to fix it
    /// Work through the whole array on one copy of the resource and store the copy at the end.
    EVERY_OPERATION = "patch/every-operation-is-applied" {
        title: "every operation of a PATCH is applied",
        outcomes: [
            "partly": Must Data "the later changes of an Entra ID cycle or an Okta group push are lost without a trace",
        ],
        fix: "Apply the operations one after the other to one copy, then store it whole.",
        cites: [Cite::Rfc7644("3.5.2"), Cite::Fact("entra/4.1/2"), Cite::Fact("entra/5.2/15")],
        row: "P17",
        fault: "patch-first-operation-only",
        check: Check::State,
    }

    /// ## What is checked
    /// The texts `"True"` and `"False"`, where a boolean belongs, are read as what they say.
    ///
    /// ## Why it matters
    /// Entra ID without its compatibility flag sends booleans as capitalised texts, above all in `active`. The RFC lets a
    /// target refuse them; it does not let it take `"False"` for true, as a test for a filled text would.
    ///
    /// ## Example
    /// `{"op":"Replace","path":"active","value":"False"}`
    ///
    /// ## How to fix it
    /// Where the schema says boolean, read the texts `true` and `false` in any case and refuse every other text.
    BOOLEAN_AS_TEXT = "patch/boolean-as-text" {
        title: "a boolean that is written as text is read as what it says",
        outcomes: [
            "refused": Interop Blocks "Entra ID without the compatibility flag can deactivate nobody",
            "ignored": Interop Security "Entra ID records its leavers as deactivated while they stay active",
            "read-as-true": Interop Security "Entra ID's deactivation leaves people active, or makes them so",
        ],
        fix: "Read the texts `true` and `false`, in any case, as booleans; refuse any other text with 400.",
        cites: [
            Cite::Rfc7643("2.3.2"),
            Cite::Fact("entra/4.5/2"),
            Cite::Fact("entra/5.2/9"),
            Cite::Fact("entra/4.5/3"),
        ],
        row: "P26",
        fault: "string-boolean-active",
        check: Check::State,
    }

    /// ## What is checked
    /// A path with a filter in brackets changes the elements that the filter selects.
    ///
    /// ## Why it matters
    /// Entra ID writes e-mail addresses, telephone numbers and postal addresses by their type, one path for each.
    ///
    /// ## Example
    /// `{"op":"replace","path":"emails[type eq \"work\"].value","value":"ada@example.com"}`
    ///
    /// ## How to fix it
    /// Parse attribute, filter and sub-attribute apart, and evaluate the filter against every element.
    VALUE_PATH = "patch/value-path" {
        title: "a path with a value filter changes the elements that it selects",
        outcomes: [
            "refused": Must Blocks "Entra ID's whole PATCH fails, other attributes and deactivation included",
            "ignored": Must Data "e-mail addresses, telephone numbers and addresses from Entra ID stay as they were",
        ],
        fix: "Evaluate the filter in the brackets against each element, then change the selected ones.",
        cites: [
            Cite::Rfc7644("3.5.2"),
            Cite::Rfc7644("3.5.2.3"),
            Cite::Fact("entra/4.4/3"),
            Cite::Fact("entra/4.4/5"),
        ],
        row: "P11",
        fault: "valuepath-filter-unsupported",
        check: Check::State,
    }

    /// ## What is checked
    /// An `add` (or Entra ID's `replace`) whose value filter selects nothing creates the element that the filter describes.
    ///
    /// ## Why it matters
    /// The RFC permits 400 `noTarget` here. Entra ID writes a person's first e-mail address in this form all the same and
    /// fails the whole request when it is refused. Success without a stored value is nobody's reading.
    ///
    /// ## Example
    /// `{"op":"Add","path":"phoneNumbers[type eq \"mobile\"].value","value":"+44 1632 960001"}`
    ///
    /// ## How to fix it
    /// Where the filter consists of equalities, create an element with those values and set the sub-attribute in it;
    /// otherwise answer 400 with `noTarget`.
    VALUE_PATH_CREATES = "patch/value-path-creates-its-element" {
        title: "a value filter that selects nothing creates the element it describes",
        outcomes: [
            "refused": Interop Blocks "Entra ID cannot add an e-mail address, telephone number or address to a person who has none, and the whole request fails",
            "lost": Should Data "Entra ID records a value as written that was never stored",
        ],
        fix: "Create the element from the filter's equalities, or answer 400 `noTarget`; never succeed without storing.",
        cites: [
            Cite::Rfc7644("3.5.2.1"),
            Cite::Rfc7644("3.12"),
            Cite::Fact("entra/4.4/3"),
            Cite::Fact("entra/4.4/4"),
        ],
        row: "P2",
        fault: "valuepath-no-match-not-created",
        check: Check::State,
    }

    /// ## What is checked
    /// In an operation without path, a member such as `name.givenName` or a URN with an attribute's name changes the
    /// attribute that it addresses.
    ///
    /// ## Why it matters
    /// Entra ID in its SCIM-compliant mode joins all changes of simple attributes into one object with such flat keys. The
    /// RFC permits a refusal; to succeed and lose the values is nobody's reading.
    ///
    /// ## Example
    /// `{"op":"replace","value":{"name.givenName":"Ada","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department":"R&D"}}`
    ///
    /// ## How to fix it
    /// Read every member's name of such a value as a path.
    FLAT_KEYS = "patch/flat-keys-without-path" {
        title: "dotted and URN-joined keys of a value without path address their attribute",
        outcomes: [
            "refused": Interop Blocks "Entra ID in its compliant mode cannot change names, departments and whatever travels with them",
            "lost": Interop Data "Entra ID records names and departments as changed that are not",
        ],
        fix: "Read each member's name of a value without path as an attribute path.",
        cites: [
            Cite::Rfc7644("3.5.2"),
            Cite::Rfc7644("3.10"),
            Cite::Fact("entra/4.2/3"),
            Cite::Fact("corrections/EN-24"),
        ],
        row: "P13",
        fault: "pathless-dotted-keys-ignored",
        check: Check::State,
    }

    /// ## What is checked
    /// A path made of an extension's URN, a colon and an attribute's name changes that attribute.
    ///
    /// ## Why it matters
    /// Entra ID maps employee number, department and cost centre to the enterprise extension and addresses them so. The URN
    /// itself has a dot and colons in it: a parser that splits at the first one misses the attribute.
    ///
    /// ## Example
    /// `{"op":"Add","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department","value":"R&D"}`
    ///
    /// ## How to fix it
    /// Compare the path's beginning with the URNs of the resource type's schemas before looking for dots.
    EXTENSION_BY_URN = "patch/extension-attribute-by-urn" {
        title: "a path that begins with an extension's URN changes the extension's attribute",
        outcomes: [
            "refused": Must Blocks "Entra ID's whole PATCH fails as soon as a department or employee number is mapped",
            "ignored": Must Data "departments, employee numbers and cost centres from Entra ID never change",
        ],
        fix: "Take the schema's URN off the path first, then read the attribute's name.",
        cites: [Cite::Rfc7644("3.10"), Cite::Rfc7644("3.5.2"), Cite::Fact("entra/4.4/6")],
        row: "P27",
        fault: "extension-path-unknown",
        check: Check::State,
    }

    /// ## What is checked
    /// A manager that is sent as the bare id of a person becomes the person's manager, and is shown as an object.
    ///
    /// ## Why it matters
    /// In the schema `manager` is an object with `value`. Entra ID writes the id alone, as text, in a request of its own at
    /// the end of every cycle.
    ///
    /// ## Example
    /// `{"op":"Add","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager","value":"2819c223"}`
    ///
    /// ## How to fix it
    /// Where `manager` is given a text, store it as `manager.value`.
    MANAGER_AS_TEXT = "patch/manager-as-text" {
        title: "a manager sent as a bare id is stored as the person's manager",
        outcomes: [
            "refused": Interop Data "no manager from Entra ID arrives, and the same request is repeated in every cycle",
            "ignored": Interop Data "Entra ID takes managers for written that are not",
            "wrong-form": Interop Blocks "the person comes back with a manager that Entra ID and others cannot read",
        ],
        fix: "Store a text given for `manager` as its `value`, and show an object.",
        cites: [Cite::Rfc7643("4.3"), Cite::Fact("entra/7.1/3"), Cite::Fact("entra/7.1/8")],
        row: "no row: the schema makes the manager an object and no text speaks of a bare id",
        fault: "manager-string-rejected",
        check: Check::State,
    }

    /// ## What is checked
    /// A PATCH leaves every attribute alone that its operations do not name.
    ///
    /// ## Why it matters
    /// Okta's deactivation names `active` and nothing else. A target that takes the value for the whole resource erases the
    /// profile, and the person comes back nameless when they return.
    ///
    /// ## Example
    /// `{"op":"replace","value":{"active":false}}` leaves `userName`, `name` and `emails` as they were.
    ///
    /// ## How to fix it
    /// Change a copy of the stored resource; do not build a new one from the request.
    KEEPS_THE_REST = "patch/keeps-what-it-does-not-name" {
        title: "a PATCH leaves alone what it does not name",
        outcomes: [
            "too-much": Must Data "one change from Okta or Entra ID costs the person the rest of the profile",
        ],
        fix: "Apply the operations to a copy of the stored resource instead of building a new one.",
        cites: [Cite::Rfc7644("3.5.2"), Cite::Rfc7644("3.5.2.3"), Cite::Fact("okta/2/3")],
        row: "P7",
        fault: "patch-rewrites-unmapped-attributes",
        check: Check::State,
    }

    /// ## What is checked
    /// A `replace` (or `add`) with the path of a simple attribute or a sub-attribute gives it the new value.
    ///
    /// ## Why it matters
    /// This is how Entra ID changes titles, names and user names: one operation for each attribute.
    ///
    /// ## Example
    /// `{"op":"Replace","path":"name.familyName","value":"King"}`
    ///
    /// ## How to fix it
    /// Resolve dotted paths to sub-attributes, act as `add` where there is no value yet, and store the value as it came.
    ATTRIBUTE_REPLACED = "patch/attribute-replaced" {
        title: "a replaced attribute has the new value",
        outcomes: [
            "ignored": Must Data "Entra ID records a mover's new title or name as written; the product keeps the old one",
            "refused": Must Blocks "Entra ID's changes of the profile fail in every cycle",
            "wrong-value": Must Data "the product works with another value than the directory has",
        ],
        fix: "Resolve the path to one attribute and store the value there.",
        cites: [Cite::Rfc7644("3.5.2.3"), Cite::Fact("entra/4.1/4"), Cite::Fact("entra/4.4/2")],
        row: "P9",
        fault: "patch-knows-active-only",
        check: Check::State,
    }

    /// ## What is checked
    /// An attribute that is written by `add` has the value afterwards.
    ///
    /// ## Why it matters
    /// Entra ID writes by `add` what was empty before. A target that knows `replace` alone never gets a first title, telephone
    /// number or manager.
    ///
    /// ## Example
    /// `{"op":"add","path":"title","value":"Analyst"}`
    ///
    /// ## How to fix it
    /// Let `add` on an attribute of one value do what `replace` does.
    ATTRIBUTE_ADDED = "patch/attribute-added" {
        title: "an added attribute has the value",
        outcomes: [
            "ignored": Must Data "what is filled in for the first time in Entra ID never arrives",
            "refused": Must Blocks "what is filled in for the first time in Entra ID never arrives",
            "wrong-value": Must Data "what is filled in for the first time in Entra ID arrives as something else",
        ],
        fix: "Serve `add` as well as `replace`.",
        cites: [Cite::Rfc7644("3.5.2.1"), Cite::Fact("entra/1.3/10")],
        row: "P9",
        fault: "patch-add-unsupported",
        check: Check::State,
    }
}
