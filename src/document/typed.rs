//! From [`Node`]s to types: a serde deserializer that keeps the spelling of numbers.

use std::fmt;

use serde::de::value::StrDeserializer;
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, SeqAccess,
    Unexpected, Visitor,
};
use serde::forward_to_deserialize_any;

use super::{Document, Entry, Node, NodeKind};
use crate::diagnostic::{Code, Diagnostic, Location};
use crate::pointer::Pointer;

pub(super) fn read<T: DeserializeOwned>(document: &Document) -> Result<T, Box<Diagnostic>> {
    T::deserialize(Typed { document, node: &document.root }).map_err(|error| {
        let pointer: Pointer = error.path.iter().rev().collect();
        Box::new(
            Diagnostic::error(Code::UnreadableValue, Location::value(pointer), error.message)
                .help("the schema should have said this more kindly; please report it"),
        )
    })
}

/// Why a value does not fit, and the way to it from the inside out.
#[derive(Debug)]
struct Misfit {
    message: String,
    path: Vec<String>,
}

impl Misfit {
    fn below(mut self, segment: impl fmt::Display) -> Self {
        self.path.push(segment.to_string());
        self
    }
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Misfit {}

impl de::Error for Misfit {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self { message: message.to_string(), path: Vec::new() }
    }
}

/// A node, about to become a type.
#[derive(Clone, Copy)]
struct Typed<'de> {
    document: &'de Document,
    node: &'de Node,
}

impl<'de> Typed<'de> {
    /// A plain value as it is written.
    fn raw(self) -> Option<String> {
        match &self.node.kind {
            NodeKind::Text(text) | NodeKind::Number(text) => Some(text.clone()),
            NodeKind::Integer(integer) => Some(integer.to_string()),
            NodeKind::Boolean(boolean) => {
                let written = &self.document.source[self.node.span.clone()];
                let plain = boolean.to_string();
                let same = written.eq_ignore_ascii_case(&plain);
                Some(if same { written.to_owned() } else { plain })
            }
            _ => None,
        }
    }

    fn with(self, node: &'de Node) -> Self {
        Self { node, ..self }
    }

    fn items<V: Visitor<'de>>(self, items: &'de [Node], visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_seq(Items { parent: self, items: items.iter().enumerate() })
    }

    fn entries<V: Visitor<'de>>(
        self,
        entries: &'de [Entry],
        keep_extensions: bool,
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        visitor.visit_map(Entries {
            parent: self,
            entries: entries.iter(),
            value: None,
            keep_extensions,
        })
    }
}

impl<'de> Deserializer<'de> for Typed<'de> {
    type Error = Misfit;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match &self.node.kind {
            NodeKind::Null => visitor.visit_unit(),
            NodeKind::Boolean(boolean) => visitor.visit_bool(*boolean),
            NodeKind::Integer(integer) => visitor.visit_i64(*integer),
            NodeKind::Number(text) | NodeKind::Text(text) => visitor.visit_str(text),
            NodeKind::Sequence(items) => self.items(items, visitor),
            NodeKind::Mapping(entries) => self.entries(entries, true, visitor),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.raw() {
            Some(text) => visitor.visit_string(text),
            None => self.deserialize_any(visitor),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        self.deserialize_str(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match &self.node.kind {
            NodeKind::Number(raw) => match raw.parse() {
                Ok(number) => visitor.visit_f64(number),
                Err(_) => Err(de::Error::invalid_value(Unexpected::Str(raw), &visitor)),
            },
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.node.kind {
            NodeKind::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.node.kind {
            NodeKind::Null => self.items(&[], visitor),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.node.kind {
            NodeKind::Null => self.entries(&[], true, visitor),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        match &self.node.kind {
            NodeKind::Mapping(entries) => self.entries(entries, false, visitor),
            // Where the schema allows it: `data:` with nothing behind it, as in Compose files.
            NodeKind::Null => self.entries(&[], false, visitor),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        match self.raw() {
            Some(text) => IntoDeserializer::<Misfit>::into_deserializer(text)
                .deserialize_enum(name, variants, visitor),
            None => Err(de::Error::custom(format_args!("expected one of the words of `{name}`"))),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 char bytes byte_buf unit unit_struct tuple
        tuple_struct identifier ignored_any
    }
}

struct Items<'de> {
    parent: Typed<'de>,
    items: std::iter::Enumerate<std::slice::Iter<'de, Node>>,
}

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = Misfit;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Misfit> {
        let Some((index, item)) = self.items.next() else { return Ok(None) };
        let value = seed.deserialize(self.parent.with(item));
        value.map(Some).map_err(|error| error.below(index))
    }
}

struct Entries<'de> {
    parent: Typed<'de>,
    entries: std::slice::Iter<'de, Entry>,
    value: Option<&'de Entry>,
    keep_extensions: bool,
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = Misfit;

    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Misfit> {
        let keep = self.keep_extensions;
        let Some(entry) = self.entries.find(|entry| keep || !entry.key.starts_with("x-")) else {
            return Ok(None);
        };
        self.value = Some(entry);
        let key: StrDeserializer<'_, Misfit> = entry.key.as_str().into_deserializer();
        seed.deserialize(key).map(Some).map_err(|error| error.below(&entry.key))
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Misfit> {
        let Some(entry) = self.value.take() else {
            return Err(de::Error::custom("a value was asked for before its key"));
        };
        let value = seed.deserialize(self.parent.with(&entry.value));
        value.map_err(|error| error.below(&entry.key))
    }
}
