//! Makes up bills and prints them, one JSON object a line. The same seed makes the same bills.

use std::error::Error;
use std::io::{self, BufWriter, Write};

use ledger::Bill;
use lexopt::prelude::*;

const USAGE: &str = "usage: billing-demo [--count N] [--seed S]";

struct Options {
    count: u64,
    seed: u64,
}

fn main() -> Result<(), Box<dyn Error>> {
    let options = parse_options()?;
    let mut random = fastrand::Rng::with_seed(options.seed);
    let mut out = BufWriter::new(io::stdout().lock());
    for number in 1..=options.count {
        serde_json::to_writer(&mut out, &make_up_bill(number, &mut random))?;
        if let Err(error) = out.write_all(b"\n") {
            // Whoever reads has seen enough.
            return if error.kind() == io::ErrorKind::BrokenPipe {
                Ok(())
            } else {
                Err(error.into())
            };
        }
    }
    out.flush()?;
    Ok(())
}

fn make_up_bill(number: u64, random: &mut fastrand::Rng) -> Bill {
    let plans = rates::plans();
    let plan = &plans[random.usize(..plans.len())];
    let hours = random.u64(1..=744);
    Bill::new(
        number,
        random.u32(1..=5_000),
        plan.name,
        hours,
        plan.cost_cents(hours),
    )
}

fn parse_options() -> Result<Options, lexopt::Error> {
    let mut options = Options { count: 10, seed: 1 };
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("count") => options.count = arguments.value()?.parse()?,
            Long("seed") => options.seed = arguments.value()?.parse()?,
            Short('h') | Long("help") => {
                println!("{USAGE}");
                std::process::exit(0);
            }
            _ => return Err(argument.unexpected()),
        }
    }
    Ok(options)
}
