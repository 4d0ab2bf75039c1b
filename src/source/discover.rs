//! Paths to files, and files to texts. The only module that reads from disk and from standard input.
//!
//! In: what a user typed. Out: [`Found`], the files to read; [`Read`], a text in [`Sources`].
//! Must not know: what the files hold, and which of them are of use.
//!
//! A named file is always read. In folders only names that may matter are; `.gitignore` and `.ignore` files, from the
//! root of the repository down, decide as they do for Git, and symbolic links are not followed.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::{self, File};
use std::io;
use std::path::{Component, Path, PathBuf};

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use walkdir::{DirEntry, WalkDir};

use super::sift::{self, Pace, Sieve};
use super::{FileId, Sources, Span};

/// Stands for standard input on the command line.
const STDIN: &str = "-";
/// How reports call standard input.
const STDIN_NAME: &str = "<stdin>";
/// Folders that hold nothing a person wrote for this tool to read.
const SKIPPED_FOLDERS: [&str; 3] = [".git", ".terraform", "node_modules"];
/// Extensions that a file in a folder must have; those without a reader yet are there to be answered with a hint.
const EXTENSIONS: [&str; 8] = ["json", "jsonc", "ndjson", "jsonl", "tfstate", "csv", "bicep", "tf"];
/// Names of files that configure clients; one of `.conf` also counts where its name or its folder says whose it is.
const NAMES: [&str; 2] = ["hosts", "corefile"];
const PROGRAMS: [&str; 6] = ["dnsmasq", "unbound", "named", "bind", "coredns", "proxy"];
/// Places are 32 bits wide.
const MOST_BYTES: u64 = u32::MAX as u64;

/// A file to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Where it is; `-` for standard input.
    pub path: PathBuf,
    /// Whether the user named it, rather than a folder around it.
    pub explicit: bool,
}

/// How many files of folders are not candidates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Skipped {
    /// Files of other kinds, by their names.
    pub other: usize,
    /// Files and whole folders that an ignore file excludes.
    pub ignored: usize,
    /// Symbolic links.
    pub links: usize,
}

/// What a search found.
#[derive(Debug, Default)]
pub struct Found {
    /// In the order of their names, each once.
    pub files: Vec<Candidate>,
    /// What was left out of folders.
    pub skipped: Skipped,
    /// Paths that do not exist or cannot be listed.
    pub errors: Vec<ReadError>,
}

/// Something the file system refused.
#[derive(Debug)]
pub struct ReadError {
    /// The path as reports print it.
    pub path: String,
    /// Why.
    pub cause: io::Error,
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = &self.path;
        if self.cause.kind() == io::ErrorKind::NotFound {
            return write!(f, "there is no file or folder `{path}`");
        }
        write!(f, "cannot read `{path}`: {}", self.cause)
    }
}

impl std::error::Error for ReadError {}

/// A file that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Read {
    /// The text.
    pub file: FileId,
    /// Set when the bytes were no text: each stretch of bad bytes is U+FFFD, and the file should not be used.
    pub malformed: Option<Malformed>,
}

/// The first place at which bytes are no text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// The replacement character in the decoded text.
    pub span: Span,
    /// Byte of the file, from 0.
    pub byte: u64,
    /// The encoding that the file seems to be in.
    pub encoding: &'static str,
}

/// A path as reports print it: with forward slashes, relative if it was typed so, without a leading `./`.
pub fn name(path: &Path) -> String {
    if path.as_os_str() == STDIN {
        return STDIN_NAME.to_owned();
    }
    let mut name = String::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::RootDir => name.push('/'),
            Component::Prefix(_) | Component::ParentDir | Component::Normal(_) => {
                if !name.is_empty() && !name.ends_with('/') {
                    name.push('/');
                }
                name.push_str(&part.as_os_str().to_string_lossy());
            }
        }
    }
    if name.is_empty() { ".".to_owned() } else { name }
}

/// The files in the folder of a file, itself included, in the order of their names; none where it cannot be listed.
pub fn siblings(path: &Path) -> Vec<PathBuf> {
    if path.as_os_str() == STDIN {
        return Vec::new();
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let files = entries.flatten().filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()));
    let mut paths: Vec<PathBuf> = files.map(|entry| path.with_file_name(entry.file_name())).collect();
    paths.sort();
    paths
}

