//! Long lists, whose pieces are parsed on other threads while this one makes resources of them.
//!
//! In: a text. Out: [`Apart`]: the document around the list, and what its resources are. Must not know: what a list is.

use std::num::NonZero;
use std::sync::mpsc;
use std::thread;

use crate::input::dump::pieces::{Part, Pieces};
use crate::input::secrets::Places;
use crate::input::{Text, read_around};
use crate::lower::Gradual;
use crate::source::FileId;

use super::document::known;

/// More threads than this wait for the one that makes resources.
const THREADS: usize = 4;
/// So many pieces are parsed ahead on each.
const AHEAD: usize = 2;

/// A text that was read piece by piece.
pub struct Apart<'s> {
    /// What is around the pieces.
    pub text: Text<'s>,
    /// What the resources in the pieces are.
    pub part: Part,
    /// The resources in the pieces, lowered, where they need not be kept.
    pub lowered: Option<Gradual>,
    /// The places of secrets in the pieces.
    pub secrets: Vec<Places>,
}

/// Reads a text piece by piece; nothing where it is to be read as a whole. `alone`: it is all that is judged, so that
/// resources can be lowered at once. The result does not depend on the number of threads.
pub fn read(file: FileId, text: &str, alone: bool) -> Option<Apart<'_>> {
    let pieces = Pieces::find(file, text)?;
    let others = thread::available_parallelism().map_or(1, NonZero::get) - 1;
    let threads = others.min(THREADS);
    let at_once = alone.then(|| read_on(&pieces, threads, Some(Gradual::default())));
    at_once.flatten().or_else(|| read_on(&pieces, threads, None))
}

