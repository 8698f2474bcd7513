//! "Did you mean": names near to one that was not found.

/// Names offered at most.
const OFFERED: usize = 3;
/// Longer words are not compared: a hostile name must not cost time.
const COMPARED_BYTES_MAX: usize = 255;

/// Of `known` (word, what to offer), the offers whose word is nearest to `asked`, nearest first, at most three. Near means
/// an edit distance of a quarter of the letters (at least 1, at most 3), or that one word holds the other.
pub fn nearest(asked: &str, known: impl IntoIterator<Item = (impl AsRef<str>, String)>) -> Vec<String> {
    let asked = asked.to_ascii_lowercase();
    if asked.is_empty() || asked.len() > COMPARED_BYTES_MAX {
        return Vec::new();
    }
    let limit = (asked.len() / 4).clamp(1, 3);
    let mut found: Vec<(usize, String)> = known
        .into_iter()
        .filter_map(|(word, offer)| distance(&asked, &word.as_ref().to_ascii_lowercase(), limit).map(|d| (d, offer)))
        .collect();
    found.sort();
    found.dedup();
    found.into_iter().take(OFFERED).map(|(_, offer)| offer).collect()
}

/// `; did you mean `a` or `b`?`, or nothing.
pub fn did_you_mean(offers: &[String]) -> String {
    if offers.is_empty() {
        return String::new();
    }
    let quoted: Vec<String> = offers.iter().map(|offer| format!("`{offer}`")).collect();
    format!("; did you mean {}?", quoted.join(" or "))
}

/// Number of letters to insert, delete, replace or swap with their neighbour, if at most `limit`; one more than `limit` when
/// one word holds the other.
fn distance(left: &str, right: &str, limit: usize) -> Option<usize> {
    let contained = || {
        let long_enough = left.len().min(right.len()) >= 4;
        (long_enough && (left.contains(right) || right.contains(left))).then_some(limit + 1)
    };
    let (a, b) = (left.as_bytes(), right.as_bytes());
    if a.len().abs_diff(b.len()) > limit || b.len() > COMPARED_BYTES_MAX {
        return contained();
    }
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let replaced = above[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = replaced.min(above[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(before[j - 2] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut above, row);
    }
    if above[b.len()] <= limit { Some(above[b.len()]) } else { contained() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(asked: &str) -> Vec<String> {
        let known = ["team_budget", "team_position", "team_id", "average_attendance", "score"];
        nearest(asked, known.map(|name| (name, name.to_owned())))
    }

    #[test]
    fn near_names_are_offered_nearest_first() {
        assert_eq!(near("team_bugdet"), ["team_budget"], "two letters swapped");
        assert_eq!(near("Team_Budgt"), ["team_budget"], "a letter lost, another case");
        assert_eq!(near("budget"), ["team_budget"], "a part of a name");
        assert_eq!(near("scor"), ["score"]);
        assert_eq!(near("weather"), Vec::<String>::new());
        assert_eq!(near(&"x".repeat(100_000)), Vec::<String>::new());
        assert_eq!(did_you_mean(&near("team_budge")), "; did you mean `team_budget`?");
    }
}
