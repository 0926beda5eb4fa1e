//! Times and sizes as people write them, on the command line and in the file.

use std::time::Duration;

/// Reads a time such as `90`, `90s`, `1m 30s` or `500ms`.
///
/// # Errors
/// The text is no time; the error says what to write.
pub fn time(text: &str) -> Result<Duration, String> {
    let wrong = || format!("`{text}` is not a time: write such as 90s, 500ms or 2m");
    if let Ok(seconds) = text.parse() {
        return Ok(Duration::from_secs(seconds));
    }
    let span = text.parse::<jiff::SignedDuration>().map_err(|_| wrong())?;
    Duration::try_from(span).map_err(|_| wrong())
}

/// Reads a number of bytes such as `16MiB`, `512KiB` or `1000`.
///
/// # Errors
/// The text is no size; the error says what to write.
pub fn size(text: &str) -> Result<usize, String> {
    let units = [
        ("GiB", 1 << 30),
        ("MiB", 1 << 20),
        ("KiB", 1 << 10),
        ("", 1),
    ];
    let found = units
        .iter()
        .find_map(|(unit, size)| Some((text.strip_suffix(unit)?, *size)));
    let bytes = found.and_then(|(number, size): (&str, usize)| {
        number.trim().parse::<usize>().ok()?.checked_mul(size)
    });
    bytes
        .filter(|bytes| *bytes > 0)
        .ok_or_else(|| format!("`{text}` is not a size: write such as 16MiB or 512KiB"))
}
