//! Counter-based random numbers: a short stream per (seed, topic, row), so that any row can be made without the ones before it.
//! Only integer arithmetic and exactly rounded float operations are used, so the numbers are the same on every platform.

const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// The output function of SplitMix64: a bijection of 64-bit words without visible structure.
/// # Source  Steele, Lea, Flood (2014), "Fast Splittable Pseudorandom Number Generators"; the constants are Stafford's mix 13.
pub(crate) fn mix(word: u64) -> u64 {
    let word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    word ^ (word >> 31)
}

/// What a stream of numbers is for. Two topics of one row are independent; the numbers are part of the data's definition.
#[derive(Debug, Clone, Copy)]
#[repr(u64)]
pub(crate) enum Topic {
    TeamStrength = 1,
    TeamIdentity = 2,
    TeamRank = 3,
    Squad = 4,
    SeasonScore = 5,
    Attendance = 6,
    Game = 7,
    Cluster = 8,
    SeasonScoreFate = 9,
    AttendanceFate = 10,
    WideRow = 11,
    WideOrder = 12,
    EventRow = 13,
    EventTime = 14,
    EventOrder = 15,
    Label = 16,
}

/// A key for `topic` under `seed`; `part` tells apart groups or waves of the same topic.
pub(crate) fn topic_key(seed: u64, topic: Topic, part: u64) -> u64 {
    mix(mix(mix(seed.wrapping_add(GOLDEN)).wrapping_add(topic as u64)).wrapping_add(part))
}

/// The numbers of one row, drawn in order.
pub(crate) struct Draws {
    state: u64,
}

impl Draws {
    pub(crate) fn new(seed: u64, topic: Topic, part: u64, row: u64) -> Self {
        Self::of_key(topic_key(seed, topic, part), row)
    }

    pub(crate) fn of_key(key: u64, row: u64) -> Self {
        Self { state: mix(key ^ mix(row.wrapping_add(GOLDEN))) }
    }

    pub(crate) fn word(&mut self) -> u64 {
        self.state = self.state.wrapping_add(GOLDEN);
        mix(self.state)
    }

    /// Uniform in [0, 1), a multiple of 2^-53.
    pub(crate) fn uniform(&mut self) -> f64 {
        (self.word() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    /// Uniform in 0..bound, 0 for bound 0. The bias is below bound / 2^64.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.word()) * u128::from(bound)) >> 64) as u64
    }

    /// One of `choices`; the empty string if there are none.
    pub(crate) fn pick(&mut self, choices: &[&'static str]) -> &'static str {
        let index = self.below(choices.len() as u64) as usize;
        choices.get(index).copied().unwrap_or_default()
    }

    /// Nearly standard normal, never beyond 6 in absolute value: the sum of twelve uniforms less six.
    /// Mean 0 and variance 1 hold exactly; no logarithm or cosine is needed, whose last bits differ between platforms.
    pub(crate) fn normal(&mut self) -> f64 {
        const LOW: u64 = (1 << 21) - 1;
        let mut sum = 0;
        for _ in 0..4 {
            let word = self.word();
            sum += (word & LOW) + ((word >> 21) & LOW) + ((word >> 42) & LOW);
        }
        // Half a step for each of the twelve, so that the mean is 0 and not -6 / 2^21.
        (sum + 6) as f64 / (1u64 << 21) as f64 - 6.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_splitmix64() {
        let mut draws = Draws { state: 0 };
        assert_eq!([draws.word(), draws.word()], [0xE220_A839_7B1D_CDAF, 0x6E78_9E6A_A1B9_65F4]);
    }

    #[test]
    fn normals_have_mean_0_and_variance_1() {
        let count = 200_000u64;
        let values: Vec<f64> = (0..count).map(|row| Draws::new(3, Topic::Game, 0, row).normal()).collect();
        let mean = values.iter().sum::<f64>() / count as f64;
        let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count as f64;
        assert!(mean.abs() < 0.01, "{mean}");
        assert!((variance - 1.0).abs() < 0.015, "{variance}");
    }
}
