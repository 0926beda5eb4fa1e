//! What a run is to do, from arguments, environment and files. Whatever is wrong is told before anything is sent.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;

use super::args::{ReportForm, ReportTo, RunArgs, TargetArgs};
use super::console::Console;
use super::failure::Failure;
use super::state::Tapes;
use super::{baseline, credentials, environment, profiles, selection, target_file};
use crate::config::{Config, TargetSection};
use crate::idp::{self, Variant};
use crate::nearest;
use crate::requirement::Level;
use crate::run::{Access, Endpoint, Over, Plan, Product};
use crate::server::persona::{self, Persona};
use crate::verdict::Rules;
use crate::verdict::baseline::Baseline;
use crate::wire::Limits;
use crate::wire::transport::{Target, TlsOptions};

/// How long a foreign target may take to show what it was told.
const SETTLE: Duration = Duration::from_secs(5);

/// The domain of people's addresses.
pub(super) const MAIL_DOMAIN: &str = "example.com";

/// How large an answer may be.
const BODY_LIMIT: usize = 16 << 20;

/// Everything that `scimulate run` was told.
#[derive(Debug)]
pub(super) struct Settings {
    /// What to play, and against what.
    pub(super) plan: Plan,
    /// By which rules to judge.
    pub(super) rules: Rules,
    /// Which requirements count.
    pub(super) requirements: selection::Requirements,
    /// What is known.
    pub(super) baseline: Option<Baseline>,
    /// The reports to write; their files are open.
    pub(super) reports: Vec<Output>,
    /// Whether a story that could not be judged is all right.
    pub(super) allow_inconclusive: bool,
}

/// A report to write.
#[derive(Debug)]
pub(super) struct Output {
    /// In which form.
    pub(super) form: ReportForm,
    /// Where.
    pub(super) path: PathBuf,
    /// The file, open before the run, so that a wrong path is told in the first second.
    pub(super) file: File,
}

impl Settings {
    /// Reads everything that the arguments name.
    pub(super) fn read(
        mut args: RunArgs,
        now: Timestamp,
        console: &Console,
    ) -> Result<Self, Failure> {
        let bundled = !args.select.fault.is_empty() && args.target.target.is_none();
        let config = target_file::load(&mut args.target, bundled, console)?;
        let mut endpoint = endpoint(&args, config.as_ref(), console)?;
        let (of_file, product, all) = match config {
            Some(config) => (config.target, config.product, config.variants),
            None => (TargetSection::default(), None, idp::every().to_vec()),
        };
        if let Endpoint::Foreign { product: known, .. } = &mut endpoint {
            let elsewhere = target_file::is_elsewhere(&args.target, &of_file.access);
            if elsewhere && product.is_some() {
                console.say(
                    "the product of the target file is behind another endpoint and is not tried",
                );
            }
            let product = product.filter(|_| !elsewhere).map(with_secrets);
            *known = product.transpose()?.map(Box::new);
        }
        let settle = args.select.settle.map(|span| span.0).or(of_file.settle);
        let settle = match (&endpoint, settle) {
            (_, Some(settle)) => settle,
            (Endpoint::Foreign { access, .. }, None) if !access.target.loopback() => SETTLE,
            _ => Duration::ZERO,
        };
        let rules = Rules {
            fail_on: levels(&args.judge.fail_on)?,
            strict_inferred: args.judge.strict_inferred,
        };
        let requirements = selection::requirements(&args.select.only, &args.select.skip)?;
        let variants = variants(all, &args.select.idp, &args.select.idp_profile)?;
        let scenarios = selection::stories(&args.stories, &args.select.tag)?;
        let known = args.judge.baseline.as_deref().map(baseline::load);
        let reports = args.output.report.into_iter().map(open);
        Ok(Self {
            rules,
            requirements,
            baseline: known.transpose()?,
            reports: reports.collect::<Result<_, _>>()?,
            allow_inconclusive: args.judge.allow_inconclusive,
            plan: Plan {
                endpoint,
                variants,
                scenarios,
                seed: args.select.seed.unwrap_or_else(|| drawn(now)),
                mail_domain: args
                    .select
                    .mail_domain
                    .or(of_file.mail_domain)
                    .unwrap_or_else(|| MAIL_DOMAIN.to_owned()),
                required: of_file.required,
                limits: limits(&args.target),
                body_limit: body_limit(&args.target),
                settle,
                tape: tape(args.output.tape, now, console)?,
            },
        })
    }
}

/// The product with the secrets that its description names.
fn with_secrets(mut product: Product) -> Result<Product, Failure> {
    for name in product.environment() {
        let secret = environment::secret("`product` in the target file", &name)?;
        product.secrets.insert(name, secret);
    }
    Ok(product)
}

/// The bounds of an exchange.
pub(super) fn limits(args: &TargetArgs) -> Limits {
    let usual = Limits::default();
    Limits {
        timeout: args.timeout.map_or(usual.timeout, |span| span.0),
        max_wait: args.max_wait.map_or(usual.max_wait, |span| span.0),
    }
}

/// How large an answer may be.
pub(super) fn body_limit(args: &TargetArgs) -> usize {
    args.max_body.map_or(BODY_LIMIT, |size| size.0)
}

/// A seed that is short enough to be typed again.
fn drawn(now: Timestamp) -> u64 {
    u64::from(now.as_microsecond().unsigned_abs() as u32)
}

