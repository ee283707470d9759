//! Binary XML of any nodes, with the flag byte in front.

use serde_json::{Value, json};
use wacore_binary::builder::NodeBuilder;
use wacore_binary::marshal::{marshal, unmarshal_ref};
use wacore_binary::node::{NodeContentRef, ValueRef};
use wacore_binary::util::unpack;
use wacore_binary::{Node, NodeRef};

use crate::request::{Answer, Request, bytes, jid, told};

pub fn decode(request: &Request) -> Answer {
    let wire = request.bytes("wire")?;
    let plain = unpack(&wire).map_err(told)?;
    Ok(json!({ "node": shown(&unmarshal_ref(&plain).map_err(told)?) }))
}

pub fn encode(request: &Request) -> Answer {
    Ok(json!({ "wire": hex::encode(wire(&made(&request.0["node"])?)?) }))
}

/// The stanza as it travels in a frame.
pub fn wire(node: &Node) -> Result<Vec<u8>, String> {
    marshal(node).map_err(told)
}

fn shown(node: &NodeRef<'_>) -> Value {
    let attrs: Vec<Value> = node
        .attrs
        .iter()
        .map(|(name, value)| {
            let is_jid = matches!(value, ValueRef::Jid(_));
            json!({ "name": name.to_string(), "value": value.as_str(), "is_jid": is_jid })
        })
        .collect();
    let mut told = json!({ "tag": node.tag.to_string(), "attrs": attrs });
    match &node.content {
        Some(NodeContentRef::Nodes(children)) => told["children"] = children.iter().map(shown).collect(),
        Some(NodeContentRef::Bytes(content)) => told["bytes"] = hex::encode(content).into(),
        Some(NodeContentRef::String(content)) => told["bytes"] = hex::encode(content.as_bytes()).into(),
        None => {}
    }
    told
}

pub fn made(told: &Value) -> Result<Node, String> {
    let mut node = NodeBuilder::new_dynamic(told["tag"].as_str().ok_or("a node without a tag")?.to_string()).build();
    for attr in told["attrs"].as_array().ok_or("a node without attrs")? {
        let (name, value) = (attr["name"].as_str().ok_or("no name")?, attr["value"].as_str().ok_or("no value")?);
        if attr["is_jid"].as_bool() == Some(true) {
            node.attrs.push(name.to_string(), jid(value)?);
        } else {
            node.attrs.push(name.to_string(), value);
        }
    }
    if let Some(children) = told["children"].as_array() {
        let children = children.iter().map(made).collect::<Result<Vec<Node>, String>>()?;
        node.content = Some(wacore_binary::node::NodeContent::Nodes(children));
    } else if !told["bytes"].is_null() {
        let content = bytes(&told["bytes"]).ok_or("bytes are not hexadecimal")?;
        node.content = Some(wacore_binary::node::NodeContent::Bytes(content));
    }
    Ok(node)
}