/// A file of a name in a folder or in one above it, up to the root of the repository; outside of one only in the folder.
pub fn upward(folder: &Path, name: &str) -> Option<PathBuf> {
    let real = real(folder)?;
    let root = real.ancestors().position(|above| above.join(".git").exists()).unwrap_or(0);
    let mut shown = PathBuf::new();
    for above in real.ancestors().take(root + 1) {
        if above.join(name).is_file() {
            return Some(shown.join(name));
        }
        shown.push("..");
    }
    None
}

/// Whether a path leads to a folder.
pub fn is_folder(path: &Path) -> bool {
    path.is_dir()
}

/// Whether a folder is the root of a repository, or of a worktree of one.
pub fn is_checkout(folder: &Path) -> bool {
    folder.join(".git").exists()
}

/// The root of the repository around a path.
pub fn repository(path: &Path) -> Option<PathBuf> {
    real(path)?.ancestors().find(|above| is_checkout(above)).map(Path::to_path_buf)
}

/// Where a path leads from a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Within {
    /// To a file of the project.
    Inside(PathBuf),
    /// Out of the project, also by a symbolic link.
    Outside,
    /// To no file.
    Missing,
}

/// The path of a file without symbolic links and detours.
pub fn real(path: &Path) -> Option<PathBuf> {
    fs::canonicalize(path).ok()
}

/// The names of the files in a folder, symbolic links to something among them, in order; nothing where it cannot be listed.
pub fn names(folder: &Path) -> Option<Vec<String>> {
    let entries = fs::read_dir(folder).ok()?.flatten();
    let files = entries.filter(|entry| entry.file_type().is_ok_and(|kind| !kind.is_dir()));
    let mut names: Vec<String> = files.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort();
    Some(names)
}

/// How far paths are followed from a folder: the repository around it, or else the current folder if it lies in that, or
/// else the folder itself.
pub fn project(folder: &Path) -> Option<PathBuf> {
    let real_folder = real(folder)?;
    let repository = real_folder.ancestors().find(|above| above.join(".git").exists());
    let here = || real(Path::new(".")).filter(|here| real_folder.starts_with(here));
    Some(repository.map(Path::to_path_buf).or_else(here).unwrap_or(real_folder))
}

/// Follows a relative path from a file to another file of its project.
pub fn within_project(from: &Path, path: &str) -> Within {
    let folder = from.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match project(folder).filter(|_| from != Path::new(STDIN_NAME)) {
        Some(root) => within(&root, folder, path, Path::is_file),
        None => Within::Missing,
    }
}

/// Follows a relative path from a folder, inside of a project whose path is without symbolic links, to what is asked for.
pub fn within(root: &Path, folder: &Path, path: &str, is_wanted: fn(&Path) -> bool) -> Within {
    let Some(real_folder) = real(folder) else { return Within::Missing };
    // By its words first: what lies outside is not even asked for.
    let (mut wanted, mut shown) = (real_folder, folder.to_path_buf());
    for part in Path::new(&path.replace('\\', "/")).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                if !wanted.pop() {
                    return Within::Outside;
                }
                shown.push("..");
            }
            Component::Normal(name) => {
                wanted.push(name);
                shown.push(name);
            }
            Component::RootDir | Component::Prefix(_) => return Within::Outside,
        }
    }
    if !wanted.starts_with(root) {
        return Within::Outside;
    }
    match real(&wanted) {
        Some(real) if !real.starts_with(root) => Within::Outside,
        Some(real) if is_wanted(&real) => Within::Inside(plain(&shown)),
        Some(_) | None => Within::Missing,
    }
}

/// The same path without `x/..`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        let named = matches!(plain.components().next_back(), Some(Component::Normal(_)));
        match part {
            Component::CurDir => {}
            Component::ParentDir if named => _ = plain.pop(),
            Component::ParentDir | Component::Normal(_) | Component::RootDir | Component::Prefix(_) => plain.push(part),
        }
    }
    plain
}

/// The files behind paths: the paths that are files, and what may matter in those that are folders.
pub fn discover(paths: &[PathBuf]) -> Found {
    let mut search = Search::default();
    for path in paths {
        if path.as_os_str() == STDIN {
            search.take(path, true);
            continue;
        }
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => search.folder(path),
            Ok(_) => search.take(path, true),
            Err(cause) => search.found.errors.push(ReadError { path: name(path), cause }),
        }
    }
    search.found.files = search.files.into_values().collect();
    search.found
}

#[derive(Default)]
struct Search {
    /// By name, then by path: names are lossy where a path is no UTF-8.
    files: BTreeMap<(String, PathBuf), Candidate>,
    found: Found,
}

