//! Things kept for principals: so many, for so long.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

/// Keeps things under ids that cannot be guessed. What is of one principal is not there for another.
#[derive(Debug)]
pub(crate) struct Bounded<T> {
    entries: HashMap<String, Entry<T>>,
    max: usize,
    max_of_principal: usize,
    kept_for: Duration,
}

#[derive(Debug)]
struct Entry<T> {
    principal: Arc<str>,
    expires: Instant,
    thing: T,
}

/// There is no room for this.
#[derive(Debug)]
pub(crate) struct Full<T>(pub(crate) T);

impl<T> Bounded<T> {
    /// At most `max` things, and of each principal `max_of_principal`.
    pub(crate) fn new(max: usize, max_of_principal: usize, kept_for: Duration) -> Self {
        Self { entries: HashMap::new(), max, max_of_principal, kept_for }
    }

    /// Keeps a thing and returns its id, 128 random bits in hexadecimal.
    ///
    /// # Errors
    ///
    /// [`Full`], with the thing.
    pub(crate) fn add(&mut self, principal: &str, thing: T) -> Result<String, Full<T>> {
        let mut random = [0_u8; 16];
        if getrandom::fill(&mut random).is_err() {
            return Err(Full(thing));
        }
        let id: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
        self.add_as(principal, &id, thing)?;
        Ok(id)
    }

    /// Keeps a thing under an id of its own, which cannot be guessed.
    ///
    /// # Errors
    ///
    /// [`Full`], with the thing.
    pub(crate) fn add_as(&mut self, principal: &str, id: &str, thing: T) -> Result<(), Full<T>> {
        if !self.has_room(principal) {
            return Err(Full(thing));
        }
        let expires = Instant::now() + self.kept_for;
        let entry = Entry { principal: principal.into(), expires, thing };
        self.entries.insert(id.to_owned(), entry);
        Ok(())
    }

    /// Keeps a thing and returns its id, as [`add`](Self::add). What makes room for it is the oldest thing of the same principal,
    /// or of any where that has none.
    ///
    /// # Errors
    ///
    /// [`Full`], with the thing, where there is no randomness.
    pub(crate) fn add_over_oldest(&mut self, principal: &str, thing: T) -> Result<String, Full<T>> {
        if !self.has_room(principal) {
            let oldest =
                self.entries.iter().min_by_key(|(_, entry)| (&*entry.principal != principal, entry.expires));
            if let Some(id) = oldest.map(|(id, _)| id.clone()) {
                self.entries.remove(&id);
            }
        }
        self.add(principal, thing)
    }

    /// Whether one more thing of this principal can be kept.
    pub(crate) fn has_room(&mut self, principal: &str) -> bool {
        let now = Instant::now();
        self.entries.retain(|_, entry| entry.expires > now);
        let of_principal = self.entries.values().filter(|entry| &*entry.principal == principal).count();
        self.entries.len() < self.max && of_principal < self.max_of_principal
    }

    /// A thing that is there for this principal.
    pub(crate) fn get(&self, principal: &str, id: &str) -> Option<&T> {
        let entry = self.entries.get(id)?;
        let is_there = &*entry.principal == principal && entry.expires > Instant::now();
        is_there.then_some(&entry.thing)
    }

    /// Takes a thing out.
    pub(crate) fn take(&mut self, principal: &str, id: &str) -> Option<T> {
        self.get(principal, id)?;
        self.entries.remove(id).map(|entry| entry.thing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_is_kept_is_bounded_and_ends() {
        let mut bounded = Bounded::new(3, 2, Duration::from_secs(10));
        let first = bounded.add("ann", 1).unwrap();
        let second = bounded.add("ann", 2).unwrap();
        assert_eq!((first.len(), first != second), (32, true));
        let Full(refused) = bounded.add("ann", 3).unwrap_err();
        assert_eq!(refused, 3);
        let of_bob = bounded.add("bob", 4).unwrap();
        assert!(bounded.add("eve", 5).is_err());

        assert_eq!(bounded.take("bob", &first), None);
        assert_eq!(bounded.take("ann", &first), Some(1));
        assert_eq!(bounded.take("ann", &first), None);
        bounded.add("ann", 6).unwrap();

        tokio::time::advance(Duration::from_secs(11)).await;
        assert_eq!(bounded.get("bob", &of_bob), None);
        assert_eq!(bounded.take("ann", &second), None);
        assert!(bounded.add("eve", 5).is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn the_oldest_of_the_same_principal_makes_room() {
        let mut bounded = Bounded::new(3, 2, Duration::from_secs(10));
        let mut ids = Vec::new();
        for (principal, thing) in [("bob", 1), ("ann", 2), ("ann", 3), ("ann", 4), ("eve", 5)] {
            ids.push((principal, bounded.add_over_oldest(principal, thing).unwrap()));
            tokio::time::advance(Duration::from_secs(1)).await;
        }
        let there: Vec<_> = ids.iter().filter_map(|(principal, id)| bounded.take(principal, id)).collect();
        assert_eq!(there, [3, 4, 5]);
    }
}
