//! A strict reader of the OpenMetrics text that Prometheus scrapes: what it does not read, Prometheus may not either.

use std::collections::{BTreeMap, BTreeSet};

/// Labels of a series and their values.
type Labels = Vec<(String, String)>;

/// The figures of one scrape.
pub(crate) struct Figures {
    /// By name with labels, as written, such as `mangonel_runs_total{kind="build",state="committed"}`.
    samples: BTreeMap<String, f64>,
    families: BTreeMap<String, Family>,
}

#[derive(Default)]
struct Family {
    r#type: String,
    help: String,
    unit: Option<String>,
}

impl Figures {
    /// # Panics
    /// With what is wrong with the text.
    #[track_caller]
    pub(crate) fn parse(text: &str) -> Self {
        let body = text.strip_suffix("# EOF\n").expect("the text ends with `# EOF`");
        let mut figures = Self { samples: BTreeMap::new(), families: BTreeMap::new() };
        let mut closed = BTreeSet::new();
        let mut open = String::new();
        for line in body.lines() {
            assert_eq!(line.trim(), line, "blanks around `{line}`");
            if let Some(rest) = line.strip_prefix("# ") {
                let mut words = rest.splitn(3, ' ');
                let (what, name, value) = (words.next().unwrap(), words.next().unwrap(), words.next().unwrap());
                assert!(is_name(name), "`{name}` is no name");
                if name != open {
                    assert!(closed.insert(name.to_owned()), "`{name}` comes twice");
                    name.clone_into(&mut open);
                }
                let family = figures.families.entry(name.to_owned()).or_default();
                match what {
                    "HELP" => value.clone_into(&mut family.help),
                    "TYPE" => value.clone_into(&mut family.r#type),
                    "UNIT" => family.unit = Some(value.to_owned()),
                    _ => panic!("`{line}` is no comment of OpenMetrics"),
                }
                continue;
            }
            let (series, value) = line.rsplit_once(' ').unwrap_or_else(|| panic!("no value in `{line}`"));
            let value: f64 = value.parse().unwrap_or_else(|_| panic!("`{value}` is no number"));
            let name = series.split('{').next().unwrap();
            assert!(is_name(name) && labels_of(series).is_some(), "`{series}` is no series");
            let family = figures.families.get(&open).unwrap_or_else(|| panic!("`{series}` before its family"));
            let suffix = name.strip_prefix(open.as_str()).unwrap_or_else(|| panic!("`{name}` is not of `{open}`"));
            let suffixes: &[&str] = match family.r#type.as_str() {
                "counter" => &["_total"],
                "gauge" => &[""],
                "info" => &["_info"],
                "histogram" => &["_bucket", "_count", "_sum"],
                other => panic!("type `{other}` of `{open}`"),
            };
            assert!(suffixes.contains(&suffix), "`{name}` in a {}", family.r#type);
            assert!(!value.is_nan() && (family.r#type == "gauge" || value >= 0.0), "`{line}`");
            assert!(figures.samples.insert(series.to_owned(), value).is_none(), "`{series}` comes twice");
        }
        figures.check_families();
        figures
    }

    fn check_families(&self) {
        for (name, family) in &self.families {
            assert!(!family.help.is_empty() && !family.r#type.is_empty(), "`{name}` without help or type");
            if let Some(unit) = &family.unit {
                assert!(name.ends_with(&format!("_{unit}")), "`{name}` does not end with its unit, {unit}");
            }
            if family.r#type == "histogram" {
                self.check_histogram(name);
            }
        }
    }

    /// Buckets grow, and the last one holds all.
    fn check_histogram(&self, name: &str) {
        let mut buckets: BTreeMap<Labels, Vec<(f64, f64)>> = BTreeMap::new();
        for (series, value) in &self.samples {
            let Some(labels) = series.strip_prefix(&format!("{name}_bucket")).and_then(labels_of) else { continue };
            let (bound, others): (Vec<_>, Vec<_>) = labels.into_iter().partition(|(label, _)| label == "le");
            let bound = if bound[0].1 == "+Inf" { f64::INFINITY } else { bound[0].1.parse().unwrap() };
            buckets.entry(others).or_default().push((bound, *value));
        }
        for (labels, mut buckets) in buckets {
            buckets.sort_by(|left, right| left.0.total_cmp(&right.0));
            assert!(buckets.iter().map(|bucket| bucket.1).is_sorted(), "buckets of {name} {labels:?}: {buckets:?}");
            let written: Vec<String> = labels.iter().map(|(label, value)| format!("{label}=\"{value}\"")).collect();
            let written = if written.is_empty() { String::new() } else { format!("{{{}}}", written.join(",")) };
            let (bound, all) = *buckets.last().unwrap();
            assert_eq!((bound, Some(all)), (f64::INFINITY, self.get(&format!("{name}_count{written}"))), "{name}");
        }
    }

    pub(crate) fn get(&self, series: &str) -> Option<f64> {
        self.samples.get(series).copied()
    }

    /// # Panics
    /// With all series, when this one is not there.
    #[track_caller]
    pub(crate) fn of(&self, series: &str) -> f64 {
        self.get(series).unwrap_or_else(|| panic!("no `{series}` in {:#?}", self.samples))
    }

    /// Names of the families, without prefix.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.families.keys().map(|name| name.strip_prefix("mangonel_").unwrap())
    }
}

fn is_name(name: &str) -> bool {
    let mut letters = name.chars();
    letters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}

/// Labels of a series, or of what is behind its name; `None` when they are malformed.
fn labels_of(series: &str) -> Option<Labels> {
    let Some((_, rest)) = series.split_once('{') else { return Some(Vec::new()) };
    let mut rest = rest.strip_suffix('}')?;
    let mut labels = Vec::new();
    while !rest.is_empty() {
        let (name, quoted) = rest.split_once("=\"")?;
        let mut end = None;
        let mut is_escaped = false;
        for (place, letter) in quoted.char_indices() {
            match letter {
                _ if is_escaped => is_escaped = false,
                '\\' => is_escaped = true,
                '"' => {
                    end = Some(place);
                    break;
                }
                '\n' => return None,
                _ => {}
            }
        }
        let end = end?;
        if !is_name(name) {
            return None;
        }
        labels.push((name.to_owned(), quoted[..end].to_owned()));
        rest = &quoted[end + 1..];
        rest = rest.strip_prefix(',').unwrap_or(rest);
    }
    Some(labels)
}
