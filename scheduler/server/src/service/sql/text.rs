//! What the text of a query is refused for before it is read: its length and its depth. Parsers, planners and what drops
//! their trees call themselves for each level, and a stack ends.

use std::{collections::HashMap, ops::ControlFlow};

use datafusion::sql::sqlparser::{
    ast::{ObjectName, Query, Statement, Visit, Visitor},
    dialect::GenericDialect,
    keywords::Keyword,
    tokenizer::{Token, Tokenizer},
};
use mangonel_proto::{Error, Result};

/// Longest query: planning takes time and memory beyond that of reading it.
const SQL_BYTES_MAX: usize = 1 << 20;
/// Deepest brackets. The parser has a bound for most of them, not for types.
const BRACKETS_MAX: usize = 100;
/// Operators that may stand one in the other. `1 + 1 + ...` is as deep as it is long.
const OPERATORS_MAX: usize = 1000;
/// Tables that a query may read, one as often as it is read: each is a level of the join.
const TABLES_MAX: usize = 200;

/// # Errors
/// `invalid_argument` for a text that is too long or too deep.
pub(super) fn check_text(sql: &str) -> Result<()> {
    if sql.len() > SQL_BYTES_MAX {
        let hint = "send long lists of values along as a table";
        return Err(Error::invalid(format!("the query is longer than {SQL_BYTES_MAX} bytes: {hint}")));
    }
    // What is no token is for the parser to say.
    let Ok(tokens) = Tokenizer::new(&GenericDialect {}, sql).tokenize() else { return Ok(()) };
    let mut depth = Depth { open: vec![0], operators: 0 };
    let (mut before, mut before_that) = (None, None);
    for token in tokens.iter().filter(|token| !matches!(token, Token::Whitespace(_))) {
        match token {
            Token::LParen | Token::LBrace => depth.open()?,
            Token::LBracket => {
                if before.is_some_and(ends_operand) {
                    depth.operator()?;
                }
                depth.open()?;
            }
            Token::RParen | Token::RBracket | Token::RBrace => depth.close(),
            Token::Comma => depth.next_item(),
            // `table.column` is flat; more parts are members of members.
            Token::Period if before_that == Some(&Token::Period) => depth.operator()?,
            Token::Period => {}
            // Between `<` and `>` stand types too, one in the other.
            other if is_operator(other) => depth.operator()?,
            _ => {}
        }
        (before_that, before) = (before, Some(token));
    }
    Ok(())
}

/// # Errors
/// `invalid_argument` for a statement that reads very many tables.
pub(super) fn check_tables(statement: &Statement) -> Result<()> {
    let mut reads = Reads::default();
    let _: ControlFlow<()> = statement.visit(&mut reads);
    if reads.most <= TABLES_MAX {
        return Ok(());
    }
    let twice = "a part that WITH gives a name counts as often as it is named";
    Err(Error::invalid(format!("the query reads more than {TABLES_MAX} tables ({twice}): ask in several queries")))
}

/// Counts the tables that a statement reads. A named part is planned wherever it is named, so that a few parts, each of which
/// names the one before twice, are very many tables.
#[derive(Default)]
struct Reads {
    /// The queries that are open, the innermost last.
    open: Vec<OpenQuery>,
    /// Most of one query.
    most: usize,
}

#[derive(Default)]
struct OpenQuery {
    /// Where the queries of its named parts are, and their names.
    parts: Vec<(*const Query, String)>,
    /// Tables of the parts that were seen already.
    known: HashMap<String, usize>,
    tables: usize,
}

impl Visitor for Reads {
    type Break = ();

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        let parts = query.with.iter().flat_map(|with| &with.cte_tables);
        let parts = parts.map(|part| (std::ptr::from_ref(part.query.as_ref()), part.alias.name.value.to_lowercase()));
        self.open.push(OpenQuery { parts: parts.collect(), ..OpenQuery::default() });
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        let Some(ended) = self.open.pop() else { return ControlFlow::Continue(()) };
        // One that reads no table is a part of the plan as well.
        let tables = ended.tables.max(1);
        self.most = self.most.max(tables);
        if let Some(outer) = self.open.last_mut() {
            match outer.parts.iter().find(|(part, _)| std::ptr::eq(*part, query)) {
                Some((_, name)) => drop(outer.known.insert(name.clone(), tables)),
                None => outer.tables = outer.tables.saturating_add(tables),
            }
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_relation(&mut self, relation: &ObjectName) -> ControlFlow<()> {
        let name = relation.to_string().to_lowercase();
        let known = self.open.iter().rev().find_map(|query| query.known.get(name.trim_matches('"'))).copied();
        if let Some(query) = self.open.last_mut() {
            query.tables = query.tables.saturating_add(known.unwrap_or(1));
        }
        ControlFlow::Continue(())
    }
}

/// Operators at one place of a text, along the brackets that are open there.
struct Depth {
    /// For each open bracket those since its last comma.
    open: Vec<usize>,
    /// Their sum.
    operators: usize,
}

impl Depth {
    fn open(&mut self) -> Result<()> {
        if self.open.len() > BRACKETS_MAX {
            let message =
                format!("the query has more than {BRACKETS_MAX} brackets one in the other: give parts names with WITH");
            return Err(Error::invalid(message));
        }
        self.open.push(0);
        Ok(())
    }

    fn close(&mut self) {
        // One too many is for the parser to say.
        if self.open.len() > 1 {
            self.operators -= self.open.pop().unwrap_or_default();
        }
    }

    fn next_item(&mut self) {
        if let Some(here) = self.open.last_mut() {
            self.operators -= std::mem::take(here);
        }
    }

    fn operator(&mut self) -> Result<()> {
        if let Some(here) = self.open.last_mut() {
            *here += 1;
            self.operators += 1;
        }
        if self.operators <= OPERATORS_MAX {
            return Ok(());
        }
        Err(Error::invalid(format!(
            "an expression of the query has more than {OPERATORS_MAX} operators: instead of many `OR` use `IN (...)`, or send \
             the values along as a table"
        )))
    }
}

fn ends_operand(token: &Token) -> bool {
    matches!(token, Token::RParen | Token::RBracket | Token::Word(_))
}

fn is_operator(token: &Token) -> bool {
    match token {
        Token::Word(word) => matches!(
            word.keyword,
            Keyword::AND
                | Keyword::AT
                | Keyword::BETWEEN
                | Keyword::COLLATE
                | Keyword::DIV
                | Keyword::EXCEPT
                | Keyword::EXPLAIN
                | Keyword::ILIKE
                | Keyword::IN
                | Keyword::INTERSECT
                | Keyword::IS
                | Keyword::JOIN
                | Keyword::LIKE
                | Keyword::MINUS
                | Keyword::NOT
                | Keyword::OR
                | Keyword::UNION
                | Keyword::XOR
        ),
        Token::EOF
        | Token::Number(..)
        | Token::SingleQuotedString(_)
        | Token::DoubleQuotedString(_)
        | Token::EscapedStringLiteral(_)
        | Token::UnicodeStringLiteral(_)
        | Token::HexStringLiteral(_)
        | Token::NationalStringLiteral(_)
        | Token::DollarQuotedString(_)
        | Token::SingleQuotedByteStringLiteral(_)
        | Token::DoubleQuotedByteStringLiteral(_)
        | Token::SemiColon
        | Token::Placeholder(_)
        | Token::Whitespace(_) => false,
        _ => true,
    }
}
