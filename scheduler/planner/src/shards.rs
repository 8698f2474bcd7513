//! Where one shard of a training dataset ends and the next begins: by the 64-bit hash of the root's entity key, and within a
//! key that has more rows than a shard should by the order of its rows.

/// Shards that a dataset may have.
pub const SHARDS_MAX: u32 = 100_000;
/// Size of a shard that is aimed at where the request does not say, in bytes.
pub const SHARD_BYTES_TARGET: u64 = 128 << 20;
/// Least bytes of a shard that can be asked for.
pub const SHARD_BYTES_MIN: u64 = 1 << 10;
/// Shards may differ from the mean by this part of it before they are balanced: one in ten.
const TOLERATED_PART: u64 = 10;
/// More than this many shards are a multiple of it, fewer a power of two, so that lanes can begin where buckets do.
const ALIGNED_SHARDS: u32 = 16;
/// Shards of fewer rows than this on average are not worth a closer look at crowded cells.
const MEAN_ROWS_MIN: u64 = 1024;

/// A place in the order that shards are ranges of: the hash of a row's entity key, then the row's order among the rows of
/// that hash (`docs/layout.md`, "Shards").
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    pub hash: u64,
    pub order: u64,
}

impl Place {
    /// Where the rows of a hash begin.
    pub const fn of_hash(hash: u64) -> Self {
        Self { hash, order: 0 }
    }
}

/// Shard i holds the places from `inner[i - 1]` (the very first for shard 0) up to but not including `inner[i]` (the last: to
/// the end). Stored in the run record, so that both engines and every resume cut alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShardBounds {
    inner: Vec<Place>,
    equal_width: bool,
}

impl ShardBounds {
    /// `shards` ranges of one width: shard i begins at floor(i * 2^64 / shards). 0 counts as 1.
    pub fn equal_width(shards: u32) -> Self {
        let bound = |shard: u32| Place::of_hash(((u128::from(shard) << 64) / u128::from(shards.max(1))) as u64);
        Self { inner: (1..shards).map(bound).collect(), equal_width: true }
    }