fn endpoint(
    args: &RunArgs,
    config: Option<&Config>,
    console: &Console,
) -> Result<Endpoint, Failure> {
    let Some(text) = &args.target.target else {
        if let Some(option) = args.target.credential() {
            return Err(Failure::Usage(format!(
                "{option} is for a target of yours: name it with --target"
            )));
        }
        let faults = args.select.fault.iter().map(|text| text.parse());
        let faults = faults.collect::<Result<_, crate::server::fault::ChoiceError>>();
        let faults = faults.map_err(|e| Failure::Usage(e.to_string()))?;
        return Ok(Endpoint::Bundled {
            faults,
            persona: args.select.persona.as_deref().map(persona).transpose()?,
            over: Over::Http,
        });
    };
    foreign(text, &args.target, config, console)
}

/// The persona of that name.
pub(super) fn persona(name: &str) -> Result<&'static Persona, Failure> {
    persona::find(name).ok_or_else(|| {
        let near = nearest::hint(name, persona::all().iter().map(|p| p.id.as_str()));
        Failure::Usage(format!(
            "there is no persona `{name}`{near}; `scimulate list personas` names all"
        ))
    })
}

/// Somebody's endpoint, as the options name it, with the second customer's tenant that the target file describes.
pub(super) fn foreign(
    text: &str,
    args: &TargetArgs,
    config: Option<&Config>,
    console: &Console,
) -> Result<Endpoint, Failure> {
    let access = access(text, args)?;
    let described = config.and_then(|config| Some((config, target_file::other_tenant(config)?)));
    let other = match described {
        None => None,
        Some((config, _)) if target_file::is_elsewhere(args, &config.target.access) => {
            console.say("the second customer of the target file is one of another endpoint and is not tried");
            None
        }
        Some((_, other)) => Some(self::access(
            other.target.as_deref().unwrap_or_default(),
            &other,
        )?),
    };
    let same = |other: &Access| {
        let place = other.target.to_string() == access.target.to_string();
        place && other.credentials == access.credentials
    };
    if other.as_ref().is_some_and(same) {
        return Err(Failure::Usage(
            "`[other-tenant]` in the target file has the target's own URL and credentials, and so is the same customer: name those of another one, or take the section out"
                .to_owned(),
        ));
    }
    Ok(Endpoint::Foreign {
        access: Box::new(access),
        other_tenant: other.map(Box::new),
        product: None,
    })
}

/// Where an endpoint is and how one gets in, as the options name it.
fn access(text: &str, args: &TargetArgs) -> Result<Access, Failure> {
    let target = Target::parse(text).map_err(|e| Failure::Usage(e.to_string()))?;
    let roots = args.ca_file.as_ref().map(|path| {
        std::fs::read_to_string(path).map_err(|e| {
            let path = path.display();
            Failure::Usage(format!(
                "the file {path} that --ca-file names cannot be read: {e}"
            ))
        })
    });
    Ok(Access {
        target,
        credentials: credentials::credentials(args)?,
        tls: TlsOptions {
            roots: roots.transpose()?,
        },
    })
}

/// Those of the variants that have one of those names, in their order. IdPs that are written as data are played when they are
/// named, or come from a file that is.
fn variants(
    all: Vec<Variant>,
    names: &[String],
    files: &[PathBuf],
) -> Result<Vec<Variant>, Failure> {
    let mut all = profiles::with_files(all, files)?;
    if names.is_empty() {
        let bundled = idp::custom::bundled();
        all.retain(|variant| bundled.iter().all(|data| data.id != variant.id));
        return Ok(all);
    }
    let mut wanted = BTreeSet::new();
    for name in names {
        let named = idp::select_from(&all, name).map_err(|e| Failure::Usage(e.to_string()))?;
        wanted.extend(named.iter().map(|variant| variant.id.clone()));
    }
    let wanted = all.into_iter().filter(|v| wanted.contains(&v.id));
    Ok(wanted.collect())
}

fn levels(names: &[String]) -> Result<BTreeSet<Level>, Failure> {
    if names.iter().any(|name| name == "none") && names.len() == 1 {
        return Ok(BTreeSet::new());
    }
    let level = |name: &String| {
        let found = Level::ALL.into_iter().find(|level| level.as_str() == name);
        found.ok_or_else(|| {
            let near = nearest::hint(name, Level::ALL.map(Level::as_str));
            Failure::Usage(format!(
                "there is no level `{name}`{near}; --fail-on takes must, should, may and interop, or none"
            ))
        })
    };
    names.iter().map(level).collect()
}

fn open(to: ReportTo) -> Result<Output, Failure> {
    let ReportTo { form, path } = to;
    match File::create(&path) {
        Ok(file) => Ok(Output { form, path, file }),
        Err(e) => Err(Failure::Usage(format!(
            "the report {} cannot be written: {e}",
            path.display()
        ))),
    }
}

/// Where the tape goes. Without a place the run goes on without a file, and says so.
fn tape(
    named: Option<PathBuf>,
    now: Timestamp,
    console: &Console,
) -> Result<Option<PathBuf>, Failure> {
    if let Some(path) = named {
        return match path.parent().filter(|folder| *folder != Path::new("")) {
            Some(folder) if !folder.is_dir() => Err(Failure::Usage(format!(
                "the tape {} cannot be written: there is no folder {}",
                path.display(),
                folder.display()
            ))),
            _ => Ok(Some(path)),
        };
    }
    let place = Tapes::of_the_user().map(|tapes| tapes.next(now));
    Ok(match place {
        Some(Ok(path)) => Some(path),
        Some(Err(e)) => {
            console.say(&format!(
                "no tape is kept: the state folder cannot be written ({e}); name a file with --tape"
            ));
            None
        }
        None => {
            console.say("no tape is kept: this user has no home folder; name a file with --tape");
            None
        }
    })
}
