//! An upload that sums up what goes through it.

use object_store::buffered::BufWriter;
use tokio::io::AsyncWriteExt;

use super::publish::Checksum;

pub(super) struct Upload {
    pub file: BufWriter,
    pub sum: Checksum,
}

impl Upload {
    pub(super) fn new(file: BufWriter) -> Self {
        Self { file, sum: Checksum::default() }
    }

    pub(super) async fn append(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.sum.update(bytes);
        self.file.write_all(bytes).await
    }
}
