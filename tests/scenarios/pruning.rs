//! What a query does not need is not read: columns, row groups and files that its filters rule out. Seen by the bytes of
//! files that the server says it has read.

use crate::harness::process::{Up, http_get};

/// Bytes of files that a query has read.
fn bytes_read(server: &Up, sql: &str) -> u64 {
    let so_far = || {
        let (_, metrics) = http_get(server, "/metrics");
        let line = metrics.lines().find(|line| line.starts_with("mangonel_read_file_bytes_total ")).unwrap().to_owned();
        line.split(' ').nth(1).unwrap().parse::<u64>().unwrap()
    };
    let before = so_far();
    server.answer(&["sql", sql]);
    so_far() - before
}

#[test]
fn a_query_reads_only_what_it_needs() {
    let temporary = tempfile::tempdir().unwrap();
    let server = Up::start(&temporary.path().join("data"), &[]);
    let file = temporary.path().join("games.csv");
    let rows: Vec<String> = (0..200_000)
        .map(|id: u64| {
            let noise = id.wrapping_mul(0x9E37_79B9_7F4A_7C15);
            format!("{id},{},{},{}", 2000 + id % 10, noise % 1_000_003, noise >> 32)
        })
        .collect();
    std::fs::write(&file, format!("id,year,a,b\n{}\n", rows.join("\n"))).unwrap();
    let features = "--feature id:long --feature year:integer --feature a:long --feature b:long";
    for (name, more) in [("games", ""), ("seasons", " --partition-by year")] {
        let create = format!("feature-group create {name} --key id {features}{more}");
        server.answer(&create.split(' ').collect::<Vec<_>>());
        server.answer(&["feature-group", "insert", name, file.to_str().unwrap()]);
    }
    for table in ["games", "seasons"] {
        let all = bytes_read(&server, &format!("SELECT sum(id), sum(year), sum(a), sum(b) FROM {table}"));
        let one = bytes_read(&server, &format!("SELECT sum(b) FROM {table}"));
        assert!(one * 2 < all, "{table}: one of four columns is {one} of {all} bytes");
        let none = bytes_read(&server, &format!("SELECT count(*) FROM {table}"));
        assert_eq!(none, 0, "{table}: the log knows how many rows there are");
        let outside = bytes_read(&server, &format!("SELECT sum(b) FROM {table} WHERE id > 200000"));
        assert_eq!(outside, 0, "{table}: no file can hold such a key");
    }
    let all = bytes_read(&server, "SELECT sum(b) FROM games");
    let keys = bytes_read(&server, "SELECT sum(b) FROM games WHERE id BETWEEN 1000 AND 1100");
    assert!(keys * 4 < all, "a few neighbouring keys are {keys} of {all} bytes");
    let all = bytes_read(&server, "SELECT sum(b) FROM seasons");
    let tenth = bytes_read(&server, "SELECT sum(b) FROM seasons WHERE year = 2003");
    assert!((all / 12..all / 8).contains(&tenth), "one partition of ten is {tenth} of {all} bytes");
    let fifth = bytes_read(&server, "SELECT sum(b) FROM seasons WHERE year IN (2003, 2007) OR year IS NULL");
    assert!((tenth * 3 / 2..tenth * 5 / 2).contains(&fifth), "two partitions of ten are {fifth} of {all} bytes");
    assert!(server.terminate().success());
}
