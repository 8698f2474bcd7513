//! Writes `proto/src/generated/` from the .proto files, in pure Rust (no `protoc`). `--check` only says whether it is stale.
//!
//! Run `cargo run --manifest-path proto/codegen/Cargo.toml` after a change of a .proto file.

use std::{error::Error, fs, path::Path};

const FILES: [&str; 5] = ["catalog", "request", "control", "cluster", "error"];

fn main() -> Result<(), Box<dyn Error>> {
    let check = std::env::args().any(|argument| argument == "--check");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let files = FILES.map(|name| root.join(format!("mangonel/v1/{name}.proto")));
    let descriptors = protox::compile(&files, [&root])?;

    let committed = root.join("src/generated");
    let fresh = std::env::temp_dir().join(format!("mangonel-proto-{}", std::process::id()));
    fs::create_dir_all(&fresh)?;
    prost_build::Config::new().out_dir(&fresh).btree_map(["."]).compile_fds(descriptors.clone())?;
    let bytes = prost::Message::encode_to_vec(&descriptors);
    pbjson_build::Builder::new()
        .register_descriptors(&bytes)?
        .btree_map(["."])
        .emit_fields()
        .out_dir(&fresh)
        .build(&[".mangonel.v1"])?;

    let mut stale = Vec::new();
    for name in ["mangonel.v1.rs", "mangonel.v1.serde.rs"] {
        let text = fs::read_to_string(fresh.join(name))?;
        if fs::read_to_string(committed.join(name)).unwrap_or_default() != text {
            stale.push(name);
            if !check {
                fs::create_dir_all(&committed)?;
                fs::write(committed.join(name), text)?;
            }
        }
    }
    fs::remove_dir_all(&fresh)?;
    if check && !stale.is_empty() {
        return Err(format!("generated code is stale: {stale:?}; run this command without --check").into());
    }
    println!("{}", if stale.is_empty() { "generated code is up to date".into() } else { format!("wrote {stale:?}") });
    Ok(())
}
