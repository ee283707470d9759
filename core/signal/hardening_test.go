package signal

import (
	"testing"

	"libcallkey/core/session"
	"libcallkey/core/session/sessiontest/hardening"

	"libcallkey/core/status"
)

// The faults that need only a session, on devices over stores; core/session has the same tests.
// docs/security.md has a table of the faults that only a store can have.

func TestFault01_KeysOfTheWrongLength(t *testing.T) { hardening.KeysOfTheWrongLength(t, newOurs(t)) }
func TestFault02_BodyAndPadding(t *testing.T)       { hardening.BodyAndPadding(t, newOurs(t)) }
func TestFault03_KeysOfLowOrder(t *testing.T)       { hardening.KeysOfLowOrder(t, newOurs(t)) }
func TestFault04_ForgeryMovesTheRatchet(t *testing.T) {
	hardening.ForgeryMovesTheRatchet(t, newOurs(t))
}
func TestFault05_LateMessageSpoilsTheCurrentSession(t *testing.T) {
	hardening.LateMessageSpoilsTheCurrentSession(t, newOurs(t))
}
func TestFault06_PromotedStateStaysArchived(t *testing.T) {
	hardening.PromotedStateStaysArchived(t, newOurs(t))
}
func TestFault07_ForgedPrekeyMessagePlantsAnIdentity(t *testing.T) {
	hardening.ForgedPrekeyMessagePlantsAnIdentity(t, newOurs(t))
}
func TestFault08_SwappedIdentityOnAKnownSession(t *testing.T) {
	hardening.SwappedIdentityOnAKnownSession(t, newOurs(t))
}
func TestFault09_MACOverOtherBytes(t *testing.T) { hardening.MACOverOtherBytes(t, newOurs(t)) }
func TestFault10_PostQuantumFields(t *testing.T) { hardening.PostQuantumFields(t, newOurs(t)) }
func TestFault11_PreviousCounterOfTheFirstReply(t *testing.T) {
	hardening.PreviousCounterOfTheFirstReply(t, newOurs(t))
}
func TestFault12_CostOfAForgedCounter(t *testing.T) { hardening.CostOfAForgedCounter(t, newOurs(t)) }
func TestFault13_TheCauseIsHidden(t *testing.T)     { hardening.TheCauseIsHidden(t, newOurs(t)) }
func TestFault14_PrekeyZeroAndHalfACommit(t *testing.T) {
	hardening.PrekeyZeroAndHalfACommit(t, newOurs(t))
}
func TestFault14_RepeatedFirstMessageNamesAnotherPrekey(t *testing.T) {
	hardening.RepeatedFirstMessageNamesAnotherPrekey(t, newOurs(t))
}
func TestFault15_PaddingWritesIntoTheCaller(t *testing.T) {
	hardening.PaddingWritesIntoTheCaller(t, newOurs(t))
}
func TestFault16_OneCounterTwice(t *testing.T) { hardening.OneCounterTwice(t, newOurs(t)) }
func TestFault17_RecordsThatDoNotComeBack(t *testing.T) {
	hardening.RecordsThatDoNotComeBack(t, newOurs(t))
}
func TestFault18_PrintsKeys(t *testing.T)            { hardening.PrintsKeys(t, newOurs(t)) }
func TestFault19_TrustIsCheckedTooLate(t *testing.T) { hardening.TrustIsCheckedTooLate(t, newOurs(t)) }
func TestFault20_ErrorTextsCarryMessageBytes(t *testing.T) {
	hardening.ErrorTextsCarryMessageBytes(t, newOurs(t))
}
func TestFault21_NumbersOfTheWrongSize(t *testing.T) { hardening.NumbersOfTheWrongSize(t, newOurs(t)) }
func TestFault22_SecretsStay(t *testing.T)           { hardening.SecretsStay(t, newOurs(t)) }
func TestFault23_SessionThatNobodyAnswers(t *testing.T) {
	hardening.SessionThatNobodyAnswers(t, newOurs(t))
}
func TestFault27_FirstMessageUnderEveryName(t *testing.T) {
	hardening.FirstMessageUnderEveryName(t, newOurs(t))
}
func TestFault27_FirstMessageOfAForgottenSession(t *testing.T) {
	hardening.FirstMessageOfAForgottenSession(t, newOurs(t))
}
func TestFault27_ForgedFirstMessageLeavesNothing(t *testing.T) {
	hardening.ForgedFirstMessageLeavesNothing(t, newOurs(t))
}
func TestFault27_TwinsOfOneFirstMessage(t *testing.T) {
	hardening.TwinsOfOneFirstMessage(t, newOurs(t))
}
func TestFault27_TwinsAreExported(t *testing.T) { hardening.TwinsAreExported(t, newOurs(t)) }
func TestFault27_TwinWithoutChainsDoesNotSeal(t *testing.T) {
	hardening.TwinWithoutChainsDoesNotSeal(t, newOurs(t))
}
func TestFault27_TwinOfAnOldCopy(t *testing.T)      { hardening.TwinOfAnOldCopy(t, newOurs(t)) }
func TestFault27_TwinThatStayedBehind(t *testing.T) { hardening.TwinThatStayedBehind(t, newOurs(t)) }
func TestFault27_CopiesOfOneSession(t *testing.T)   { hardening.CopiesOfOneSession(t, newOurs(t)) }
func TestFault27_CopiesThatNobodyCanOrder(t *testing.T) {
	hardening.CopiesThatNobodyCanOrder(t, newOurs(t))
}
func TestFault27_AnyHistoryOfTwoNames(t *testing.T) { hardening.AnyHistoryOfTwoNames(t, newOurs(t)) }

func TestTalksWithTheSignalLibrary(t *testing.T) { hardening.TalksWithTheSignalLibrary(t, newOurs(t)) }

// refuses checks that d rejects c with one of the statuses and changes nothing.
func (d *ours) refuses(t *testing.T, c session.Ciphertext, want ...status.Code) {
	t.Helper()
	hardening.Refuses(t, d, c, want...)
}