impl Search {
    fn take(&mut self, path: &Path, explicit: bool) {
        let new = Candidate { path: path.to_owned(), explicit };
        let plain = path.components().filter(|part| *part != Component::CurDir).collect();
        self.files.entry((name(path), plain)).and_modify(|known| known.explicit |= explicit).or_insert(new);
    }

    fn folder(&mut self, folder: &Path) {
        let absolute = match folder.canonicalize() {
            Ok(absolute) => absolute,
            Err(cause) => return self.found.errors.push(ReadError { path: name(folder), cause }),
        };
        let mut rules = Rules::above(&absolute);
        let mut walk = WalkDir::new(folder).sort_by_file_name().into_iter();
        while let Some(entry) = walk.next() {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    let path = error.path().map_or_else(|| name(folder), name);
                    self.found.errors.push(ReadError { path, cause: error.into() });
                    continue;
                }
            };
            let inside = entry.path().strip_prefix(folder).unwrap_or(Path::new(""));
            let place = if inside.as_os_str().is_empty() { absolute.clone() } else { absolute.join(inside) };
            if self.entry(&entry, &place, &mut rules) == Walk::Around {
                walk.skip_current_dir();
            }
        }
    }

    fn entry(&mut self, entry: &DirEntry, place: &Path, rules: &mut Rules) -> Walk {
        let kind = entry.file_type();
        let folder = kind.is_dir() || entry.depth() == 0;
        rules.leave(entry.depth());
        if entry.depth() > 0 {
            if folder && SKIPPED_FOLDERS.iter().any(|skipped| entry.file_name() == *skipped) {
                return Walk::Around;
            }
            if rules.ignore(place, folder) {
                self.found.skipped.ignored += 1;
                return if folder { Walk::Around } else { Walk::On };
            }
        }
        if folder {
            rules.enter(place, entry.depth());
        } else if kind.is_symlink() {
            self.found.skipped.links += 1;
        } else if kind.is_file() && may_matter(entry.path()) {
            self.take(entry.path(), false);
        } else {
            self.found.skipped.other += 1;
        }
        Walk::On
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Walk {
    On,
    /// Not into this folder.
    Around,
}

fn may_matter(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    extension.is_some_and(|mine| EXTENSIONS.iter().any(|wanted| mine.eq_ignore_ascii_case(wanted))) || is_telling(path)
}

/// Whether a name tells that a file configures a client or a resolver.
fn is_telling(path: &Path) -> bool {
    let lower = |name: Option<&std::ffi::OsStr>| name.and_then(|name| name.to_str()).unwrap_or_default().to_lowercase();
    let name = lower(path.file_name());
    let folder = lower(path.parent().and_then(Path::file_name));
    let says = |text: &str| PROGRAMS.iter().any(|program| text.contains(program));
    NAMES.contains(&name.as_str())
        || (Path::new(&name).extension().is_some_and(|extension| extension == "conf") && (says(&name) || says(&folder)))
}

/// The ignore files that apply at a place, outermost first.
struct Rules {
    /// Each with the depth of its folder in the walk; none for folders above the walk.
    files: Vec<(Option<usize>, Gitignore)>,
}

impl Rules {
    /// Those of the folders from the root of the repository down to the parent of this one.
    fn above(folder: &Path) -> Self {
        let mut rules = Self { files: Vec::new() };
        let Some(root) = folder.ancestors().find(|above| above.join(".git").exists()) else { return rules };
        let mut between: Vec<_> = folder.ancestors().skip(1).take_while(|above| above.starts_with(root)).collect();
        between.reverse();
        rules.files.extend(between.into_iter().filter_map(ignore_files).map(|file| (None, file)));
        rules
    }

    fn enter(&mut self, folder: &Path, depth: usize) {
        self.files.extend(ignore_files(folder).map(|file| (Some(depth), file)));
    }

    /// Drops what belongs to folders that an entry of this depth is not in.
    fn leave(&mut self, depth: usize) {
        self.files.retain(|(of, _)| of.is_none_or(|of| of < depth));
    }

    /// Whether the innermost file that has something to say excludes the path.
    fn ignore(&self, path: &Path, folder: bool) -> bool {
        let says = self.files.iter().rev().map(|(_, file)| file.matched(path, folder)).find(|says| !says.is_none());
        matches!(says, Some(Match::Ignore(_)))
    }
}

/// The ignore files of one folder as one; `.ignore` has the last word. A line that is no pattern is passed over.
fn ignore_files(folder: &Path) -> Option<Gitignore> {
    let mut builder = GitignoreBuilder::new(folder);
    for file in [".gitignore", ".ignore"].map(|name| folder.join(name)) {
        if file.is_file() {
            drop(builder.add(file));
        }
    }
    builder.build().ok().filter(|rules| !rules.is_empty())
}

/// What a file holds, before it is one of the texts of a run.
#[derive(Debug)]
pub enum Content {
    /// All of it.
    Whole(Decoded),
    /// It is large, and is to be read through a sieve.
    Large(File),
}

/// Larger files are read through a sieve, where there is one.
pub const LARGE: u64 = 4 * 1024 * 1024;

/// Opens a file, or standard input for `-`, and reads it unless it has more than `large` bytes. Several threads may do so,
/// each with a file of its own.
pub fn content(path: &Path, large: u64) -> Result<Content, ReadError> {
    let open = || {
        let file = File::open(path)?;
        let size = file.metadata().ok().filter(fs::Metadata::is_file).map_or(0, |data| data.len());
        let is_large = size > large && size <= MOST_BYTES;
        if is_large { Ok(Content::Large(file)) } else { bytes(file).map(|bytes| Content::Whole(decode(bytes))) }
    };
    if path.as_os_str() == STDIN {
        return whole(path).map(Content::Whole);
    }
    open().map_err(|cause| ReadError { path: name(path), cause })
}

fn whole(path: &Path) -> Result<Decoded, ReadError> {
    let content = if path.as_os_str() == STDIN { bytes(io::stdin().lock()) } else { File::open(path).and_then(bytes) };
    content.map(decode).map_err(|cause| ReadError { path: name(path), cause })
}

/// Reads a file, or standard input for `-`.
pub fn read(sources: &mut Sources, path: &Path) -> Result<Read, ReadError> {
    Ok(add(sources, name(path), whole(path)?))
}

/// Adds what [`content`] gave to the texts of a run; of a large file what a sieve keeps.
pub fn take(
    sources: &mut Sources,
    path: &Path,
    content: Content,
    sieve: &mut impl Sieve,
    pace: Pace,
) -> Result<Read, ReadError> {
    match content {
        Content::Whole(decoded) => Ok(add(sources, name(path), decoded)),
        Content::Large(file) => match sift::sift(file, sieve, pace) {
            Ok(Some(sifted)) => {
                let file = sources.add_parts(name(path), sifted.text, sifted.gaps);
                Ok(Read { file, malformed: None })
            }
            Ok(None) => read(sources, path),
            Err(cause) => Err(ReadError { path: name(path), cause }),
        },
    }
}

fn bytes(from: impl io::Read) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    io::Read::read_to_end(&mut from.take(MOST_BYTES + 1), &mut content)?;
    if content.len() as u64 > MOST_BYTES {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "it is larger than 4 GiB"));
    }
    Ok(content)
}

