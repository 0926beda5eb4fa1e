//! What the product behind the endpoint makes of what SCIM says: roles, ways in, seats, administrators.
//!
//! No RFC says it, and it shows at the product alone. So these are put to the test where the target file describes the
//! product, and nowhere else.

use super::registry::{Check, Cite, Judged, requirements};
use crate::scim::Value;
use crate::wire::{Exchange, Method};

requirements! {
    /// ## What is checked
    /// Somebody is in a pushed group and has the role that the group gives, as the target file describes both. The IdP takes
    /// the person out of the group; afterwards the role is gone. Where `[product.roles]` and `[product.role-group]` are not
    /// described, this is not exercised.
    ///
    /// ## Why it matters
    /// Administrators of Okta, Entra ID and JumpCloud take rights away by taking people out of groups. A membership that goes
    /// while the right stays shows everywhere as done.
    ///
    /// ## Example
    /// Ada leaves *engineering*; the group shows without her, and she can still change the source code.
    ///
    /// ## How to fix it
    /// Compute roles from the memberships when they are asked for, or again in the transaction that changes a membership.
    ROLE_GOES = "product/role-goes-with-the-membership" {
        title: "whoever leaves a group has no longer the role that it gave",
        outcomes: [
            "unwanted": Interop Security "people keep rights that were taken away",
        ],
        fix: "Compute what a person may do from the memberships as they are now.",
        cites: [
            Cite::Other("SonarQube Cloud documentation: automatic group synchronization"),
            Cite::Rfc7643("4.1.2"),
        ],
        row: "no row: what a group gives its members is the product's matter, not the protocol's",
        fault: "group-removal-keeps-role",
        check: Check::State,
    }

    /// ## What is checked
    /// Somebody whom SCIM made gets a password by SCIM, and then tries to sign in with it, as the target file describes. That
    /// is refused. Where `[product.sign-in]` is not described, this is not exercised.
    ///
    /// ## Why it matters
    /// People whom Okta, Entra ID or JumpCloud provisions sign in through them, with a second factor. A password that comes
    /// along opens a way around both to whoever holds the credentials of provisioning. RFC 7643 lets a target keep such a
    /// password, so this is advice.
    ///
    /// ## Example
    /// A PATCH sets `password`; the page for local accounts then takes it.
    ///
    /// ## How to fix it
    /// Refuse or ignore `password` where people sign in through their identity provider.
    PASSWORD = "product/password-opens-nothing" {
        title: "a password that SCIM sets opens no way past single sign-on",
        outcomes: [
            "unwanted": May Security "whoever holds the provisioning credentials can sign in as anybody",
        ],
        fix: "Ignore a password that SCIM sets for somebody who signs in through an identity provider.",
        cites: [Cite::Rfc7643("4.1.1"), Cite::Rfc7644("7.5.2")],
        row: "no row: how people sign in is the product's matter, and RFC 7643 permits to keep the password",
        fault: "scim-password-creates-credential",
        check: Check::State,
    }

    /// ## What is checked
    /// Somebody is in a pushed group and has the role that a group of its name gives, as the target file describes. The
    /// group gets another name in the IdP; afterwards the role of the old name is gone, and that of the new name is there.
    /// Where `[product.roles]` and `[product.role-group]` are not described, this is not exercised.
    ///
    /// ## Why it matters
    /// Rights hang on the names of groups. Okta, Entra ID and JumpCloud rename the app's group in place; a mapping that is
    /// computed once goes on giving what the old name gave.
    ///
    /// ## Example
    /// *Administrators* becomes *Former administrators*, and its members administrate on.
    ///
    /// ## How to fix it
    /// Look a group's role up by its present name, or map by its id; compute both again when `displayName` changes.
    NEW_NAME = "product/role-follows-the-groups-name" {
        title: "after a group is renamed its members have the role of the new name, and not that of the old",
        outcomes: [
            "unwanted": Interop Security "people keep the rights of a group that is no longer called so",
            "missing": Interop Data "people lack the rights of the group that they are in",
        ],
        fix: "Compute the roles of a group's members again when the group gets a new name.",
        cites: [
            Cite::Other("SonarQube Cloud documentation: automatic group synchronization"),
            Cite::Rfc7643("4.2"),
        ],
        row: "no row: what the name of a group gives is the product's matter, not the protocol's",
        fault: "group-rename-leaves-old-role-mapping",
        check: Check::State,
    }

    /// ## What is checked
    /// The product's administrator gives somebody a role, as the target file describes. The IdP changes the person's
    /// profile; the role is still there. Where `[product.roles]` and `[product.grant-role]` are not described, this is not
    /// exercised.
    ///
    /// ## Why it matters
    /// An IdP that knows nothing of a role cannot send it. A product that builds its record anew from each write of Okta,
    /// Entra ID or JumpCloud takes the role away whenever somebody gets a new title.
    ///
    /// ## Example
    /// Ada reviews for the product's team; HR changes her title; she can no longer review.
    ///
    /// ## How to fix it
    /// Write only what the request names, and keep apart what SCIM manages and what the product does.
    OWN_ROLES = "product/own-roles-survive-updates" {
        title: "a role that was granted in the product survives what SCIM writes",
        outcomes: [
            "missing": Interop Data "people lose what the product's administrator gave them at the next change of their profile",
        ],
        fix: "Leave alone what SCIM does not manage when a user is written.",
        cites: [
            Cite::Other("SonarQube Server documentation: provisioning with SCIM"),
            Cite::Rfc7644("3.5.2"),
        ],
        row: "no row: roles that the product gives by itself are no part of the protocol",
        fault: "scim-update-erases-local-roles",
        check: Check::State,
    }

    /// ## What is checked
    /// A PATCH puts the name of the administrator's role into `roles` of somebody whom the run made. The person does not
    /// have that role at the product afterwards. Where `[product.roles]` with `administrator` is not described, this is not
    /// exercised.
    ///
    /// ## Why it matters
    /// Credentials for provisioning lie in an IdP's configuration, and whoever reads them could become an administrator. A
    /// product may take its roles from `roles`, as Entra ID's app roles are meant to, so this is advice: let that one role
    /// be granted in the product alone, or to whom a list names.
    ///
    /// ## Example
    /// A PATCH adds `roles` with the value `admin`, and the person opens the administration's pages.
    ///
    /// ## How to fix it
    /// Take roles from a list of those that provisioning may give, and leave the administrator's out of it.
    ROLE_ATTRIBUTE = "product/no-administrator-by-attribute" {
        title: "the attribute `roles` makes nobody an administrator",
        outcomes: [
            "unwanted": May Security "whoever holds the provisioning credentials can make anybody an administrator",
        ],
        fix: "Let provisioning give no role that may administrate the product.",
        cites: [
            Cite::Rfc7643("4.1.2"),
            Cite::Rfc7644("7.5.2"),
        ],
        row: "no row: what a role allows is the product's matter, and RFC 7643 permits to take roles from the attribute",
        fault: "role-attribute-escalation",
        check: Check::State,
    }

    /// ## What is checked
    /// The IdP deactivates somebody, and in another story the account is deleted. Then the person signs on by the word of
    /// an identity provider, as the target file describes. SCIM still shows nobody active, and the product lets nobody in.
    /// Where `[product.sign-on]` is not described, this is not exercised.
    ///
    /// ## Why it matters
    /// Products that make accounts at the first sign-on often do not ask what provisioning said. A sign-on that is still
    /// under way, or an IdP that is a step behind, then undoes the offboarding.
    ///
    /// ## Example
    /// Bob is deactivated over SCIM; his last SAML assertion arrives; his account is active again.
    ///
    /// ## How to fix it
    /// Where provisioning is on, let a sign-on neither make nor enable an account.
    SIGN_ON = "product/sign-on-revives-nobody" {
        title: "signing on brings nobody back whom the IdP deactivated or deleted",
        outcomes: [
            "unwanted": Interop Security "leavers come back by signing on once",
        ],
        fix: "Ask provisioning's state at every sign-on, and change nothing of it there.",
        cites: [
            Cite::Other("SonarQube Cloud documentation: provisioning with SCIM"),
            Cite::Rfc7643("4.1.1"),
        ],
        row: "no row: what a sign-on does is the product's matter, not the protocol's",
        fault: "jit-login-resurrects-user",
        check: Check::State,
    }

    /// ## What is checked
    /// The IdP takes somebody out of a pushed group. Then the person signs on, and the claims still name the group. SCIM
    /// shows the group without the person. Where `[product.sign-on]` is not described, this is not exercised.
    ///
    /// ## Why it matters
    /// An assertion is as old as the session at the IdP. Where both provisioning and sign-on write memberships, the older
    /// of them wins at every sign-on.
    ///
    /// ## Example
    /// Ada left *administrators* this morning; her assertion of yesterday puts her back.
    ///
    /// ## How to fix it
    /// Let one source rule: where provisioning is on, ignore the groups of claims.
    CLAIMS = "product/claims-change-no-membership" {
        title: "claims of a sign-on change no membership that SCIM set",
        outcomes: [
            "unwanted": Interop Security "rights that were taken away come back at the next sign-on",
        ],
        fix: "Do not write memberships from claims while SCIM provisions groups.",
        cites: [
            Cite::Other("SonarQube Cloud documentation: provisioning with SCIM"),
            Cite::Other("SonarQube Cloud documentation: automatic group synchronization"),
        ],
        row: "no row: what a sign-on does is the product's matter, not the protocol's",
        fault: "sso-claims-override-scim",
        check: Check::State,
    }

    /// ## What is checked
    /// The product's administrator bans somebody whom the run made, as the target file describes. SCIM deletes the account
    /// and makes it again; the person still does not get in. Where `[product.ban]` is not described, this is not exercised.
    ///
    /// ## Why it matters
    /// Deprovisioning and banning are two decisions of two people. An unassignment and a new assignment in JumpCloud, or a
    /// restored account in Entra ID, must not undo what the product's administrator decided.
    ///
    /// ## Example
    /// Mallory is banned for abuse; a re-sync of the directory deletes and makes the account, and lets Mallory in.
    ///
    /// ## How to fix it
    /// Keep a ban in a place of its own, by the person's identity, and ask for it beside `active`.
    BAN = "product/ban-outlives-the-account" {
        title: "a ban outlives the account's deletion and re-creation by SCIM",
        outcomes: [
            "unwanted": Interop Security "a banned person is back as soon as a directory sync made the account again",
        ],
        fix: "Store a ban apart from the account's state, so that a new account does not clear it.",
        cites: [
            Cite::Rfc7643("4.1.1"),
            Cite::Rfc7644("3.6"),
        ],
        row: "no row: bans are the product's matter, not the protocol's",
        fault: "scim-delete-lifts-ban",
        check: Check::State,
    }

    /// ## What is checked
    /// The product makes a person of its own with a password, as the target file describes. If SCIM shows that person,
    /// which the RFC permits, a PATCH tries to deactivate the account. The person still signs in. Where `[product.make-
    /// person]` and `[product.sign-in]` are not described, this is not exercised.
    ///
    /// ## Why it matters
    /// Products keep a few accounts of their own for the day on which single sign-on fails. An import into Okta, or a
    /// clean-up of what the directory does not know, reaches every account that SCIM shows and lets it write.
    ///
    /// ## Example
    /// The account `emergency-admin` stands in the list of users; a sync deactivates whom the directory does not know.
    ///
    /// ## How to fix it
    /// Let SCIM write to none but the accounts that SCIM made or took over, and show others read-only or not at all.
    LOCAL = "product/local-people-are-left-alone" {
        title: "nobody whom the product made itself is locked out by SCIM",
        outcomes: [
            "missing": Interop Security "whoever holds the provisioning credentials can lock out the product's own people, and with them its last way in",
        ],
        fix: "Refuse writes to people whom SCIM does not manage.",
        cites: [
            Cite::Other("SonarQube Server documentation: provisioning with SCIM"),
            Cite::Rfc7643("3.1"),
        ],
        row: "no row: who belongs to the provisioning domain is the product's matter; that others are shown is permitted",
        fault: "scim-governs-foreign-users",
        check: Check::State,
    }

    /// ## What is checked
    /// Somebody whom the run made, who administrates nothing, tries to make credentials for provisioning, as the target
    /// file describes. That is refused. Where `[product.provisioning-token]` is not described, this is not exercised.
    ///
    /// ## Why it matters
    /// Such a token may do all that Okta, Entra ID or JumpCloud may do: read every address, create people, deactivate
    /// administrators.
    ///
    /// ## Example
    /// Ada opens the settings' address by hand and gets a token.
    ///
    /// ## How to fix it
    /// Ask for the administrator's role where the token is made, not only where the page is shown.
    TOKENS = "product/members-make-no-provisioning-token" {
        title: "only an administrator makes credentials for provisioning",
        outcomes: [
            "unwanted": Interop Security "any member can make credentials that create, change and deactivate everybody",
        ],
        fix: "Refuse to make provisioning tokens for whoever is no administrator.",
        cites: [
            Cite::Rfc7644("2"),
            Cite::Rfc7644("7"),
        ],
        row: "no row: how credentials are made is the product's matter, not the protocol's",
        fault: "any-member-mints-token",
        check: Check::State,
    }

    /// ## What is checked
    /// The run sets the number of seats to those that are taken, as the target file describes, and puts it back afterwards.
    /// Then SCIM creates an active account and reactivates another: each is refused, or is not active afterwards. Where
    /// `[product.seats]` is not described, this is not exercised; a foreign tenant's seats cost money.
    ///
    /// ## Why it matters
    /// A licence that is counted on one way in and not on the others is found out at the end of the year. A refusal that
    /// says so is what Okta, Entra ID and JumpCloud show the administrator at once.
    ///
    /// ## Example
    /// All hundred seats are taken; a reactivation makes it a hundred and one.
    ///
    /// ## How to fix it
    /// Count in the transaction that makes an account active, whichever request does it, and answer with an error that says
    /// why.
    SEATS = "product/seats-are-kept" {
        title: "nobody gets a seat by SCIM that is not there",
        outcomes: [
            "created": Interop Blocks "the customer pays for people whom nobody ordered, or is cut off later",
            "reactivated": Interop Blocks "the customer pays for people whom nobody ordered, or is cut off later",
        ],
        fix: "Count the seats on every way to an active account, and refuse with a SCIM error that says so.",
        cites: [
            Cite::Rfc7644("3.12"),
            Cite::Other("Slack documentation: SCIM API"),
        ],
        row: "no row: licences are the product's matter, not the protocol's",
        fault: "seat-cap-bypassed=create",
        check: Check::Probe(seats),
    }

    /// ## What is checked
    /// The product's administrator switches provisioning off, as the target file describes. Whom SCIM made still gets in,
    /// with the roles of the groups. It is switched on again in every case, and the account is as it was. Where
    /// `[product.provisioning]` is not described, this is not exercised.
    ///
    /// ## Why it matters
    /// Provisioning is switched off to change the IdP, or by a slip. To switch it off says nothing about anybody's access.
    ///
    /// ## Example
    /// An administrator moves from Okta to Entra ID, switches SCIM off for that, and a thousand people are gone.
    ///
    /// ## How to fix it
    /// Detach people from provisioning and keep them: mark them as the product's own, and change neither state nor
    /// memberships.
    SWITCHED_OFF = "product/switching-off-keeps-people" {
        title: "switching provisioning off takes nobody's access away",
        outcomes: [
            "missing": Interop Data "everybody whom SCIM made is locked out or gone when an administrator switches provisioning off",
        ],
        fix: "Keep people, their state and their groups when provisioning is switched off.",
        cites: [
            Cite::Other("SonarQube Server documentation: provisioning with SCIM"),
        ],
        row: "no row: what switching off does is the product's matter, not the protocol's",
        fault: "scim-disable-side-effects",
        check: Check::State,
    }

    /// ## What is checked
    /// Somebody whom the run made is the product's only administrator, as a described request shows; where somebody else is
    /// one, the story is skipped. A PATCH deactivates the account. The person still gets in and is administrator. This is
    /// exercised only where `[product.administrators]` says that the tenant is `sacrificial`.
    ///
    /// ## Why it matters
    /// Whoever unassigns the wrong person in Okta, Entra ID or JumpCloud leaves a product that nobody can open. SonarQube
    /// refuses it for that reason.
    ///
    /// ## Example
    /// The only administrator changes teams, and with the team goes the app.
    ///
    /// ## How to fix it
    /// Answer with 403 and a SCIM error that says why, and leave the account as it is.
    LAST = "product/last-administrator-stays" {
        title: "the last administrator is not deactivated by SCIM",
        outcomes: [
            "missing": Interop Blocks "nobody can administrate the product any more",
        ],
        fix: "Refuse to deactivate or delete the only administrator, with an error that says why.",
        cites: [
            Cite::Other("SonarQube source: UserDeactivator"),
            Cite::Rfc7644("3.12"),
        ],
        row: "no row: who administrates is the product's matter, not the protocol's",
        fault: "last-admin-deprovisioned",
        check: Check::State,
    }
}

