"""A new option of the offer: the caller's phone number."""

from __future__ import annotations

from tools.cost.change import Change, Edit

CHANGE = Change(
    name="option",
    what="an option of the offer",
    limit=8,
    whole_files=True,
    edits=(
        Edit(
            "include/callkey.h",
            source=True,
            before="} callkey_offer_options;\n",
            new="\tconst char *caller_pn; /* caller_pn of <offer>; NULL: none; since 0.3.0 */\n",
        ),
        Edit(
            "include/callkey.h",
            source=True,
            old="\t  NULL, 0, 0, 0, 0 }\n",
            new="\t  NULL, 0, 0, 0, 0, NULL }\n",
        ),
        Edit(
            "capi/input.go",
            before='	if options.Capability, err = blobAt("options->capability"',
            new="""	if o.caller_pn != nil {
		if options.CallerPN, err = textAt("options->caller_pn", o.caller_pn, maxTextBytes); err != nil {
			return nil, err
		}
	}
""",
        ),
        Edit(
            "core/stanza/offer.go",
            after="	DeviceIdentity []byte // required with a pkmsg, and written only with one\n",
            new="	CallerPN       string // caller_pn of <offer>; \"\": none\n",
        ),
        Edit(
            "core/stanza/offer.go",
            after="""	wordDeviceIdentity = wordOf("device-identity")\n""",
            new="""	wordCallerPN       = wordOf("caller_pn")\n""",
        ),
        Edit(
            "core/stanza/offer.go",
            after="	w.jid(wordCallCreator, creator)\n",
            new="""	if o.CallerPN != "" {
		w.text(wordCallerPN, o.CallerPN)
	}
""",
        ),
        Edit(
            "core/stanza/offer.go",
            old="	n := all + len(o.StanzaID) + len(o.To) + len(o.CallID) + len(o.CallCreator)\n",
            new="	n := all + len(o.StanzaID) + len(o.To) + len(o.CallID) + len(o.CallCreator) + len(o.CallerPN)\n",
        ),
        Edit(
            "core/stanza/offer.go",
            old='	return checkText(status.Argument, "stanza id", o.StanzaID)\n',
            new="""	if err := checkText(status.Argument, "caller_pn", o.CallerPN); err != nil {
		return err
	}
	return checkText(status.Argument, "stanza id", o.StanzaID)
""",
        ),
        Edit(
            "core/stanza/offer_test.go",
            before="// If this failed, the bytes on the wire would have changed under every app: a\n",
            new="""// If this failed, the callee would not see the caller's number.
func TestCallerPN(t *testing.T) {
	options := callOptions()
	options.CallerPN = "15550001@s.whatsapp.net"
	if x := mustXML(t, mustBuild(t, twoEncs()[1:], options)); !strings.Contains(x, `caller_pn="15550001@s.whatsapp.net"`) {
		t.Error(x)
	}
}

""",
        ),
        Edit(
            "tests/c/options.c",
            before="static void device_identity(void)\n",
            new="""static void caller_pn(void)
{
	callkey_offer_options o = pair_options;
	size_t without;

	REQUIRE_OK(build(&o));
	without = n;
	o.caller_pn = "15550001@s.whatsapp.net";
	EXPECT_OK(build(&o));
	EXPECT(n > without);
}

""",
        ),
        Edit(
            "tests/c/options.c",
            before="""	{"device identity",""",
            new="""	{"caller's number", "the callee does not see it", caller_pn},\n""",
        ),
        Edit(
            "bindings/python/src/callkey/_offer_options.py",
            before="\n    def _to_c(self) -> OfferOptionsStruct:\n",
            new="    caller_pn: str | None = None\n",
        ),
        Edit(
            "bindings/python/src/callkey/_offer_options.py",
            old='        for name in ("stanza_id", "video_enc", "video_dec"):\n',
            new='        for name in ("stanza_id", "video_enc", "video_dec", "caller_pn"):\n',
        ),
        Edit(
            "bindings/swift/Sources/CallKey/OfferOptions.swift",
            before="\n    public init(to: String, callID: String, callCreator: String) {\n",
            new="    /// The caller's phone-number JID; nil writes none.\n    public var callerPN: String?\n",
        ),
        Edit(
            "bindings/swift/Sources/CallKey/OfferOptions.swift",
            old='        options.videoDec ?? "",\n',
            new='        options.videoDec ?? "", options.callerPN ?? "",\n',
        ),
        Edit(
            "bindings/swift/Sources/CallKey/OfferOptions.swift",
            after="        c.video_dec = options.videoDec == nil ? nil : texts[5]\n",
            new="        c.caller_pn = options.callerPN == nil ? nil : texts[6]\n",
        ),
        Edit(
            "CHANGELOG.md",
            after="## 0.3.0 (unreleased)\n\n",
            new="* `caller_pn` of `callkey_offer_options`.\n",
        ),
    ),
    tests=(
        ("go", "test", "./core/stanza", "./tools/contract/..."),
        ("python3", "-m", "tests.c.run", "build/libcallkey.so.0", "options", "growing", "trials"),
    ),
)
