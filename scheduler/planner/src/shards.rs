//! Where one shard of a training dataset ends and the next begins, in the space of 64-bit hashes of the root's entity key.

/// Shards that a dataset may have.
pub const SHARDS_MAX: u32 = 100_000;
/// Size of a shard that is aimed at where the request does not say, in bytes.
pub const SHARD_BYTES_TARGET: u64 = 128 << 20;
/// Shards may differ from the mean by this part of it before they are balanced: one in ten.
const TOLERATED_PART: u64 = 10;
/// More than this many shards are a multiple of it, fewer a power of two, so that lanes can begin where buckets do.
const ALIGNED_SHARDS: u32 = 16;

/// Shard i holds the hashes from `inner[i - 1]` (0 for the first) up to but not including `inner[i]` (the last: to the end).
/// Stored in the run record, so that both engines and every resume cut alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShardBounds {
    inner: Vec<u64>,
    equal_width: bool,
}

impl ShardBounds {
    /// `shards` ranges of one width: shard i begins at floor(i * 2^64 / shards). 0 counts as 1.
    pub fn equal_width(shards: u32) -> Self {
        let bound = |shard: u32| ((u128::from(shard) << 64) / u128::from(shards.max(1))) as u64;
        Self { inner: (1..shards).map(bound).collect(), equal_width: true }
    }

    /// Bounds by the rows counted in cells of the hash space: (first hash of the cell, rows), ascending, the first at 0.
    ///
    /// Equal widths are kept where they serve: when every shard is within a tenth of the mean, or within four standard
    /// deviations of what hashing gives by chance (which covers small data); when there are fewer cells than shards; and
    /// when bounds at cell starts would not make the largest shard smaller, as with one hot key.
    /// Otherwise each shard takes cells until it holds its part of the rows that are left.
    pub fn balanced(histogram: &[(u64, u64)], shards: u32) -> Self {
        let equal = Self::equal_width(shards);
        let total: u64 = histogram.iter().fold(0, |sum, (_, rows)| sum.saturating_add(*rows));
        let mean = total / u64::from(shards.max(1));
        let widths = equal.rows_per_shard(histogram);
        let tolerated = (mean / TOLERATED_PART).max(mean.isqrt().saturating_mul(4)).max(1);
        if histogram.len() < shards as usize || widths.iter().all(|rows| rows.abs_diff(mean) <= tolerated) {
            return equal;
        }
        let quantiles = Self { inner: quantiles(histogram, shards, total), equal_width: false };
        let largest = |rows: Vec<u64>| rows.into_iter().max().unwrap_or_default();
        if largest(quantiles.rows_per_shard(histogram)) < largest(widths) { quantiles } else { equal }
    }

    /// Bounds as stored in a run record: the inner bounds, ascending.
    pub fn from_inner(inner: Vec<u64>) -> Self {
        let equal_width = inner == Self::equal_width(u32::try_from(inner.len() + 1).unwrap_or(u32::MAX)).inner;
        Self { inner, equal_width }
    }

    /// The bounds between shards; one fewer than there are shards.
    pub fn inner(&self) -> &[u64] {
        &self.inner
    }

    pub fn is_equal_width(&self) -> bool {
        self.equal_width
    }

    pub fn shards(&self) -> u32 {
        u32::try_from(self.inner.len() + 1).unwrap_or(u32::MAX)
    }

    /// The shard that a hash belongs to.
    pub fn shard_of(&self, hash: u64) -> u32 {
        u32::try_from(self.inner.partition_point(|bound| *bound <= hash)).unwrap_or(u32::MAX)
    }

    /// First and last hash (inclusive) of a shard. `None` when there is no such shard.
    pub fn range(&self, shard: u32) -> Option<(u64, u64)> {
        let shard = shard as usize;
        if shard > self.inner.len() {
            return None;
        }
        let first = if shard == 0 { 0 } else { self.inner[shard - 1] };
        Some((first, self.inner.get(shard).map_or(u64::MAX, |next| next.wrapping_sub(1))))
    }

    /// Rows that each shard would get. The rows of a cell that a bound divides are divided by width.
    fn rows_per_shard(&self, histogram: &[(u64, u64)]) -> Vec<u64> {
        const END: u128 = 1 << 64;
        let mut rows_of = vec![0u64; self.inner.len() + 1];
        for (index, &(start, rows)) in histogram.iter().enumerate() {
            let end = histogram.get(index + 1).map_or(END, |next| u128::from(next.0));
            let width = end.saturating_sub(u128::from(start)).max(1);
            let (mut from, mut given) = (u128::from(start), 0);
            for (shard, slot) in rows_of.iter_mut().enumerate().skip(self.shard_of(start) as usize) {
                let to = end.min(self.inner.get(shard).map_or(END, |bound| u128::from(*bound)));
                from = from.max(to);
                let so_far = (u128::from(rows) * (from - u128::from(start)).min(width) / width) as u64;
                *slot = slot.saturating_add(so_far - given);
                given = so_far;
                if to == end {
                    break;
                }
            }
        }
        rows_of
    }
}

/// Inner bounds at cell starts, strictly ascending; `histogram` has at least `shards` cells.
fn quantiles(histogram: &[(u64, u64)], shards: u32, total: u64) -> Vec<u64> {
    let mut bounds = Vec::with_capacity(shards.saturating_sub(1) as usize);
    let (mut left, mut cell) = (total, 0);
    for shards_left in (2..=shards as usize).rev() {
        let part = left / shards_left as u64;
        // Every later shard needs a cell of its own.
        let last = histogram.len() - (shards_left - 1);
        let mut rows = histogram[cell].1;
        cell += 1;
        while cell < last {
            let next = rows.saturating_add(histogram[cell].1);
            // The cell that crosses the part is taken if that comes nearer to it.
            if next > part && next - part >= part.saturating_sub(rows) {
                break;
            }
            rows = next;
            cell += 1;
        }
        left = left.saturating_sub(rows);
        bounds.push(histogram[cell].0);
    }
    bounds
}

