//! What people cost who are only there.

use std::time::Duration;

use parlor_testkit::Sim;

/// Wake-ups a second, however many there are: ten rounds for what can wait, and
/// those that were promised for a moment that has become too early.
const WAKE_UPS: usize = 12;

#[test]
fn the_idle_are_looked_at_seldom_and_together() {
    for people in [10, 60] {
        let mut sim = Sim::seeded(71);
        for n in 0..people {
            sim.join(&format!("person {n}"), Vec::new());
            sim.run(Duration::from_millis(37));
        }
        sim.run(Duration::from_secs(10));
        let before = sim.timeouts();
        sim.run(Duration::from_secs(20));
        let woken = sim.timeouts() - before;
        assert!(woken <= 20 * WAKE_UPS, "{people} people: {woken} timeouts in 20 s");
    }
}
