//! "Did you mean": names that differ little from one that is not there.

/// Most names that are suggested.
const SUGGESTIONS_MAX: usize = 3;

/// Those of `names` that differ from `name` in at most two letters (three if it is long), the closest first.
pub(crate) fn similar(name: &str, names: impl IntoIterator<Item = String>) -> Vec<String> {
    let most = if name.len() > 8 { 3 } else { 2.min(name.len().saturating_sub(1)) };
    let mut found: Vec<(usize, String)> = names
        .into_iter()
        .filter(|other| other.len().abs_diff(name.len()) <= most)
        .map(|other| (distance(name.as_bytes(), other.as_bytes()), other))
        .filter(|(distance, _)| *distance <= most)
        .collect();
    found.sort();
    found.dedup();
    found.truncate(SUGGESTIONS_MAX);
    found.into_iter().map(|(_, name)| name).collect()
}

/// `; did you mean ...?`, or nothing.
pub(crate) fn did_you_mean(names: &[String]) -> String {
    if names.is_empty() {
        return String::new();
    }
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    format!("; did you mean {}?", quoted.join(" or "))
}

/// Fewest letters that are inserted, deleted or replaced to make one out of the other.
///
/// # Source
/// Wagner, Fischer (1974), "The String-to-String Correction Problem".
fn distance(left: &[u8], right: &[u8]) -> usize {
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (line, from) in left.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = line + 1;
        for (column, to) in right.iter().enumerate() {
            let replaced = diagonal + usize::from(from != to);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(row[column] + 1).min(diagonal + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typing_errors_are_recognised() {
        let names = || ["teams_features", "teams", "players_features", "games"].map(String::from);
        assert_eq!(similar("temas_features", names()), ["teams_features"]);
        assert_eq!(similar("team", names()), ["teams"]);
        assert_eq!(similar("weather", names()), [""; 0]);
        assert_eq!(distance(b"kitten", b"sitting"), 3);
        assert_eq!(did_you_mean(&similar("gamse", names())), "; did you mean `games`?");
    }
}