    /// Bounds by the rows counted in cells: (first place of the cell, rows), ascending, the first at the very first place.
    ///
    /// Equal widths are kept where they serve: when every shard is within a tenth of the mean, or within four standard
    /// deviations of what hashing gives by chance (which covers small data); when there are fewer cells than shards; and
    /// when bounds at cell starts would not make the largest shard smaller, as with one hot key in one cell.
    /// Otherwise each shard takes cells until it holds its part of the rows that are left.
    pub fn balanced(histogram: &[(Place, u64)], shards: u32) -> Self {
        let equal = Self::equal_width(shards);
        let total = total(histogram);
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
    pub fn from_inner(inner: Vec<Place>) -> Self {
        let equal_width = inner == Self::equal_width(u32::try_from(inner.len() + 1).unwrap_or(u32::MAX)).inner;
        Self { inner, equal_width }
    }

    /// The bounds between shards; one fewer than there are shards.
    pub fn inner(&self) -> &[Place] {
        &self.inner
    }

    pub fn is_equal_width(&self) -> bool {
        self.equal_width
    }

    /// Whether the rows of some hash are divided, so that their order has to be known.
    pub fn divides_keys(&self) -> bool {
        self.inner.iter().any(|bound| bound.order > 0)
    }

    pub fn shards(&self) -> u32 {
        u32::try_from(self.inner.len() + 1).unwrap_or(u32::MAX)
    }

    /// The shard that a place belongs to.
    pub fn shard_of(&self, place: Place) -> u32 {
        u32::try_from(self.inner.partition_point(|bound| *bound <= place)).unwrap_or(u32::MAX)
    }

    /// First place of a shard. `None` when there is no such shard.
    pub fn first(&self, shard: u32) -> Option<Place> {
        match shard.checked_sub(1) {
            None => Some(Place::of_hash(0)),
            Some(before) => self.inner.get(before as usize).copied(),
        }
    }

    /// Rows that each shard would get. The rows of a cell that a bound divides are divided by width.
    fn rows_per_shard(&self, histogram: &[(Place, u64)]) -> Vec<u64> {
        const END: u128 = 1 << 64;
        let mut rows_of = vec![0u64; self.inner.len() + 1];
        for (index, &(start, rows)) in histogram.iter().enumerate() {
            let first = u128::from(start.hash);
            let end = histogram.get(index + 1).map_or(END, |(next, _)| u128::from(next.hash));
            let shard = self.shard_of(start) as usize;
            if start.order > 0 || end.saturating_sub(first) <= 1 {
                rows_of[shard] = rows_of[shard].saturating_add(rows);
                continue;
            }
            let width = end - first;
            let (mut from, mut given) = (first, 0);
            for (shard, slot) in rows_of.iter_mut().enumerate().skip(shard) {
                let to = end.min(self.inner.get(shard).map_or(END, |bound| u128::from(bound.hash)));
                from = from.max(to);
                let so_far = (u128::from(rows) * (from - first).min(width) / width) as u64;
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

fn total(histogram: &[(Place, u64)]) -> u64 {
    histogram.iter().fold(0, |sum, (_, rows)| sum.saturating_add(*rows))
}

/// Cells that hold more rows than a shard should: their keys have to be counted one by one before bounds are chosen.
pub fn crowded_cells(histogram: &[(Place, u64)], shards: u32) -> Vec<Place> {
    let mean = total(histogram) / u64::from(shards.max(1));
    let crowded = histogram.iter().filter(|(_, rows)| shards > 1 && *rows > mean.max(MEAN_ROWS_MIN));
    crowded.map(|(start, _)| *start).collect()
}

/// Puts finer counts in the place of one cell. `counts`: (place, rows) within the cell, in any order; places of one hash are
/// cells of its order. What lies between the finer cells is a cell of its own, so that a hot key stands alone.
pub fn refine(histogram: &mut Vec<(Place, u64)>, cell: Place, counts: &[(Place, u64)], rows_min: u64) {
    let Ok(at) = histogram.binary_search_by_key(&cell, |(start, _)| *start) else { return };
    let mut sorted = counts.to_vec();
    sorted.sort_unstable();
    let mut finer: Vec<(Place, u64)> = vec![(cell, 0)];
    for key in sorted.chunk_by(|(left, _), (right, _)| left.hash == right.hash) {
        let rows: u64 = key.iter().map(|(_, rows)| rows).sum();
        if rows < rows_min {
            if let Some((_, sum)) = finer.last_mut() {
                *sum += rows;
            }
            continue;
        }
        for (place, rows) in key {
            match finer.last_mut() {
                Some((last, sum)) if last == place => *sum += rows,
                _ => finer.push((*place, *rows)),
            }
        }
        finer.extend(key[0].0.hash.checked_add(1).map(|next| (Place::of_hash(next), 0)));
    }
    let cell_end = histogram.get(at + 1).map(|(next, _)| *next);
    finer.retain(|(place, _)| cell_end.is_none_or(|end| *place < end));
    histogram.splice(at..=at, finer);
}

/// Inner bounds at cell starts, strictly ascending; `histogram` has at least `shards` cells.
fn quantiles(histogram: &[(Place, u64)], shards: u32, total: u64) -> Vec<Place> {
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

/// Number of shards of about `target_bytes` for a dataset of `bytes`: as asked, without rounding.
pub fn shards_of(bytes: u64, target_bytes: u64) -> u32 {
    bytes.div_ceil(target_bytes.max(1)).clamp(1, u64::from(SHARDS_MAX)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    const CELLS: u64 = 4096;

    /// A histogram of equal cells whose rows are given by `rows` of the cell number.
    fn histogram(rows: impl Fn(u64) -> u64) -> Vec<(Place, u64)> {
        (0..CELLS).map(|cell| (Place::of_hash(cell << 52), rows(cell))).collect()
    }

    fn places(hashes: &[u64]) -> Vec<Place> {
        hashes.iter().copied().map(Place::of_hash).collect()
    }

    #[test]
    fn equal_widths_are_exact_fractions_of_the_hash_space() {
        assert_eq!(ShardBounds::equal_width(4).inner(), places(&[1 << 62, 1 << 63, 3 << 62]));
        assert_eq!(ShardBounds::equal_width(3).inner(), places(&[u64::MAX / 3, u64::MAX / 3 * 2]));
        assert_eq!(ShardBounds::equal_width(1).inner(), []);
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
            for shard in 0..bounds.shards() {
                let first = bounds.first(shard).unwrap();
                assert_eq!(bounds.shard_of(first), shard);
                if let Some(before) = first.hash.checked_sub(1) {
                    assert_eq!(bounds.shard_of(Place { hash: before, order: u64::MAX }), shard - 1, "no gap");
                }
            }
            assert_eq!(bounds.first(bounds.shards()), None);
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
        let starts: Vec<Place> = cells.iter().map(|cell| cell.0).collect();
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
    fn a_hot_key_is_divided_by_the_order_of_its_rows() {
        let mut cells = histogram(|cell| if cell == 2000 { 4_003_000 } else { 1000 });
        let hot = (2000 << 52) + 77;
        assert_eq!(crowded_cells(&cells, 8), places(&[2000 << 52]));
        // The hot key by a hundredth of its order each, and three others around it.
        let part = u64::MAX / 100;
        let mut counts: Vec<(Place, u64)> =
            (0..100).map(|index| (Place { hash: hot, order: index * part }, 40_000)).collect();
        counts.extend([
            (Place::of_hash(hot - 9), 1000),
            (Place::of_hash(hot + 1), 1000),
            (Place::of_hash(hot + 9), 1000),
        ]);
        refine(&mut cells, Place::of_hash(2000 << 52), &counts, 100_000);
        assert!(cells.is_sorted_by_key(|(place, _)| *place));
        assert_eq!(total(&cells), 4095 * 1000 + 4_003_000);
        let bounds = ShardBounds::balanced(&cells, 8);
        assert!(bounds.divides_keys());
        let rows = bounds.rows_per_shard(&cells);
        let mean = rows.iter().sum::<u64>() / 8;
        assert!(rows.iter().all(|rows| rows.abs_diff(mean) < mean / 10), "{rows:?} around {mean}");
        let shards: std::collections::BTreeSet<u32> =
            (0..100).map(|index| bounds.shard_of(Place { hash: hot, order: index * part })).collect();
        assert!(shards.len() >= 4, "the hot key is in shards {shards:?}");
        assert_eq!(ShardBounds::from_inner(bounds.inner().to_vec()), bounds);
    }

    #[test]
    fn a_refined_cell_holds_the_rows_that_it_held() {
        let mut cells = histogram(|_| 5);
        let last = CELLS - 1;
        let counts = [(Place::of_hash(u64::MAX), 3), (Place::of_hash(last << 52), 2)];
        refine(&mut cells, Place::of_hash(last << 52), &counts, 3);
        assert_eq!(cells[last as usize..], [(Place::of_hash(last << 52), 2), (Place::of_hash(u64::MAX), 3)]);
        refine(&mut cells, Place::of_hash(0), &[(Place::of_hash(0), 4), (Place::of_hash(1), 1)], 4);
        assert_eq!(cells[..3], [(Place::of_hash(0), 4), (Place::of_hash(1), 1), (Place::of_hash(1 << 52), 5)]);
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