fn add(sources: &mut Sources, name: String, decoded: Decoded) -> Read {
    let file = sources.add(name, decoded.text);
    let malformed = decoded.bad.map(|bad| {
        let at = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        let span = Span::new(file, at(bad.at), at(bad.at + char::REPLACEMENT_CHARACTER.len_utf8()));
        Malformed { span, byte: bad.byte as u64, encoding: decoded.encoding }
    });
    Read { file, malformed }
}

/// Bytes as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    /// A byte-order mark of UTF-8 stays in it, so that places are places of the file; one of UTF-16 does not.
    pub text: String,
    /// The encoding that the bytes are taken for.
    pub encoding: &'static str,
    /// The first bytes that are no text; they and all such are U+FFFD.
    pub bad: Option<Bad>,
}

/// Where bytes are no text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bad {
    /// Offset in the bytes.
    pub byte: usize,
    /// Offset of the replacement character in the text.
    pub at: usize,
}

/// Decodes UTF-8, and UTF-16 that begins with a byte-order mark.
pub fn decode(bytes: Vec<u8>) -> Decoded {
    if let Some(rest) = bytes.strip_prefix(b"\xff\xfe") {
        return decode_utf16(rest, u16::from_le_bytes, "UTF-16LE");
    }
    if let Some(rest) = bytes.strip_prefix(b"\xfe\xff") {
        return decode_utf16(rest, u16::from_be_bytes, "UTF-16BE");
    }
    let (text, bad) = match String::from_utf8(bytes) {
        Ok(text) => (text, None),
        Err(error) => {
            let byte = error.utf8_error().valid_up_to();
            (String::from_utf8_lossy(error.as_bytes()).into_owned(), Some(Bad { byte, at: byte }))
        }
    };
    Decoded { text, encoding: "UTF-8", bad }
}

