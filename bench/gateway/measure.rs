//! Times and memory.

use std::time::{Duration, Instant};

#[derive(Default)]
pub(crate) struct Times(Vec<Duration>);

impl Times {
    pub(crate) fn add(&mut self, time: Duration) {
        self.0.push(time);
    }

    pub(crate) fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    pub(crate) fn time(&mut self, work: impl FnOnce() -> serde_json::Value) {
        let started = Instant::now();
        std::hint::black_box(work());
        self.add(started.elapsed());
    }

    /// In milliseconds.
    pub(crate) fn percentile(&self, percent: usize) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let at = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
        sorted.get(at).map_or(0.0, |time| time.as_secs_f64() * 1e3)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

/// One line; `aim` is that of the median.
pub(crate) fn report(name: &str, times: &Times, aim: f64) {
    let [p50, p95, p99] = [50, 95, 99].map(|percent| times.percentile(percent));
    let (aim, verdict) = match (aim.is_finite(), p50 <= aim) {
        (false, _) => (String::new(), ""),
        (true, true) => (format!("{aim}"), "  met"),
        (true, false) => (format!("{aim}"), "  MISSED"),
    };
    println!("{name:34} {p50:>10.3} {p95:>10.3} {p99:>10.3} {aim:>10}{verdict}");
}

/// Bytes of memory of a process that are resident; 0 where the system does not tell.
pub(crate) fn resident(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|kib| kib.parse::<u64>().ok()).unwrap_or_default() * 1024
}
