//! The tests that need more than one module: one binary for all.

#[cfg(test)]
mod architecture;
#[cfg(test)]
mod cli;
#[cfg(test)]
mod door;
#[cfg(test)]
mod durable;
#[cfg(test)]
mod facts;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod lag;
#[cfg(test)]
mod listing;
#[cfg(test)]
mod mutation;
#[cfg(test)]
mod parallel;
#[cfg(test)]
mod personas;
#[cfg(test)]
mod profiles;
#[cfg(test)]
mod quirks;
#[cfg(test)]
mod quirks_entra;
#[cfg(test)]
mod run;
#[cfg(test)]
mod second_opinion;
#[cfg(test)]
mod serve;
#[cfg(test)]
mod settings;
#[cfg(test)]
mod tenant;
#[cfg(test)]
mod verb_run;
