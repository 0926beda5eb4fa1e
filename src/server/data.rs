//! The file behind `--data`: every commit of the journal, in transactions that are on disk before anything is answered.
//!
//! One thread writes. Whatever waits in the queue goes into one transaction, so that many writers share one flush.

use std::io::ErrorKind;
use std::path::Path;
use std::sync::{Arc, mpsc};

use redb::{Database, DatabaseError, ReadableDatabase, StorageError, TableDefinition, TableError};
use tokio::sync::watch;

use super::credential::{Access, Digest};
use super::journal::{Commit, Counters, Kept, Progress, Queue};

/// The form of the file.
const FORM: u64 = 2;

const ABOUT: TableDefinition<'_, &str, u64> = TableDefinition::new("scimulate");
/// Tenant → what must not begin anew.
const COUNTERS: TableDefinition<'_, &str, (u32, u64, u64, u64)> = TableDefinition::new("counters");
/// Tenant, handle → record.
const ROWS: TableDefinition<'_, (&str, u32), &[u8]> = TableDefinition::new("records");
/// Tenant, group, member.
const MEMBERS: TableDefinition<'_, (&str, u32, u32), ()> = TableDefinition::new("members");
/// Tenant, digest → owner, and whether it is a token.
const CREDENTIALS: TableDefinition<'_, (&str, Digest), (u32, bool)> =
    TableDefinition::new("credentials");
/// Tenant → what the product decided.
const DECISIONS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("decisions");

/// How many commits one transaction takes at most.
const BATCH: usize = 1_000;

/// Why a data file cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DataError {
    /// The file or its folder cannot be read or written.
    #[error("the data file {path} cannot be opened: {why}")]
    Unusable {
        /// Which file.
        path: String,
        /// What the system says.
        why: String,
    },
    /// Another process has it.
    #[error("the data file {0} is in use by another process: end that one, or name another file")]
    InUse(String),
    /// It is something else.
    #[error("{0} is no data file of scimulate: name another file, or one that does not exist yet")]
    Foreign(String),
    /// It is one, and cannot be read.
    #[error(
        "the data file {path} is damaged ({why}): restore it from a copy, or name another file"
    )]
    Damaged {
        /// Which file.
        path: String,
        /// What is wrong with it.
        why: String,
    },
    /// Another version wrote it.
    #[error(
        "the data file {path} has the form {found}, this program knows {FORM}: use the scimulate that wrote it, or name \
         another file"
    )]
    Form {
        /// Which file.
        path: String,
        /// The form found.
        found: u64,
    },
}

/// An open data file with the thread that writes it.
#[derive(Debug)]
pub(super) struct Data {
    database: Arc<Database>,
    path: String,
    pub(super) queue: Queue,
}

impl Data {
    /// Opens a file, or makes it.
    ///
    /// # Errors
    /// It cannot be used.
    pub(super) fn open(path: &Path) -> Result<Self, DataError> {
        let name = path.display().to_string();
        let database = Database::create(path).map_err(|e| refused(&name, e))?;
        let form = begin(&database).map_err(|e| damaged(&name, &e))?;
        match form {
            Some(FORM) => {}
            Some(found) => return Err(DataError::Form { path: name, found }),
            None => return Err(DataError::Foreign(name)),
        }
        let database = Arc::new(database);
        let (sender, commits) = mpsc::channel();
        let (told, progress) = watch::channel(Progress::default());
        let writer = Arc::clone(&database);
        let what = name.clone();
        std::thread::Builder::new()
            .name("data file".to_owned())
            .spawn(move || keep(&writer, &what, &commits, &told))
            .map_err(|e| DataError::Unusable {
                path: name.clone(),
                why: e.to_string(),
            })?;
        Ok(Self {
            database,
            path: name,
            queue: Queue::new(sender, progress),
        })
    }

    /// What is kept of a tenant.
    ///
    /// # Errors
    /// The file is damaged.
    pub(super) fn load(&self, tenant: &str) -> Result<Kept, DataError> {
        self.read(tenant).map_err(|e| damaged(&self.path, &e))
    }

    /// A record that is none.
    pub(super) fn wrong(&self, why: String) -> DataError {
        let path = self.path.clone();
        DataError::Damaged { path, why }
    }

    fn read(&self, tenant: &str) -> Result<Kept, redb::Error> {
        let mut kept = Kept::default();
        let transaction = self.database.begin_read()?;
        if let Some(counters) = transaction.open_table(COUNTERS)?.get(tenant)? {
            let (next, version, ids, secrets) = counters.value();
            kept.counters = Counters {
                next,
                version,
                ids,
                secrets,
            };
        }
        let rows = transaction.open_table(ROWS)?;
        for row in rows.range((tenant, 0)..=(tenant, u32::MAX))? {
            let (key, bytes) = row?;
            kept.rows.push((key.value().1, bytes.value().to_vec()));
        }
        let members = transaction.open_table(MEMBERS)?;
        for entry in members.range((tenant, 0, 0)..=(tenant, u32::MAX, u32::MAX))? {
            let (_, group, member) = entry?.0.value();
            kept.members.push((group, member));
        }
        let credentials = transaction.open_table(CREDENTIALS)?;
        for entry in credentials.range((tenant, [0; 32])..=(tenant, [0xff; 32]))? {
            let (key, value) = entry?;
            let (owner, token) = value.value();
            let access = if token {
                Access::Token
            } else {
                Access::Session
            };
            kept.credentials.push((key.value().1, (owner, access)));
        }
        let decisions = transaction.open_table(DECISIONS)?.get(tenant)?;
        kept.decisions = decisions.map(|bytes| bytes.value().to_vec());
        Ok(kept)
    }
}

