//! Large texts of which only a part is kept.
//!
//! In: a file, and a [`Sieve`] that says which parts matter. Out: a text with [`Gaps`]. Must not know: what decides what
//! matters.
//!
//! A file is read in windows, so that what does not matter is never held. Everything after this module works on the text
//! that is kept, and on places in it; the gaps lead from there to lines, columns and bytes of the file. A gap is either of
//! whole lines or a part of one line, so that every line that is kept is one of the file.

use std::collections::VecDeque;
use std::io;
use std::num::NonZero;
use std::sync::{OnceLock, mpsc};
use std::thread;

use super::Position;

/// Decides what of a text is kept.
pub trait Sieve {
    /// Looks at a text from where it looked last. Answers how many bytes are done with, after it has said of all of them
    /// whether they are kept; less than all where it must see more first. `last`: there is no more.
    fn sift(&mut self, text: &str, last: bool, parts: &mut Vec<Part>) -> usize;

    /// Whether all is kept that it did not look at yet, so that it need not.
    fn keeps_the_rest(&self) -> bool;

    /// What looks ahead for it.
    type Scout: Scout;

    /// Somebody to look ahead.
    fn scout(&self) -> Self::Scout;

    /// Whether it is worth while to look for borders, see below, in what comes.
    fn has_borders(&self) -> bool;

    /// The last place in some bytes at which an element seems to end, so that a scout can look at what is behind.
    fn border(&self, bytes: &[u8]) -> Option<usize>;

    /// As [`Self::sift`], with what a scout saw in the text. Answers 0 where the text does not begin with what the scout took
    /// it for.
    fn take(&mut self, seen: <Self::Scout as Scout>::Seen, parts: &mut Vec<Part>) -> usize;
}

/// Looks at a text that begins at a border before the sieve comes there.
pub trait Scout: Send {
    /// What it sees.
    type Seen: Send;

    /// Looks.
    fn look(&mut self, text: &str) -> Self::Seen;
}

/// A part of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// So many bytes.
    pub bytes: usize,
    /// Whether they are kept.
    pub keep: bool,
}

/// Bytes of a file that are not kept; all sums count the gaps before this one, too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Gap {
    /// The first byte behind it, in the text that is kept.
    at: u32,
    /// Bytes.
    bytes: u32,
    /// Lines, for gaps of whole lines.
    lines: u32,
    /// Characters, for gaps inside of lines.
    columns: u32,
}

/// Where parts of a file are not kept.
#[derive(Debug, Default)]
pub struct Gaps {
    gaps: Vec<Gap>,
}

impl Gaps {
    fn push(&mut self, at: usize, left_out: &str, lines: usize) {
        let size = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let (at, lines) = (size(at), size(lines));
        let columns = if lines == 0 { size(left_out.chars().count()) } else { 0 };
        let before = self.gaps.last().copied().unwrap_or_default();
        let gap = Gap {
            at,
            bytes: before.bytes.saturating_add(size(left_out.len())),
            lines: before.lines.saturating_add(lines),
            columns: before.columns.saturating_add(columns),
        };
        match self.gaps.last_mut() {
            Some(last) if last.at == at => *last = gap,
            Some(_) | None => self.gaps.push(gap),
        }
    }

    /// The sums of all gaps before a byte of the text that is kept.
    fn before(&self, offset: u32) -> Gap {
        let count = self.gaps.partition_point(|gap| gap.at <= offset);
        count.checked_sub(1).and_then(|at| self.gaps.get(at)).copied().unwrap_or_default()
    }

    /// Whether nothing is left out.
    pub fn is_empty(&self) -> bool {
        self.gaps.is_empty()
    }

    /// How many lines of the file are left out before a line that begins at this byte of the text that is kept.
    pub fn lines_before(&self, start: u32) -> u32 {
        self.before(start).lines
    }

    /// From a position in the text that is kept to the one in the file. `start` is where its line begins.
    #[must_use]
    pub fn in_file(&self, held: Position, start: u32) -> Position {
        let before = self.before(held.offset);
        let earlier = start.checked_sub(1).map_or(0, |end| self.before(end).columns);
        Position {
            line: held.line.saturating_add(before.lines),
            column: held.column.saturating_add(before.columns.saturating_sub(earlier)),
            offset: held.offset.saturating_add(before.bytes),
        }
    }
}