/// Whether what came after the last seat is refused, or not active.
fn seats(exchanges: &[Exchange<'_>]) -> Judged {
    let active = |exchange: &Exchange<'_>| {
        let shown = exchange.reply().and_then(|user| user.get("active"));
        shown.and_then(Value::as_bool)
    };
    let status = |e: &Exchange<'_>| e.status().map_or("no answer".to_owned(), |s| s.to_string());
    let writes = || exchanges.iter().filter(|e| e.sent.method.writes());
    if writes().any(|write| write.status().is_none()) {
        return Judged::NotApplicable;
    }
    let created = writes().find(|e| e.sent.method == Method::Post && e.succeeded());
    if let Some(post) = created.filter(|post| active(post) == Some(true)) {
        let expected = "a refusal, because no seat is free";
        return Judged::fail(
            "created",
            expected,
            format!("{} and an active account", status(post)),
        );
    }
    // What a PATCH did shows when the account is read again.
    let read = exchanges.iter().find(|e| e.sent.method == Method::Get);
    match read.map(|read| (active(read), read)) {
        Some((Some(true), read)) => {
            let expected = "an account that stays inactive, because no seat is free";
            Judged::fail(
                "reactivated",
                expected,
                format!("{} and active", status(read)),
            )
        }
        Some((Some(false), _)) => Judged::Pass,
        _ => Judged::NotApplicable,
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{get, patch, post, probe_table};
    use super::*;

    #[test]
    fn whatever_comes_after_the_last_seat_is_refused_or_not_active() {
        let post = |status, body| post("/Users", status, body);
        let patch = |status| patch("/Users/1", status, "");
        let read = |active: &str| get("/Users/1", 200, &format!(r#"{{"active": {active}}}"#));
        let on = r#"{"active": true}"#;
        let off = r#"{"active": false}"#;
        probe_table(
            &SEATS,
            &[
                (&[post(403, ""), patch(403), read("false")], "pass"),
                (&[post(201, off), patch(200), read("false")], "pass"),
                (&[post(201, on), patch(403), read("false")], "created"),
                (&[post(409, ""), patch(204), read("true")], "reactivated"),
                (
                    &[post(403, ""), patch(403), get("/Users/1", 404, "")],
                    "n/a",
                ),
            ],
        );
    }
}