/// Makes the tables of a new file; says of which form the file is, if it is one of ours.
fn begin(database: &Database) -> Result<Option<u64>, redb::Error> {
    let transaction = database.begin_read()?;
    match transaction.open_table(ABOUT) {
        Ok(about) => return Ok(about.get("form")?.map(|form| form.value())),
        Err(TableError::TableDoesNotExist(_)) => {}
        Err(TableError::Storage(e)) => return Err(e.into()),
        // A table of that name with other columns.
        Err(_) => return Ok(None),
    }
    if transaction.list_tables()?.next().is_some() {
        return Ok(None);
    }
    drop(transaction);
    let transaction = database.begin_write()?;
    transaction.open_table(ABOUT)?.insert("form", FORM)?;
    transaction.open_table(COUNTERS)?;
    transaction.open_table(ROWS)?;
    transaction.open_table(MEMBERS)?;
    transaction.open_table(CREDENTIALS)?;
    transaction.open_table(DECISIONS)?;
    transaction.commit()?;
    Ok(Some(FORM))
}

/// Writes what comes until nobody can send any more, or until it cannot be written.
fn keep(
    database: &Database,
    path: &str,
    commits: &mpsc::Receiver<Commit>,
    told: &watch::Sender<Progress>,
) {
    while let Ok(first) = commits.recv() {
        let mut batch = vec![first];
        batch.extend(commits.try_iter().take(BATCH - 1));
        if let Err(e) = write(database, &batch) {
            told.send_modify(|progress| {
                progress.broken = Some(format!("the data file {path} cannot be written: {e}"));
            });
            return;
        }
        told.send_modify(|progress| progress.kept += batch.len() as u64);
    }
}

/// One transaction: all of the batch or nothing, and on disk when this returns.
fn write(database: &Database, batch: &[Commit]) -> Result<(), redb::Error> {
    let transaction = database.begin_write()?;
    {
        let mut counters = transaction.open_table(COUNTERS)?;
        let mut rows = transaction.open_table(ROWS)?;
        let mut members = transaction.open_table(MEMBERS)?;
        let mut credentials = transaction.open_table(CREDENTIALS)?;
        let mut decisions = transaction.open_table(DECISIONS)?;
        for Commit { tenant, notes } in batch {
            let tenant = &**tenant;
            let c = notes.counters;
            counters.insert(tenant, (c.next, c.version, c.ids, c.secrets))?;
            for (handle, bytes) in &notes.rows {
                match bytes {
                    Some(bytes) => rows.insert((tenant, *handle), bytes.as_slice())?,
                    None => rows.remove((tenant, *handle))?,
                };
            }
            for (group, member, inside) in &notes.members {
                let key = (tenant, *group, *member);
                match inside {
                    true => members.insert(key, ())?,
                    false => members.remove(key)?,
                };
            }
            for (digest, owner) in &notes.credentials {
                let key = (tenant, *digest);
                match owner {
                    Some((owner, access)) => {
                        credentials.insert(key, (*owner, *access == Access::Token))?
                    }
                    None => credentials.remove(key)?,
                };
            }
            if let Some(bytes) = &notes.decisions {
                decisions.insert(tenant, bytes.as_slice())?;
            }
        }
    }
    transaction.commit()?;
    Ok(())
}

fn refused(path: &str, error: DatabaseError) -> DataError {
    let path = path.to_owned();
    match error {
        DatabaseError::DatabaseAlreadyOpen | DatabaseError::LockProtocolMismatch => {
            DataError::InUse(path)
        }
        DatabaseError::Storage(StorageError::Io(e)) if e.kind() == ErrorKind::InvalidData => {
            DataError::Foreign(path)
        }
        DatabaseError::Storage(StorageError::Io(e)) if e.kind() == ErrorKind::UnexpectedEof => {
            DataError::Damaged {
                path,
                why: "it ends too early".to_owned(),
            }
        }
        DatabaseError::Storage(StorageError::Io(e)) => DataError::Unusable {
            path,
            why: e.to_string(),
        },
        other => DataError::Damaged {
            path,
            why: other.to_string(),
        },
    }
}

fn damaged(path: &str, error: &redb::Error) -> DataError {
    DataError::Damaged {
        path: path.to_owned(),
        why: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_another_form_is_not_read() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("people.redb");
        let database = Database::create(&file).unwrap();
        begin(&database).unwrap();
        let transaction = database.begin_write().unwrap();
        let about = transaction.open_table(ABOUT);
        about.unwrap().insert("form", FORM - 1).unwrap();
        transaction.commit().unwrap();
        drop(database);
        let error = Data::open(&file).unwrap_err().to_string();
        let end = format!(
            "has the form {}, this program knows {FORM}: use the scimulate that wrote it, or name another file",
            FORM - 1
        );
        assert!(error.ends_with(&end), "{error}");
    }
}
