//! Values of options: times, sizes, reports.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use crate::config;

/// A time such as `90`, `90s`, `1m 30s` or `500ms`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) struct Span(pub(in crate::cli) Duration);

/// A number of bytes such as `16MiB`, `512KiB` or `1000`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) struct Bytes(pub(in crate::cli) usize);

/// A report to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cli) struct ReportTo {
    /// In which form.
    pub(in crate::cli) form: ReportForm,
    /// To which file.
    pub(in crate::cli) path: PathBuf,
}

/// The form of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum ReportForm {
    /// As on the terminal.
    Text,
    /// As described by the schema.
    Json,
    /// As build servers read it.
    Junit,
}

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        config::time(text).map(Self)
    }
}

impl FromStr for Bytes {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        config::size(text).map(Self)
    }
}

impl FromStr for ReportTo {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (form, path) = text
            .split_once('=')
            .ok_or_else(|| format!("`{text}` names no file: write such as junit=out.xml"))?;
        let form = match form {
            "text" => ReportForm::Text,
            "json" => ReportForm::Json,
            "junit" => ReportForm::Junit,
            other => {
                let near = crate::nearest::hint(other, ["text", "json", "junit"]);
                return Err(format!(
                    "there is no report format `{other}`{near}; there are text, json and junit"
                ));
            }
        };
        if path.is_empty() {
            return Err(format!(
                "`{text}` names no file: write such as junit=out.xml"
            ));
        }
        Ok(Self {
            form,
            path: path.into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_people_write_them() {
        for (text, millis) in [
            ("90", 90_000),
            ("90s", 90_000),
            ("500ms", 500),
            ("2h", 7_200_000),
            ("1m 30s", 90_000),
        ] {
            assert_eq!(
                text.parse(),
                Ok(Span(Duration::from_millis(millis))),
                "{text}"
            );
        }
        for text in ["", "-5s", "soon", "5 parsecs"] {
            assert!(
                text.parse::<Span>().unwrap_err().contains("is not a time"),
                "{text}"
            );
        }
    }

    #[test]
    fn sizes_are_read_as_people_write_them() {
        for (text, bytes) in [
            ("16MiB", 16 << 20),
            ("512KiB", 512 << 10),
            ("1000", 1000),
            ("1 GiB", 1 << 30),
        ] {
            assert_eq!(text.parse(), Ok(Bytes(bytes)), "{text}");
        }
        for text in ["", "0", "-1", "16MB", "99999999999GiB"] {
            assert!(text.parse::<Bytes>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_report_is_a_format_and_a_file() {
        let report: ReportTo = "junit=a=b.xml".parse().unwrap();
        assert_eq!(
            (report.form, report.path),
            (ReportForm::Junit, "a=b.xml".into())
        );
        assert_eq!(
            "junt=x".parse::<ReportTo>().unwrap_err(),
            "there is no report format `junt`; did you mean `junit`?; there are text, json and junit"
        );
        assert!("json".parse::<ReportTo>().is_err());
        assert!("json=".parse::<ReportTo>().is_err());
    }
}
