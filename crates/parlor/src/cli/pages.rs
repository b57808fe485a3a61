//! Lists, page by page, as the pages arrive.

use serde_json::Value;

use super::output::{Form, Output, Table};
use super::server::Server;

/// Most items of one page, as the server allows.
const PAGE: usize = 100;

/// A list on a server, and how a person sees it.
pub(crate) struct List<'a> {
    /// The segments of its path.
    pub(crate) path: &'a [&'a str],
    /// Which field of an item is the cursor of the next page.
    pub(crate) id: &'static str,
    /// Most items wanted; all without it.
    pub(crate) limit: Option<usize>,
    /// The columns.
    pub(crate) headings: &'a [&'static str],
    /// An item's cells.
    pub(crate) row: &'a dyn Fn(&Value) -> Vec<String>,
    /// What is said when there is nothing.
    pub(crate) nothing: &'a str,
}

impl List<'_> {
    /// Prints it all: a table, or one JSON array.
    pub(crate) async fn print(&self, server: &Server, output: &mut Output) -> anyhow::Result<()> {
        let mut table = Table::new(self.headings);
        let (mut printed, mut after) = (0, None);
        loop {
            let wanted = self.limit.map_or(PAGE, |limit| (limit - printed).min(PAGE));
            let items = match wanted {
                0 => Vec::new(),
                wanted => self.page(server, wanted, after.as_deref()).await?,
            };
            let is_last = items.len() < wanted || wanted == 0;
            after = items.last().and_then(|last| Some(last.get(self.id)?.as_str()?.to_owned()));
            match output.form() {
                Form::Json => self.print_json(output, &items, printed)?,
                Form::Text if printed + items.len() == 0 => output.line(self.nothing)?,
                Form::Text if items.is_empty() => {}
                Form::Text => {
                    let rows: Vec<Vec<String>> = items.iter().map(self.row).collect();
                    table.rows(output, &rows)?;
                }
            }
            printed += items.len();
            if is_last || after.is_none() {
                break;
            }
        }
        if output.form() == Form::Json {
            output.raw(if printed == 0 { "]\n" } else { "\n]\n" })?;
        }
        Ok(output.flush()?)
    }

    async fn page(
        &self,
        server: &Server,
        wanted: usize,
        after: Option<&str>,
    ) -> anyhow::Result<Vec<Value>> {
        let limit = wanted.to_string();
        let mut query = vec![("limit", limit.as_str())];
        query.extend(after.map(|id| ("starting_after", id)));
        let mut page = server.get(self.path, &query).await?;
        match page.get_mut("data").map(Value::take) {
            Some(Value::Array(items)) => Ok(items),
            _ => Ok(Vec::new()),
        }
    }

    /// The items so far: an array that stays open.
    fn print_json(
        &self,
        output: &mut Output,
        items: &[Value],
        before: usize,
    ) -> anyhow::Result<()> {
        if before == 0 {
            output.raw("[")?;
        }
        for (index, item) in items.iter().enumerate() {
            output.raw(if before + index == 0 { "\n" } else { ",\n" })?;
            output.raw(&item.to_string())?;
        }
        Ok(output.flush()?)
    }
}