/// `bytes` are what follows the byte-order mark.
fn decode_utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16, encoding: &'static str) -> Decoded {
    const MARK: usize = 2;
    let (pairs, rest) = bytes.as_chunks::<2>();
    let mut text = String::with_capacity(bytes.len());
    let (mut bad, mut byte) = (None, MARK);
    for character in char::decode_utf16(pairs.iter().map(|&pair| unit(pair))) {
        if character.is_err() {
            bad = bad.or(Some(Bad { byte, at: text.len() }));
        }
        let character = character.unwrap_or(char::REPLACEMENT_CHARACTER);
        byte += 2 * character.len_utf16();
        text.push(character);
    }
    if !rest.is_empty() {
        bad = bad.or(Some(Bad { byte, at: text.len() }));
        text.push(char::REPLACEMENT_CHARACTER);
    }
    Decoded { text, encoding, bad }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(folder: &Path, files: &[(&str, &str)]) {
        for (path, text) in files {
            let path = folder.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
    }

    /// The names found under a folder, relative to it, and what was skipped.
    fn found(folder: &Path, below: &str) -> (Vec<String>, Skipped) {
        let found = discover(&[folder.join(below)]);
        assert!(found.errors.is_empty(), "{:?}", found.errors);
        let files = found.files.iter().map(|file| name(file.path.strip_prefix(folder).unwrap())).collect();
        (files, found.skipped)
    }

    #[test]
    fn folders_give_what_may_matter_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let names = ["b.json", "a/z.JSON", "a-b.jsonc", "main.bicep", "main.tf", "x.yaml", "json", ".github/w.json"];
        write(folder.path(), &names.map(|name| (name, "{}")));
        write(folder.path(), &[".git/a.json", "m/node_modules/a.json", ".terraform/a.json"].map(|name| (name, "{}")));
        let (files, skipped) = found(folder.path(), "");
        assert_eq!(files, [".github/w.json", "a-b.jsonc", "a/z.JSON", "b.json", "main.bicep", "main.tf"]);
        assert_eq!(skipped, Skipped { other: 2, ..Skipped::default() });
    }

    #[test]
    fn names_tell_what_configures_clients() {
        let folder = tempfile::tempdir().unwrap();
        let names =
            ["etc/hosts", "dnsmasq.d/a.conf", "docker.service.d/http-proxy.conf", "e.csv", "nginx.conf", "Corefile"];
        write(folder.path(), &names.map(|name| (name, "")));
        let (files, skipped) = found(folder.path(), "");
        assert_eq!(files, ["Corefile", "dnsmasq.d/a.conf", "docker.service.d/http-proxy.conf", "e.csv", "etc/hosts"]);
        assert_eq!(skipped.other, 1);
    }

    #[test]
    fn ignore_files_decide_from_the_root_of_the_repository_down() {
        let folder = tempfile::tempdir().unwrap();
        write(
            folder.path(),
            &[
                (".gitignore", "*.json\n"), // above the repository: not heeded
                ("repo/.git/HEAD", ""),
                ("repo/.gitignore", "/out/\n*.plan.json\n!keep.plan.json\n"),
                ("repo/out/a.json", ""),
                ("repo/a.plan.json", ""),
                ("repo/keep.plan.json", ""),
                ("repo/sub/out/b.json", ""),
                ("repo/sub/c.plan.json", ""),
                ("repo/sub/.ignore", "d.json\n!c.plan.json\n"),
                ("repo/sub/d.json", ""),
                ("repo/sub/deep/d.json", ""),
                ("repo/t/d.json", ""),
            ],
        );
        let (files, skipped) = found(folder.path(), "repo");
        let kept = ["repo/keep.plan.json", "repo/sub/c.plan.json", "repo/sub/out/b.json", "repo/t/d.json"];
        assert_eq!(files, kept);
        assert_eq!(skipped.ignored, 4);
        assert_eq!(found(folder.path(), "repo/sub").0, ["repo/sub/c.plan.json", "repo/sub/out/b.json"]);
        assert_eq!(found(folder.path(), "repo/out").0, ["repo/out/a.json"], "a folder that was named is walked");
        assert_eq!(found(folder.path(), "repo/a.plan.json").0, ["repo/a.plan.json"], "a file that was named is read");
    }

    #[cfg(unix)]
    #[test]
    fn links_are_not_followed_unless_named() {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &[("in/a.json", "{}"), ("out/b.json", "{}")]);
        symlink(folder.path().join("in"), folder.path().join("in/loop")).unwrap();
        symlink(folder.path().join("out/b.json"), folder.path().join("in/b.json")).unwrap();
        symlink(folder.path().join("nowhere"), folder.path().join("in/dangling.json")).unwrap();
        symlink(folder.path().join("out"), folder.path().join("link")).unwrap();
        let (files, skipped) = found(folder.path(), "in");
        assert_eq!((files, skipped.links), (vec!["in/a.json".to_owned()], 3));
        assert_eq!(found(folder.path(), "link").0, ["link/b.json"]);
        assert_eq!(found(folder.path(), "in/b.json").0, ["in/b.json"]);
    }

    #[test]
    fn a_file_is_found_once_and_a_missing_path_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &[("a.json", "{}"), ("b.yaml", "")]);
        let paths = ["", "a.json", "./a.json", "b.yaml", "none.json"].map(|path| folder.path().join(path));
        let found = discover(&[&paths[..], &[PathBuf::from("-")]].concat());
        let files: Vec<_> = found.files.iter().map(|f| (f.path.file_name().unwrap().to_str(), f.explicit)).collect();
        assert_eq!(files, [(Some("a.json"), true), (Some("b.yaml"), true), (Some("-"), true)]);
        let errors: Vec<_> = found.errors.iter().map(ToString::to_string).collect();
        assert_eq!(errors, [format!("there is no file or folder `{}`", name(&paths[4]))]);
    }

    #[test]
    fn names_are_as_typed() {
        let names = ["./a/./b.json", "a//b/", "../x.json", "/a/b", ".", "./", "-"].map(|path| name(Path::new(path)));
        assert_eq!(names, ["a/b.json", "a/b", "../x.json", "/a/b", ".", ".", "<stdin>"]);
    }

    #[test]
    fn files_become_texts() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        fs::write(&path, b"{\"a\": \"\xff\xff\"}").unwrap();
        let mut sources = Sources::new();
        let done = read(&mut sources, &path).unwrap();
        let malformed = done.malformed.unwrap();
        assert_eq!(sources.get(done.file).text(), "{\"a\": \"\u{fffd}\u{fffd}\"}");
        assert_eq!(sources.slice(malformed.span), "\u{fffd}");
        assert_eq!((malformed.byte, malformed.encoding), (7, "UTF-8"));
        assert_eq!(sources.get(done.file).path(), name(&path));
        assert!(read(&mut sources, folder.path()).is_err(), "a folder is no file");
    }

    #[test]
    fn encodings() {
        let decoded = |bytes: &[u8]| {
            let decoded = decode(bytes.to_vec());
            (decoded.text, decoded.encoding, decoded.bad.map(|bad| (bad.byte, bad.at)))
        };
        let utf16 = |mark: u8, text: &str, order: fn(u16) -> [u8; 2]| {
            let mark = if mark == 0xff { [0xff, 0xfe] } else { [0xfe, 0xff] };
            mark.into_iter().chain(text.encode_utf16().flat_map(order)).collect::<Vec<_>>()
        };
        assert_eq!(decoded("\u{feff}é".as_bytes()), ("\u{feff}é".to_owned(), "UTF-8", None));
        assert_eq!(decoded(b"a\xc3"), ("a\u{fffd}".to_owned(), "UTF-8", Some((1, 1))));
        assert_eq!(decoded(&utf16(0xff, "é😀", u16::to_le_bytes)), ("é😀".to_owned(), "UTF-16LE", None));
        assert_eq!(decoded(&utf16(0xfe, "é😀", u16::to_be_bytes)), ("é😀".to_owned(), "UTF-16BE", None));
        let mut odd = utf16(0xff, "é", u16::to_le_bytes);
        odd.push(b'x');
        assert_eq!(decoded(&odd), ("é\u{fffd}".to_owned(), "UTF-16LE", Some((4, 2))));
        assert_eq!(decoded(b"\xfe\xff\0a\xd8\0\0b"), ("a\u{fffd}b".to_owned(), "UTF-16BE", Some((4, 1))));
        assert_eq!(decoded(b""), (String::new(), "UTF-8", None));
    }
}
