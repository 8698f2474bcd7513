//! A permutation of 0..n that needs no memory: shuffled row orders, and exact counts of rows chosen at random.

use crate::draws::mix;

const ROUNDS: u64 = 4;

/// A pseudo-random bijection of `0..len`, chosen by `key`.
///
/// The rows whose image is below `c` are `c` rows chosen at random: an exact count without a pass over the data.
/// # Source  Black, Rogaway (2002), "Ciphers with Arbitrary Finite Domains": a Feistel network on the next even power of two, walked
/// along its cycle until the image is in the domain.
/// ```
/// let shuffle = mangonel_generator::Shuffle::new(10, 7);
/// let mut images: Vec<u64> = (0..10).map(|row| shuffle.image(row)).collect();
/// images.sort();
/// assert_eq!(images, (0..10).collect::<Vec<_>>());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shuffle {
    len: u64,
    key: u64,
    half_bits: u32,
}

impl Shuffle {
    pub fn new(len: u64, key: u64) -> Self {
        let bits = u64::BITS - len.saturating_sub(1).leading_zeros();
        Self { len, key, half_bits: bits.div_ceil(2).max(1) }
    }

    /// Where `row` goes; a row outside the domain stays where it is.
    pub fn image(&self, row: u64) -> u64 {
        if row >= self.len {
            return row;
        }
        let mut image = self.encrypt(row);
        while image >= self.len {
            image = self.encrypt(image);
        }
        image
    }

    fn encrypt(&self, word: u64) -> u64 {
        let mask = (1u64 << self.half_bits) - 1;
        let (mut left, mut right) = (word >> self.half_bits, word & mask);
        for round in 0..ROUNDS {
            let mixed = mix(self.key ^ mix(right.wrapping_add(round << 56)));
            (left, right) = (right, left ^ (mixed & mask));
        }
        (left << self.half_bits) | right
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_has_one_image() {
        for len in [0, 1, 2, 3, 5, 16, 17, 1000, 4097] {
            let shuffle = Shuffle::new(len, 42);
            let mut seen = vec![false; len as usize];
            for row in 0..len {
                let image = shuffle.image(row) as usize;
                assert!(!seen[image], "{image} twice in 0..{len}");
                seen[image] = true;
            }
        }
        assert!(Shuffle::new(u64::MAX, 1).image(u64::MAX - 1) < u64::MAX);
    }

    #[test]
    fn neighbours_do_not_stay_neighbours() {
        let shuffle = Shuffle::new(10_000, 1);
        let close = (1..10_000).filter(|&row| shuffle.image(row).abs_diff(shuffle.image(row - 1)) < 10).count();
        assert!(close < 60, "{close}");
    }
}
