//! What tests stand on: a store of their own in this process or as the real binary, tables as text, other tools.

pub(crate) mod cluster;
pub(crate) mod definitions;
pub(crate) mod etcd;
pub(crate) mod files;
pub(crate) mod openmetrics;
pub(crate) mod process;
pub(crate) mod python;
pub(crate) mod sandbox;
pub(crate) mod small_disk;
pub(crate) mod spills;
pub(crate) mod tables;

pub(crate) use definitions::{dataset, group, request};
pub(crate) use sandbox::Sandbox;
pub(crate) use tables::{assert_table, table};

/// Runs each scenario on every engine, under its own name. A scenario is `async fn(&Sandbox)`.
macro_rules! on_every_engine {
    ($($scenario:ident),* $(,)?) => {
        mod on_the_local_engine {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $scenario() {
                let sandbox = $crate::harness::Sandbox::local().await;
                super::$scenario(&sandbox).await;
                sandbox.stop().await;
            })*
        }

        mod on_a_cluster {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $scenario() {
                let sandbox = $crate::harness::cluster::Cluster::shared().sandbox().await;
                super::$scenario(&sandbox).await;
            })*
        }
    };
}
pub(crate) use on_every_engine;
