//! The data folder: there, writable, private, with room to grow, and not from
//! the future.

use std::fs::Metadata;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;
use std::time::{Duration, SystemTime};

use super::Finding;

/// Below this much free space the records cannot be trusted to grow.
const LEAST_FREE: u64 = 256 << 20;

/// Below this much, somebody should think of a larger disk.
const LITTLE_FREE: u64 = 2 << 30;

/// How far ahead of the clock a file may have been written. Network file
/// systems stamp files with a clock of their own.
const LEEWAY: Duration = Duration::from_secs(10);

pub(super) fn examine(data: &Path) -> Vec<Finding> {
    let shown = data.display();
    let metadata = match std::fs::metadata(data) {
        Ok(metadata) if metadata.is_dir() => metadata,
        Ok(_) => {
            let fix = "name a folder with --data, or `data` in the configuration";
            return vec![Finding::problem("data folder", format!("{shown} is no folder"), fix)];
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return absent(data),
        Err(error) => {
            let fix =
                format!("run as the user of the server, or let that user in: chown USER {shown}");
            return vec![Finding::problem("data folder", format!("{shown}: {error}"), fix)];
        }
    };
    let mut findings = vec![writable(data), private(data, &metadata), space(data)];
    findings.extend(secret_key(data));
    findings.push(time_goes_on(data));
    findings
}

/// The server makes the folder at its first start, if it may.
fn absent(data: &Path) -> Vec<Finding> {
    let shown = data.display();
    let parent = data.ancestors().skip(1).find(|one| one.exists() && *one != Path::new(""));
    let parent = parent.unwrap_or(Path::new("."));
    match tempfile::tempfile_in(parent) {
        Ok(_) => {
            let finding = format!("{shown} is not there yet; the first start makes it");
            vec![Finding::ok("data folder", finding), space(parent)]
        }
        Err(error) => {
            let finding = format!("{shown} is not there and cannot be made: {error}");
            let fix =
                format!("make it for the user of the server: install -d -m 700 -o USER {shown}");
            vec![Finding::problem("data folder", finding, fix)]
        }
    }
}

fn writable(data: &Path) -> Finding {
    let shown = data.display();
    match tempfile::tempfile_in(data) {
        Ok(_) => Finding::ok("data folder", format!("{shown} can be written")),
        Err(error) => {
            let fix = format!("give it to the user of the server: chown -R USER {shown}");
            Finding::problem("data folder", format!("{shown} cannot be written: {error}"), fix)
        }
    }
}

fn private(data: &Path, metadata: &Metadata) -> Finding {
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 == 0 {
        return Finding::ok(
            "privacy",
            format!("only its owner may look into it (mode {mode:04o})"),
        );
    }
    let fix = format!("chmod 700 {}", data.display());
    Finding::warning("privacy", format!("others may look into it (mode {mode:04o})"), fix)
}

fn space(data: &Path) -> Finding {
    let stat = match rustix::fs::statvfs(data) {
        Ok(stat) => stat,
        Err(error) => {
            return Finding::skipped("disk", format!("its free space is unknown: {error}"));
        }
    };
    let free = stat.f_bavail.saturating_mul(stat.f_frsize);
    let text = format!("{} free", size(free));
    match free {
        free if free < LEAST_FREE => Finding::problem(
            "disk",
            text,
            "free some space, or move the data folder to a larger disk",
        ),
        free if free < LITTLE_FREE => Finding::warning(
            "disk",
            text,
            "recordings and logs will fill it; a larger disk is wanted soon",
        ),
        _ => Finding::ok("disk", text),
    }
}

fn size(bytes: u64) -> String {
    match bytes {
        bytes if bytes >= 1 << 30 => format!("{} GiB", bytes >> 30),
        bytes => format!("{} MiB", bytes >> 20),
    }
}

/// Whoever reads this key can open every secret of the database.
fn secret_key(data: &Path) -> Option<Finding> {
    let path = data.join("secret.key");
    let metadata = std::fs::metadata(&path).ok()?;
    let mode = metadata.permissions().mode() & 0o777;
    let (shown, owner) = (path.display(), metadata.uid());
    let own = rustix::process::geteuid().as_raw();
    Some(if mode & 0o077 != 0 {
        let finding = format!("{shown} can be read by others (mode {mode:04o})");
        Finding::problem("secret.key", finding, format!("chmod 600 {shown}"))
    } else if owner != own && own != 0 {
        let finding = format!("{shown} belongs to user {owner}, and this is user {own}");
        Finding::warning("secret.key", finding, "run doctor as the user of the server")
    } else {
        Finding::ok("secret.key", format!("only its owner may read it (mode {mode:04o})"))
    })
}

/// Files that were written later than now: the clock was set back since.
fn time_goes_on(data: &Path) -> Finding {
    let newest = std::fs::read_dir(data)
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.metadata().ok()?.modified().ok())
        .max();
    let ahead = newest.and_then(|at| at.duration_since(SystemTime::now()).ok()).unwrap_or_default();
    if ahead <= LEEWAY {
        return Finding::ok("time", "no record is from the future");
    }
    let finding = format!(
        "the newest file is {} s ahead of this machine's clock: the clock was set back",
        ahead.as_secs()
    );
    let fix = "set the clock and keep it set: timedatectl set-ntp true. Until it has caught up, rooms and tokens live longer than they should";
    Finding::problem("time", finding, fix)
}
