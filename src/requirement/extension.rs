//! Requirements on schema extensions.

use super::registry::{Check, Cite, requirements};

requirements! {
    /// ## What is checked
    /// Values of the enterprise extension that were written are there afterwards, under the extension's URN.
    ///
    /// ## Why it matters
    /// Department, employee number and manager travel in this object. A target may do without them, but then its IdP's
    /// customers map them in vain.
    ///
    /// ## Example
    /// `{"userName":"ada@example.com","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"R&D"}}`
    ///
    /// ## How to fix it
    /// Keep the object under its URN and show it there, not among the core attributes.
    ENTERPRISE_VALUES_KEPT = "extension/enterprise-values-kept" {
        title: "values of the enterprise extension are kept",
        outcomes: [
            "missing": Interop Data "departments, employee numbers and managers from the IdP's directory are lost",
            "wrong-value": Interop Data "the product has other departments or employee numbers than the IdP's directory",
        ],
        fix: "Store the extension's object under its URN and show it there.",
        cites: [
            Cite::Rfc7643("3.3"),
            Cite::Rfc7643("4.3"),
            Cite::Fact("okta/4.2/8"),
            Cite::Fact("entra/8/21"),
            Cite::Fact("jumpcloud/3/20"),
        ],
        row: "V8",
        fault: "extension-dropped-on-write",
        check: Check::State,
    }
}
