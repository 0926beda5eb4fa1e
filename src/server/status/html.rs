//! The page's text. Everything that clients wrote passes [`Escaped`].

use std::fmt::{self, Display, Write as _};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::super::handler::State;
use super::super::history::{Entry, History, KEPT};
use super::super::product::administrators;
use super::super::service::Server;
use super::super::store::Kind;
use super::REFRESH;
use super::exchange::exchange;
use super::people::locals;

const STYLE: &str = include_str!("style.css");

/// The content security policy: this style, known by its hash, and nothing else.
pub(super) fn policy() -> String {
    let hash = STANDARD.encode(Sha256::digest(STYLE));
    format!(
        "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
}

/// A page about one tenant.
pub(super) struct View<'a> {
    pub(super) server: &'a Server,
    pub(super) history: &'a History,
    pub(super) names: &'a [String],
    pub(super) tenant: &'a str,
    pub(super) users_from: usize,
    pub(super) groups_from: usize,
    pub(super) refresh: bool,
}

impl Display for View<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">")?;
        f.write_str("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")?;
        if self.refresh {
            write!(f, "<meta http-equiv=\"refresh\" content=\"{REFRESH}\">")?;
        }
        write!(
            f,
            "<title>{} · scimulate</title><style>{STYLE}</style></head><body>",
            Escaped(self.tenant)
        )?;
        match self.server.find(self.tenant) {
            Some(state) => self.body(f, &state)?,
            None => f.write_str("<main><p>The server has no tenant.</p></main>")?,
        }
        f.write_str("</body></html>\n")
    }
}

impl View<'_> {
    fn body(&self, f: &mut fmt::Formatter<'_>, state: &State) -> fmt::Result {
        let store = state.read();
        let base = format!("{}{}", self.server.base_url(), state.base_path);
        write!(
            f,
            "<header><h1>scimulate reference server</h1><p class=\"soft\"><code>{}</code></p>",
            Escaped(&base)
        )?;
        self.tenants(f)?;
        f.write_str("</header><main>")?;
        let exchanges = self.history.of(self.tenant);
        let active = store.rows(Kind::User).filter(|(_, row)| row.active).count();
        let failed = exchanges.iter().filter(|entry| entry.status >= 400).count();
        f.write_str("<dl class=\"figures\">")?;
        for (name, figure) in [
            ("people", store.len(Kind::User)),
            ("of them active", active),
            ("groups", store.len(Kind::Group)),
            ("last exchanges", exchanges.len()),
            ("of them refused", failed),
        ] {
            write!(f, "<div><dt>{name}</dt><dd>{figure}</dd></div>")?;
        }
        write!(f, "<div><dt>seats taken</dt><dd>{}", store.taken())?;
        if let Some(seats) = store.seats() {
            write!(f, " of {seats}")?;
        }
        f.write_str("</dd></div></dl>")?;
        if !store.provisions() {
            f.write_str("<p class=\"empty\">Provisioning is switched off.</p>")?;
        }
        f.write_str("<div class=\"columns\"><div>")?;
        let admins = administrators(&store, state.administrators.as_deref());
        self.people(f, &store, &admins)?;
        locals(f, &store, &admins)?;
        self.groups(f, &store)?;
        f.write_str("</div><div>")?;
        self.exchanges(f, &exchanges)?;
        f.write_str("</div></div></main>")?;
        let (refresh, word) = match self.refresh {
            true => ("", "stop coming again"),
            false => ("&amp;refresh", "come again every 5 seconds"),
        };
        write!(
            f,
            "<footer><p><a href=\"?tenant={}{refresh}\">{word}</a></p><p>For this machine alone: the page shows people's \
            names. Credentials are never kept, secrets in bodies are blotted out.</p></footer>",
            Escaped(self.tenant)
        )
    }

    fn tenants(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.names.len() < 2 {
            return Ok(());
        }
        f.write_str("<nav aria-label=\"Tenants\">")?;
        for name in self.names {
            let current = match name == self.tenant {
                true => " aria-current=\"page\"",
                false => "",
            };
            let name = Escaped(name);
            write!(f, "<a href=\"?tenant={name}\"{current}>{name}</a>")?;
        }
        f.write_str("</nav>")
    }

    fn exchanges(&self, f: &mut fmt::Formatter<'_>, exchanges: &[Entry]) -> fmt::Result {
        write!(
            f,
            "<section><header><h2>Exchanges</h2><span class=\"soft\">the last {KEPT}, newest first</span></header>"
        )?;
        if exchanges.is_empty() {
            f.write_str("<p class=\"empty\">Nothing was asked yet.</p>")?;
        }
        for entry in exchanges {
            exchange(f, entry)?;
        }
        f.write_str("</section>")
    }
}

/// Text that clients wrote, harmless in HTML: no markup, no quotes, no characters that turn the line around.
pub(super) struct Escaped<'a>(pub(super) &'a str);

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                '\n' | '\t' => f.write_char(c)?,
                '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                    write!(f, "{}", c.escape_unicode())?
                }
                c if c.is_control() => write!(f, "{}", c.escape_unicode())?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_clients_wrote_is_harmless() {
        let text = "<script>alert('\"&\u{202e}\u{1b}\0";
        let shown = Escaped(text).to_string();
        assert_eq!(
            shown,
            "&lt;script&gt;alert(&#39;&quot;&amp;\\u{202e}\\u{1b}\\u{0}"
        );
    }

    #[test]
    fn the_policy_names_the_style_alone() {
        let policy = policy();
        assert!(
            policy.starts_with("default-src 'none'; style-src 'sha256-"),
            "{policy}"
        );
        assert!(!STYLE.contains("url(") && !STYLE.contains("@import") && !STYLE.contains('<'));
    }
}
