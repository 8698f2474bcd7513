//! What `explain` says, as approved texts. To renew them: `MANGONEL_APPROVE=1 cargo test -p mangonel-planner explains`

use std::{fs, path::Path};

use mangonel_planner::{Pin, explain, physical::BROADCAST_BYTES_MAX, resolve};
use mangonel_proto::v1::{FeatureGroup, FeatureRequest, JoinType};

use crate::world::{TEAM_POSITION_PREDICTION, group, request, tour};

#[track_caller]
fn approved(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("approved").join(format!("{name}.txt"));
    if std::env::var_os("MANGONEL_APPROVE").is_some() {
        fs::write(&path, text).unwrap();
    }
    let known = fs::read_to_string(&path).unwrap_or_default();
    let renew = "MANGONEL_APPROVE=1 cargo test -p mangonel-planner explains";
    assert!(known == text, "{} differs; to renew it: {renew}\n\n{text}", path.display());
}

fn explained(request: &FeatureRequest, groups: &[FeatureGroup], pins: &[Pin]) -> String {
    explain(&resolve(request, groups).unwrap(), pins, BROADCAST_BYTES_MAX)
}

fn pin(group: usize, table_version: i64, rows: u64, bytes: u64, files: u32, buckets: Option<u32>) -> Pin {
    Pin { group, table_version, rows, bytes, files, buckets }
}

#[test]
fn one_group() {
    approved("one_group", &explained(&request("team_budget"), &tour(), &[pin(0, 0, 1, 900, 1, None)]));
}

#[test]
fn the_tour() {
    let pins: Vec<Pin> = (0..4).map(|group| pin(group, 1, 20, 2048, 1, Some(1))).collect();
    approved("the_tour", &explained(&request(&format!("team_id, {TEAM_POSITION_PREDICTION}")), &tour(), &pins));
}

#[test]
fn a_chain_from_events_to_cities() {
    let groups = [
        group("clicks_3", "user_id* long, at@ timestamp, shop_id long, clicks long"),
        group("users_1", "user_id* long, at@ timestamp, age short"),
        group("users_2", "user_id* long, at@ timestamp, age integer, plan string"),
        group("shops_1", "shop_id* long, city_id string, size double"),
        group("cities_1", "city_id* string, rain decimal(10,2)"),
        group("offers_1", "shop_id* long, offer_id* long, at@ timestamp, price decimal(18,2)"),
    ];
    let request = FeatureRequest { limit: 1000, ..request("clicks, plan, rain, size, offers.price, user_id") };
    let gib = 1 << 30;
    let pins = [
        pin(0, 41, 3_000_000_000, 120 * gib, 512, Some(256)),
        pin(1, 7, 80_000_000, 3 * gib, 64, Some(64)),
        pin(2, 2, 900, 40_000, 1, None),
        pin(3, 0, 100_000, 1_500_000, 4, None),
        pin(4, 12, 70_000_000, 2 * gib, 16, Some(16)),
    ];
    approved("a_chain", &explained(&request, &groups, &pins));
    approved("a_chain_without_tables", &explained(&request, &groups, &[]));
}

#[test]
fn a_left_join() {
    let request = FeatureRequest {
        join_type: JoinType::Left.into(),
        root: "teams_features".into(),
        group_versions: [("teams_features".into(), 1)].into(),
        ..request("team_id, team_budget, sum_attendance")
    };
    let pins = [pin(0, 3, 20, 1000, 1, None), pin(1, 5, 18, 1000, 1, None)];
    approved("a_left_join", &explained(&request, &tour(), &pins));
}
