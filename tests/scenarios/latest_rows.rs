//! A group with an event time answers with the latest row of each key, and ties are decided the same way every time.

use mangonel_proto::v1;

use crate::harness::{Sandbox, assert_table, group, on_every_engine, request, sandbox::begin, table, tables::rows_of};

on_every_engine!(
    the_greatest_event_time_wins_whatever_the_order_of_inserts,
    of_one_event_time_the_later_commit_wins,
    within_one_commit_the_greater_row_digest_wins,
    composite_keys_and_instants_have_latest_rows_too,
);

fn measured(features: &str) -> v1::CreateFeatureGroup {
    v1::CreateFeatureGroup { event_time: "at".into(), ..group("measured", "id", features) }
}

async fn the_greatest_event_time_wins_whatever_the_order_of_inserts(sandbox: &Sandbox) {
    sandbox.create(measured("id:long at:timestamp x:integer")).await;
    for rows in [
        "1 | 2020-01-02T00:00:00Z | 12\n 2 | 2020-01-01T00:00:00Z | 21",
        "1 | 2020-01-01T00:00:00Z | 11\n 2 | 2020-01-02T00:00:00.000001Z | 22",
        "1 | 1969-12-31T23:59:59Z | 10\n 2 | 2020-01-02T00:00:00Z | 23\n 3 | 1960-01-01T00:00:00Z | 30",
    ] {
        sandbox.insert("measured", table(&format!("id:long | at:timestamp | x:integer\n{rows}"))).await;
    }
    assert_table(&sandbox.ask(request("id x")).await.unwrap(), "id | x\n 1 | 12\n 2 | 22\n 3 | 30");
    assert_eq!(sandbox.rows("measured").await.num_rows(), 7, "the group itself keeps every row");
}

async fn of_one_event_time_the_later_commit_wins(sandbox: &Sandbox) {
    sandbox.create(measured("id:long at:date x:integer")).await;
    for x in [3, 9, 1, 5] {
        sandbox.insert("measured", table(&format!("id:long | at:date | x:integer\n 1 | 2020-01-01 | {x}"))).await;
        assert_table(&sandbox.ask(request("id x")).await.unwrap(), &format!("id | x\n 1 | {x}"));
    }
}

async fn within_one_commit_the_greater_row_digest_wins(sandbox: &Sandbox) {
    let rows: Vec<String> = (0..50).map(|x| format!("1 | 2020-01-01 | {x}")).collect();
    let mut winners = Vec::new();
    for (name, parts) in [("one_part", 1), ("ten_parts", 10), ("backwards", 1)] {
        let mut rows = rows.clone();
        if name == "backwards" {
            rows.reverse();
        }
        let create =
            v1::CreateFeatureGroup { event_time: "at".into(), ..group(name, "id", "id:long at:date x:integer") };
        sandbox.create(create).await;
        let parts =
            rows.chunks(50 / parts).map(|rows| table(&format!("id:long | at:date | x:integer\n{}", rows.join("\n"))));
        sandbox.insert_as(begin(name), parts.collect()).await.unwrap();
        winners.push(rows_of(&sandbox.ask(request(&format!("{name}.x"))).await.unwrap()));
    }
    assert_eq!(winners[0].len(), 1);
    assert!(winners.iter().all(|winner| *winner == winners[0]), "{winners:?}");
    let digester = mangonel_storage::digest::RowDigester::new(
        &table("id:long | at:date | x:integer\n 1 | 2020-01-01 | 0").schema(),
    );
    let all = table(&format!("id:long | at:date | x:integer\n{}", rows.join("\n")));
    let digests = digester.unwrap().digest(&all).unwrap();
    let greatest = (0..50).max_by_key(|row| digests.value(*row).to_vec()).unwrap();
    assert_eq!(winners[0], [greatest.to_string()]);
}

async fn composite_keys_and_instants_have_latest_rows_too(sandbox: &Sandbox) {
    let create = v1::CreateFeatureGroup {
        event_time: "at".into(),
        ..group("games", "home away", "home:string away:string at:timestamp_ntz goals:short")
    };
    let rows = table(
        "home:string | away:string | at:timestamp_ntz | goals:short
         aik | ifk | 2020-01-01T10:00:00 | 1
         aik | ifk | 2020-01-01T12:00:00 | 2
         ifk | aik | 2020-01-01T11:00:00 | 3
         aik | dif | 2019-01-01T11:00:00 | 4
         aik | dif | 2018-01-01T11:00:00 | 5",
    );
    sandbox.create_filled(create, rows).await;
    let expected = "home | away | goals\n aik | ifk | 2\n ifk | aik | 3\n aik | dif | 4";
    assert_table(&sandbox.ask(request("home away goals")).await.unwrap(), expected);
}