fn read_on<'s>(pieces: &Pieces<'s>, threads: usize, mut lowered: Option<Gradual>) -> Option<Apart<'s>> {
    let mut part = pieces.part();
    let mut secrets = Vec::new();
    thread::scope(|scope| {
        // Each thread has the pieces of one remainder; where there is no thread they are parsed when it is their turn.
        let lines = (0..threads).map(|number| {
            let (give, take) = mpsc::sync_channel(AHEAD);
            let work = move || {
                let mut own = (number..pieces.count()).step_by(threads).map(|number| pieces.parse(number));
                // Nobody takes any more where one piece was none.
                while own.next().is_some_and(|piece| give.send(piece).is_ok()) {}
            };
            thread::Builder::new().spawn_scoped(scope, work).ok().map(|_| take)
        });
        let lines: Vec<_> = lines.collect();
        for number in 0..pieces.count() {
            let line = number.checked_rem(threads).and_then(|line| lines.get(line)).and_then(Option::as_ref);
            let piece = line.map_or_else(|| pieces.parse(number), |line| line.recv().ok().flatten())?;
            part.take(pieces, &piece, &known);
            if let Some(lowered) = &mut lowered
                && !part.hand_over(&mut |resource| lowered.take(resource))
            {
                return None;
            }
            if !piece.secrets.is_empty() {
                secrets.push(piece.secrets);
            }
        }
        Some(())
    })?;
    let text = read_around(pieces.around(&part)?)?;
    Some(Apart { text, part, lowered, secrets })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::dump::{self, About, Beside};
    use crate::input::{Loaded, read as read_whole};
    use crate::lower::lower_listed;
    use serde_json::{Value, json};

    /// Resources of several kinds, more than a few pieces of them; every fourth one is none that rules ask for.
    fn rows() -> Vec<Value> {
        let id = |ty: &str, name: &str| format!("/subscriptions/s/resourceGroups/g/providers/{ty}/{name}");
        let row = |n: usize| {
            let filling = "x".repeat(500);
            let (ty, properties) = match n % 4 {
                0 => ("Microsoft.Compute/disks", json!({"diskSizeGB": 4})),
                1 => {
                    let subnets = json!([{"name": "s", "properties": {"addressPrefix": "10.0.0.0/24"}}]);
                    ("Microsoft.Network/virtualNetworks", json!({"subnets": subnets, "filling": filling}))
                }
                2 => {
                    let subnet = id("Microsoft.Network/virtualNetworks", &format!("r{}/subnets/s", n - 1));
                    let configuration = json!({"name": "c", "properties": {"subnet": {"id": subnet}}});
                    ("Microsoft.Network/networkInterfaces", json!({"ipConfigurations": [configuration]}))
                }
                _ => {
                    ("Microsoft.ContainerRegistry/registries", json!({"adminPassword": filling, "loginServer": "a.io"}))
                }
            };
            json!({"id": id(ty, &format!("r{n}")), "name": format!("r{n}"), "type": ty, "tenantId": "t",
                "subscriptionId": "s", "location": "westeurope", "properties": properties})
        };
        (0..4_000).map(row).collect()
    }

    fn text_of(rows: &[Value], pretty: bool) -> String {
        let document = json!({"count": rows.len(), "data": rows, "skip_token": null, "total_records": rows.len()});
        if pretty { serde_json::to_string_pretty(&document).unwrap() } else { document.to_string() }
    }

    fn load(text: &Text<'_>, part: Option<Part>) -> Loaded {
        let trees: Vec<_> = text.documents.iter().map(|parsed| &parsed.tree).collect();
        let beside = Beside::default();
        let about = About { path: "", registry: None, beside: &beside, whole: true, others: false };
        assert_eq!(trees.len(), 1);
        let documents =
            text.documents.iter().map(|parsed| crate::json::parse(FileId(0), parsed.tree.root().unwrap().raw()).tree);
        match part {
            // The tree around the pieces, which has but the first resources.
            Some(part) => {
                assert!(trees[0].node_count() < 1_000);
                dump::load_around(std::slice::from_ref(trees[0]), Some(part), about, &known)
            }
            None => dump::load(&documents.collect::<Vec<_>>(), about, &known),
        }
    }

    #[test]
    fn pieces_do_not_show() {
        for pretty in [true, false] {
            let text = text_of(&rows(), pretty);
            let whole = load(&read_whole(FileId(0), &text), None);
            let secrets = crate::input::secrets::places(crate::json::parse(FileId(0), &text).tree.root().unwrap());
            let graph = lower_listed(whole.resources.clone(), &whole.listings);
            let pieces = Pieces::find(FileId(0), &text).unwrap();
            assert!(pieces.count() > 8);
            for threads in [0, 1, 3] {
                let apart = read_on(&pieces, threads, None).unwrap();
                assert_eq!(apart.text.format, read_whole(FileId(0), &text).format);
                let hidden: usize = apart.secrets.iter().map(|places| places.values.len()).sum();
                assert_eq!(hidden, secrets.values.len());
                let loaded = load(&apart.text, Some(apart.part));
                assert_eq!(format!("{:?}", loaded.resources), format!("{:?}", whole.resources));
                assert_eq!(format!("{:?}", loaded.listings), format!("{:?}", whole.listings));
                assert!(loaded.problems.is_empty() && whole.problems.is_empty());
            }
            let apart = read_on(&pieces, 2, Some(Gradual::default())).unwrap();
            let loaded = load(&apart.text, Some(apart.part));
            assert!(loaded.resources.is_empty());
            let gradual = apart.lowered.unwrap().finish(loaded.resources, &loaded.listings);
            // What is kept for later stands in no particular order.
            assert_eq!(format!("{:?}", gradual.graph.virtual_networks), format!("{:?}", graph.graph.virtual_networks));
            assert_eq!(format!("{:?}", gradual.graph.subnets), format!("{:?}", graph.graph.subnets));
            assert_eq!(format!("{:?}", gradual.graph.registries), format!("{:?}", graph.graph.registries));
            let (one, other) = (gradual.graph.network_interfaces, graph.graph.network_interfaces);
            assert_eq!(format!("{one:?}"), format!("{other:?}"));
        }
    }

    #[test]
    fn two_forms_of_one_resource_are_lowered_together() {
        let mut rows = rows();
        rows[3_001] = rows[1].clone();
        let text = text_of(&rows, true);
        let apart = read(FileId(0), &text, true).unwrap();
        assert!(apart.lowered.is_none());
        assert_eq!(load(&apart.text, Some(apart.part)).resources.len(), 3_000);
    }

    #[test]
    fn where_there_is_anything_to_say_the_text_is_read_as_a_whole() {
        let text = text_of(&rows(), true);
        let middle = text.len() / 2;
        let at = middle + text[middle..].find("\"location\"").unwrap();
        for slip in ["oops ", "\"name\": 1, ", "}, {", "], ["] {
            let broken = format!("{}{slip}{}", &text[..at], &text[at..]);
            assert!(read(FileId(0), &broken, true).is_none(), "{slip}");
        }
        assert!(read(FileId(0), &text[..at], true).is_none(), "cut off");
        // A list of other things, and a document that is another one as a whole.
        let other = text.replacen("\"skip_token\": null", "\"id\": \"/subscriptions/s/resourceGroups/g\"", 1);
        assert!(other != text && read(FileId(0), &other, true).is_none());
    }
}
