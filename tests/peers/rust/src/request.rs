//! The fields of a request.

use std::str::FromStr;

use serde_json::Value;
use wacore_binary::Jid;

pub type Answer = Result<Value, String>;

pub struct Request(pub Value);

impl Request {
    pub fn has(&self, name: &str) -> bool {
        !self.0[name].is_null()
    }

    pub fn text(&self, name: &str) -> Result<&str, String> {
        self.0[name].as_str().ok_or(format!("{name} is no text"))
    }

    pub fn bytes(&self, name: &str) -> Result<Vec<u8>, String> {
        bytes(&self.0[name]).ok_or(format!("{name} is not hexadecimal"))
    }

    pub fn bytes_if(&self, name: &str) -> Result<Option<Vec<u8>>, String> {
        if self.has(name) { self.bytes(name).map(Some) } else { Ok(None) }
    }

    pub fn number(&self, name: &str) -> Result<u64, String> {
        self.0[name].as_u64().ok_or(format!("{name} is no number"))
    }

    pub fn flag(&self, name: &str) -> bool {
        self.0[name].as_bool().unwrap_or(false)
    }

    pub fn jid(&self, name: &str) -> Result<Jid, String> {
        jid(self.text(name)?)
    }
}

pub fn bytes(value: &Value) -> Option<Vec<u8>> {
    value.as_str().and_then(|digits| hex::decode(digits).ok())
}

pub fn jid(text: &str) -> Result<Jid, String> {
    Jid::from_str(text).map_err(told)
}

pub fn told(error: impl std::fmt::Display) -> String {
    format!("{error:#}")
}
