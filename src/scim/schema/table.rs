//! The attributes themselves.

use super::{
    Attribute, ENTERPRISE_URN, GROUP_URN, Mutability, ResourceType, Returned, Schema, Type,
    USER_URN, Uniqueness,
};

/// People.
pub static USER_TYPE: ResourceType = ResourceType {
    name: "User",
    endpoint: "/Users",
    description: "User accounts",
    schema: &USER,
    extensions: &[ENTERPRISE_USER],
    required_extensions: &[],
};

/// Groups of people and of groups.
pub static GROUP_TYPE: ResourceType = ResourceType {
    name: "Group",
    endpoint: "/Groups",
    description: "Groups of users and of other groups",
    schema: &GROUP,
    extensions: &[],
    required_extensions: &[],
};

/// The attributes that every resource has (RFC 7643 §3.1).
pub static COMMON: &[Attribute] = &[
    // What a resource has of its type's schemas shows here by itself; nobody writes it apart from them.
    Attribute::text("schemas", "URNs of the schemas that the resource follows")
        .required()
        .many()
        .read_only()
        .always(),
    Attribute::text("id", "Identifier that the server gave")
        .exact()
        .required()
        .read_only()
        .always()
        .unique(),
    Attribute::text("externalId", "Identifier that the client gave").exact(),
    META,
];

/// What the server knows about a resource.
pub const META: Attribute = Attribute::complex(
    "meta",
    "What the server knows about the resource",
    &[
        Attribute::text("resourceType", "Name of the resource's type")
            .exact()
            .read_only(),
        Attribute::new("created", Type::DateTime, "When it was created").read_only(),
        Attribute::new("lastModified", Type::DateTime, "When it last changed").read_only(),
        Attribute::reference("location", "Its own URI", &["uri"]).read_only(),
        Attribute::text("version", "Its entity tag")
            .exact()
            .read_only(),
    ],
)
.read_only();

/// The User schema (RFC 7643 §4.1).
pub static USER: Schema = Schema {
    id: USER_URN,
    name: "User",
    description: "User account",
    attributes: &[
        Attribute::text("userName", "Name that the person signs in with")
            .required()
            .unique(),
        Attribute::complex(
            "name",
            "Parts of the person's name",
            &[
                Attribute::text("formatted", "The whole name as it is shown"),
                Attribute::text("familyName", "Family name"),
                Attribute::text("givenName", "Given name"),
                Attribute::text("middleName", "Middle names"),
                Attribute::text("honorificPrefix", "Title before the name"),
                Attribute::text("honorificSuffix", "Addition after the name"),
            ],
        ),
        Attribute::text("displayName", "Name that others see"),
        Attribute::text("nickName", "What the person is called"),
        Attribute::reference("profileUrl", "Page that presents the person", &["external"]),
        Attribute::text("title", "Job title"),
        Attribute::text("userType", "How the person relates to the organization"),
        Attribute::text("preferredLanguage", "Language that the person prefers"),
        Attribute::text("locale", "How dates, numbers and currency are written"),
        Attribute::text("timezone", "Time zone, by its name in the IANA database").exact(),
        Attribute::new("active", Type::Boolean, "Whether the account may be used"),
        Attribute::text("password", "Password in clear, to set it")
            .write_only()
            .exact(),
        Attribute::complex("emails", "E-mail addresses", EMAIL).many(),
        Attribute::complex("phoneNumbers", "Telephone numbers", PHONE).many(),
        Attribute::complex("ims", "Addresses for instant messages", IM).many(),
        Attribute::complex("photos", "Pictures of the person", PHOTO).many(),
        Attribute::complex("addresses", "Postal addresses", ADDRESS).many(),
        Attribute::complex("groups", "Groups that the person belongs to", GROUPS)
            .many()
            .read_only(),
        Attribute::complex("entitlements", "What the person may have", PLAIN).many(),
        Attribute::complex("roles", "What the person is", PLAIN).many(),
        Attribute::complex("x509Certificates", "Certificates", CERTIFICATE).many(),
    ],
};

/// The Group schema (RFC 7643 §4.2).
pub static GROUP: Schema = Schema {
    id: GROUP_URN,
    name: "Group",
    description: "Group",
    attributes: &[
        // Erratum 5368: a group must have a name. RFC 7643 leaves its uniqueness open.
        Attribute::text("displayName", "Name of the group")
            .required()
            .unique(),
        Attribute::complex(
            "members",
            "Who belongs to the group",
            &[
                Attribute::text("value", "Identifier of the member")
                    .exact()
                    .immutable(),
                Attribute::reference("$ref", "URI of the member", &["User", "Group"]).immutable(),
                Attribute::text("type", "What the member is")
                    .immutable()
                    .canonical(&["User", "Group"]),
                Attribute::text("display", "Name of the member")
                    .read_only()
                    .on_request(),
            ],
        )
        .many(),
    ],
};

