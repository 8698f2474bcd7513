//! Which files of a feature group are worth writing anew as fewer ones.

/// What one commit added to one partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommittedFiles {
    pub bytes: u64,
    /// Files of its fullest bucket: each is a sorted run that readers merge.
    pub layers: usize,
}

/// Positions of the commits of one partition to be merged into one, so that readers merge at most `layers_max`; empty while
/// they do.
///
/// The smallest go first, and others follow while they are no larger than all before them together: a row is written
/// anew once for every doubling of what it lies in, however many small inserts there are (as in log-structured merge trees: O'Neil
/// et al., The Log-Structured Merge-Tree, 1996). At most `merged_max` layers are read at once; the rest is for the
/// next time.
pub fn worth_merging(commits: &[CommittedFiles], layers_max: usize, merged_max: usize) -> Vec<usize> {
    let layers: usize = commits.iter().map(|commit| commit.layers).sum();
    if layers <= layers_max.max(1) {
        return Vec::new();
    }
    let mut by_size: Vec<usize> = (0..commits.len()).collect();
    by_size.sort_by_key(|index| commits[*index].bytes);
    let (mut chosen, mut bytes, mut merged) = (Vec::new(), 0_u64, 0);
    for index in by_size {
        let commit = commits[index];
        let still_too_many = layers - merged + usize::from(merged > 0) > layers_max;
        let too_large = commit.bytes > bytes;
        let full = merged + commit.layers > merged_max && !chosen.is_empty();
        if full || (too_large && !still_too_many) {
            break;
        }
        chosen.push(index);
        bytes = bytes.saturating_add(commit.bytes);
        merged += commit.layers;
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commits(bytes: &[u64]) -> Vec<CommittedFiles> {
        bytes.iter().map(|bytes| CommittedFiles { bytes: *bytes, layers: 1 }).collect()
    }

    #[test]
    fn nothing_is_merged_while_readers_have_little_to_merge() {
        assert!(worth_merging(&[], 16, 64).is_empty());
        assert!(worth_merging(&commits(&[5; 16]), 16, 64).is_empty());
        assert!(worth_merging(&commits(&[5]), 0, 64).is_empty(), "one layer is as few as there can be");
    }

    #[test]
    fn small_ones_are_merged_and_large_ones_left() {
        assert_eq!(worth_merging(&commits(&[5; 17]), 16, 64), (0..17).collect::<Vec<_>>());
        let mut with_large = vec![1000];
        with_large.extend([5; 16]);
        assert_eq!(worth_merging(&commits(&with_large), 16, 64), (1..17).collect::<Vec<_>>());
        // Each as large as all before it: as many as it takes.
        let doubling: Vec<u64> = (0..18).map(|power| 3 << power).collect();
        assert_eq!(worth_merging(&commits(&doubling), 16, 64), [0, 1, 2]);
        assert_eq!(worth_merging(&commits(&[1; 100]), 16, 64).len(), 64);
        assert_eq!(worth_merging(&commits(&[7, 1]), 1, 64), [1, 0], "asked for one");
        let layered = [CommittedFiles { bytes: 9, layers: 2 }; 9];
        assert_eq!(worth_merging(&layered, 16, 64).len(), 9);
    }

    /// A thousand inserts of one size: readers never merge more than they should, and the work stays small.
    #[test]
    fn many_inserts_are_each_written_a_few_times() {
        let (mut table, mut written) = (Vec::<u64>::new(), 0);
        for _ in 0..1000 {
            table.push(1);
            let chosen = worth_merging(&commits(&table), 16, 64);
            let merged: u64 = chosen.iter().map(|index| table[*index]).sum();
            if merged > 0 {
                let mut index = 0;
                table.retain(|_| {
                    index += 1;
                    !chosen.contains(&(index - 1))
                });
                table.push(merged);
                written += merged;
            }
            assert!(table.len() <= 16);
        }
        assert_eq!(table.iter().sum::<u64>(), 1000);
        assert!(written < 6 * 1000, "{written} rows written anew");
    }
}
