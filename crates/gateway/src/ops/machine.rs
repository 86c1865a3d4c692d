//! What the system tells of this process.

/// Bytes of memory that are resident; 0 where the system does not tell.
pub(super) fn resident_bytes() -> u64 {
    /// `/proc/self/status` has a line `VmRSS:    12345 kB`.
    const LINE: &str = "VmRSS:";
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(LINE));
    let kib =
        line.and_then(|line| line.split_whitespace().next()).and_then(|number| number.parse::<u64>().ok());
    kib.unwrap_or_default().saturating_mul(1024)
}