/// The enterprise extension of User (RFC 7643 §4.3).
pub const ENTERPRISE_USER: Schema = Schema {
    id: ENTERPRISE_URN,
    name: "Enterprise User",
    description: "What an enterprise adds to a user",
    attributes: &[
        Attribute::text("employeeNumber", "Number of the employee"),
        Attribute::text("costCenter", "Cost center"),
        Attribute::text("organization", "Organization"),
        Attribute::text("division", "Division"),
        Attribute::text("department", "Department"),
        Attribute::complex(
            "manager",
            "Whom the person reports to",
            &[
                Attribute::text("value", "Identifier of the manager").exact(),
                Attribute::reference("$ref", "URI of the manager", &["User"]),
                Attribute::text("displayName", "Name of the manager").read_only(),
            ],
        ),
    ],
};

const DISPLAY: Attribute = Attribute::text("display", "Name to show");
const PRIMARY: Attribute =
    Attribute::new("primary", Type::Boolean, "Whether it is the first choice");
const TYPE: Attribute = Attribute::text("type", "What it is for");
const PLACES: &[&str] = &["work", "home", "other"];

const PLAIN: &[Attribute] = &[
    Attribute::text("value", "The value"),
    DISPLAY,
    TYPE,
    PRIMARY,
];
const EMAIL: &[Attribute] = &[
    Attribute::text("value", "The address"),
    DISPLAY,
    TYPE.canonical(PLACES),
    PRIMARY,
];
const PHONE: &[Attribute] = &[
    Attribute::text("value", "The number"),
    DISPLAY,
    TYPE.canonical(&["work", "home", "mobile", "fax", "pager", "other"]),
    PRIMARY,
];
const IM: &[Attribute] = &[
    Attribute::text("value", "The address"),
    DISPLAY,
    TYPE.canonical(&["aim", "gtalk", "icq", "xmpp", "msn", "skype", "qq", "yahoo"]),
    PRIMARY,
];
const PHOTO: &[Attribute] = &[
    Attribute::reference("value", "URI of the picture", &["external"]),
    DISPLAY,
    TYPE.canonical(&["photo", "thumbnail"]),
    PRIMARY,
];
const ADDRESS: &[Attribute] = &[
    Attribute::text("formatted", "The whole address as it is shown"),
    Attribute::text("streetAddress", "Street and number"),
    Attribute::text("locality", "Town"),
    Attribute::text("region", "State or region"),
    Attribute::text("postalCode", "Postal code"),
    Attribute::text("country", "Country, two letters of ISO 3166-1"),
    TYPE.canonical(PLACES),
    // Errata 6005 (held): left out of the table, used throughout.
    PRIMARY,
];
const GROUPS: &[Attribute] = &[
    Attribute::text("value", "Identifier of the group")
        .exact()
        .read_only(),
    Attribute::reference("$ref", "URI of the group", &["Group"]).read_only(),
    Attribute::text("display", "Name of the group").read_only(),
    Attribute::text("type", "Whether the membership is direct")
        .read_only()
        .canonical(&["direct", "indirect"]),
];
const CERTIFICATE: &[Attribute] = &[
    Attribute::new("value", Type::Binary, "The certificate, DER in base64").exact(),
    DISPLAY,
    TYPE,
    PRIMARY,
];

impl Attribute {
    const fn new(name: &'static str, kind: Type, description: &'static str) -> Self {
        Self {
            name,
            description,
            kind,
            multi_valued: false,
            required: false,
            case_exact: false,
            mutability: Mutability::ReadWrite,
            returned: Returned::Default,
            uniqueness: Uniqueness::None,
            canonical_values: &[],
            reference_types: &[],
            subs: &[],
        }
    }

    const fn text(name: &'static str, description: &'static str) -> Self {
        Self::new(name, Type::String, description)
    }

    const fn reference(
        name: &'static str,
        description: &'static str,
        types: &'static [&'static str],
    ) -> Self {
        let mut attribute = Self::new(name, Type::Reference, description);
        attribute.reference_types = types;
        attribute.case_exact = true;
        attribute
    }

    const fn complex(
        name: &'static str,
        description: &'static str,
        subs: &'static [Attribute],
    ) -> Self {
        let mut attribute = Self::new(name, Type::Complex, description);
        attribute.subs = subs;
        attribute
    }

    const fn many(mut self) -> Self {
        self.multi_valued = true;
        self
    }

    const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    const fn exact(mut self) -> Self {
        self.case_exact = true;
        self
    }

    const fn unique(mut self) -> Self {
        self.uniqueness = Uniqueness::Server;
        self
    }

    const fn always(mut self) -> Self {
        self.returned = Returned::Always;
        self
    }

    const fn on_request(mut self) -> Self {
        self.returned = Returned::Request;
        self
    }

    const fn read_only(mut self) -> Self {
        self.mutability = Mutability::ReadOnly;
        self
    }

    const fn immutable(mut self) -> Self {
        self.mutability = Mutability::Immutable;
        self
    }

    const fn write_only(mut self) -> Self {
        self.mutability = Mutability::WriteOnly;
        self.returned = Returned::Never;
        self
    }

    const fn canonical(mut self, values: &'static [&'static str]) -> Self {
        self.canonical_values = values;
        self
    }
}
