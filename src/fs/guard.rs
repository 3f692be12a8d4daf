//! Two runs in one folder take turns.

use std::fs::{File, TryLockError};
use std::io;
use std::time::Duration;

use super::Project;

/// How long a run waits for its turn. A run takes milliseconds, so this is a run that hangs.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often a waiting run looks again.
const INTERVAL: Duration = Duration::from_millis(10);

/// What a run is going to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Look only; any number of runs may.
    Read,
    /// Write; one run may, and nobody looks meanwhile.
    Write,
}

/// A turn. It ends when this is dropped, or when the process does.
#[derive(Debug)]
pub struct Guard {
    _folder: Option<File>,
}

impl Project {
    /// Waits for the turn of this run. `on_wait` is called once if there is something to wait for.
    ///
    /// The lock lies on the folder itself: it leaves no litter, works in read-only trees, and is
    /// not lost when an editor replaces the manifest. Where the system cannot lock a folder (some
    /// network file systems, Windows), runs are not kept apart.
    ///
    /// # Errors
    /// If another run does not end.
    pub fn guard(&self, access: Access, on_wait: impl FnOnce()) -> io::Result<Guard> {
        let Ok(folder) = File::open(&self.root) else { return Ok(Guard { _folder: None }) };
        let mut on_wait = Some(on_wait);
        let mut waited = Duration::ZERO;
        loop {
            let result = match access {
                Access::Read => folder.try_lock_shared(),
                Access::Write => folder.try_lock(),
            };
            match result {
                Ok(()) => return Ok(Guard { _folder: Some(folder) }),
                Err(TryLockError::Error(_)) => return Ok(Guard { _folder: None }),
                Err(TryLockError::WouldBlock) if waited >= PATIENCE => {
                    return Err(io::Error::other("another program holds a lock on the folder"));
                }
                Err(TryLockError::WouldBlock) => {
                    if let Some(tell) = on_wait.take() {
                        tell();
                    }
                    std::thread::sleep(INTERVAL);
                    waited += INTERVAL;
                }
            }
        }
    }
}
