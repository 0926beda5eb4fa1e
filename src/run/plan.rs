//! What a run is to do.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::product::Product;
use crate::directory::Place;
use crate::idp::Variant;
use crate::scenario::Scenario;
use crate::server::fault::FaultChoice;
use crate::server::persona::Persona;
use crate::wire::Limits;
use crate::wire::transport::{Credentials, Interceptor, Target, TlsOptions};

/// Everything a run needs to know.
#[derive(Debug)]
pub struct Plan {
    /// What is tested.
    pub endpoint: Endpoint,
    /// With which variants.
    pub variants: Vec<Variant>,
    /// Which stories.
    pub scenarios: Vec<Scenario>,
    /// What all ids are drawn from.
    pub seed: u64,
    /// The domain of sign-in names and addresses that stories leave open.
    pub mail_domain: String,
    /// Attributes without which the target takes nobody: whoever has no value in a story gets one.
    pub required: Vec<Place>,
    /// The bounds of an exchange.
    pub limits: Limits,
    /// How large an answer may be, in bytes.
    pub body_limit: usize,
    /// How long a target that answers but does not show may take to settle.
    pub settle: Duration,
    /// Where the tape is written, beside memory.
    pub tape: Option<PathBuf>,
}

/// What is tested.
#[derive(Debug)]
pub enum Endpoint {
    /// The bundled server, started for the run, with those faults.
    Bundled {
        /// What is wrong with it.
        faults: Vec<FaultChoice>,
        /// As which product it answers, if not as itself.
        persona: Option<&'static Persona>,
        /// How it is reached.
        over: Over,
    },
    /// Somebody's endpoint.
    Foreign {
        /// Where it is, and how one gets in.
        access: Box<Access>,
        /// A second customer's access to the same product, if there is one.
        other_tenant: Option<Box<Access>>,
        /// How people get in at the product behind it, and what its administrator can do, if that is known.
        product: Option<Box<Product>>,
    },
}

/// Where an endpoint is, and how one gets in.
#[derive(Clone, Debug)]
pub struct Access {
    /// Where it is.
    pub target: Target,
    /// How the program proves who it is.
    pub credentials: Credentials,
    /// How certificates are checked.
    pub tls: TlsOptions,
}

/// How the bundled server is reached.
#[derive(Clone, Default)]
pub enum Over {
    /// By HTTP on a free loopback port, as any target is.
    #[default]
    Http,
    /// Without a socket, through somebody who may change what it says: for tests of the tests.
    Memory(Option<Arc<dyn Interceptor>>),
}

impl std::fmt::Debug for Over {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Http => "HTTP",
            Self::Memory(_) => "memory",
        })
    }
}

/// What a run says of itself while it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// How many plays are over.
    pub done: usize,
    /// How many there are.
    pub of: usize,
    /// The variant that begins now.
    pub idp: String,
    /// The story that begins now.
    pub scenario: String,
}

/// The pseudo variant under which probes run: they send what no IdP sends.
pub const PROBER: &str = "rfc";
