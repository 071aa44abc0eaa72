//! What a bill is.

use serde::Serialize;

extern "C" {
    fn check_digits(number: u64) -> u32;
}

/// What a customer owes for the use of a plan.
#[derive(Debug, Serialize)]
pub struct Bill {
    pub number: u64,
    /// Two digits that tell a mistyped number.
    pub check: u32,
    pub customer: String,
    pub plan: &'static str,
    pub hours: u64,
    pub cents: u64,
}

impl Bill {
    pub fn new(number: u64, customer: u32, plan: &'static str, hours: u64, cents: u64) -> Bill {
        Bill {
            number,
            // SAFETY: it is arithmetic on a number.
            check: unsafe { check_digits(number) },
            customer: format!("C{customer:05}"),
            plan,
            hours,
            cents,
        }
    }
}
