package session_test

import (
	"testing"

	"libcallkey/core/session/sessiontest/hardening"
)

// The faults of docs/security.md that need only a session, in a program that keeps records
// itself; core/signal has the same tests, over a store.

func TestFault01_KeysOfTheWrongLength(t *testing.T) { hardening.KeysOfTheWrongLength(t, newHolder(t)) }
func TestFault02_BodyAndPadding(t *testing.T)       { hardening.BodyAndPadding(t, newHolder(t)) }
func TestFault03_KeysOfLowOrder(t *testing.T)       { hardening.KeysOfLowOrder(t, newHolder(t)) }
func TestFault04_ForgeryMovesTheRatchet(t *testing.T) {
	hardening.ForgeryMovesTheRatchet(t, newHolder(t))
}
func TestFault05_LateMessageSpoilsTheCurrentSession(t *testing.T) {
	hardening.LateMessageSpoilsTheCurrentSession(t, newHolder(t))
}
func TestFault06_PromotedStateStaysArchived(t *testing.T) {
	hardening.PromotedStateStaysArchived(t, newHolder(t))
}
func TestFault07_ForgedPrekeyMessagePlantsAnIdentity(t *testing.T) {
	hardening.ForgedPrekeyMessagePlantsAnIdentity(t, newHolder(t))
}
func TestFault08_SwappedIdentityOnAKnownSession(t *testing.T) {
	hardening.SwappedIdentityOnAKnownSession(t, newHolder(t))
}
func TestFault09_MACOverOtherBytes(t *testing.T) { hardening.MACOverOtherBytes(t, newHolder(t)) }
func TestFault10_PostQuantumFields(t *testing.T) { hardening.PostQuantumFields(t, newHolder(t)) }
func TestFault11_PreviousCounterOfTheFirstReply(t *testing.T) {
	hardening.PreviousCounterOfTheFirstReply(t, newHolder(t))
}
func TestFault12_CostOfAForgedCounter(t *testing.T) { hardening.CostOfAForgedCounter(t, newHolder(t)) }
func TestFault13_TheCauseIsHidden(t *testing.T)     { hardening.TheCauseIsHidden(t, newHolder(t)) }
func TestFault14_PrekeyZeroAndHalfACommit(t *testing.T) {
	hardening.PrekeyZeroAndHalfACommit(t, newHolder(t))
}
func TestFault14_RepeatedFirstMessageNamesAnotherPrekey(t *testing.T) {
	hardening.RepeatedFirstMessageNamesAnotherPrekey(t, newHolder(t))
}
func TestFault15_PaddingWritesIntoTheCaller(t *testing.T) {
	hardening.PaddingWritesIntoTheCaller(t, newHolder(t))
}
func TestFault16_OneCounterTwice(t *testing.T) { hardening.OneCounterTwice(t, newHolder(t)) }
func TestFault17_RecordsThatDoNotComeBack(t *testing.T) {
	hardening.RecordsThatDoNotComeBack(t, newHolder(t))
}
func TestFault18_PrintsKeys(t *testing.T) { hardening.PrintsKeys(t, newHolder(t)) }
func TestFault19_TrustIsCheckedTooLate(t *testing.T) {
	hardening.TrustIsCheckedTooLate(t, newHolder(t))
}
func TestFault20_ErrorTextsCarryMessageBytes(t *testing.T) {
	hardening.ErrorTextsCarryMessageBytes(t, newHolder(t))
}
func TestFault21_NumbersOfTheWrongSize(t *testing.T) {
	hardening.NumbersOfTheWrongSize(t, newHolder(t))
}
func TestFault22_SecretsStay(t *testing.T) { hardening.SecretsStay(t, newHolder(t)) }
func TestFault23_SessionThatNobodyAnswers(t *testing.T) {
	hardening.SessionThatNobodyAnswers(t, newHolder(t))
}
func TestFault27_FirstMessageUnderEveryName(t *testing.T) {
	hardening.FirstMessageUnderEveryName(t, newHolder(t))
}
func TestFault27_FirstMessageOfAForgottenSession(t *testing.T) {
	hardening.FirstMessageOfAForgottenSession(t, newHolder(t))
}
func TestFault27_ForgedFirstMessageLeavesNothing(t *testing.T) {
	hardening.ForgedFirstMessageLeavesNothing(t, newHolder(t))
}
func TestFault27_TwinsOfOneFirstMessage(t *testing.T) {
	hardening.TwinsOfOneFirstMessage(t, newHolder(t))
}
func TestFault27_TwinsAreExported(t *testing.T) { hardening.TwinsAreExported(t, newHolder(t)) }
func TestFault27_TwinWithoutChainsDoesNotSeal(t *testing.T) {
	hardening.TwinWithoutChainsDoesNotSeal(t, newHolder(t))
}
func TestFault27_TwinOfAnOldCopy(t *testing.T)      { hardening.TwinOfAnOldCopy(t, newHolder(t)) }
func TestFault27_TwinThatStayedBehind(t *testing.T) { hardening.TwinThatStayedBehind(t, newHolder(t)) }
func TestFault27_CopiesOfOneSession(t *testing.T)   { hardening.CopiesOfOneSession(t, newHolder(t)) }
func TestFault27_CopiesThatNobodyCanOrder(t *testing.T) {
	hardening.CopiesThatNobodyCanOrder(t, newHolder(t))
}
func TestFault27_AnyHistoryOfTwoNames(t *testing.T) { hardening.AnyHistoryOfTwoNames(t, newHolder(t)) }

func TestTalksWithTheSignalLibrary(t *testing.T) {
	hardening.TalksWithTheSignalLibrary(t, newHolder(t))
}

// FuzzHistory: two programs that keep their records themselves.
func FuzzHistory(f *testing.F) { hardening.History(f, newHolder(f)) }
