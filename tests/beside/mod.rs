//! What lies beside a checkout where tests have more to compare with: recordings, real files.

use std::io::Write as _;
use std::path::{Path, PathBuf};

/// A path of it; says loudly that something is not tested where it is not there.
pub fn shared(path: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared").join(path);
    if path.exists() {
        return Some(path);
    }
    // Past the capture of the test runner, so that it is seen when everything passes.
    let _ = writeln!(std::io::stderr(), "NOT TESTED: {} is not there", path.display());
    None
}
