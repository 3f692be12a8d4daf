//! "Did you mean": the known word that is nearest to an unknown one.

/// The candidate nearest to `word`, if it lies within two edits or a third of the word's length.
///
/// Case counts for nothing. Of several equally near candidates the first is taken.
#[must_use]
pub fn nearest<'c, C>(word: &str, candidates: impl IntoIterator<Item = &'c C>) -> Option<&'c str>
where
    C: AsRef<str> + ?Sized + 'c,
{
    let word = word.to_lowercase();
    let length = word.chars().count();
    // Short words are near to everything: `env` is no `dev`.
    let limit = match length {
        0 | 1 => 0,
        2..=4 => 1,
        _ => (length / 3).max(2),
    };
    candidates
        .into_iter()
        .map(AsRef::as_ref)
        .map(|candidate| (strsim::osa_distance(&word, &candidate.to_lowercase()), candidate))
        .filter(|&(distance, candidate)| distance <= limit && distance < candidate.chars().count())
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn finds_slips_of_the_hand() {
        let keys = ["port", "dev", "ports", "publish", "healthcheck", "depends_on", "go"];
        for (word, expected) in [
            ("prot", Some("port")),
            ("Ports", Some("ports")),
            ("health-check", Some("healthcheck")),
            ("dependson", Some("depends_on")),
            ("kubernetes", None),
            ("env", None),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, keys), expected, "{word}");
        }
    }
}
