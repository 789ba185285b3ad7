//! Reading the XML of a push, which a stranger may have written, into its fields.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::events::{BytesRef, Event};

/// The largest text that is read (bytes). WeChat's largest, a message of 2,048 characters with all its
/// fields, has a tenth of that.
pub const LARGEST: usize = 64 << 10;

/// How deep elements may lie in each other. WeChat's deepest event, `pic_photo_or_album`, has five.
const DEEPEST: usize = 8;

/// Why a text was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It is over [`LARGEST`].
    #[error("the XML is larger than {LARGEST} bytes")]
    TooLarge,
    /// Elements lie too deep in each other.
    #[error("the XML is deeper than {DEEPEST} elements")]
    TooDeep,
    /// It declares a document type, or holds an instruction: WeChat's has neither.
    #[error("the XML has a document type or an instruction")]
    Forbidden,
    /// It refers to an entity that is not one of XML's own five.
    #[error("the XML refers to an entity of its own")]
    Entity,
    /// It is no XML, or ends too early.
    #[error("not well-formed XML")]
    Malformed,
}

/// The texts of the elements right under the outermost one, by name, trimmed.
///
/// No entity is looked up or expanded but XML's own five and characters by number. Broken UTF-8, which
/// WeChat lets through in names that users give themselves, reads as replacement characters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// Reads a text.
    ///
    /// # Errors
    /// [`Unreadable`].
    pub fn read(xml: &[u8]) -> Result<Self, Unreadable> {
        if xml.len() > LARGEST {
            return Err(Unreadable::TooLarge);
        }
        let text = String::from_utf8_lossy(xml);
        let mut reader = Reader::from_str(&text);
        reader.config_mut().expand_empty_elements = true;
        let mut reading = Reading::default();
        loop {
            match reader.read_event().map_err(|_| Unreadable::Malformed)? {
                Event::Eof => return reading.end(),
                event => reading.take(event)?,
            }
        }
    }

    /// The text of a field; `None` when it is absent or empty. Of several with one name, the first.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let (_, text) = self.0.iter().find(|(known, _)| known == name)?;
        Some(text.as_str()).filter(|text| !text.is_empty())
    }
}

/// How far the reading has come.
#[derive(Default)]
struct Reading {
    fields: Fields,
    /// How many elements are open: 1 in the outermost, 2 in a field.
    depth: usize,
    complete: bool,
}

impl Reading {
    fn take(&mut self, event: Event<'_>) -> Result<(), Unreadable> {
        match event {
            Event::Start(start) => self.open(start.name().as_ref()),
            Event::End(_) => {
                self.close();
                Ok(())
            }
            Event::Text(text) => self.text(&text.xml10_content()),
            Event::CData(text) => self.text(&text.xml10_content()),
            Event::GeneralRef(entity) => self.text(resolved(&entity)?.encode_utf8(&mut [0; 4])),
            Event::DocType(_) | Event::PI(_) => Err(Unreadable::Forbidden),
            Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::Eof => Ok(()),
        }
    }

    fn open(&mut self, name: &str) -> Result<(), Unreadable> {
        if self.complete {
            return Err(Unreadable::Malformed);
        }
        self.depth += 1;
        match self.depth {
            2 => self.fields.0.push((name.to_owned(), String::new())),
            1 | 3..=DEEPEST => {}
            _ => return Err(Unreadable::TooDeep),
        }
        Ok(())
    }

    fn close(&mut self) {
        self.depth -= 1;
        self.complete = self.depth == 0;
        if let (1, Some((_, text))) = (self.depth, self.fields.0.last_mut()) {
            *text = text.trim().to_owned();
        }
    }

    /// Text beside fields, or deeper than them, is nobody's.
    fn text(&mut self, more: &str) -> Result<(), Unreadable> {
        match (self.depth, self.fields.0.last_mut()) {
            (0, _) if !more.trim().is_empty() => return Err(Unreadable::Malformed),
            (2, Some((_, text))) => text.push_str(more),
            _ => {}
        }
        Ok(())
    }

    fn end(self) -> Result<Fields, Unreadable> {
        if self.complete { Ok(self.fields) } else { Err(Unreadable::Malformed) }
    }
}

fn resolved(entity: &BytesRef<'_>) -> Result<char, Unreadable> {
    if let Some(character) = entity.resolve_char_ref().map_err(|_| Unreadable::Malformed)? {
        return Ok(character);
    }
    let name: Cow<'_, str> = entity.xml10_content();
    match &*name {
        "lt" => Ok('<'),
        "gt" => Ok('>'),
        "amp" => Ok('&'),
        "apos" => Ok('\''),
        "quot" => Ok('"'),
        _ => Err(Unreadable::Entity),
    }
}

#[cfg(test)]
mod tests;
