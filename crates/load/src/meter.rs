//! What the kernel knows of processes, threads and sockets: `/proc`.

use std::collections::BTreeMap;
use std::fs::{read_dir, read_link, read_to_string};
use std::net::IpAddr;
use std::time::Duration;

use anyhow::Context as _;

/// Length of a clock tick in `/proc/<pid>/stat`: Linux's `USER_HZ` is 100 on
/// every architecture.
const TICK: Duration = Duration::from_millis(10);

/// Processor time of a process at one moment, to the nanosecond for its living
/// threads.
#[derive(Clone, Debug, Default)]
pub struct Cpu {
    /// By thread.
    threads: BTreeMap<u32, Thread>,
    /// All, also of threads that have ended, to the tick.
    ticks: Duration,
}

/// One thread's time.
#[derive(Clone, Copy, Debug, Default)]
struct Thread {
    ran: Duration,
    /// Ready to run, while others ran.
    waited: Duration,
}

/// What passed between two readings.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Spent {
    /// Running.
    pub ran: Duration,
    /// Ready to run, while others ran.
    pub waited: Duration,
    /// Of the thread that ran most.
    pub busiest: Duration,
}

impl Cpu {
    /// Of a process, now.
    ///
    /// # Errors
    ///
    /// When it is gone.
    pub fn of(pid: u32) -> anyhow::Result<Self> {
        let tasks = read_dir(format!("/proc/{pid}/task")).context("the process is gone")?;
        let mut threads = BTreeMap::new();
        for task in tasks {
            let name = task.context("the process is gone")?.file_name();
            let Some(id) = name.to_str().and_then(|name| name.parse().ok()) else { continue };
            // One that ended in between has nothing more to say.
            if let Ok(text) = read_to_string(format!("/proc/{pid}/task/{id}/schedstat")) {
                threads.insert(id, Thread::read(&text));
            }
        }
        Ok(Self { threads, ticks: ticks(pid)? })
    }

    /// What was spent since an earlier reading.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Spent {
        let mut spent = Spent::default();
        for (id, thread) in &self.threads {
            let before = earlier.threads.get(id).copied().unwrap_or_default();
            let ran = thread.ran.saturating_sub(before.ran);
            spent.ran += ran;
            spent.waited += thread.waited.saturating_sub(before.waited);
            spent.busiest = spent.busiest.max(ran);
        }
        // What threads did that have ended since is in the ticks alone.
        let by_ticks = self.ticks.saturating_sub(earlier.ticks);
        if by_ticks > spent.ran + 3 * TICK {
            spent.ran = by_ticks;
        }
        spent
    }

    /// The same of some threads alone.
    #[must_use]
    pub fn of_threads_since(&self, earlier: &Self, ids: &[u32]) -> Spent {
        let only = |cpu: &Self| {
            let chosen = cpu.threads.iter().filter(|(id, _)| ids.contains(id));
            Self { threads: chosen.map(|(id, it)| (*id, *it)).collect(), ticks: Duration::ZERO }
        };
        only(self).since(&only(earlier))
    }
}

impl Thread {
    fn read(schedstat: &str) -> Self {
        let mut fields = schedstat.split_whitespace().filter_map(|field| field.parse().ok());
        let mut next = || Duration::from_nanos(fields.next().unwrap_or(0));
        Self { ran: next(), waited: next() }
    }
}

fn ticks(pid: u32) -> anyhow::Result<Duration> {
    let stat = read_to_string(format!("/proc/{pid}/stat")).context("the process is gone")?;
    // The name, in parentheses, may hold spaces; utime and stime are the 12th
    // and 13th fields after it.
    let (_, fields) = stat.rsplit_once(") ").context("the form of proc(5)")?;
    let times = fields.split(' ').skip(11).take(2);
    Ok(TICK * times.filter_map(|field| field.parse::<u32>().ok()).sum())
}

/// Resident memory of a process in KiB.
///
/// # Errors
///
/// When it is gone.
pub fn resident_kib(pid: u32) -> anyhow::Result<u64> {
    let status = read_to_string(format!("/proc/{pid}/status")).context("the process is gone")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    number.and_then(|number| number.parse().ok()).context("the form of proc(5)")
}

/// Processor time that all cores of the machine have spent on anything, also
/// that which its host took from it.
///
/// # Errors
///
/// Where there is no `/proc`.
pub fn machine() -> anyhow::Result<Duration> {
    let stat = read_to_string("/proc/stat").context("no /proc")?;
    let line = stat.lines().next().context("the form of proc(5)")?;
    let fields = line.split_whitespace().skip(1).take(8);
    let ticks = fields.enumerate().filter(|(index, _)| ![3, 4].contains(index));
    let ticks: u64 = ticks.filter_map(|(_, field)| field.parse::<u64>().ok()).sum();
    Ok(TICK.mul_f64(ticks as f64))
}

/// The calling thread's number.
///
/// # Errors
///
/// Where there is no `/proc`.
pub fn own_thread_id() -> anyhow::Result<u32> {
    let link = read_link("/proc/thread-self").context("no /proc")?;
    let name = link.file_name().and_then(|name| name.to_str()).context("the form of proc(5)")?;
    name.parse().context("the form of proc(5)")
}

/// Datagrams that did not fit the buffers of UDP sockets, by port: since each
/// was opened. Sockets that are closed are not in it.
///
/// # Errors
///
/// Where there is no `/proc`.
pub fn dropped_by_port() -> anyhow::Result<BTreeMap<u16, u64>> {
    let mut dropped = BTreeMap::new();
    for file in ["/proc/net/udp", "/proc/net/udp6"] {
        let Ok(text) = read_to_string(file) else { continue };
        for line in text.lines().skip(1) {
            let mut fields = line.split_whitespace();
            let local = fields.nth(1).and_then(|address| address.rsplit_once(':'));
            let Some((_, port)) = local else { continue };
            let port = u16::from_str_radix(port, 16).context("the form of proc(5)")?;
            let drops: u64 = fields.next_back().and_then(|it| it.parse().ok()).unwrap_or(0);
            *dropped.entry(port).or_default() += drops;
        }
    }
    Ok(dropped)
}

/// Whether nothing else than this machine is behind an address: then all
/// traffic to it stays here.
#[must_use]
pub fn is_own_address(ip: IpAddr) -> bool {
    std::net::UdpSocket::bind((ip, 0)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_busy_thread_is_seen_in_its_process() {
        let pid = std::process::id();
        let before = Cpu::of(pid).unwrap();
        let id = own_thread_id().unwrap();
        let start = std::time::Instant::now();
        while start.elapsed() < Duration::from_millis(50) {
            std::hint::spin_loop();
        }
        let after = Cpu::of(pid).unwrap();
        let own = after.of_threads_since(&before, &[id]);
        // Others may hold the processor, but then the thread waits for it.
        assert!(own.ran + own.waited > Duration::from_millis(30), "{own:?}");
        assert!(after.since(&before).ran >= own.ran);
        assert!(resident_kib(pid).unwrap() > 1000);
    }

    #[test]
    fn the_port_of_a_socket_is_found() {
        let socket = std::net::UdpSocket::bind(("127.0.0.1", 0)).unwrap();
        let port = socket.local_addr().unwrap().port();
        assert_eq!(dropped_by_port().unwrap().get(&port), Some(&0));
    }
}
