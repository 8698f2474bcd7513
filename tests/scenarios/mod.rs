//! What users are promised, one promise per file. Scenarios are functions of a [`Sandbox`](crate::harness::Sandbox), so
//! that the same one runs on every engine.

mod bad_input;
mod bad_names;
mod built_again;
mod byte_matrix;
mod cancel;
mod cli;
mod cli_rows;
mod feature_requests;
mod frozen_executor;
mod full_disk;
mod garbage;
mod hot_keys;
mod http;
mod idempotency;
mod input_files;
mod inserts;
mod kill_during_insert;
mod latest_rows;
mod lost_etcd;
mod lost_executor;
mod lost_scheduler;
mod metadata;
mod notes;
mod one_server_per_folder;
mod partitions;
mod pruning;
mod reads;
mod refused_executors;
mod refused_starts;
mod routes;
mod same_bytes;
mod sql;
mod text_files;
mod time_travel;
mod training_dataset;
