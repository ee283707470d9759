package main

import (
	"go.mau.fi/libsignal/keys/chain"
	"go.mau.fi/libsignal/keys/message"
	"go.mau.fi/libsignal/serialize"
	"go.mau.fi/libsignal/state/record"
	"go.mau.fi/libsignal/util/optional"
	"go.mau.fi/whatsmeow/store"
	"google.golang.org/protobuf/proto"
)

// rowFromStorage turns a session record in Signal's storage protobuf into a row of the peer's,
// which is JSON of its own structs. The peer's Signal library has types for both.
func rowFromStorage(storage []byte) ([]byte, error) {
	var from serialize.RecordStructure
	if err := proto.Unmarshal(storage, &from); err != nil {
		return nil, err
	}
	to := &record.SessionStructure{SessionState: stateFromStorage(from.CurrentSession)}
	for _, previous := range from.PreviousSessions {
		to.PreviousStates = append(to.PreviousStates, stateFromStorage(previous))
	}
	session, err := record.NewSessionFromStructure(to, store.SignalProtobufSerializer.Session, store.SignalProtobufSerializer.State)
	if err != nil {
		return nil, err
	}
	return session.Serialize(), nil
}

func stateFromStorage(from *serialize.SessionStructure) *record.StateStructure {
	to := &record.StateStructure{
		SessionVersion:       int(from.GetSessionVersion()),
		LocalIdentityPublic:  from.GetLocalIdentityPublic(),
		RemoteIdentityPublic: from.GetRemoteIdentityPublic(),
		RootKey:              from.GetRootKey(),
		PreviousCounter:      from.GetPreviousCounter(),
		SenderChain:          chainFromStorage(from.GetSenderChain()),
		RemoteRegistrationID: from.GetRemoteRegistrationId(),
		LocalRegistrationID:  from.GetLocalRegistrationId(),
		NeedsRefresh:         from.GetNeedsRefresh(),
		SenderBaseKey:        from.GetAliceBaseKey(),
	}
	for _, receiver := range from.ReceiverChains {
		to.ReceiverChains = append(to.ReceiverChains, chainFromStorage(receiver))
	}
	if pending := from.PendingPreKey; pending != nil {
		id := optional.NewEmptyUint32()
		if pending.PreKeyId != nil {
			id = optional.NewOptionalUint32(*pending.PreKeyId)
		}
		to.PendingPreKey = &record.PendingPreKeyStructure{
			PreKeyID:       id,
			SignedPreKeyID: uint32(pending.GetSignedPreKeyId()),
			BaseKey:        pending.GetBaseKey(),
		}
	}
	return to
}

func chainFromStorage(from *serialize.SessionStructure_Chain) *record.ChainStructure {
	to := &record.ChainStructure{
		SenderRatchetKeyPublic:  from.GetSenderRatchetKey(),
		SenderRatchetKeyPrivate: from.GetSenderRatchetKeyPrivate(),
		ChainKey:                &chain.KeyStructure{Key: from.GetChainKey().GetKey(), Index: from.GetChainKey().GetIndex()},
	}
	for _, key := range from.GetMessageKeys() {
		to.MessageKeys = append(to.MessageKeys, &message.KeysStructure{
			CipherKey: key.CipherKey, MacKey: key.MacKey, IV: key.Iv, Index: key.GetIndex(),
		})
	}
	return to
}
