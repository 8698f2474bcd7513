//! Made-up names of teams, in several scripts, since UTF-8 is where formats go wrong. Names may repeat; ids do not.

use crate::draws::Draws;

const BEGINNINGS: [&str; 20] = [
    "Ald", "Bryn", "Čer", "Dún", "Eiders", "Fjäll", "Gór", "Høy", "Île", "Jõe", "Kø", "Łęk", "Mü", "Ñan", "Ørst", "Pé",
    "Råd", "Şar", "Thor", "Žel",
];

const ENDINGS: [&str; 16] = [
    "berg", "bø", "dorf", "ești", "fürth", "gård", "haven", "iñán", "köping", "ligné", "mouth", "ów", "ões", "stad",
    "vár", "ýr",
];

/// What stands before and after the town.
const FORMS: [(&str, &str); 12] = [
    ("FC ", ""),
    ("AC ", ""),
    ("Sporting ", ""),
    ("Atlético ", ""),
    ("Ολυμπιακός ", ""),
    ("Спартак ", ""),
    ("", " United"),
    ("", " Wanderers"),
    ("", " 1899"),
    ("", " 蹴球団"),
    ("", "‑Süd"),
    ("", " \"B\", reserves"),
];

pub(super) const COUNTRIES: [&str; 16] = [
    "Brasil",
    "Curaçao",
    "Côte d'Ivoire",
    "Deutschland",
    "England",
    "España",
    "France",
    "Magyarország",
    "Perú",
    "Polska",
    "Sverige",
    "São Tomé e Príncipe",
    "Türkiye",
    "Ísland",
    "Ελλάδα",
    "日本",
];

pub(super) fn team_name(draws: &mut Draws) -> String {
    let (before, after) = FORMS[draws.below(FORMS.len() as u64) as usize];
    let (beginning, ending) = (draws.pick(&BEGINNINGS), draws.pick(&ENDINGS));
    format!("{before}{beginning}{ending}{after}")
}
