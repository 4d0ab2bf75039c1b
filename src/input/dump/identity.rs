//! What a literal resource id says of itself.
//!
//! In: an id. Out: [`Identity`]: type, full name, parent. Must not know: which types matter.

use std::borrow::Cow;

/// The parts of an id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    /// The id without a slash at its end.
    pub(super) id: String,
    /// `Microsoft.Network/virtualNetworks/subnets`, in the case of the id.
    pub(super) ty: String,
    /// `vnet/subnet`.
    pub(super) name: String,
}

/// Takes an id apart; `None` where it leads to no resource of a provider.
pub(super) fn identify(id: &str) -> Option<Identity> {
    let id = id.trim().trim_end_matches('/');
    let pieces: Vec<&str> = id.strip_prefix('/')?.split('/').collect();
    let at = pieces.iter().rposition(|piece| piece.eq_ignore_ascii_case("providers"))?;
    let mut rest = pieces.iter().skip(at + 1);
    let mut ty = (*rest.next()?).to_owned();
    let mut name = String::new();
    let rest: Vec<&str> = rest.copied().collect();
    if rest.is_empty() || rest.len() % 2 == 1 || rest.iter().any(|piece| piece.is_empty()) {
        return None;
    }
    for pair in rest.chunks_exact(2) {
        let [kind, own] = pair else { return None };
        ty.push('/');
        ty.push_str(kind);
        if !name.is_empty() {
            name.push('/');
        }
        name.push_str(own);
    }
    Some(Identity { id: id.to_owned(), ty, name })
}

/// The type that an id leads to, as [`identify`] says it.
pub(super) fn type_of(id: &str) -> Option<Cow<'_, str>> {
    let id = id.trim().trim_end_matches('/');
    let is_mark = |piece: &str| piece.eq_ignore_ascii_case("providers");
    let mut pieces = id.rsplit('/');
    // Nearly every id ends with `providers/Microsoft.Network/virtualNetworks/v`, where the type stands as it is.
    if let (Some(name), Some(kind), Some(space), Some(mark)) =
        (pieces.next(), pieces.next(), pieces.next(), pieces.next())
        && is_mark(mark)
        && ![name, kind, space].into_iter().any(is_mark)
        && !kind.is_empty()
        && id.starts_with('/')
    {
        let end = id.len().saturating_sub(name.len() + 1);
        return id.get(end.saturating_sub(space.len() + 1 + kind.len())..end).map(Cow::Borrowed);
    }
    identify(id).map(|identity| Cow::Owned(identity.ty))
}

/// The scope around an id: the parent of a child, else the group or the subscription.
pub(super) fn parent(id: &str) -> Option<&str> {
    let (above, _) = id.rsplit_once('/')?;
    let (above, kind) = above.rsplit_once('/')?;
    // `…/providers/Microsoft.Network/virtualNetworks/v`: what is above is the namespace.
    match above.rsplit_once('/') {
        Some((scope, _)) if scope.to_ascii_lowercase().ends_with("/providers") && !kind.is_empty() => {
            scope.get(..scope.len() - "/providers".len())
        }
        Some(_) | None => Some(above),
    }
}

/// The subscription of an id, as a scope.
pub(super) fn subscription(id: &str) -> Option<&str> {
    let rest = id.get(..SUBSCRIPTIONS.len()).filter(|front| front.eq_ignore_ascii_case(SUBSCRIPTIONS))?;
    let end = id.get(rest.len()..)?.find('/').map_or(id.len(), |at| rest.len() + at);
    id.get(..end)
}

const SUBSCRIPTIONS: &str = "/subscriptions/";

#[cfg(test)]
mod tests {
    use super::*;

    const VNET: &str = "/subscriptions/1/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/v";

    #[test]
    fn ids_say_type_name_and_scope() {
        let found = identify(&format!("{VNET}/subnets/s/")).unwrap();
        assert_eq!((found.ty.as_str(), found.name.as_str()), ("Microsoft.Network/virtualNetworks/subnets", "v/s"));
        assert_eq!(parent(&found.id), Some(VNET));
        assert_eq!(parent(VNET), Some("/subscriptions/1/resourceGroups/rg"));
        assert_eq!(subscription(VNET), Some("/subscriptions/1"));
    }

    #[test]
    fn the_type_alone_is_that_of_the_whole() {
        let above = "/subscriptions/1/resourceGroups/rg";
        for id in [
            format!("{VNET}/"),
            format!(" {VNET}/subnets/s"),
            format!("{VNET}/providers/Microsoft.Insights/diagnosticSettings/d"),
            format!("{above}/Providers/a/b/c"),
            format!("{above}/providers/a/b/providers"),
            format!("{above}/providers/a/providers/c"),
            format!("{above}/providers/providers/b/c"),
            format!("{above}/providers/a//c"),
            format!("{above}/providers//b/c"),
            format!("{above}/providers/a/b/c/d"),
            "/providers/a/b/c".to_owned(),
            "providers/a/b/c".to_owned(),
            "x/providers/a/b/c".to_owned(),
        ] {
            assert_eq!(type_of(&id).map(Cow::into_owned), identify(&id).map(|identity| identity.ty), "{id}");
        }
    }

    #[test]
    fn what_leads_to_no_resource_is_none() {
        for id in ["", "/", "/subscriptions/1/resourceGroups/rg", "x", "/subscriptions/1/providers/Microsoft.Network"] {
            assert_eq!(identify(id), None, "{id}");
            assert_eq!(type_of(id), None, "{id}");
        }
    }
}
