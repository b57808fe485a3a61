//! Things with a name that others refer to by a number: found by name where a
//! message comes in, and by number where packets pass.

use std::collections::BTreeMap;

/// The number of an entry; another entry may have it once this one is gone.
pub(super) type Index = usize;

/// The entries.
#[derive(Debug)]
pub(super) struct Table<K, T> {
    entries: Vec<Option<T>>,
    free: Vec<Index>,
    names: BTreeMap<K, Index>,
}

impl<K: Ord, T> Table<K, T> {
    pub(super) fn new() -> Self {
        Self { entries: Vec::new(), free: Vec::new(), names: BTreeMap::new() }
    }

    /// Adds an entry under a name that none has.
    pub(super) fn insert(&mut self, name: K, entry: T) -> Index {
        let index = self.free.pop().unwrap_or_else(|| {
            self.entries.push(None);
            self.entries.len() - 1
        });
        self.entries[index] = Some(entry);
        self.names.insert(name, index);
        index
    }

    /// Takes the entry with this name away.
    pub(super) fn remove(&mut self, name: &K) -> Option<(Index, T)> {
        let index = self.names.remove(name)?;
        self.free.push(index);
        Some((index, self.entries.get_mut(index)?.take()?))
    }

    /// The number of the entry with this name.
    pub(super) fn find(&self, name: &K) -> Option<Index> {
        self.names.get(name).copied()
    }

    pub(super) fn get(&self, index: Index) -> Option<&T> {
        self.entries.get(index)?.as_ref()
    }

    pub(super) fn get_mut(&mut self, index: Index) -> Option<&mut T> {
        self.entries.get_mut(index)?.as_mut()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// All numbers, of entries that are there and of those that were.
    pub(super) fn indices(&self) -> std::ops::Range<Index> {
        0..self.entries.len()
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.entries.iter_mut().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_found_by_name_and_number_and_its_number_serves_again() {
        let mut table = Table::new();
        let (ana, bo) = (table.insert("ana", 1), table.insert("bo", 2));
        assert_eq!((table.find(&"bo"), table.get(ana)), (Some(bo), Some(&1)));
        assert_eq!(table.remove(&"ana"), Some((ana, 1)));
        assert_eq!((table.find(&"ana"), table.get(ana)), (None, None));
        assert_eq!(table.remove(&"ana"), None);
        assert_eq!(table.insert("cy", 3), ana);
        assert_eq!(table.iter_mut().map(|it| *it).collect::<Vec<_>>(), [3, 2]);
    }
}
