//! Several servers in turn: A B, B A, A B …, so that a machine that is slower
//! for a while is so for all of them. Medians, and ratios within each round.

use crate::report;
use crate::run::{Measurement, Settings, run};
use crate::scenario::Scenario;
use crate::target::Spec;

/// All runs of one scenario.
#[derive(Clone, Debug, Default)]
pub struct Comparison {
    /// By round, in the order of the specs; none: that run failed.
    pub rounds: Vec<Vec<Option<Measurement>>>,
}

/// Runs a scenario against all servers as many times.
pub async fn compare(
    specs: &[Spec],
    scenario: &Scenario,
    settings: &Settings,
    rounds: usize,
) -> Comparison {
    let mut comparison = Comparison::default();
    for round in 0..rounds {
        let mut order: Vec<_> = (0..specs.len()).collect();
        if round % 2 == 1 {
            order.reverse();
        }
        let mut measured = vec![None; specs.len()];
        for index in order {
            match run(&specs[index], scenario, settings).await {
                Ok(measurement) => {
                    report::line(&measurement);
                    measured[index] = Some(measurement);
                }
                Err(error) => report::failure(&specs[index].label, &scenario.name, &error),
            }
        }
        comparison.rounds.push(measured);
    }
    comparison
}

impl Comparison {
    /// The valid runs of the server with this index.
    pub fn of(&self, index: usize) -> impl Iterator<Item = &Measurement> {
        let measured = self.rounds.iter().filter_map(move |round| round.get(index)?.as_ref());
        measured.filter(|measurement| measurement.is_valid())
    }

    /// The median of a figure over the valid runs of a server.
    #[must_use]
    pub fn median(&self, index: usize, figure: impl Fn(&Measurement) -> f64) -> Option<f64> {
        median(self.of(index).map(figure).collect())
    }

    /// How far the valid runs of a server are apart: the widest distance from
    /// the median, as a part of it.
    #[must_use]
    pub fn spread(&self, index: usize, figure: impl Fn(&Measurement) -> f64) -> Option<f64> {
        let middle = self.median(index, &figure)?;
        let apart = self.of(index).map(|it| (figure(it) / middle - 1.0).abs());
        apart.reduce(f64::max)
    }

    /// The median of the ratios of two servers, each within one round.
    #[must_use]
    pub fn ratio(
        &self,
        index: usize,
        to: usize,
        figure: impl Fn(&Measurement) -> f64,
    ) -> Option<f64> {
        let valid = |round: &[Option<Measurement>], index: usize| {
            round.get(index)?.clone().filter(Measurement::is_valid)
        };
        let ratios = self
            .rounds
            .iter()
            .filter_map(|round| Some(figure(&valid(round, index)?) / figure(&valid(round, to)?)));
        median(ratios.collect())
    }
}

/// The middle one; between the two middle ones if they are even in number.
#[must_use]
pub fn median(mut figures: Vec<f64>) -> Option<f64> {
    figures.sort_by(f64::total_cmp);
    let middle = figures.len() / 2;
    let upper = *figures.get(middle)?;
    let is_even = figures.len().is_multiple_of(2);
    Some(if is_even { f64::midpoint(figures[middle - 1], upper) } else { upper })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_is_in_the_middle() {
        assert_eq!(median(vec![]), None);
        assert_eq!(median(vec![3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), Some(2.5));
    }
}
