//! What the plans cost.

pub struct Plan {
    pub name: &'static str,
    pub cents_per_hour: u64,
}

impl Plan {
    pub fn cost_cents(&self, hours: u64) -> u64 {
        self.cents_per_hour * hours
    }
}

/// All plans, in the order of `plans.csv`.
pub fn plans() -> &'static [Plan] {
    include!(concat!(env!("OUT_DIR"), "/plans.rs"))
}