/// Number of shards for an estimate of the dataset's bytes, so that each has at most about `target_bytes`: at least 1, at
/// most [`SHARDS_MAX`], and above 16 a multiple of 16, else a power of two.
pub fn default_shards(bytes_estimate: u64, target_bytes: u64) -> u32 {
    let shards = bytes_estimate.div_ceil(target_bytes.max(1)).clamp(1, u64::from(SHARDS_MAX)) as u32;
    if shards > ALIGNED_SHARDS { shards.next_multiple_of(ALIGNED_SHARDS) } else { shards.next_power_of_two() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CELLS: u64 = 4096;

    /// A histogram of equal cells whose rows are given by `rows` of the cell number.
    fn histogram(rows: impl Fn(u64) -> u64) -> Vec<(u64, u64)> {
        (0..CELLS).map(|cell| (cell << 52, rows(cell))).collect()
    }

    #[test]
    fn equal_widths_are_exact_fractions_of_the_hash_space() {
        assert_eq!(ShardBounds::equal_width(4).inner(), [1 << 62, 1 << 63, 3 << 62]);
        assert_eq!(ShardBounds::equal_width(3).inner(), [u64::MAX / 3, u64::MAX / 3 * 2]);
        assert_eq!(ShardBounds::equal_width(1).inner(), [] as [u64; 0]);
        assert_eq!(ShardBounds::equal_width(0).shards(), 1);
        let most = ShardBounds::equal_width(SHARDS_MAX);
        assert_eq!(most.shards(), SHARDS_MAX);
        assert!(most.inner().windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn every_hash_is_in_the_range_of_its_shard() {
        let skewed = ShardBounds::balanced(&histogram(|cell| if cell < 64 { 100_000 } else { 100 }), 7);
        assert!(!skewed.is_equal_width());
        for bounds in [ShardBounds::equal_width(1), ShardBounds::equal_width(7), skewed] {
            let mut next = 0u128;
            for shard in 0..bounds.shards() {
                let (first, last) = bounds.range(shard).unwrap();
                assert_eq!(u128::from(first), next, "no gap");
                assert_eq!((bounds.shard_of(first), bounds.shard_of(last)), (shard, shard));
                next = u128::from(last) + 1;
            }
            assert_eq!(next, 1 << 64);
            assert_eq!(bounds.range(bounds.shards()), None);
            assert_eq!(ShardBounds::from_inner(bounds.inner().to_vec()), bounds);
        }
    }

    #[test]
    fn rows_add_up_whatever_the_bounds() {
        let cells = histogram(|cell| cell * 37 % 1000);
        let total: u64 = cells.iter().map(|(_, rows)| rows).sum();
        for shards in [1, 3, 7, 64, 100, 5000] {
            let rows = ShardBounds::equal_width(shards).rows_per_shard(&cells);
            assert_eq!(rows.len(), shards as usize);
            assert_eq!(rows.iter().sum::<u64>(), total, "{shards} shards");
        }
    }

    #[test]
    fn equal_widths_are_kept_where_they_serve() {
        let chance = |cell: u64| 4 + cell.wrapping_mul(0x9E37_79B9_7F4A_7C15) % 5;
        for (what, cells, shards) in [
            ("spread evenly", histogram(|_| 1000), 100),
            ("small", histogram(chance), 500),
            ("empty", histogram(|_| 0), 10),
            ("no cells", Vec::new(), 10),
            ("fewer cells than shards", histogram(|cell| cell), 5000),
            ("one hot key", histogram(|cell| if cell == 77 { 1_000_000 } else { 0 }), 4),
        ] {
            assert_eq!(ShardBounds::balanced(&cells, shards), ShardBounds::equal_width(shards), "{what}");
        }
    }

    #[test]
    fn skewed_cells_are_balanced() {
        let cells = histogram(|cell| if cell < 1024 { 3000 } else { 1000 });
        let bounds = ShardBounds::balanced(&cells, 8);
        let rows = bounds.rows_per_shard(&cells);
        let mean = rows.iter().sum::<u64>() / 8;
        assert!(rows.iter().all(|rows| rows.abs_diff(mean) < 3000), "{rows:?} around {mean}");
        let starts: Vec<u64> = cells.iter().map(|cell| cell.0).collect();
        assert!(bounds.inner().iter().all(|bound| starts.contains(bound)), "bounds are starts of cells");
    }

    #[test]
    fn a_hot_cell_has_a_shard_of_its_own() {
        let cells = histogram(|cell| if cell == 2000 { 4_000_000 } else { 1000 });
        let bounds = ShardBounds::balanced(&cells, 8);
        let rows = bounds.rows_per_shard(&cells);
        assert_eq!(rows.iter().max(), Some(&4_000_000), "{rows:?}");
        assert!(rows.iter().all(|rows| *rows > 0), "{rows:?}");
    }

    #[test]
    fn default_shards_follow_the_size() {
        let gib = 1 << 30;
        let table: Vec<u32> =
            [0, 1, gib, 2 * gib + 1, 50 * gib, u64::MAX].map(|bytes| default_shards(bytes, SHARD_BYTES_TARGET)).into();
        assert_eq!(table, [1, 1, 8, 32, 400, 100_000]);
        assert_eq!(default_shards(10, 0), 16);
    }
}