/// How many line feeds there are; in blocks of a size that is counted in one byte each.
fn line_feeds(text: &str) -> usize {
    let in_block = |block: &[u8]| block.iter().map(|byte| u8::from(*byte == b'\n')).sum::<u8>();
    text.as_bytes().chunks(192).map(|block| usize::from(in_block(block))).sum()
}

/// The parts of a file that are kept.
#[derive(Debug, Default)]
pub(super) struct Sifted {
    pub(super) text: String,
    pub(super) gaps: Gaps,
    /// What was left out or kept last ends inside of a line.
    in_line: bool,
}

impl Sifted {
    fn push(&mut self, text: &str, parts: &[Part]) {
        let mut at = 0;
        for part in parts {
            let piece = text.get(at..at + part.bytes).unwrap_or_default();
            at += part.bytes;
            let lines = if part.keep { 0 } else { line_feeds(piece) };
            if part.keep || (lines > 0 && (self.in_line || !piece.ends_with('\n'))) {
                self.text.push_str(piece);
            } else {
                self.gaps.push(self.text.len(), piece, lines);
            }
            if !piece.is_empty() {
                self.in_line = !piece.ends_with('\n');
            }
        }
    }
}

/// A window is this large, unless the sieve must see more at once.
const WINDOW: usize = 256 * 1024;

/// How a file is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// So many scouts look ahead, each on a thread of its own.
    pub scouts: usize,
    /// So many bytes are read for a scout at once.
    pub block: usize,
}

impl Default for Pace {
    /// A scout for each processor, as far as that helps; none if there is but one.
    fn default() -> Self {
        // Asking takes a while, since the limits of the process count; it is done once.
        static PROCESSORS: OnceLock<usize> = OnceLock::new();
        let processors = *PROCESSORS.get_or_init(|| thread::available_parallelism().map_or(1, NonZero::get));
        Self { scouts: if processors > 1 { processors.min(4) } else { 0 }, block: 1024 * 1024 }
    }
}

/// Reads a file through a sieve; `None` where its bytes are no UTF-8, so that it is to be read in the ordinary way.
///
/// What is kept does not depend on the pace: what scouts saw counts in the order of the file, and only where it begins
/// just where the sieve is.
pub(super) fn sift<S: Sieve>(from: impl io::Read, sieve: &mut S, pace: Pace) -> io::Result<Option<Sifted>> {
    thread::scope(|scope| {
        // Where the system gives no more threads, there are fewer scouts.
        let desks: Vec<Desk<S>> = (0..pace.scouts).map_while(|_| Desk::open(scope, sieve.scout()).ok()).collect();
        let reading = Reading { from, ended: false, unseen: Vec::new(), block: pace.block, spare: Vec::new() };
        run(reading, sieve, &desks)
    })
}

fn run<S: Sieve>(mut reading: Reading<impl io::Read>, sieve: &mut S, desks: &[Desk<S>]) -> io::Result<Option<Sifted>> {
    let mut sifted = Sifted::default();
    let mut parts = Vec::new();
    // What the sieve is not done with and no scout has; then come the blocks that scouts have, then the rest.
    let mut window: Vec<u8> = Vec::new();
    let (mut out, mut next) = (VecDeque::new(), desks.iter().cycle());
    let mut more = WINDOW;
    loop {
        while out.len() < 2 * desks.len()
            && let Some(block) = reading.block(sieve)?
        {
            let Some(desk) = next.next() else { break };
            desk.give(block)?;
            out.push_back(desk);
        }
        match out.pop_front() {
            Some(desk) => {
                let Some((text, seen)) = desk.answer()? else { return Ok(None) };
                parts.clear();
                let done = if window.is_empty() { sieve.take(seen, &mut parts) } else { 0 };
                sifted.push(&text, &parts);
                window.extend_from_slice(text.as_bytes().get(done..).unwrap_or_default());
                reading.spare.push(text.into_bytes());
                if window.is_empty() {
                    continue;
                }
            }
            None => reading.more(&mut window, more)?,
        }
        let last = out.is_empty() && reading.is_done();
        let Some(text) = valid(&window, last) else { return Ok(None) };
        parts.clear();
        let done = sieve.sift(text, last, &mut parts);
        sifted.push(text, &parts);
        if last && done == 0 {
            sifted.text.push_str(text);
            return Ok(Some(sifted));
        }
        more = if done == 0 { window.len().max(WINDOW) } else { WINDOW };
        window.drain(..done);
        if out.is_empty() && sieve.keeps_the_rest() {
            return reading.rest(sifted, &window);
        }
    }
}

