//! How the features of a feature group may change while its rows stay: new ones that may be null, and wider integers.

use mangonel_proto::{
    Error, Result,
    names::{check_feature_name, shown},
    v1::{Feature, FeatureGroup},
};

use crate::{definition::check_description, table_name};

/// Integers, each holding all values of those before it.
const INTEGERS: [&str; 4] = ["byte", "short", "integer", "long"];

/// What a change of features comes to.
#[derive(Clone, Debug, PartialEq)]
pub struct Evolution {
    /// All features afterwards.
    pub features: Vec<Feature>,
    /// Names of those that are new.
    pub added: Vec<String>,
    /// Names of those that became wider: every file has to be written anew.
    pub widened: Vec<String>,
}

/// What becomes of the features of `group` when those `asked` for are added or made wider; types are in the spelling of the type
/// table. Features that are there as asked stay
/// as they are, and so do those that are not asked for.
///
/// # Errors
/// Every change that is neither, with what to do instead.
pub fn evolve(group: &FeatureGroup, asked: &[Feature]) -> Result<Evolution> {
    let mut evolved = Evolution { features: group.features.clone(), added: Vec::new(), widened: Vec::new() };
    let mut problems = Vec::new();
    if asked.is_empty() {
        problems.push(Error::invalid("no feature is given: name those to add or to make wider, with their types"));
    }
    for (index, feature) in asked.iter().enumerate() {
        let name = shown(&feature.name);
        check_description(&format!("feature `{name}`"), &feature.description, &mut problems);
        if asked[..index].iter().any(|other| other.name.eq_ignore_ascii_case(&feature.name)) {
            problems.push(Error::invalid(format!("feature `{name}` is given twice")).named([name]));
            continue;
        }
        let there = evolved.features.iter_mut().find(|old| old.name.eq_ignore_ascii_case(&feature.name));
        let Some(there) = there else {
            problems.extend(check_feature_name(&feature.name).err());
            evolved.added.push(feature.name.clone());
            // Rows that are there have no value.
            evolved.features.push(Feature { nullable: true, ..feature.clone() });
            continue;
        };
        if there.name != feature.name {
            let message = format!("feature `{name}` differs from `{}` only in upper and lower case", there.name);
            problems.push(Error::invalid(message).named([there.name.clone()]));
            continue;
        }
        let (old, new) = (&there.r#type, &feature.r#type);
        if old == new {
            if !feature.description.is_empty() {
                there.description.clone_from(&feature.description);
            }
            continue;
        }
        let rank = |words: &str| INTEGERS.iter().position(|integer| *integer == words);
        match (rank(old), rank(new)) {
            (Some(before), Some(after)) if before < after => {
                evolved.widened.push(there.name.clone());
                there.r#type.clone_from(new);
                if !feature.description.is_empty() {
                    there.description.clone_from(&feature.description);
                }
            }
            _ => {
                let message = format!(
                    "feature `{name}` of `{}` is {old} and cannot become {}: types only change from an integer to a wider one \
                     (byte, short, integer, long). Create version {} with the type and insert the rows there, or add a \
                     feature under another name",
                    table_name(group),
                    shown(new),
                    group.version + 1
                );
                problems.push(Error::invalid(message).reason("SchemaMismatch").named([name]));
            }
        }
    }
    Error::all(problems)?;
    Ok(evolved)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn feature(name: &str, of: &str) -> Feature {
        Feature { name: name.into(), r#type: of.into(), ..Default::default() }
    }

    fn group() -> FeatureGroup {
        let features = vec![feature("id", "integer"), feature("goals", "short"), feature("name", "string")];
        FeatureGroup { name: "teams".into(), version: 3, features, ..Default::default() }
    }

    #[test]
    fn features_are_added_and_integers_widened() {
        let asked = [feature("goals", "long"), feature("name", "string"), feature("rating", "double")];
        let evolved = evolve(&group(), &asked).unwrap();
        assert_eq!((evolved.added, evolved.widened), (vec!["rating".to_owned()], vec!["goals".to_owned()]));
        let told: Vec<_> = evolved.features.iter().map(|feature| (&*feature.name, &*feature.r#type)).collect();
        assert_eq!(told, [("id", "integer"), ("goals", "long"), ("name", "string"), ("rating", "double")]);
        assert!(evolved.features[3].nullable, "rows that are there have no value");
        let again = evolve(&group(), &group().features).unwrap();
        assert!(again.added.is_empty() && again.widened.is_empty());
    }

    #[test]
    fn whatever_else_is_refused_at_once_with_what_to_do() {
        let asked = [
            feature("id", "byte"),
            feature("goals", "double"),
            feature("Name", "string"),
            feature("_mangonel_x", "long"),
            feature("x", "long"),
            feature("X", "long"),
        ];
        let error = evolve(&group(), &asked).unwrap_err();
        for part in
            ["`id` of `teams_3` is integer and cannot become byte", "Create version 4", "only in upper", "twice"]
        {
            assert!(error.to_string().contains(part), "{part}: {error}");
        }
        assert!(evolve(&group(), &[]).is_err());
    }
}
