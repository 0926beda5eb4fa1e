//! Secrets keep their shape only: the same secret is the same mark wherever it is written.

use std::borrow::Cow;

use base64::Engine as _;

/// The secrets of a run, in every encoding in which they may turn up.
#[derive(Clone)]
pub struct Secrets {
    /// What the marks say that was there.
    label: &'static str,
    /// Longest first, so that a secret inside another does not split it.
    forms: Vec<(String, usize)>,
    count: usize,
}

/// A secret this short would match by accident; it is still never written where it is known to stand.
const SHORTEST: usize = 4;

impl Default for Secrets {
    fn default() -> Self {
        Self::labelled("secret")
    }
}

impl Secrets {
    /// No secrets yet; their marks will be `[LABEL:1]`, `[LABEL:2]` …
    pub fn labelled(label: &'static str) -> Self {
        Self {
            label,
            forms: Vec::new(),
            count: 0,
        }
    }

    /// Remembers a secret.
    pub fn add(&mut self, secret: &str) {
        if secret.len() < SHORTEST || self.forms.iter().any(|(form, _)| form == secret) {
            return;
        }
        self.count += 1;
        let encoded =
            percent_encoding::utf8_percent_encode(secret, percent_encoding::NON_ALPHANUMERIC);
        let forms = [
            secret.to_owned(),
            encoded.to_string(),
            base64::engine::general_purpose::STANDARD.encode(secret),
            base64::engine::general_purpose::STANDARD_NO_PAD.encode(secret),
            base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(secret),
            serde_json::Value::from(secret)
                .to_string()
                .trim_matches('"')
                .to_owned(),
        ];
        for form in forms {
            if !self.forms.iter().any(|(known, _)| *known == form) {
                self.forms.push((form, self.count));
            }
        }
        self.forms
            .sort_by(|a, b| b.0.len().cmp(&a.0.len()).then_with(|| a.0.cmp(&b.0)));
    }

    /// The text with every secret replaced by its mark.
    pub fn redact<'a>(&self, text: impl Into<Cow<'a, str>>) -> Cow<'a, str> {
        let mut text = text.into();
        for (form, number) in &self.forms {
            if text.contains(form.as_str()) {
                let mark = format!("[{}:{number}]", self.label);
                text = text.replace(form.as_str(), &mark).into();
            }
        }
        text
    }
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Secrets({})", self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_marked_in_every_encoding() {
        let mut secrets = Secrets::default();
        secrets.add("tok/en+1");
        secrets.add("tok/en+1");
        let base64 = base64::engine::general_purpose::STANDARD.encode("tok/en+1");
        let text = format!("Bearer tok/en+1 tok%2Fen%2B1 {base64}");
        assert_eq!(
            secrets.redact(&text),
            "Bearer [secret:1] [secret:1] [secret:1]"
        );
    }
}
