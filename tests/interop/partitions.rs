//! Values of partition columns, also odd ones, as we and other engines read them.

use mangonel_proto::{v1, wire};

use crate::harness::{Sandbox, assert_table, group, on_every_engine, python, table};

on_every_engine!(values_of_every_kind_come_back, other_engines_read_the_partitions);

const ODD: &str = "id | text | day | flag
 1 | a/b=%é | 2020-09-14 | true
 2 | x y | 1969-12-31 | false
 3 | {^~} | null | null
 4 | null | 2020-09-14 | null
 5 | __HIVE | null | true";

async fn odd(sandbox: &Sandbox) {
    let create = v1::CreateFeatureGroup {
        partition_by: vec!["text".into(), "day".into(), "flag".into()],
        ..group("odd", "id", "id:long text:string day:date flag:boolean")
    };
    sandbox.create(create).await;
    let typed = ODD.replacen("id | text | day | flag", "id:long | text:string | day:date | flag:boolean", 1);
    sandbox.insert("odd", table(&typed)).await;
}

async fn values_of_every_kind_come_back(sandbox: &Sandbox) {
    odd(sandbox).await;
    assert_table(&sandbox.rows("odd").await, ODD);
    let version = v1::VersionRef { name: "odd".into(), version: 0 };
    let listed = sandbox.client().call(wire::ListPartitions(version)).await.unwrap();
    let names: Vec<_> = listed.partitions.into_iter().map(|partition| partition.name).collect();
    let hive = "__HIVE_DEFAULT_PARTITION__";
    assert!(names.contains(&"text=a%2Fb%3D%25é/day=2020-09-14/flag=true".to_owned()), "{names:?}");
    assert!(names.contains(&format!("text={hive}/day=2020-09-14/flag={hive}")), "{names:?}");
}

async fn other_engines_read_the_partitions(sandbox: &Sandbox) {
    odd(sandbox).await;
    let table =
        sandbox.warehouse().join(sandbox.project()).join(format!("{}_featurestore.db/odd_1", sandbox.project()));
    let said = python::run("interop/partitions.py", &[&table]);
    let once: Vec<&str> = ODD.lines().skip(1).map(str::trim).collect();
    assert_eq!(said.lines().collect::<Vec<_>>(), [once.clone(), once].concat());
}
