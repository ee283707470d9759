//! The epochs of one group call, as the crate's registry of receivers decides on them.

use serde_json::json;
use wacore::types::group_call::{GroupCallDevice, GroupCallParticipant, GroupCallUpdate};
use wacore::voip::group_media::{GroupEpochApply, GroupMediaRegistry, GroupRosterApply};
use wacore_binary::Jid;

use crate::request::{Answer, Request, jid, told};

const CALL: &str = "A0B1C2D3E4F5A0B1C2D3E4F5A0B1C2D3";

#[derive(Default)]
pub struct Epochs(Option<GroupMediaRegistry>);

impl Epochs {
    pub fn answer(&mut self, name: &str, request: &Request) -> Answer {
        match name {
            "new_epochs" => {
                self.0 = Some(GroupMediaRegistry::new(CALL, creator()?, &own()?, 960, 4, 6000).map_err(told)?);
                Ok(json!({}))
            }
            "epoch" => self.epoch(request),
            _ => self.roster(request),
        }
    }

    fn registry(&mut self) -> Result<&mut GroupMediaRegistry, String> {
        self.0.as_mut().ok_or("new_epochs comes first".to_string())
    }

    fn epoch(&mut self, request: &Request) -> Answer {
        let (number, epoch) = (request.number("transaction_id")? as u32, request.bytes("epoch")?);
        let registry = self.registry()?;
        let decision = match registry.apply_raw_epoch(number, &epoch) {
            Ok(GroupEpochApply::Installed) => "installed".to_string(),
            Ok(GroupEpochApply::Buffered) => "waiting".to_string(),
            Ok(GroupEpochApply::Stale) => "stale".to_string(),
            Ok(GroupEpochApply::Duplicate) => "known".to_string(),
            Ok(other) => format!("{other:?}"),
            Err(error) => format!("{error:?}"),
        };
        Ok(json!({ "decision": decision, "current": registry.installed_epoch_transaction() }))
    }

    fn roster(&mut self, request: &Request) -> Answer {
        let update = GroupCallUpdate::builder()
            .call_id(CALL.to_string())
            .call_creator(creator()?)
            .transaction_id(request.number("transaction_id")? as u32)
            .media("audio".to_string())
            .connected_limit(32)
            .joinable(true)
            .av_upgradable(true)
            .rekey_requested(false)
            .participants(vec![member(creator()?, 1), member(own()?, 2)])
            .build();
        let registry = self.registry()?;
        let decision = match registry.apply_group_update(&update).map_err(told)? {
            GroupRosterApply::Applied => "applied",
            GroupRosterApply::Stale => "stale",
            _ => "other",
        };
        Ok(json!({ "decision": decision, "current": registry.installed_epoch_transaction() }))
    }
}

fn creator() -> Result<Jid, String> {
    jid("111111111111111:1@lid")
}

fn own() -> Result<Jid, String> {
    jid("222222222222222:2@lid")
}

fn member(device: Jid, pid: u32) -> GroupCallParticipant {
    let mut row = GroupCallDevice::new(device.clone());
    row.pid = Some(pid);
    let mut member = GroupCallParticipant::new(device.to_non_ad(), vec![row]);
    member.state = Some("connected".to_string());
    member
}