/// A scout at work, and the way to it and back.
struct Desk<S: Sieve> {
    blocks: mpsc::Sender<Vec<u8>>,
    answers: mpsc::Receiver<Answer<S>>,
}

/// A block and what was seen in it; nothing where it is no text.
type Answer<S> = Option<(String, <<S as Sieve>::Scout as Scout>::Seen)>;

impl<S: Sieve> Desk<S> {
    fn open<'scope, 'env>(scope: &'scope thread::Scope<'scope, 'env>, mut scout: S::Scout) -> io::Result<Self>
    where
        S::Scout: 'scope,
    {
        let (blocks, given) = mpsc::channel::<Vec<u8>>();
        let (answer, answers) = mpsc::channel();
        let work = move || {
            for block in given {
                let seen = String::from_utf8(block).ok().map(|text| {
                    let seen = scout.look(&text);
                    (text, seen)
                });
                if answer.send(seen).is_err() {
                    return; // nobody wants to know any more
                }
            }
        };
        thread::Builder::new().spawn_scoped(scope, work)?;
        Ok(Self { blocks, answers })
    }

    fn give(&self, block: Vec<u8>) -> io::Result<()> {
        self.blocks.send(block).map_err(io::Error::other)
    }

    /// What was seen in the block that was given first.
    fn answer(&self) -> io::Result<Answer<S>> {
        self.answers.recv().map_err(io::Error::other)
    }
}

/// A file, and what of it was read and is still unseen.
struct Reading<R> {
    from: R,
    ended: bool,
    unseen: Vec<u8>,
    block: usize,
    /// Room for blocks.
    spare: Vec<Vec<u8>>,
}

impl<R: io::Read> Reading<R> {
    /// The next bytes up to a border between elements, if there is one in them.
    fn block(&mut self, sieve: &impl Sieve) -> io::Result<Option<Vec<u8>>> {
        if self.ended || self.unseen.len() >= self.block || !sieve.has_borders() {
            return Ok(None);
        }
        let mut block = self.spare.pop().unwrap_or_default();
        let before = self.unseen.len();
        block.resize(before + self.block, 0);
        if let Some(front) = block.get_mut(..before) {
            front.copy_from_slice(&self.unseen);
        }
        self.unseen.clear();
        let read = self.read(block.get_mut(before..).unwrap_or_default())?;
        block.truncate(before + read);
        match sieve.border(&block) {
            Some(border) => {
                self.unseen.extend_from_slice(block.get(border..).unwrap_or_default());
                block.truncate(border);
                Ok(Some(block))
            }
            None => {
                self.unseen.append(&mut block);
                Ok(None)
            }
        }
    }

    /// Adds what is unseen, or else so many bytes.
    fn more(&mut self, to: &mut Vec<u8>, bytes: usize) -> io::Result<()> {
        if self.unseen.is_empty() {
            let before = to.len();
            to.resize(before + bytes, 0);
            let read = self.read(to.get_mut(before..).unwrap_or_default())?;
            to.truncate(before + read);
        } else {
            to.append(&mut self.unseen);
        }
        Ok(())
    }

    /// Keeps all that comes, with what was read and not looked at before it; nothing where it is no text.
    fn rest(mut self, sifted: Sifted, before: &[u8]) -> io::Result<Option<Sifted>> {
        let mut bytes = sifted.text.into_bytes();
        bytes.extend_from_slice(before);
        bytes.append(&mut self.unseen);
        self.from.read_to_end(&mut bytes)?;
        Ok(String::from_utf8(bytes).ok().map(|text| Sifted { text, ..sifted }))
    }

    /// Fills a buffer as far as the file goes.
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        while filled < into.len() && !self.ended {
            match self.from.read(into.get_mut(filled..).unwrap_or_default()) {
                Ok(read) => {
                    filled += read;
                    self.ended = read == 0;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(filled)
    }

    fn is_done(&self) -> bool {
        self.ended && self.unseen.is_empty()
    }
}

/// The characters at the beginning of some bytes; one that is cut off is left for later, unless these are the last.
fn valid(bytes: &[u8], last: bool) -> Option<&str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text),
        Err(error) if last || error.error_len().is_some() => None,
        Err(error) => std::str::from_utf8(bytes.get(..error.valid_up_to())?).ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Sources;

    /// Leaves out lines that begin with a dash, and what stands between `<` and `>`. `slow`: asks for all of the text.
    #[derive(Default)]
    struct Marked {
        slow: bool,
        /// Behind this line all is kept.
        until: Option<&'static str>,
        kept: bool,
    }

    impl Scout for () {
        type Seen = ();

        fn look(&mut self, _: &str) {}
    }

    impl Sieve for Marked {
        type Scout = ();

        fn scout(&self) {}

        fn has_borders(&self) -> bool {
            false
        }

        fn border(&self, _: &[u8]) -> Option<usize> {
            None
        }

        fn take(&mut self, (): (), _: &mut Vec<Part>) -> usize {
            0
        }

        fn keeps_the_rest(&self) -> bool {
            self.kept
        }

        fn sift(&mut self, text: &str, last: bool, parts: &mut Vec<Part>) -> usize {
            if let Some((before, _)) = self.until.and_then(|line| text.split_once(line)) {
                self.until = None;
                self.kept = true;
                return self.sift(before, true, parts);
            }
            let end = text.rfind('\n').map_or(0, |at| at + 1);
            let end = if last {
                text.len()
            } else if self.slow {
                0
            } else {
                end
            };
            for line in text[..end].split_inclusive('\n') {
                let mut rest = line;
                if line.starts_with('-') {
                    parts.push(Part { bytes: line.len(), keep: false });
                    continue;
                }
                while let Some((before, after)) = rest.split_once('<') {
                    let length = after.find('>').map_or(after.len(), |at| at + 2);
                    parts.push(Part { bytes: before.len(), keep: true });
                    parts.push(Part { bytes: length, keep: false });
                    rest = &rest[before.len() + length..];
                }
                parts.push(Part { bytes: rest.len(), keep: true });
            }
            end
        }
    }

    fn sifted(text: &str, slow: bool) -> (Sources, String) {
        let sifted =
            sift(text.as_bytes(), &mut Marked { slow, ..Marked::default() }, Pace::default()).unwrap().unwrap();
        let mut sources = Sources::new();
        let file = sources.add_parts("a".to_owned(), sifted.text, sifted.gaps);
        let held = sources.get(file).text().to_owned();
        (sources, held)
    }

    #[test]
    fn places_are_those_of_the_file() {
        let text = "-0\na <é\u{1f600}>b\n-c\n-d\ne<f> <>g\n<h>i<j>k<l>\n-m\nn<o>";
        for slow in [false, true] {
            let (sources, held) = sifted(text, slow);
            assert_eq!(held, "a b\ne g\nik\nn");
            let mut file = Sources::new();
            let id = file.add("a", text);
            let mut from = 0;
            for (offset, c) in held.char_indices().filter(|(_, c)| c.is_alphabetic()) {
                let there = from + text[from..].find(c).unwrap();
                from = there;
                let (a, b) = (u32::try_from(offset).unwrap(), u32::try_from(there).unwrap());
                assert_eq!(sources.position(id, a), file.position(id, b), "{c}");
            }
        }
    }

    #[test]
    fn windows_do_not_show() {
        let line = "x<left out>é <\u{1f600}>y\n";
        let text = line.repeat(2 * WINDOW / line.len() + 10);
        let (sources, held) = sifted(&text, false);
        assert_eq!(held, "xé y\n".repeat(2 * WINDOW / line.len() + 10));
        let (same, again) = sifted(&text, true);
        assert_eq!(held, again);
        let end = u32::try_from(held.len()).unwrap();
        let file = sources.iter().next().unwrap().0;
        assert_eq!(sources.position(file, end), same.position(file, end));
        assert_eq!(sources.position(file, end).offset as usize, text.len());
    }

    /// As [`Marked`], of lines, with scouts that take them down and a wrong guess now and then.
    struct Scouted {
        marked: Marked,
        taken: usize,
    }

    struct Lines;

    impl Scout for Lines {
        type Seen = Vec<Part>;

        fn look(&mut self, text: &str) -> Vec<Part> {
            let mut parts = Vec::new();
            Marked::default().sift(text, false, &mut parts);
            parts
        }
    }

    impl Sieve for Scouted {
        type Scout = Lines;

        fn sift(&mut self, text: &str, last: bool, parts: &mut Vec<Part>) -> usize {
            self.marked.sift(text, last, parts)
        }

        fn keeps_the_rest(&self) -> bool {
            self.marked.keeps_the_rest()
        }

        fn scout(&self) -> Lines {
            Lines
        }

        fn has_borders(&self) -> bool {
            true
        }

        fn border(&self, bytes: &[u8]) -> Option<usize> {
            let line = bytes.iter().rposition(|byte| *byte == b'\n')?;
            Some(if line % 3 == 0 { line } else { line + 1 })
        }

        fn take(&mut self, seen: Vec<Part>, parts: &mut Vec<Part>) -> usize {
            parts.extend(&seen);
            let bytes: usize = seen.iter().map(|part| part.bytes).sum();
            self.taken += bytes;
            bytes
        }
    }

    #[test]
    fn scouts_do_not_show() {
        let lines = ["x<left out>é <\u{1f600}>y\n", "-gone\n", "plain\n", "-\n", "a<b>c<d>e\n"];
        let text: String = lines.iter().cycle().take(9_000).copied().collect();
        let (plain, held) = sifted(&text, false);
        let end = u32::try_from(held.len()).unwrap();
        let file = plain.iter().next().unwrap().0;
        for (scouts, block) in [(1, 100), (2, 1_000), (3, 70_000), (2, 1 << 20)] {
            let mut sieve = Scouted { marked: Marked::default(), taken: 0 };
            let sifted = sift(text.as_bytes(), &mut sieve, Pace { scouts, block }).unwrap().unwrap();
            assert!(sifted.text == held, "{scouts} {block}");
            assert!(block > text.len() || sieve.taken > text.len() / 4, "{scouts} {block}: {}", sieve.taken);
            let mut sources = Sources::new();
            sources.add_parts("a".to_owned(), sifted.text, sifted.gaps);
            for offset in [0, end / 3, end / 2, end] {
                assert_eq!(sources.position(file, offset), plain.position(file, offset), "{scouts} {block}");
            }
        }
        let mut cut = text.into_bytes();
        cut.truncate(150_000);
        cut.extend(b"\xff\n".repeat(9));
        let mut sieve = Scouted { marked: Marked::default(), taken: 0 };
        assert!(sift(&cut[..], &mut sieve, Pace { scouts: 2, block: 1_000 }).unwrap().is_none());
    }

    #[test]
    fn what_comes_behind_the_last_gap_is_kept_as_it_is() {
        let (line, rest) = ("x<left out>é <\u{1f600}>y\n", "# enough\n<é>\n-\n");
        for lines in [0, 3, 2 * WINDOW / line.len()] {
            let text = line.repeat(lines) + &rest.repeat(WINDOW / 8);
            let mut sieve = Marked { until: Some("# enough\n"), ..Marked::default() };
            let sifted = sift(text.as_bytes(), &mut sieve, Pace::default()).unwrap().unwrap();
            assert!(sifted.text == "xé y\n".repeat(lines) + &rest.repeat(WINDOW / 8), "{lines}");
            let end = u32::try_from(sifted.text.len()).unwrap();
            let mut sources = Sources::new();
            let id = sources.add_parts("a".to_owned(), sifted.text, sifted.gaps);
            assert_eq!(sources.position(id, end).offset as usize, text.len());
            for bad in [&b"\xff"[..], b"\xe2\x82"] {
                let mut sieve = Marked { until: Some("# enough\n"), ..Marked::default() };
                let bytes = [text.as_bytes(), bad].concat();
                assert!(sift(&bytes[..], &mut sieve, Pace::default()).unwrap().is_none());
            }
        }
    }

    #[test]
    fn what_is_no_text_is_left_to_others() {
        assert!(sift(&b"a\xff"[..], &mut Marked::default(), Pace::default()).unwrap().is_none());
        assert!(sift(&b"a\xe2\x82"[..], &mut Marked::default(), Pace::default()).unwrap().is_none());
    }
}
